/*
 * Collecting: what is found, and what is left alone.
 */
#include "checks.h"
#include "fixture.h"

#include <stdlib.h>

/* ---- what is found ----------------------------------------------------------- */

static void an_empty_buffer_collects_nothing(void **state)
{
    (void)state;
    assert_int_equal(gc_collect_cycles(), 0);
    assert_int_equal(gc_collect_heap(), 0);
}

static void a_struct_that_refers_to_itself_is_found(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    node->a = gc_retain(node);
    gc_release(node);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_nodes(0);
}

static void a_ring_is_found_whole(void **state)
{
    (void)state;
    struct fixture_node *first = fixture_node_new(0);
    struct fixture_node *last = first;
    for (int i = 1; i < 1000; i++) {
        struct fixture_node *node = fixture_node_new(i);
        node->a = last;
        last = node;
    }
    first->a = last;
    gc_release(gc_retain(first));
    assert_int_equal(gc_collect_cycles(), 1000);
}

static void many_references_to_one_object_are_all_found(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    node->a = gc_retain(node);
    node->b = gc_retain(node);
    node->c = gc_retain(node);
    gc_release(node);
    assert_int_equal(gc_collect_cycles(), 1);
}

static void what_hangs_off_a_cycle_goes_with_it(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    (void)zval_property_set(&object, "self", zval_copy(&object));
    zval list = zval_array();
    (void)zval_array_push(&list, zval_array());
    (void)zval_array_push(&list, checks_list(5));
    (void)zval_property_set(&object, "list", list);
    (void)zval_property_set(&object, "text", zval_cstring("strings are no nodes"));
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 4);
    assert_int_equal(gc_memory_usage(false), 0);
}

static void a_cycle_of_array_object_struct_and_reference_is_found(void **state)
{
    (void)state;
    struct holder {
        struct gc_object gc;
        zval value;
    };
    static const struct gc_field fields[] = {GC_FIELD_ZVAL(struct holder, value)};
    static const struct gc_type type = {
        .name = "holder", .size = sizeof(struct holder), .fields = fields, .field_count = 1};
    struct holder *holder = gc_new(&type);
    zval list = zval_array();
    (void)zval_array_push(&list, zval_native(holder));
    zval object = zval_object(NULL);
    (void)zval_property_set(&object, "list", zval_reference(&list));
    holder->value = zval_copy(&object);
    zval_release(&list);
    assert_int_equal(gc_collect_cycles(), 0);
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 3);
    assert_int_equal(gc_memory_usage(false), 0);
}

static void strings_in_garbage_without_storage_or_hook_go_too(void **state)
{
    (void)state;
    static const char *const names[] = {"self", "text"};
    static const struct zval_class class_ = {
        .name = "class", .properties = names, .property_count = 2};
    zval object = zval_object(&class_);
    (void)zval_property_set(&object, "self", zval_copy(&object));
    (void)zval_property_set(&object, "text", zval_cstring("in a declared property"));
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(gc_memory_usage(false), 0);
}

static void two_separate_cycles_are_found_in_one_run(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct fixture_node *node = fixture_node_new(i);
        node->a = fixture_node_new(i);
        node->a->a = gc_retain(node);
        gc_release(node);
    }
    assert_int_equal(gc_collect_cycles(), 4);
    assert_int_equal(gc_status().runs, 1);
}

static void a_cycle_hung_off_another_goes_in_the_same_run(void **state)
{
    (void)state;
    struct fixture_node *first = fixture_node_new(1);
    first->a = gc_retain(first);
    first->b = fixture_node_new(2);
    first->b->a = gc_retain(first->b);
    gc_release(first);
    assert_int_equal(gc_collect_cycles(), 2);
}

static void nodes_that_cannot_be_in_cycles_are_counted_when_they_go(void **state)
{
    (void)state;
    static const struct gc_type leaf_type = {.name = "leaf", .size = 64};
    static const struct zval_class leaf_class = {.name = "leaf", .flags = ZVAL_CLASS_ACYCLIC};
    zval object = zval_object(NULL);
    (void)zval_property_set(&object, "self", zval_copy(&object));
    (void)zval_property_set(&object, "struct", zval_native(gc_new(&leaf_type)));
    (void)zval_property_set(&object, "object", zval_object(&leaf_class));
    zval_release(&object);
    assert_nodes(3);
    size_t collected = gc_collect_cycles();
    assert_nodes(0);
    assert_int_equal(collected, 3);
    assert_int_equal(gc_status().collected, 3);
}

/* ---- what is left alone ------------------------------------------------------ */

static void a_cycle_held_from_outside_stays_whole(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    node->a = fixture_node_new(2);
    node->a->a = gc_retain(node);
    node->a->b = fixture_node_new(3);
    gc_release(gc_retain(node));
    assert_int_equal(gc_collect_cycles(), 0);
    assert_nodes(3);
    assert_int_equal(gc_refcount(node), 2);
    assert_int_equal(node->a->number, 2);
    assert_int_equal(node->a->b->number, 3);
    assert_sound();
    gc_release(node);
    assert_int_equal(gc_collect_cycles(), 3);
}

static void what_garbage_shares_with_the_living_loses_only_its_counts(void **state)
{
    (void)state;
    struct fixture_node *shared = fixture_node_new(1);
    shared->a = fixture_node_new(2);
    struct fixture_node *garbage = fixture_node_new(3);
    garbage->a = gc_retain(garbage);
    garbage->b = gc_retain(shared);
    garbage->c = gc_retain(shared->a);
    gc_release(garbage);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(gc_refcount(shared), 1);
    assert_int_equal(gc_refcount(shared->a), 1);
    assert_roots(0);
    gc_release(shared);
}

static void a_ring_that_holds_something_living_goes_whole_all_the_same(void **state)
{
    (void)state;
    struct fixture_node *alive = fixture_node_new(0);
    struct fixture_node *first = fixture_node_new(1);
    struct fixture_node *last = first;
    for (int i = 2; i <= 100; i++) {
        struct fixture_node *node = fixture_node_new(i);
        node->a = last;
        last = node;
    }
    first->a = last;
    first->b = gc_retain(alive);
    gc_release(gc_retain(last));
    assert_int_equal(gc_collect_cycles(), 100);
    assert_int_equal(gc_refcount(alive), 1);
    gc_release(alive);
}

static void references_are_not_counted_beside_the_living_either(void **state)
{
    (void)state;
    zval alive = zval_object(NULL);
    zval list = zval_array();
    (void)zval_array_push(&list, zval_reference(&list));
    (void)zval_array_push(&list, zval_copy(&alive));
    zval_release(&list);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_nodes(1);
    zval_release(&alive);
}

static void strings_shared_with_the_living_lose_only_their_counts(void **state)
{
    (void)state;
    zval text = zval_cstring("shared");
    zval object = zval_object(NULL);
    (void)zval_property_set(&object, "self", zval_copy(&object));
    (void)zval_property_set(&object, "text", zval_copy(&text));
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(zval_refcount(&text), 1);
    assert_text(&text, "shared");
    zval_release(&text);
}

static void the_living_are_untouched_by_a_run_that_visits_them(void **state)
{
    (void)state;
    zval list = zval_array();
    (void)zval_array_push(&list, zval_reference(&list));
    (void)zval_array_set(&list, "nested", checks_list(3));
    char *before = checks_dump_of(&list);
    zval handle = zval_reference(&list);
    zval_release(&handle);
    assert_roots(1);
    assert_int_equal(gc_collect_cycles(), 0);
    assert_dump(&list, before);
    free(before);
    zval_release(&list);
    assert_int_equal(gc_collect_cycles(), 2);
}

static void a_surviving_candidate_leaves_the_buffer(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    gc_release(gc_retain(node));
    assert_roots(1);
    assert_int_equal(gc_collect_cycles(), 0);
    assert_roots(0);
    gc_release(gc_retain(node));
    assert_roots(1);
    gc_release(node);
}

static void collecting_the_heap_empties_the_buffer_too(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    gc_release(gc_retain(node));
    assert_int_equal(gc_collect_heap(), 0);
    assert_roots(0);
    gc_release(node);
}

static void collecting_the_heap_finds_all_garbage_beside_the_living(void **state)
{
    (void)state;
    gc_disable();
    struct fixture_node *live = fixture_node_new(1);
    for (int i = 0; i < GC_ROOT_BUFFER_MAX_ENTRIES + 100; i++) {
        struct fixture_node *node = fixture_node_new(i);
        node->a = gc_retain(node);
        gc_release(node);
    }
    assert_int_equal(gc_collect_heap(), GC_ROOT_BUFFER_MAX_ENTRIES + 100);
    assert_nodes(1);
    gc_release(live);
}

/* ---- those that are in no cycle ---------------------------------------------- */

static const struct gc_field acyclic_fields[] = {
    GC_FIELD_OBJECT(struct fixture_node, a),
    GC_FIELD_OBJECT(struct fixture_node, b),
};

static const struct gc_type acyclic_type = {
    .name = "acyclic",
    .size = sizeof(struct fixture_node),
    .fields = acyclic_fields,
    .field_count = 2,
    .flags = GC_TYPE_ACYCLIC,
};

static void an_acyclic_struct_is_no_candidate(void **state)
{
    (void)state;
    struct fixture_node *node = gc_new(&acyclic_type);
    gc_release(gc_retain(node));
    assert_roots(0);
    gc_release(node);
}

static void an_acyclic_struct_releases_what_it_holds(void **state)
{
    (void)state;
    struct fixture_node *node = gc_new(&acyclic_type);
    node->a = fixture_node_new(1);
    node->b = gc_new(&acyclic_type);
    gc_release(node);
    assert_nodes(0);
}

static void a_cycle_through_an_acyclic_struct_is_never_found(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    struct fixture_node *acyclic = gc_new(&acyclic_type);
    node->a = acyclic;
    acyclic->a = node;
    gc_release(gc_retain(node));
    assert_int_equal(gc_collect_heap(), 0);
    assert_nodes(2);
    assert_sound();
    acyclic->a = NULL;
    gc_release(node);
    assert_nodes(0);
}

static void an_acyclic_struct_protects_what_it_holds_from_a_collection(void **state)
{
    (void)state;
    struct fixture_node *acyclic = gc_new(&acyclic_type);
    struct fixture_node *node = fixture_node_new(1);
    node->a = gc_retain(node);
    acyclic->a = gc_retain(node);
    gc_release(node);
    assert_int_equal(gc_collect_cycles(), 0);
    assert_int_equal(node->number, 1);
    gc_release(acyclic);
    assert_int_equal(gc_collect_cycles(), 1);
}

static struct fixture_node *ring_that_holds(void *acyclic)
{
    struct fixture_node *node = fixture_node_new(0);
    node->a = gc_retain(node);
    node->b = acyclic;
    return node;
}

static size_t collected_inside;

static void collect_another_ring(void *self)
{
    (void)self;
    gc_release(ring_that_holds(gc_new(&acyclic_type)));
    collected_inside = gc_collect_cycles();
}

static const struct gc_type acyclic_collector_type = {
    .name = "acyclic collector",
    .size = sizeof(struct fixture_node),
    .destructor = collect_another_ring,
    .flags = GC_TYPE_ACYCLIC,
};

static void acyclic_nodes_count_once_if_one_collects(void **state)
{
    (void)state;
    struct fixture_node *acyclic = gc_new(&acyclic_type);
    acyclic->a = gc_new(&acyclic_collector_type);
    gc_release(ring_that_holds(acyclic));
    assert_int_equal(gc_collect_cycles(), 3);
    assert_int_equal(collected_inside, 2);
    assert_int_equal(gc_status().collected, 5);
}

static void an_object_of_an_acyclic_class_is_no_candidate(void **state)
{
    (void)state;
    static const char *const names[] = {"next"};
    static const struct zval_class class_ = {
        .name = "leaf", .properties = names, .property_count = 1, .flags = ZVAL_CLASS_ACYCLIC};
    zval object = zval_object(&class_);
    (void)zval_property_set(&object, "next", zval_copy(&object));
    zval copy = zval_copy(&object);
    zval_release(&copy);
    assert_roots(0);
    assert_int_equal(gc_collect_heap(), 0);
    (void)zval_property_set(&object, "next", checks_list(3));
    zval_release(&object);
    assert_nodes(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(an_empty_buffer_collects_nothing),
        fixture_test(a_struct_that_refers_to_itself_is_found),
        fixture_test(a_ring_is_found_whole),
        fixture_test(many_references_to_one_object_are_all_found),
        fixture_test(what_hangs_off_a_cycle_goes_with_it),
        fixture_test(a_cycle_of_array_object_struct_and_reference_is_found),
        fixture_test(strings_in_garbage_without_storage_or_hook_go_too),
        fixture_test(two_separate_cycles_are_found_in_one_run),
        fixture_test(a_cycle_hung_off_another_goes_in_the_same_run),
        fixture_test(nodes_that_cannot_be_in_cycles_are_counted_when_they_go),
        fixture_test(a_cycle_held_from_outside_stays_whole),
        fixture_test(what_garbage_shares_with_the_living_loses_only_its_counts),
        fixture_test(a_ring_that_holds_something_living_goes_whole_all_the_same),
        fixture_test(references_are_not_counted_beside_the_living_either),
        fixture_test(strings_shared_with_the_living_lose_only_their_counts),
        fixture_test(the_living_are_untouched_by_a_run_that_visits_them),
        fixture_test(a_surviving_candidate_leaves_the_buffer),
        fixture_test(collecting_the_heap_empties_the_buffer_too),
        fixture_test(collecting_the_heap_finds_all_garbage_beside_the_living),
        fixture_test(an_acyclic_struct_is_no_candidate),
        fixture_test(acyclic_nodes_count_once_if_one_collects),
        fixture_test(an_acyclic_struct_releases_what_it_holds),
        fixture_test(a_cycle_through_an_acyclic_struct_is_never_found),
        fixture_test(an_acyclic_struct_protects_what_it_holds_from_a_collection),
        fixture_test(an_object_of_an_acyclic_class_is_no_candidate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
