/*
 * PHP's scenarios, section 2: cycles of arrays, which only references can close.
 */
#include "scenario.h"

/* $a = [[]]; $a[0][0] =& $a[0]; */
static zval array_with_self_array(void)
{
    return array_of_self_arrays(1);
}

static void gc_004_array_refers_to_itself(void **state)
{
    (void)state;
    zval a = self_array();
    expect_figures(.live_nodes = 1);
    zval_release(&a);
    expect_figures(.roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 1, .collected = 1);
}

static void gc_007_inner_array_refers_to_its_element(void **state)
{
    (void)state;
    zval a = array_with_self_array();
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 0, .live_nodes = 2);
    zval_release(&a);
    expect_figures(.roots = 1, .live_nodes = 1); /* the outer one went by counting */
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 1, .collected = 1);
}

static void gc_012_thousand_loops_at_once(void **state)
{
    (void)state;
    zval a = array_of_self_arrays(1000);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 0, .live_nodes = 1001);
    zval_release(&a);
    expect_figures(.roots = 1000, .live_nodes = 1000);
    assert_int_equal(gc_collect_cycles(), 1000);
    expect_figures(.runs = 1, .collected = 1000);
}

/* ---- ways to lose a cycle ----------------------------------------------- */

static void gc_018_variable_overwritten_with_integer(void **state)
{
    (void)state;
    zval a = array_with_self_array();
    zval_assign(&a, zval_int(1));
    expect_figures(.roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 1, .collected = 1);
    assert_int_equal(zval_to_int(&a), 1);
}

static void gc_019_variable_rebound_by_reference(void **state)
{
    (void)state;
    zval a = array_with_self_array();
    zval b = zval_int(1);
    rebind(&a, zval_reference(&b));
    expect_figures(.roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 1, .collected = 1);
    assert_int_equal(zval_reference_count(&a), 2);
    zval_release(&a);
    zval_release(&b);
}

static void gc_020_integer_assigned_through_the_reference(void **state)
{
    (void)state;
    zval a = self_array();
    push(&a, zval_array());
    zval *inner = zval_array_slot_at(&a, 1);
    put(inner, 0, zval_reference(inner));
    expect_figures(.live_nodes = 2);
    zval_assign(&a, zval_int(1));
    expect_figures(.roots = 1, .live_nodes = 1); /* the outer array died by its count */
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 1, .collected = 1);
    assert_true(zval_is_reference(&a));
    assert_int_equal(zval_to_int(&a), 1);
    zval_release(&a);
}

/* ---- by value: no cycle ------------------------------------------------- */

/* $a = []; $b =& $a; $a[0] = $a; */
static void gc_032_array_put_into_itself_by_value(void **state)
{
    (void)state;
    zval a = zval_array();
    zval b = zval_reference(&a);
    put(&a, 0, zval_copy(&a));
    const zval *inside = zval_array_get_at(&a, 0);
    assert_int_equal(zval_array_count(&a), 1);
    assert_int_equal(zval_type_of(inside), ZVAL_ARRAY);
    assert_int_equal(zval_array_count(inside), 0);
    expect_figures(.live_nodes = 2);
    zval_release(&a);
    zval_release(&b);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 0);
}

/* $a = [[]]; $b =& $a; $a[0][0] = $a; gives [[[[]]]]. Dropping the first handle makes the array
   inside the reference a possible root, the second one takes it out again by freeing it. */
static void gc_032_array_put_into_its_element_by_value(void **state)
{
    (void)state;
    zval a = zval_array();
    push(&a, zval_array());
    zval b = zval_reference(&a);
    zval before = zval_copy(&a);
    put(zval_array_slot_at(&a, 0), 0, before);
    const zval *level = &a;
    for (int depth = 0; depth < 3; depth++) {
        assert_int_equal(zval_array_count(level), 1);
        level = zval_array_get_at(level, 0);
    }
    assert_int_equal(zval_type_of(level), ZVAL_ARRAY);
    assert_int_equal(zval_array_count(level), 0);
    expect_figures(.roots = 1, .live_nodes = 4);
    zval_release(&a);
    expect_figures(.roots = 2, .live_nodes = 4);
    zval_release(&b);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 0);
}

/* $a = []; $a[0] =& $a; $copy = $a; unset($a); */
static void extra_self_array_with_a_copy_alive(void **state)
{
    (void)state;
    zval a = self_array();
    zval copy = zval_copy(&a);
    expect_figures(.live_nodes = 1);
    zval_release(&a);
    expect_figures(.roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 1, .live_nodes = 1);
    assert_int_equal(zval_array_count(&copy), 1);
    zval_release(&copy);
    expect_figures(.runs = 1, .roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 2, .collected = 1);
}

/* ---- held in unusual places --------------------------------------------- */

/* function &f() { $a = []; $a[] =& $a; return $a; } */
static zval return_by_reference(void)
{
    zval a = self_array();
    zval result = zval_reference(&a);
    zval_release(&a);
    return result;
}

static void gc_036_reference_returned_by_a_function(void **state)
{
    (void)state;
    zval returned = return_by_reference();
    expect_figures(.roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 1, .live_nodes = 1);
    assert_int_equal(zval_reference_count(&returned), 2);
    zval_release(&returned);
    expect_figures(.runs = 1, .roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 2, .collected = 1);
}

/* foreach ($a as &$v) over [0, 1]: the loop holds a handle to the array's variable, and $v one to
   the element. In the loop $a[0] =& $a; $a[1] = [loop]; $a =& $b. */
static void gc_047_collect_during_iteration_by_reference(void **state)
{
    (void)state;
    zval a = zval_array();
    push(&a, zval_int(0));
    push(&a, zval_int(1));
    zval iterated = zval_reference(&a);
    struct zval_array_cursor cursor = {0};
    zval key;
    assert_true(zval_array_next(&iterated, &cursor, &key, NULL));
    zval v = zval_reference(zval_array_slot_at(&iterated, zval_to_int(&key)));

    put(&a, 0, zval_reference(&a));
    put(&a, 1, zval_array());
    zval *inner = zval_array_slot_at(&a, 1);
    put(inner, 0, zval_reference(inner));
    zval b = zval_int(1);
    rebind(&a, zval_reference(&b));
    expect_figures(.roots = 1, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 1, .live_nodes = 2);

    const zval *next;
    assert_int_equal(zval_to_int(&v), 0);
    assert_true(zval_array_next(&iterated, &cursor, &key, &next));
    assert_int_equal(zval_to_int(&key), 1);
    assert_int_equal(zval_array_count(next), 1);
    assert_false(zval_array_next(&iterated, &cursor, &key, &next));

    zval_release(&iterated);
    assert_int_equal(gc_collect_cycles(), 2);
    expect_figures(.runs = 2, .collected = 2);
    zval_release(&v);
    zval_release(&a);
    zval_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scenario_test(gc_004_array_refers_to_itself),
        scenario_test(gc_007_inner_array_refers_to_its_element),
        scenario_test(gc_012_thousand_loops_at_once),
        scenario_test(gc_018_variable_overwritten_with_integer),
        scenario_test(gc_019_variable_rebound_by_reference),
        scenario_test(gc_020_integer_assigned_through_the_reference),
        scenario_test(gc_032_array_put_into_itself_by_value),
        scenario_test(gc_032_array_put_into_its_element_by_value),
        scenario_test(gc_036_reference_returned_by_a_function),
        scenario_test(gc_047_collect_during_iteration_by_reference),
        scenario_test(extra_self_array_with_a_copy_alive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
