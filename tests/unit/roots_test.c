/*
 * The root buffer: who is recorded, when, and what happens when it is full.
 * The heap of these tests has four entries, so the fifth candidate starts a run.
 */
#include "checks.h"
#include "fixture.h"

/* A node that refers to itself and that nobody else holds: a candidate. */
static struct fixture_node *drop_cycle(void)
{
    struct fixture_node *node = fixture_node_new(0);
    node->a = gc_retain(node);
    gc_release(node);
    return node;
}

static void drop_cycles(int count)
{
    for (int i = 0; i < count; i++) {
        drop_cycle();
    }
}

/* ---- who is recorded --------------------------------------------------------- */

static void a_release_to_something_else_than_zero_records(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    gc_retain(node);
    assert_roots(0);
    gc_release(node);
    assert_roots(1);
    gc_release(node);
}

static void a_candidate_is_recorded_once(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    for (int i = 0; i < 10; i++) {
        gc_retain(node);
        gc_release(node);
        assert_roots(1);
    }
    gc_release(node);
}

static void retaining_a_candidate_does_not_take_it_out(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    gc_retain(node);
    gc_release(node);
    gc_retain(node);
    assert_roots(1);
    gc_release(node);
    gc_release(node);
}

static void a_candidate_leaves_the_buffer_when_it_is_freed(void **state)
{
    (void)state;
    struct fixture_node *first = fixture_node_new(1);
    struct fixture_node *second = fixture_node_new(2);
    gc_release(gc_retain(first));
    gc_release(gc_retain(second));
    assert_roots(2);
    gc_release(first);
    assert_roots(1);
    gc_release(second);
    assert_roots(0);
}

static void a_freed_candidates_entry_is_used_again(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        struct fixture_node *node = fixture_node_new(i);
        gc_release(gc_retain(node));
        gc_release(node);
    }
    assert_roots(0);
    assert_int_equal(gc_status().runs, 0);
    drop_cycles(4);
    assert_roots(4);
    assert_sound();
    assert_int_equal(gc_status().runs, 0);
}

static void vacant_entries_between_others_are_used_again(void **state)
{
    (void)state;
    struct fixture_node *nodes[4];
    for (int i = 0; i < 4; i++) {
        nodes[i] = fixture_node_new(i);
        gc_release(gc_retain(nodes[i]));
    }
    gc_release(nodes[1]);
    gc_release(nodes[3]);
    assert_roots(2);
    assert_false(gc_status().full);
    assert_sound();
    drop_cycles(2);
    assert_true(gc_status().full);
    assert_int_equal(gc_status().runs, 0);
    assert_sound();
    assert_int_equal(gc_collect_cycles(), 2);
    gc_release(nodes[0]);
    gc_release(nodes[2]);
}

static void what_dies_is_never_recorded(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        gc_release(fixture_node_new(i));
    }
    assert_roots(0);
}

/* ---- kinds that are never candidates, and one that hands on ------------------ */

static void strings_are_never_recorded(void **state)
{
    (void)state;
    zval text = zval_cstring("text");
    zval copy = zval_copy(&text);
    zval_release(&copy);
    assert_roots(0);
    zval_release(&text);
}

static void an_array_that_cannot_be_in_a_cycle_is_not_recorded(void **state)
{
    (void)state;
    zval list = checks_list(3);
    zval copy = zval_copy(&list);
    zval_release(&copy);
    assert_roots(0);
    zval_release(&list);
}

static void an_array_that_holds_an_array_is_recorded(void **state)
{
    (void)state;
    zval list = zval_array();
    (void)zval_array_push(&list, zval_array());
    zval copy = zval_copy(&list);
    zval_release(&copy);
    assert_roots(1);
    zval_release(&list);
}

static void an_object_is_recorded(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval copy = zval_copy(&object);
    zval_release(&copy);
    assert_roots(1);
    zval_release(&object);
    assert_roots(0);
}

static void a_reference_hands_on_to_the_array_in_it(void **state)
{
    (void)state;
    zval list = zval_array();
    (void)zval_array_push(&list, zval_array());
    zval handle = zval_reference(&list);
    zval_release(&handle);
    assert_roots(1);
    zval_release(&list);
    assert_roots(0);
}

static void a_reference_to_a_scalar_is_never_recorded(void **state)
{
    (void)state;
    zval number = zval_int(1);
    zval text = zval_cstring("text");
    zval handles[] = {zval_reference(&number), zval_reference(&text)};
    zval_release(&handles[0]);
    zval_release(&handles[1]);
    assert_roots(0);
    zval_release(&number);
    zval_release(&text);
}

static void a_type_without_references_is_never_recorded(void **state)
{
    (void)state;
    static const struct gc_type type = {.name = "leaf", .size = 64};
    void *leaf = gc_new(&type);
    gc_release(gc_retain(leaf));
    assert_roots(0);
    gc_release(leaf);
}

/* ---- full -------------------------------------------------------------------- */

static void the_candidate_that_finds_it_full_starts_a_run_and_is_recorded(void **state)
{
    (void)state;
    drop_cycles(4);
    assert_int_equal(gc_status().runs, 0);
    assert_roots(4);
    assert_true(gc_status().full);
    drop_cycle();
    assert_int_equal(gc_status().runs, 1);
    assert_int_equal(gc_status().collected, 4);
    assert_roots(1);
    assert_false(gc_status().full);
    assert_int_equal(gc_status().dropped_roots, 0);
}

static void ten_thousand_fit_and_one_more_starts_a_run(void **state)
{
    (void)state;
    drop_cycles(GC_ROOT_BUFFER_MAX_ENTRIES);
    assert_int_equal(gc_status().runs, 0);
    assert_roots(GC_ROOT_BUFFER_MAX_ENTRIES);
    drop_cycle();
    assert_int_equal(gc_status().runs, 1);
    assert_int_equal(gc_status().collected, GC_ROOT_BUFFER_MAX_ENTRIES);
    assert_roots(1);
}

static void live_candidates_leave_the_buffer_by_a_run(void **state)
{
    (void)state;
    struct fixture_node *nodes[5];
    for (int i = 0; i < 5; i++) {
        nodes[i] = fixture_node_new(i);
        gc_release(gc_retain(nodes[i]));
    }
    assert_int_equal(gc_status().runs, 1);
    assert_int_equal(gc_status().collected, 0);
    assert_roots(1);
    for (int i = 0; i < 5; i++) {
        gc_release(nodes[i]);
    }
}

static void a_recorded_candidate_starts_no_run_when_it_is_full(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    gc_release(gc_retain(node));
    drop_cycles(3);
    assert_true(gc_status().full);
    gc_release(gc_retain(node));
    assert_int_equal(gc_status().runs, 0);
    gc_release(node);
}

/* The candidate is held by garbage only, and by the caller's reference that is being given up. */
static void a_candidate_may_be_freed_by_the_very_run_it_starts(void **state)
{
    (void)state;
    struct fixture_node *candidate = fixture_node_new(1);
    struct fixture_node *garbage = fixture_node_new(2);
    garbage->a = gc_retain(garbage);
    garbage->b = gc_retain(candidate);
    gc_release(garbage);
    drop_cycles(3);
    assert_true(gc_status().full);
    gc_release(candidate);
    assert_int_equal(gc_status().runs, 1);
    assert_nodes(0);
    assert_roots(0);
}

static void a_candidate_recorded_by_the_run_it_starts_is_recorded_once(void **state)
{
    (void)state;
    struct fixture_node *candidate = fixture_node_new(1);
    struct fixture_node *garbage = fixture_node_new(2);
    gc_retain(candidate);
    garbage->a = gc_retain(garbage);
    garbage->b = gc_retain(candidate);
    gc_release(garbage);
    drop_cycles(3);
    gc_release(candidate);
    assert_int_equal(gc_status().collected, 4);
    assert_int_equal(gc_refcount(candidate), 1);
    assert_roots(1);
    assert_sound();
    gc_release(candidate);
}

static void a_garbage_candidate_waits_for_the_next_run(void **state)
{
    (void)state;
    drop_cycles(5);
    assert_nodes(1);
    drop_cycles(4);
    assert_int_equal(gc_status().runs, 2);
    assert_int_equal(gc_status().collected, 8);
    assert_nodes(1);
}

/* ---- off and full ------------------------------------------------------------ */

static void with_the_collector_off_candidates_are_recorded_while_there_is_room(void **state)
{
    (void)state;
    gc_disable();
    drop_cycles(4);
    assert_roots(4);
    assert_int_equal(gc_status().dropped_roots, 0);
    assert_int_equal(gc_collect_cycles(), 4);
}

static void off_and_full_candidates_are_dropped_and_counted(void **state)
{
    (void)state;
    gc_disable();
    drop_cycles(11);
    assert_roots(4);
    assert_int_equal(gc_status().dropped_roots, 7);
    assert_int_equal(gc_status().runs, 0);
    assert_nodes(11);
}

static void a_dropped_candidate_is_not_found_by_later_runs(void **state)
{
    (void)state;
    gc_disable();
    drop_cycles(5);
    gc_enable();
    assert_int_equal(gc_collect_cycles(), 4);
    assert_int_equal(gc_collect_cycles(), 0);
    assert_nodes(1);
}

static void collecting_the_heap_finds_what_was_dropped(void **state)
{
    (void)state;
    gc_disable();
    drop_cycles(11);
    gc_enable();
    assert_int_equal(gc_collect_cycles(), 4);
    assert_int_equal(gc_collect_heap(), 7);
    assert_nodes(0);
    assert_int_equal(gc_status().dropped_roots, 7);
}

static void a_dropped_candidate_is_found_after_another_release(void **state)
{
    (void)state;
    gc_disable();
    drop_cycles(4);
    struct fixture_node *dropped = drop_cycle();
    gc_collect_cycles();
    gc_release(gc_retain(dropped));
    assert_roots(1);
    assert_int_equal(gc_collect_cycles(), 1);
}

static void a_live_candidate_dropped_goes_by_counting_as_ever(void **state)
{
    (void)state;
    gc_disable();
    drop_cycles(4);
    struct fixture_node *node = fixture_node_new(1);
    gc_release(gc_retain(node));
    assert_int_equal(gc_status().dropped_roots, 1);
    gc_release(node);
    assert_nodes(4);
    assert_roots(4);
}

static void switched_on_again_a_full_buffer_starts_a_run(void **state)
{
    (void)state;
    gc_disable();
    drop_cycles(4);
    gc_enable();
    assert_int_equal(gc_status().runs, 0);
    drop_cycle();
    assert_int_equal(gc_status().runs, 1);
    assert_int_equal(gc_status().dropped_roots, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test_small(a_release_to_something_else_than_zero_records),
        fixture_test_small(a_candidate_is_recorded_once),
        fixture_test_small(retaining_a_candidate_does_not_take_it_out),
        fixture_test_small(a_candidate_leaves_the_buffer_when_it_is_freed),
        fixture_test_small(a_freed_candidates_entry_is_used_again),
        fixture_test_small(vacant_entries_between_others_are_used_again),
        fixture_test_small(what_dies_is_never_recorded),
        fixture_test_small(strings_are_never_recorded),
        fixture_test_small(an_array_that_cannot_be_in_a_cycle_is_not_recorded),
        fixture_test_small(an_array_that_holds_an_array_is_recorded),
        fixture_test_small(an_object_is_recorded),
        fixture_test_small(a_reference_hands_on_to_the_array_in_it),
        fixture_test_small(a_reference_to_a_scalar_is_never_recorded),
        fixture_test_small(a_type_without_references_is_never_recorded),
        fixture_test_small(the_candidate_that_finds_it_full_starts_a_run_and_is_recorded),
        fixture_test(ten_thousand_fit_and_one_more_starts_a_run),
        fixture_test_small(live_candidates_leave_the_buffer_by_a_run),
        fixture_test_small(a_recorded_candidate_starts_no_run_when_it_is_full),
        fixture_test_small(a_candidate_may_be_freed_by_the_very_run_it_starts),
        fixture_test_small(a_candidate_recorded_by_the_run_it_starts_is_recorded_once),
        fixture_test_small(a_garbage_candidate_waits_for_the_next_run),
        fixture_test_small(with_the_collector_off_candidates_are_recorded_while_there_is_room),
        fixture_test_small(off_and_full_candidates_are_dropped_and_counted),
        fixture_test_small(a_dropped_candidate_is_not_found_by_later_runs),
        fixture_test_small(collecting_the_heap_finds_what_was_dropped),
        fixture_test_small(a_dropped_candidate_is_found_after_another_release),
        fixture_test_small(a_live_candidate_dropped_goes_by_counting_as_ever),
        fixture_test_small(switched_on_again_a_full_buffer_starts_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
