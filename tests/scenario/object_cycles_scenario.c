/*
 * PHP's scenarios, section 2: cycles that run through objects.
 */
#include "scenario.h"

#include <stdio.h>

static zval new_object(void)
{
    return zval_object(NULL);
}

/* a->b = b; b->a = a; and both variables stay. */
static void link_both_ways(zval *a, zval *b)
{
    set(a, "b", zval_copy(b));
    set(b, "a", zval_copy(a));
}

/* ---- one object --------------------------------------------------------- */

static void gc_005_object_refers_to_itself(void **state)
{
    (void)state;
    zval a = self_object();
    expect_figures(.live_nodes = 1);
    zval_release(&a);
    expect_figures(.roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 1, .collected = 1);
}

/* $b =& $a is made again each time; the 10,001 properties are 10,001 edges of one node. A string
   never counts (PHP up to 8.4 counts one that is no literal). */
static void gc_014_too_many_cycles_in_one_object(void **state)
{
    (void)state;
    zval a = new_object();
    zval b = zval_undef();
    for (int i = 0; i < 10001; i++) {
        char name[16];
        snprintf(name, sizeof name, "a%d", i);
        rebind(&b, zval_reference(&a));
        set(&a, name, zval_copy(&a));
    }
    zval_release(&b);
    set(&a, "b", zval_cstring("xxx"));
    assert_int_equal(zval_property_count(&a), 10002);
    assert_int_equal(zval_refcount(&a), 10002);
    zval_release(&a);
    expect_figures(.roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 1, .collected = 1);
    assert_int_equal(gc_memory_usage(false), 0);
}

/* Dropped one after another: the reference's peer, the variable, the plain copy. The object is the
   candidate each time and is recorded once. */
static void gc_015_object_held_by_reference_and_by_copy(void **state)
{
    (void)state;
    zval a = new_object();
    zval c = zval_reference(&a);
    zval b = zval_copy(&a);
    set(&a, "a", zval_copy(&a));
    set(&a, "b", zval_cstring("xxx"));
    expect_figures(.live_nodes = 1);
    zval *const variables[] = {&c, &a, &b};
    for (size_t i = 0; i < 3; i++) {
        zval_release(variables[i]);
        expect_figures(.roots = 1, .live_nodes = 1);
    }
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 1, .collected = 1);
}

/* $o->r =& $o; */
static void extra_property_bound_to_its_own_variable(void **state)
{
    (void)state;
    zval o = new_object();
    set(&o, "r", zval_reference(&o));
    expect_figures(.live_nodes = 1);
    zval_release(&o);
    expect_figures(.roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 1, .collected = 1);
}

/* ---- ways to lose it ---------------------------------------------------- */

/* In C there are two ways to fail: the variable worked on stays as it was, and a value handed over
   is gone. */
static void gc_038_failing_operation_leaves_its_variable(void **state)
{
    (void)state;
    zval x = self_object();
    assert_int_equal(zval_array_push(&x, zval_int(5)), GC_ETYPE);
    expect_figures(.live_nodes = 1);
    zval_release(&x);
    expect_figures(.roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 1, .collected = 1);
}

static void gc_038_failing_operation_consumes_its_operand(void **state)
{
    (void)state;
    zval number = zval_int(5);
    assert_int_equal(zval_array_push(&number, self_object()), GC_ETYPE);
    expect_figures(.roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 1, .collected = 1);
    assert_int_equal(zval_to_int(&number), 5);
}

static void parse(zval *out)
{
    zval result = zval_array();
    ok(zval_array_set(&result, "a", zval_cstring("b")));
    zval_assign(out, result);
}

static void gc_039_overwritten_as_an_out_parameter(void **state)
{
    (void)state;
    zval out = self_object();
    zval argument = zval_reference(&out);
    parse(&argument);
    zval_release(&argument);
    expect_figures(.roots = 1, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 1, .collected = 1, .live_nodes = 1);
    assert_string_equal(zval_string_bytes(zval_array_get(&out, "a"), NULL), "b");
    zval_release(&out);
}

/* function get() { $t = new stdClass; $t->prop = $t; return $t; } get(); */
static void bug78999_cycle_that_was_only_a_temporary(void **state)
{
    (void)state;
    drop_self_object();
    expect_figures(.roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 1, .collected = 1);
}

/* ---- several objects ---------------------------------------------------- */

static void gc_008_object_points_at_self_referring_object(void **state)
{
    (void)state;
    zval a = new_object();
    set(&a, "a", self_object());
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 0, .live_nodes = 2);
    zval_release(&a);
    expect_figures(.roots = 1, .live_nodes = 1); /* the outer one went by counting */
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 1, .collected = 1);
}

/* A closure that captures the object that holds it, bound to it and by use(): obj -> obj2 -> obj.
 */
static void bug60139_object_holds_what_captures_it(void **state)
{
    (void)state;
    for (uint64_t time = 1; time <= 2; time++) {
        zval object = new_object();
        zval closure = new_object();
        set(&closure, "this", zval_copy(&object));
        set(&object, "x", closure);
        zval_release(&object);
        expect_figures(.runs = time - 1, .collected = 2 * (time - 1), .roots = 1, .live_nodes = 2);
        assert_int_equal(gc_collect_cycles(), 2);
        expect_figures(.runs = time, .collected = 2 * time);
    }
}

static void extra_ring_of_three(void **state)
{
    (void)state;
    zval ring[3] = {new_object(), new_object(), new_object()};
    for (size_t i = 0; i < 3; i++) {
        set(&ring[i], "next", zval_copy(&ring[(i + 1) % 3]));
    }
    for (size_t i = 0; i < 3; i++) {
        zval_release(&ring[i]);
    }
    expect_figures(.roots = 3, .live_nodes = 3);
    assert_int_equal(gc_collect_cycles(), 3);
    expect_figures(.runs = 1, .collected = 3);
}

static void extra_pair_with_an_external_holder(void **state)
{
    (void)state;
    zval a = new_object();
    zval b = new_object();
    link_both_ways(&a, &b);
    zval holder = zval_copy(&a);
    zval_release(&a);
    zval_release(&b);
    expect_figures(.roots = 2, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 1, .live_nodes = 2);
    assert_true(zval_identical(zval_property_get(zval_property_get(&holder, "b"), "a"), &holder));
    zval_release(&holder);
    expect_figures(.runs = 1, .roots = 1, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 2);
    expect_figures(.runs = 2, .collected = 2);
}

/* In PHP the edge that the dead cycle gives up makes the live one a root again. Ours does not: the
   run has just proven it live without that edge. */
static void extra_dead_cycle_points_to_a_live_one(void **state)
{
    (void)state;
    zval a = self_object();
    zval b = self_object();
    set(&a, "b", zval_copy(&b));
    zval_release(&a);
    expect_figures(.roots = 1, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 1, .collected = 1, .live_nodes = 1);
    assert_int_equal(zval_refcount(&b), 2);
    zval_release(&b);
    expect_figures(.runs = 1, .collected = 1, .roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 2, .collected = 2);
}

/* ---- objects and arrays ------------------------------------------------- */

/* $a->a = []; $a->a[0] =& $a; */
static void gc_006_property_array_refers_to_the_variable(void **state)
{
    (void)state;
    zval a = new_object();
    set(&a, "a", zval_array());
    put(zval_property_slot(&a, "a"), 0, zval_reference(&a));
    expect_figures(.live_nodes = 2);
    zval_release(&a);
    expect_figures(.roots = 1, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 2);
    expect_figures(.runs = 1, .collected = 2);
}

/* $a = ['prop' => $o2]; $o2->a = (object) $a; where the cast shares the array as the new object's
   storage: a node of its own. */
static void gc_044_array_turned_into_an_object(void **state)
{
    (void)state;
    zval o1 = new_object();
    zval o2 = new_object();
    zval a = zval_array();
    ok(zval_array_set(&a, "prop", zval_copy(&o2)));
    zval o = zval_copy(&o1);
    zval cast = new_object();
    set(&cast, "storage", zval_copy(&a));
    set(&o2, "a", cast);
    zval_release(&o1);
    zval_release(&o2);
    zval_release(&a);
    zval_release(&o);
    expect_figures(.roots = 2, .live_nodes = 3); /* $o1 went by counting */
    assert_int_equal(gc_collect_cycles(), 3);
    expect_figures(.runs = 1, .collected = 3);
}

/* new C: its property an object that shares a literal array. */
static zval object_with_leaf(const zval *literal)
{
    zval leaf = new_object();
    set(&leaf, "x", zval_copy(literal));
    zval c = new_object();
    set(&c, "p", leaf);
    return c;
}

/* The literal belongs to the program, which holds it all the time: not part of the garbage. */
static void bug78379_leaf_with_a_literal_array(void **state)
{
    (void)state;
    zval literal = zval_array();
    push(&literal, zval_int(1));
    zval e = new_object();
    set(&e, "f", new_object());
    set(zval_property_slot(&e, "f"), "e", zval_copy(&e));
    set(&e, "a", object_with_leaf(&literal));
    zval_assign(&e, zval_null());
    expect_figures(.roots = 1, .live_nodes = 5);
    assert_int_equal(gc_collect_cycles(), 4);
    expect_figures(.runs = 1, .collected = 4, .live_nodes = 1);

    zval fresh = object_with_leaf(&literal);
    const zval *x = zval_property_get(zval_property_get(&fresh, "p"), "x");
    assert_int_equal(zval_array_count(x), 1);
    assert_int_equal(zval_to_int(zval_array_get_at(x, 0)), 1);
    assert_int_equal(zval_refcount(&literal), 2);
    zval_release(&fresh);
    zval_release(&literal);
}

static void extra_object_and_array_by_value(void **state)
{
    (void)state;
    zval o = new_object();
    zval array = zval_array();
    push(&array, zval_copy(&o));
    set(&o, "a", array);
    zval_release(&o);
    expect_figures(.roots = 1, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 2);
    expect_figures(.runs = 1, .collected = 2);
}

static void extra_nested_arrays_hang_off_a_cycle(void **state)
{
    (void)state;
    zval nested = zval_int(1);
    for (int depth = 0; depth < 3; depth++) {
        zval array = zval_array();
        push(&array, nested);
        nested = array;
    }
    zval o = self_object();
    set(&o, "a", nested);
    zval_release(&o);
    expect_figures(.roots = 1, .live_nodes = 4);
    assert_int_equal(gc_collect_cycles(), 4);
    expect_figures(.runs = 1, .collected = 4);
}

/* The array is one node, however often it is shared. PHP records it as a possible root when the
   variable goes; ours does not, since it holds integers only. */
static void extra_array_shared_twice_inside_a_cycle(void **state)
{
    (void)state;
    zval array = zval_array();
    push(&array, zval_int(1));
    zval o = self_object();
    set(&o, "a", zval_copy(&array));
    set(&o, "b", zval_copy(&array));
    zval_release(&array);
    expect_figures(.roots = 0, .live_nodes = 2);
    zval_release(&o);
    expect_figures(.roots = 1, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 2);
    expect_figures(.runs = 1, .collected = 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scenario_test(gc_005_object_refers_to_itself),
        scenario_test(gc_006_property_array_refers_to_the_variable),
        scenario_test(gc_008_object_points_at_self_referring_object),
        scenario_test(gc_014_too_many_cycles_in_one_object),
        scenario_test(gc_015_object_held_by_reference_and_by_copy),
        scenario_test(gc_038_failing_operation_leaves_its_variable),
        scenario_test(gc_038_failing_operation_consumes_its_operand),
        scenario_test(gc_039_overwritten_as_an_out_parameter),
        scenario_test(gc_044_array_turned_into_an_object),
        scenario_test(bug60139_object_holds_what_captures_it),
        scenario_test(bug78379_leaf_with_a_literal_array),
        scenario_test(bug78999_cycle_that_was_only_a_temporary),
        scenario_test(extra_property_bound_to_its_own_variable),
        scenario_test(extra_ring_of_three),
        scenario_test(extra_pair_with_an_external_holder),
        scenario_test(extra_dead_cycle_points_to_a_live_one),
        scenario_test(extra_object_and_array_by_value),
        scenario_test(extra_nested_arrays_hang_off_a_cycle),
        scenario_test(extra_array_shared_twice_inside_a_cycle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
