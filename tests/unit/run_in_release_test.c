/*
 * Runs that begin in the middle of a release: what that has let die is not theirs.
 */
#include "checks.h"
#include "core/heap_state.h"
#include "dying.h"
#include <string.h>

enum {
    ROOTS = 4,
    NODES = 200
};

static int begin(void **state)
{
    struct gc_options options = gc_options_default();
    options.policy = GC_POLICY_CLASSIC;
    options.root_buffer_entries = ROOTS;
    options.release_budget_ns = 1000000;
    dying_count = dying_freed = 0;
    dying_act = NULL;
    int result = fixture_begin_with(state, &options);
    gc_heap_current()->release_objects = NODES / 2;
    return result;
}

#define inside_test(function) cmocka_unit_test_setup_teardown(function, begin, fixture_end)

static const struct gc_type acyclic_type = {.name = "acyclic",
                                            .size = sizeof(struct gc_object) + 16};

static void push_acyclic(zval *list)
{
    for (int i = 0; i < NODES; i++) {
        assert_ok(zval_array_push(list, zval_native(gc_new(&acyclic_type))));
    }
}

/* Garbage with destructors fills the buffer: one possible root more starts a run of two passes. */
static void fill_the_buffer(void)
{
    for (int i = 0; i < ROOTS; i++) {
        dying_drop_self();
    }
}

/* A list of nodes and, among them, of that possible root. */
static zval list_with_a_run_inside(struct fixture_node *held)
{
    zval list = zval_array();
    push_acyclic(&list);
    assert_ok(zval_array_push(&list, zval_native(gc_retain(held))));
    push_acyclic(&list);
    fill_the_buffer();
    return list;
}

static void expect_garbage_collected(struct fixture_node *held)
{
    gc_release(held);
    assert_int_equal(dying_count, ROOTS);
    assert_nodes(0);
    assert_int_equal(gc_status().collected, ROOTS);
}

static void a_release_in_which_a_run_begins_is_no_garbage(void **state)
{
    (void)state;
    gc_heap_current()->cuts_releases = false;
    struct fixture_node *held = fixture_node_new(0);
    zval list = list_with_a_run_inside(held);
    zval_release(&list);
    assert_int_equal(gc_status().runs, 2);
    expect_garbage_collected(held);
}

static void nor_is_one_that_a_request_goes_on_with(void **state)
{
    (void)state;
    struct fixture_node *held = fixture_node_new(0);
    zval list = list_with_a_run_inside(held);
    zval outer = zval_array();
    push_acyclic(&outer);
    assert_ok(zval_array_push(&outer, list));
    zval_release(&outer);
    assert_true(gc_status().release_pending);
    assert_int_equal(gc_status().runs, 0);
    gc_collect_cycles();
    expect_garbage_collected(held);
}

/* Has the places of its owner. */
struct shelf {
    struct gc_object gc;
    struct fixture_node *places[8];
};

struct owner {
    struct gc_object gc;
    struct shelf *shelf;
    struct fixture_node **list;
    size_t count;
};

static void clear_shelf(void *self)
{
    struct shelf *shelf = self;
    memset(shelf->places, 0, sizeof shelf->places);
}

static const struct gc_type shelf_type = {
    .name = "shelf", .size = sizeof(struct shelf), .free = clear_shelf};
static const struct gc_field owner_fields[] = {GC_FIELD_OBJECT(struct owner, shelf),
                                               GC_FIELD_OBJECT_LIST(struct owner, list, count)};
static const struct gc_type owner_type = {
    .name = "owner", .size = sizeof(struct owner), .fields = owner_fields, .field_count = 2};

/* The shelf dies first, and then the run begins. */
static void drop_owner_with_a_run_inside(void)
{
    struct fixture_node *held = fixture_node_new(0);
    struct owner *owner = gc_new(&owner_type);
    owner->shelf = gc_new(&shelf_type);
    owner->list = owner->shelf->places;
    owner->count = sizeof owner->shelf->places / sizeof owner->shelf->places[0];
    owner->list[0] = gc_retain(held);
    for (size_t i = 1; i < owner->count; i++) {
        owner->list[i] = fixture_node_new((long)i);
    }
    fill_the_buffer();
    gc_release(owner);
    assert_int_equal(gc_status().runs, 2);
    while (!gc_step(0)) {
    }
    expect_garbage_collected(held);
}

static void places_that_a_child_has_are_there_to_the_last(void **state)
{
    (void)state;
    gc_heap_current()->cuts_releases = false;
    drop_owner_with_a_run_inside();
}

static void and_so_they_are_if_their_owner_goes_part_by_part(void **state)
{
    (void)state;
    gc_heap_current()->release_places = 3;
    drop_owner_with_a_run_inside();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        inside_test(a_release_in_which_a_run_begins_is_no_garbage),
        inside_test(nor_is_one_that_a_request_goes_on_with),
        inside_test(places_that_a_child_has_are_there_to_the_last),
        inside_test(and_so_they_are_if_their_owner_goes_part_by_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
