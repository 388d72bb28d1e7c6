/*
 * Objects with very many references, which a run in slices walks part by part.
 */
#include "checks.h"

#include "collector/tracer.h"
#include "fixture.h"
#include "stepping.h"
#include <stdlib.h>

enum {
    PARTS = 20,
    CHILDREN = PARTS * RC_PART_PLACES
};

static int begin(void **state)
{
    struct gc_options options = gc_options_default();
    options.policy = GC_POLICY_CLASSIC;
    options.root_buffer_entries = 100000; /* so that runs begin when the test says so */
    int result = fixture_begin_with(state, &options);
    stepping_collector()->schedule.slice_objects = 1;
    return result;
}

#define large_test(function) cmocka_unit_test_setup_teardown(function, begin, fixture_end)

static void step_to_the_end(void)
{
    stepping_to_the_end();
    assert_int_equal(gc_heap_verify(gc_heap_current(), stderr), 0);
}

static void step_into_the_middle(size_t done)
{
    for (int i = 0; i < 1000000 && stepping_collector()->part.done < done; i++) {
        assert_false(gc_step(0));
    }
    assert_non_null(stepping_collector()->part.object);
}

/* An array that every one of its elements refers to, or would if `are_cycles` is false. */
static zval large_array(bool are_cycles)
{
    zval list = zval_array();
    zval self = zval_reference(&list);
    for (size_t i = 0; i < CHILDREN; i++) {
        zval item = zval_object(NULL);
        if (are_cycles) {
            assert_ok(zval_property_set(&item, "list", zval_reference(&self)));
        }
        assert_ok(zval_array_push(&list, item));
    }
    zval_release(&self);
    return list;
}

/* ---- lists of own structs ------------------------------------------------ */

struct listing {
    struct gc_object header;
    struct fixture_node *first;
    struct gc_object **list;
    size_t count;
    struct fixture_node *last;
};

static void free_list(void *self)
{
    free(((struct listing *)self)->list);
}

static void trace_last(void *self, struct gc_visitor *visitor)
{
    gc_visit_object(visitor, ((struct listing *)self)->last);
}

static const struct gc_field listing_fields[] = {
    GC_FIELD_OBJECT(struct listing, first),
    GC_FIELD_OBJECT_LIST(struct listing, list, count),
};
static const struct gc_type listing_type = {
    .name = "listing",
    .size = sizeof(struct listing),
    .fields = listing_fields,
    .field_count = 2,
    .trace = trace_last,
    .free = free_list,
};

/* Every node refers back to it. */
static struct fixture_node *new_child(struct listing *listing)
{
    struct fixture_node *node = fixture_node_new(1);
    node->a = gc_retain(listing);
    return node;
}

static struct listing *new_listing(size_t children)
{
    struct listing *listing = gc_new(&listing_type);
    listing->list = calloc(children, sizeof *listing->list);
    assert_non_null(listing->list);
    for (size_t i = 0; i < children; i++) {
        listing->list[i] = (struct gc_object *)(void *)new_child(listing);
    }
    listing->count = children;
    listing->first = new_child(listing);
    listing->last = new_child(listing);
    return listing;
}

/* ---- tests -------------------------------------------------------------- */

static void garbage_is_walked_part_by_part(void **state)
{
    (void)state;
    zval list = large_array(true);
    zval_release(&list);
    uint64_t before = gc_status().slices;
    step_into_the_middle(RC_PART_PLACES);
    assert_in_range(gc_status().slices - before, 1, 10);
    step_to_the_end();
    assert_true(gc_status().slices - before > PARTS);
    assert_int_equal(gc_status().collected, CHILDREN + 1);
    assert_int_equal(gc_status().live_nodes, 0);
}

static void what_is_held_is_walked_part_by_part(void **state)
{
    (void)state;
    zval list = large_array(true);
    zval copy = zval_copy(&list);
    zval_release(&copy);
    step_to_the_end();
    assert_int_equal(gc_status().collected, 0);
    assert_true(gc_status().slices > PARTS);
    assert_int_equal(zval_array_count(&list), CHILDREN);
    zval_release(&list);
    gc_collect_cycles();
}

static void a_list_in_an_own_struct_is_walked_part_by_part(void **state)
{
    (void)state;
    gc_release(new_listing(CHILDREN));
    step_to_the_end();
    assert_true(gc_status().slices > PARTS);
    assert_int_equal(gc_status().collected, CHILDREN + 3);
    assert_int_equal(gc_status().live_nodes, 0);
}

/* The parts end in the middle of fields, before the callback, and after it. */
static void the_parts_are_the_whole(void **state)
{
    (void)state;
    for (size_t children = RC_PART_PLACES - 4; children <= RC_PART_PLACES + 4; children++) {
        gc_release(new_listing(children));
        step_to_the_end();
        assert_int_equal(gc_status().live_nodes, 0);
        gc_release(new_listing(children + RC_PART_PLACES));
        step_to_the_end();
        assert_int_equal(gc_status().live_nodes, 0);
    }
}

static void many_large_objects_take_turns(void **state)
{
    (void)state;
    struct fixture_node *held = fixture_node_new(0);
    struct listing *before = NULL;
    for (int i = 0; i < 5; i++) {
        struct listing *listing = new_listing(2 * RC_PART_PLACES);
        gc_release(listing->first);
        listing->first = (void *)before;
        before = listing;
    }
    gc_release(before);
    step_to_the_end();
    assert_int_equal(gc_status().live_nodes, 1);
    gc_release(held);
}

static void it_may_shrink_between_two_parts(void **state)
{
    (void)state;
    struct listing *listing = new_listing(CHILDREN);
    gc_release(gc_retain(listing));
    step_into_the_middle(CHILDREN / 2);
    while (listing->count > 10) {
        gc_release(listing->list[--listing->count]);
    }
    step_to_the_end();
    assert_int_equal(gc_refcount(listing), 1 + 10 + 2);
    assert_int_equal(gc_status().live_nodes, 1 + 10 + 2);
    gc_release(listing);
    assert_int_equal(gc_collect_cycles(), 1 + 10 + 2);
}

static void it_may_go_between_two_parts(void **state)
{
    (void)state;
    zval list = large_array(false);
    zval copy = zval_copy(&list);
    zval_release(&copy);
    step_into_the_middle(CHILDREN / 2);
    zval_release(&list);
    zval others = large_array(false);
    step_to_the_end();
    assert_int_equal(gc_status().live_nodes, CHILDREN + 1);
    zval_release(&others);
    assert_int_equal(gc_status().live_nodes, 0);
}

static void a_collect_meanwhile_begins_anew(void **state)
{
    (void)state;
    zval list = large_array(true);
    zval_release(&list);
    step_into_the_middle(CHILDREN / 2);
    assert_int_equal(gc_collect_cycles(), CHILDREN + 1);
    step_to_the_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        large_test(garbage_is_walked_part_by_part),
        large_test(what_is_held_is_walked_part_by_part),
        large_test(a_list_in_an_own_struct_is_walked_part_by_part),
        large_test(the_parts_are_the_whole),
        large_test(many_large_objects_take_turns),
        large_test(it_may_shrink_between_two_parts),
        large_test(it_may_go_between_two_parts),
        large_test(a_collect_meanwhile_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
