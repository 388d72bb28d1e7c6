/*
 * PHP's scenarios, sections 2 and 3: containers that are no plain objects and
 * name their members themselves. Here they are own structs.
 */
#include "scenario.h"

#include <stdlib.h>

/* ---- a storage that names its members by callback ----------------------- */

struct storage {
    struct gc_object gc;
    zval prop; /* a declared property beside the members */
    zval *members;
    size_t member_count;
};

static void trace_members(void *self, struct gc_visitor *visitor)
{
    const struct storage *storage = self;
    for (size_t i = 0; i < storage->member_count; i++) {
        gc_visit_zval(visitor, &storage->members[i]);
    }
}

static void free_members(void *self)
{
    free(((struct storage *)self)->members);
}

static const struct gc_field storage_fields[] = {GC_FIELD_ZVAL(struct storage, prop)};

static const struct gc_type storage_type = {
    .name = "storage",
    .size = sizeof(struct storage),
    .fields = storage_fields,
    .field_count = 1,
    .trace = trace_members,
    .free = free_members,
};

static zval new_storage(const struct gc_type *type)
{
    zval storage = zval_native(gc_new(type));
    assert_int_equal(zval_type_of(&storage), ZVAL_NATIVE);
    return storage;
}

static void attach(zval *storage, zval member)
{
    struct storage *self = zval_to_native(storage);
    self->members = realloc(self->members, (self->member_count + 1) * sizeof(zval));
    assert_non_null(self->members);
    self->members[self->member_count++] = member;
}

static void detach_last(zval *storage)
{
    struct storage *self = zval_to_native(storage);
    zval member = self->members[--self->member_count];
    zval_release(&member);
}

/* Two storages point at each other through the declared property. */
static void bug69534_cycle_through_a_declared_property(void **state)
{
    (void)state;
    zval node1 = new_storage(&storage_type);
    zval node2 = new_storage(&storage_type);
    struct storage *first = zval_to_native(&node1);
    struct storage *second = zval_to_native(&node2);
    first->prop = zval_copy(&node2);
    second->prop = zval_copy(&node1);
    zval_release(&node1);
    zval_release(&node2);
    expect_figures(.roots = 2, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 2);
    expect_figures(.runs = 1, .collected = 2);
}

/* object A -> storage B -> object C -> A */
static void bug53071_cycle_through_a_storage(void **state)
{
    (void)state;
    zval a = zval_object(NULL);
    zval b = new_storage(&storage_type);
    zval c = zval_object(NULL);
    set(&c, "member", zval_copy(&a));
    attach(&b, zval_copy(&c));
    set(&a, "member", zval_copy(&b));
    assert_int_equal(gc_collect_cycles(), 0);
    zval_release(&a);
    zval_release(&b);
    zval_release(&c);
    expect_figures(.roots = 3, .live_nodes = 3);
    assert_int_equal(gc_collect_cycles(), 3);
    expect_figures(.runs = 1, .collected = 3);
}

/* 2,000 containers in an array, the variable that held each one having been overwritten. */
static void bug43918_containers_in_a_live_array(void **state)
{
    (void)state;
    zval array = zval_array();
    zval xml = zval_undef();
    for (int i = 0; i < 2000; i++) {
        zval_assign(&xml, new_storage(&storage_type));
        attach(&xml, zval_cstring("TEST"));
        push(&array, zval_copy(&xml));
    }
    zval_release(&xml);
    expect_figures(.roots = 2000, .live_nodes = 2001);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 1, .live_nodes = 2001);
    const struct storage *last = zval_to_native(zval_array_get_at(&array, 1999));
    assert_string_equal(zval_string_bytes(&last->members[0], NULL), "TEST");
    zval_release(&array);
}

/* ---- a fixed-size container --------------------------------------------- */

struct fixed {
    struct gc_object gc;
    zval *items;
    size_t item_count;
};

static void free_items(void *self)
{
    free(((struct fixed *)self)->items);
}

static const struct gc_field fixed_fields[] = {GC_FIELD_ZVAL_LIST(struct fixed, items, item_count)};

static const struct gc_type fixed_type = {
    .name = "fixed",
    .size = sizeof(struct fixed),
    .fields = fixed_fields,
    .field_count = 1,
    .free = free_items,
};

static struct fixed *new_fixed(size_t item_count)
{
    struct fixed *fixed = gc_new(&fixed_type);
    assert_non_null(fixed);
    fixed->items = calloc(item_count, sizeof(zval));
    assert_non_null(fixed->items);
    fixed->item_count = item_count;
    return fixed;
}

static void bug63680_fixed_containers_hold_each_other(void **state)
{
    (void)state;
    struct fixed *a = new_fixed(1);
    struct fixed *b = new_fixed(1);
    a->items[0] = zval_native(gc_retain(b));
    b->items[0] = zval_native(gc_retain(a));
    gc_release(a);
    gc_release(b);
    expect_figures(.roots = 2, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 2);
    expect_figures(.runs = 1, .collected = 2);
}

/* A container whose storage is an array of its own, and that array's only element the container. */
static void gc_024_container_is_its_own_element(void **state)
{
    (void)state;
    struct fixed *container = new_fixed(1);
    container->items[0] = zval_array();
    push(&container->items[0], zval_native(gc_retain(container)));
    expect_figures(.live_nodes = 2);
    gc_release(container);
    expect_figures(.roots = 1, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 2);
    expect_figures(.runs = 1, .collected = 2);
}

/* ---- enumerators that share a buffer ------------------------------------ */

/* As PHP's get_gc handlers do: the members are copied into one buffer for all containers and
   reported from there. The buffer is another container's a moment later. */
static zval shared_buffer[8];

static void trace_from_shared_buffer(void *self, struct gc_visitor *visitor)
{
    const struct storage *storage = self;
    for (size_t i = 0; i < storage->member_count; i++) {
        shared_buffer[i] = storage->members[i];
    }
    for (size_t i = 0; i < storage->member_count; i++) {
        gc_visit_zval(visitor, &shared_buffer[i]);
    }
    for (size_t i = 0; i < storage->member_count; i++) {
        shared_buffer[i] = zval_undef();
    }
}

static const struct gc_type sharing_type = {
    .name = "sharing",
    .size = sizeof(struct storage),
    .fields = storage_fields,
    .field_count = 1,
    .trace = trace_from_shared_buffer,
    .free = free_members,
};

/* The graph of PHP's test: an object holds a stack and an iterator that holds a stack; both stacks
   hold the object and a leaf. */
static zval nested_containers(zval *inner_stack)
{
    zval object = zval_object(NULL);
    zval stack = new_storage(&sharing_type);
    zval iterator = zval_object(NULL);
    *inner_stack = new_storage(&sharing_type);
    attach(&stack, zval_copy(&object));
    attach(&stack, zval_object(NULL));
    attach(inner_stack, zval_copy(&object));
    attach(inner_stack, zval_object(NULL));
    set(&iterator, "5", zval_copy(inner_stack));
    set(&object, "5", stack);
    set(&object, "0", iterator);
    return object;
}

static void gc_043_enumerators_share_a_buffer(void **state)
{
    (void)state;
    zval inner_stack;
    zval object = nested_containers(&inner_stack);
    zval_release(&inner_stack);
    zval_release(&object);
    expect_figures(.roots = 2, .live_nodes = 6);
    assert_int_equal(gc_collect_cycles(), 6);
    expect_figures(.runs = 1, .collected = 6);
}

/* The same, with what is nested removed piece by piece and a collect behind each removal. */
static void gc_043_nested_data_removed_between_collects(void **state)
{
    (void)state;
    zval inner_stack;
    zval object = nested_containers(&inner_stack);
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 0);
    detach_last(&inner_stack); /* its leaf, by counting */
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 1, .live_nodes = 5);
    detach_last(&inner_stack); /* the object, which only its own cycle holds now */
    assert_int_equal(gc_collect_cycles(), 4);
    expect_figures(.runs = 2, .collected = 4, .live_nodes = 1);
    const struct storage *left = zval_to_native(&inner_stack);
    assert_int_equal(left->member_count, 0);
    zval_release(&inner_stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scenario_test(gc_024_container_is_its_own_element),
        scenario_test(gc_043_enumerators_share_a_buffer),
        scenario_test(gc_043_nested_data_removed_between_collects),
        scenario_test(bug43918_containers_in_a_live_array),
        scenario_test(bug53071_cycle_through_a_storage),
        scenario_test(bug63680_fixed_containers_hold_each_other),
        scenario_test(bug69534_cycle_through_a_declared_property),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
