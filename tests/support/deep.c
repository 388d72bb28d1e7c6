#include "deep.h"

#include "fixture.h"
#include "small_stack.h"

/* ---- building ------------------------------------------------------------------ */

static struct fixture_node *link_nodes(size_t count, struct fixture_node **first_made)
{
    struct fixture_node *head = fixture_node_new(0);
    *first_made = head;
    for (size_t i = 1; i < count; i++) {
        struct fixture_node *node = fixture_node_new((long)i);
        node->a = head;
        head = node;
    }
    return head;
}

zval deep_chain(size_t count)
{
    struct fixture_node *last;
    return zval_native(link_nodes(count, &last));
}

zval deep_ring(size_t count)
{
    struct fixture_node *last;
    struct fixture_node *head = link_nodes(count, &last);
    last->a = gc_retain(head);
    return zval_native(head);
}

zval deep_double_ring(size_t count)
{
    struct fixture_node *last;
    struct fixture_node *head = link_nodes(count, &last);
    last->a = gc_retain(head);
    for (struct fixture_node *node = head; node != last; node = node->a) {
        node->a->b = gc_retain(node);
    }
    head->b = gc_retain(last);
    return zval_native(head);
}

zval deep_arrays(size_t count)
{
    zval array = zval_array();
    for (size_t i = 1; i < count; i++) {
        zval outer = zval_array();
        (void)zval_array_push(&outer, array);
        array = outer;
    }
    return array;
}

zval deep_array_ring(size_t count)
{
    zval outermost = zval_array();
    zval handle = zval_reference(&outermost);
    zval array = zval_array();
    (void)zval_array_push(&array, handle);
    for (size_t i = 2; i < count; i++) {
        zval outer = zval_array();
        (void)zval_array_push(&outer, array);
        array = outer;
    }
    (void)zval_array_push(&outermost, array);
    return outermost;
}

static zval link_objects(size_t count, const struct zval_class *class_)
{
    zval object = zval_object(class_);
    for (size_t i = 1; i < count; i++) {
        zval outer = zval_object(class_);
        (void)zval_property_set(&outer, "next", object);
        object = outer;
    }
    return object;
}

zval deep_objects(size_t count)
{
    static const char *const names[] = {"next"};
    static const struct zval_class class_ = {
        .name = "link", .properties = names, .property_count = 1};
    return link_objects(count, &class_);
}

zval deep_added(size_t count)
{
    return link_objects(count, NULL);
}

/* Each array becomes a possible root; runs in the middle of building would only take time. */
zval deep_references(size_t count)
{
    gc_disable();
    zval array = zval_array();
    for (size_t i = 1; i < count; i++) {
        zval outer = zval_array();
        zval handle = zval_reference(&array);
        (void)zval_array_push(&outer, handle);
        zval_release(&array);
        array = outer;
    }
    gc_enable();
    return array;
}

zval deep_tree(size_t count)
{
    struct fixture_node *root = fixture_node_new(0);
    struct fixture_node *row = root; /* nodes without children yet, linked by c, not counted */
    struct fixture_node *end = root;
    for (size_t i = 1; i < count; i++) {
        struct fixture_node *node = fixture_node_new((long)i);
        end->c = node;
        end = node;
        if (row->a == NULL) {
            row->a = node;
            continue;
        }
        row->b = node;
        struct fixture_node *next = row->c;
        row->c = NULL;
        row = next;
    }
    while (row != NULL) {
        struct fixture_node *next = row->c;
        row->c = NULL;
        row = next;
    }
    return zval_native(root);
}

zval deep_acyclic(size_t count)
{
    static const struct gc_field fields[] = {GC_FIELD_OBJECT(struct fixture_node, a)};
    static const struct gc_type type = {.name = "acyclic",
                                        .size = sizeof(struct fixture_node),
                                        .fields = fields,
                                        .field_count = 1,
                                        .flags = GC_TYPE_ACYCLIC};
    struct fixture_node *head = gc_new(&type);
    for (size_t i = 1; i < count; i++) {
        struct fixture_node *node = gc_new(&type);
        node->a = head;
        head = node;
    }
    return zval_native(head);
}

/* ---- what is done with them ------------------------------------------------------- */

struct job {
    zval value;
    zval other;
    struct gc_heap *heap;
    size_t collected;
    size_t faults;
    bool identical;
};

static void release_it(void *argument)
{
    struct job *job = argument;
    zval_release(&job->value);
}

/* Valgrind is some fifty times slower, and recursion shows at a tenth too. */
size_t deep_million(void)
{
    return checks_allocator_is_replaced() ? 100000 : 1000000;
}

void deep_release(deep_build build, size_t count)
{
    struct job job = {.value = build(count)};
    assert_nodes(count);
    assert_int_equal(small_stack_run(release_it, &job), 0);
    assert_nodes(0);
    assert_int_equal(gc_memory_usage(false), 0);
    assert_int_equal(gc_status().collected, 0);
}

static void collect_it(void *argument)
{
    struct job *job = argument;
    zval_release(&job->value);
    job->collected = gc_collect_cycles();
}

void deep_collect(deep_build build, size_t count)
{
    struct job job = {.value = build(count)};
    assert_nodes(count);
    assert_int_equal(small_stack_run(collect_it, &job), 0);
    assert_int_equal(job.collected, count);
    assert_nodes(0);
    assert_int_equal(gc_memory_usage(false), 0);
}

static void look_at_it(void *argument)
{
    struct job *job = argument;
    job->other = zval_copy(&job->value);
    zval_release(&job->other);
    job->collected = gc_collect_cycles() + gc_collect_heap();
    job->faults = gc_heap_verify(NULL, stderr);
}

void deep_keep(deep_build build, size_t count)
{
    struct job job = {.value = build(count)};
    assert_int_equal(small_stack_run(look_at_it, &job), 0);
    assert_int_equal(job.collected, 0);
    assert_int_equal(job.faults, 0);
    assert_nodes(count);
    zval_release(&job.value);
    gc_collect_cycles();
}

static void end_it(void *argument)
{
    struct job *job = argument;
    gc_heap_free(job->heap);
}

void deep_end_heap(deep_build build, size_t count)
{
    struct job job = {.heap = gc_heap_new(NULL)};
    struct gc_heap *before = gc_heap_use(job.heap);
    build(count);
    assert_nodes(count);
    gc_heap_use(before);
    assert_int_equal(small_stack_run(end_it, &job), 0);
}

static void compare_and_dump_it(void *argument)
{
    struct job *job = argument;
    job->identical = zval_identical(&job->value, &job->other);
    FILE *out = fopen("/dev/null", "w");
    zval_dump(out, &job->value);
    fclose(out);
}

void deep_compare_and_dump(deep_build build, size_t count)
{
    struct job job = {.value = build(count), .other = build(count)};
    assert_int_equal(small_stack_run(compare_and_dump_it, &job), 0);
    assert_true(job.identical);
    zval_release(&job.value);
    zval_release(&job.other);
    gc_collect_cycles();
}
