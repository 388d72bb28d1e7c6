/*
 * PHP's counting rules, those that no single scenario is about: what a possible
 * root is, what counts as collected, what a run leaves behind.
 */
#include "scenario.h"

static void rule_a_root_is_recorded_once(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    for (int i = 0; i < 3; i++) {
        zval handle = zval_copy(&object);
        zval_release(&handle);
        expect_figures(.roots = 1, .live_nodes = 1);
    }
    zval_release(&object);
}

static void rule_a_freed_root_leaves_the_buffer_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        zval object = zval_object(NULL);
        zval handle = zval_copy(&object);
        zval_release(&handle);
        expect_figures(.roots = 1, .live_nodes = 1);
        zval_release(&object);
        expect_figures(.roots = 0);
    }
}

static void rule_a_run_empties_the_buffer(void **state)
{
    (void)state;
    zval held = zval_array();
    add_live_roots(&held, 100);
    expect_figures(.roots = 100, .live_nodes = 101);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 1, .live_nodes = 101);
    zval_release(&held);
}

static void rule_an_empty_buffer_makes_no_run(void **state)
{
    (void)state;
    zval held = self_object();
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 0, .live_nodes = 1);
    zval_release(&held);
    assert_int_equal(gc_collect_cycles(), 1);
}

/* One handle of two goes: what the reference holds is the candidate, whatever its own count. */
static void root_behind_a_reference(zval value, size_t roots)
{
    zval a = value;
    zval b = zval_reference(&a);
    zval_release(&b);
    assert_int_equal(gc_status().roots, roots);
    zval_release(&a);
    assert_int_equal(gc_status().roots, 0);
}

static zval array_with_object(void)
{
    zval array = zval_array();
    push(&array, zval_object(NULL));
    return array;
}

static void rule_a_reference_passes_candidacy_on(void **state)
{
    (void)state;
    root_behind_a_reference(zval_object(NULL), 1);
    root_behind_a_reference(array_with_object(), 1);
    root_behind_a_reference(zval_int(1), 0);
    root_behind_a_reference(zval_cstring("text"), 0);
}

/* PHP records such an array; ours does not: nothing but the figure `roots` tells the difference. */
static void rule_an_array_of_scalars_is_no_root(void **state)
{
    (void)state;
    zval array = zval_array();
    push(&array, zval_int(1));
    push(&array, zval_cstring("text"));
    zval handle = zval_copy(&array);
    zval_release(&handle);
    expect_figures(.roots = 0, .live_nodes = 1);
    zval_release(&array);
}

/* References and strings go with the cycle and are not counted; objects and arrays are. */
static void rule_nodes_are_objects_and_arrays(void **state)
{
    (void)state;
    zval object = self_object();
    zval array = zval_array();
    push(&array, zval_cstring("a string"));
    push(&array, zval_double(1.5));
    zval shared = zval_cstring("behind a reference");
    push(&array, zval_reference(&shared));
    push(&array, zval_reference(&shared));
    zval_release(&shared);
    set(&object, "array", array);
    expect_figures(.live_nodes = 2);
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 2);
    expect_figures(.runs = 1, .collected = 2);
    assert_int_equal(gc_memory_usage(false), 0);
}

/* A string that the program holds too outlives the garbage that shared it. */
static void rule_a_shared_string_outlives_the_garbage(void **state)
{
    (void)state;
    zval text = zval_cstring("kept");
    zval object = self_object();
    set(&object, "text", zval_copy(&text));
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_string_equal(zval_string_bytes(&text, NULL), "kept");
    assert_int_equal(zval_refcount(&text), 1);
    zval_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scenario_test(rule_a_root_is_recorded_once),
        scenario_test(rule_a_freed_root_leaves_the_buffer_at_once),
        scenario_test(rule_a_run_empties_the_buffer),
        scenario_test(rule_an_empty_buffer_makes_no_run),
        scenario_test(rule_a_reference_passes_candidacy_on),
        scenario_test(rule_an_array_of_scalars_is_no_root),
        scenario_test(rule_nodes_are_objects_and_arrays),
        scenario_test(rule_a_shared_string_outlives_the_garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
