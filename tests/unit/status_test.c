/*
 * The switch, and the figures of gc_status().
 */
#include "checks.h"
#include "fixture.h"

static void drop_cycle(void)
{
    struct fixture_node *node = fixture_node_new(0);
    node->a = gc_retain(node);
    gc_release(node);
}

static void the_collector_is_switched_off_and_on(void **state)
{
    (void)state;
    gc_disable();
    assert_false(gc_enabled());
    gc_enable();
    assert_true(gc_enabled());
}

static void switching_twice_is_as_good_as_once(void **state)
{
    (void)state;
    gc_disable();
    gc_disable();
    assert_false(gc_enabled());
    gc_enable();
    gc_enable();
    assert_true(gc_enabled());
}

static void switched_off_it_collects_when_it_is_told_to(void **state)
{
    (void)state;
    gc_disable();
    drop_cycle();
    assert_int_equal(gc_collect_cycles(), 1);
    assert_false(gc_enabled());
}

static void a_new_heaps_figures_are_zero(void **state)
{
    (void)state;
    struct gc_status status = gc_status();
    assert_int_equal(status.runs, 0);
    assert_int_equal(status.collected, 0);
    assert_int_equal(status.roots, 0);
    assert_int_equal(status.dropped_roots, 0);
    assert_int_equal(status.live_nodes, 0);
    assert_int_equal(status.saturated, 0);
    assert_int_equal(status.slices, 0);
    assert_int_equal(status.collector_time_ns, 0);
    assert_int_equal(status.last_pause_ns, 0);
    assert_int_equal(status.max_pause_ns, 0);
    assert_false(status.running);
    assert_false(status.full);
}

static void the_threshold_is_one_more_than_fit(void **state)
{
    (void)state;
    assert_int_equal(gc_status().buffer_size, GC_ROOT_BUFFER_MAX_ENTRIES);
    assert_int_equal(gc_status().threshold, GC_ROOT_BUFFER_MAX_ENTRIES + 1);
}

static void a_collect_that_finds_the_buffer_empty_is_no_run(void **state)
{
    (void)state;
    drop_cycle();
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(gc_status().runs, 1);
    assert_int_equal(gc_collect_cycles(), 0);
    assert_int_equal(gc_status().runs, 1);
}

static void a_run_that_frees_nothing_is_a_run(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    gc_release(gc_retain(node));
    assert_int_equal(gc_collect_cycles(), 0);
    assert_int_equal(gc_status().runs, 1);
    assert_int_equal(gc_status().collected, 0);
    gc_release(node);
}

static void each_run_is_full_and_one_slice(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        drop_cycle();
        gc_collect_cycles();
    }
    struct gc_status status = gc_status();
    assert_int_equal(status.runs, 3);
    assert_int_equal(status.full_runs, 3);
    assert_int_equal(status.minor_runs, 0);
    assert_int_equal(status.slices, 3);
}

static void what_is_collected_adds_up(void **state)
{
    (void)state;
    drop_cycle();
    gc_collect_cycles();
    drop_cycle();
    drop_cycle();
    gc_collect_cycles();
    assert_int_equal(gc_status().collected, 3);
}

static void what_dies_by_counting_is_not_collected(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    gc_release(gc_retain(node));
    gc_release(node);
    gc_collect_cycles();
    assert_int_equal(gc_status().collected, 0);
}

static void arrays_objects_and_structs_are_nodes(void **state)
{
    (void)state;
    zval values[] = {zval_array(), zval_object(NULL), zval_native(fixture_node_new(1))};
    assert_nodes(3);
    for (size_t i = 0; i < 3; i++) {
        zval_release(&values[i]);
        assert_nodes(2 - i);
    }
}

static void strings_references_and_scalars_are_no_nodes(void **state)
{
    (void)state;
    zval text = zval_cstring("text");
    zval number = zval_int(1);
    zval handle = zval_reference(&number);
    assert_nodes(0);
    zval_release(&text);
    zval_release(&number);
    zval_release(&handle);
}

static void garbage_not_yet_found_is_alive(void **state)
{
    (void)state;
    drop_cycle();
    assert_nodes(1);
    gc_collect_cycles();
    assert_nodes(0);
}

static void a_full_buffer_says_so(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        assert_false(gc_status().full);
        drop_cycle();
    }
    assert_true(gc_status().full);
    gc_collect_cycles();
    assert_false(gc_status().full);
}

static void the_times_fit_each_other(void **state)
{
    (void)state;
    uint64_t before_ns = gc_status().application_time_ns;
    for (int i = 0; i < 30000; i++) {
        drop_cycle();
    }
    gc_collect_cycles();
    struct gc_status status = gc_status();
    assert_true(status.application_time_ns > before_ns);
    assert_true(status.collector_time_ns > 0);
    assert_true(status.collector_time_ns < status.application_time_ns);
    assert_true(status.max_pause_ns >= status.last_pause_ns);
    assert_true(status.last_pause_ns > 0);
    assert_true(status.max_pause_ns <= status.collector_time_ns);
    assert_true(status.free_time_ns > 0);
    assert_true(status.free_time_ns <= status.collector_time_ns);
    assert_int_equal(status.destructor_time_ns, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(the_collector_is_switched_off_and_on),
        fixture_test(switching_twice_is_as_good_as_once),
        fixture_test(switched_off_it_collects_when_it_is_told_to),
        fixture_test(a_new_heaps_figures_are_zero),
        fixture_test(the_threshold_is_one_more_than_fit),
        fixture_test(a_collect_that_finds_the_buffer_empty_is_no_run),
        fixture_test(a_run_that_frees_nothing_is_a_run),
        fixture_test(each_run_is_full_and_one_slice),
        fixture_test(what_is_collected_adds_up),
        fixture_test(what_dies_by_counting_is_not_collected),
        fixture_test(arrays_objects_and_structs_are_nodes),
        fixture_test(strings_references_and_scalars_are_no_nodes),
        fixture_test(garbage_not_yet_found_is_alive),
        fixture_test_small(a_full_buffer_says_so),
        fixture_test(the_times_fit_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
