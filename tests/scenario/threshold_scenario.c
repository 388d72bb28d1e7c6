/*
 * PHP's scenarios, section 3: the root buffer of 10,000 and the run that the
 * 10,001st distinct possible root starts.
 */
#include "scenario.h"

static zval new_object(void)
{
    return zval_object(NULL);
}

/* ---- filling it --------------------------------------------------------- */

static void extra_ten_thousand_fit(void **state)
{
    (void)state;
    for (int i = 0; i < 10000; i++) {
        drop_self_object();
    }
    expect_figures(.roots = 10000, .live_nodes = 10000);
    assert_true(gc_status().full);
    drop_self_object();
    expect_figures(.runs = 1, .collected = 10000, .roots = 1, .live_nodes = 1);
    assert_false(gc_status().full);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 2, .collected = 10001);
}

/* The manual's own example: 100,000 objects that hold themselves, in one variable. */
static void extra_variable_reassigned_again_and_again(void **state)
{
    (void)state;
    zval a = zval_undef();
    for (int i = 0; i < 100000; i++) {
        zval_assign(&a, self_object());
    }
    expect_figures(.runs = 9, .collected = 90000, .roots = 9999, .live_nodes = 10000);
    zval_release(&a);
    assert_int_equal(gc_collect_cycles(), 10000);
    expect_figures(.runs = 10, .collected = 100000);
}

static void gc_023_automatic_run_takes_the_first_ten_thousand(void **state)
{
    (void)state;
    zval a = array_of_self_arrays(9999);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.live_nodes = 10000);
    zval_release(&a);
    expect_figures(.roots = 9999, .live_nodes = 9999);
    assert_int_equal(gc_collect_cycles(), 9999);

    a = array_of_self_arrays(10001);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 1, .collected = 9999, .live_nodes = 10002);
    zval_release(&a);
    expect_figures(.runs = 2, .collected = 19999, .roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 3, .collected = 20000);
}

/* ---- runs in the middle of something ------------------------------------ */

/*
 * Two live arrays that refer to themselves, one holding the other, and a write through the outer
 * one's reference that kills it. Dropping the outer array releases what it holds while the buffer
 * fills, so the scenario is gone through for every distance from the trigger.
 */
static void write_through_near_the_trigger(unsigned fill)
{
    uint64_t collected_before = gc_status().collected;
    for (unsigned i = 0; i < fill; i++) {
        drop_self_array();
    }
    zval dummy = self_array();
    zval matches = zval_array();
    push(&matches, zval_cstring("bar"));
    put(&matches, 1, zval_reference(&matches));
    put(&matches, 2, zval_copy(&dummy));
    zval_assign(&matches, zval_int(1));
    bool ran = fill >= SCENARIO_ROOTS;
    assert_int_equal(gc_status().roots, ran ? fill - SCENARIO_ROOTS + 1 : fill + 1);
    assert_int_equal(zval_array_count(&dummy), 1);
    assert_int_equal(gc_heap_verify(NULL, stderr), 0);
    zval_release(&dummy);
    zval_release(&matches);
    gc_collect_cycles();
    assert_int_equal(gc_status().collected - collected_before, fill + 1);
    assert_int_equal(gc_status().live_nodes, 0);
}

static void bug63055_write_through_near_the_trigger(void **state)
{
    (void)state;
    write_through_near_the_trigger(9998);
    expect_figures(.runs = 1, .collected = 9999);
    for (unsigned fill = 9996; fill <= 10002; fill++) {
        write_through_near_the_trigger(fill);
    }
}

/* Two rounds of 389 objects, each linked to itself and holding 898 arrays of two objects. The
   variable that passes each array on makes it a possible root; the automatic runs that follow are
   in the middle of building, and one of them takes the whole first round. */
static zval new_foo(void)
{
    zval foo = self_object();
    set(&foo, "y", zval_array());
    zval pair = zval_undef();
    for (int i = 0; i < 898; i++) {
        zval fresh = zval_array();
        push(&fresh, new_object());
        push(&fresh, new_object());
        zval_assign(&pair, fresh);
        push(zval_property_slot(&foo, "y"), zval_copy(&pair));
    }
    zval_release(&pair);
    return foo;
}

static void bug78010_runs_while_building(void **state)
{
    (void)state;
    const uint64_t round = 389 * (2 + 898 * 3);
    zval x = zval_undef();
    for (uint64_t i = 0; i < 2; i++) {
        zval_assign(&x, zval_array());
        for (int j = 0; j < 389; j++) {
            push(&x, new_foo());
        }
    }
    assert_int_equal(gc_collect_cycles(), 0);
    assert_int_equal(gc_status().live_nodes, round + 1);
    assert_int_equal(gc_status().collected, round);
    zval_release(&x);
    assert_int_equal(gc_status().roots, 389);
    assert_int_equal(gc_collect_cycles(), round);
    assert_int_equal(gc_status().collected, 2 * round);
    assert_int_equal(gc_status().live_nodes, 0);
}

/* 100,000 two-object cycles made and dropped in two variables, and each time a function that
   returns an object out of the middle of an iteration. All but the last two objects become possible
   roots: 199,998, two short of what the twentieth run needs. */
static zval return_from_an_iteration(void)
{
    zval array = zval_array();
    push(&array, zval_cstring("x"));
    zval result = zval_undef();
    struct zval_array_cursor cursor = {0};
    if (zval_array_next(&array, &cursor, NULL, NULL)) {
        result = new_object();
    }
    zval_release(&array);
    return result;
}

static void gc_051_return_while_runs_happen(void **state)
{
    (void)state;
    zval a = zval_undef();
    zval b = zval_undef();
    zval result = zval_undef();
    for (int i = 0; i < 100000; i++) {
        zval_assign(&a, new_object());
        zval_assign(&b, new_object());
        set(&a, "ref", zval_copy(&b));
        set(&b, "ref", zval_copy(&a));
        zval_assign(&result, return_from_an_iteration());
    }
    assert_int_equal(zval_refcount(&result), 1);
    assert_int_equal(zval_refcount(&a), 2);
    expect_figures(.runs = 19, .collected = 190000, .roots = 9998, .live_nodes = 10001);
    zval_release(&a);
    zval_release(&b);
    zval_release(&result);
    gc_collect_cycles();
    assert_int_equal(gc_status().collected, 200000);
    assert_int_equal(gc_status().live_nodes, 0);
}

/* ---- temporaries while the run happens ---------------------------------- */

/* new A: the constructor's handle to the object is dropped at its end. */
static zval new_temporary(void)
{
    zval result = self_object();
    zval this = zval_copy(&result);
    zval_release(&this);
    return result;
}

static void expect_whole(const zval *temporary)
{
    assert_int_equal(zval_type_of(temporary), ZVAL_OBJECT);
    assert_int_equal(zval_refcount(temporary), 2);
    assert_true(zval_identical(zval_property_get(temporary, "self"), temporary));
}

/* The run is started by the object whose method returned the temporary. */
static void gh13687_001_temporary_returned_while_the_run_starts(void **state)
{
    (void)state;
    zval held = zval_array();
    zval receiver = new_object();
    add_live_roots(&held, SCENARIO_ROOTS - 1);
    zval this = zval_copy(&receiver);
    zval temporary = new_temporary();
    expect_figures(.roots = 10000, .live_nodes = 10002);
    zval_release(&this);
    expect_figures(.runs = 1, .roots = 1, .live_nodes = 10002);
    expect_whole(&temporary);
    zval_release(&temporary);
    expect_figures(.runs = 1, .roots = 2, .live_nodes = 10002);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 2, .collected = 1, .live_nodes = 10001);
    zval_release(&receiver);
    zval_release(&held);
}

/* [new A, $root][0]: the array goes, and with it both its elements, while element 0 is in use. */
static void gh13687_002_temporary_taken_out_of_an_array(void **state)
{
    (void)state;
    zval held = zval_array();
    zval root = new_object();
    zval literal = zval_array();
    push(&literal, self_object());
    push(&literal, zval_copy(&root));
    add_live_roots(&held, SCENARIO_ROOTS - 1);
    zval temporary = zval_copy(zval_array_get_at(&literal, 0));
    expect_figures(.roots = 9999, .live_nodes = 10003);
    zval_release(&literal);
    expect_figures(.runs = 1, .roots = 1, .live_nodes = 10002);
    expect_whole(&temporary);
    zval_release(&temporary);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 2, .collected = 1, .live_nodes = 10001);
    zval_release(&root);
    zval_release(&held);
}

/* f(get(), ...): the callee collects while the temporary is its argument. */
static void collect_with_argument(zval argument)
{
    assert_int_equal(gc_collect_cycles(), 0);
    expect_whole(&argument);
    zval_release(&argument);
}

static void gh13687_003_collect_while_temporary_is_an_argument(void **state)
{
    (void)state;
    collect_with_argument(new_temporary());
    expect_figures(.runs = 1, .roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 2, .collected = 1);
}

static void gh13687_004_collect_while_temporary_is_a_named_argument(void **state)
{
    (void)state;
    zval arguments = zval_array();
    ok(zval_array_set(&arguments, "a", new_temporary()));
    assert_int_equal(gc_collect_cycles(), 0);
    expect_whole(zval_array_get(&arguments, "a"));
    expect_figures(.runs = 1, .live_nodes = 2);
    zval_release(&arguments);
    expect_figures(.runs = 1, .roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 2, .collected = 1);
}

/* The constructor's own handle is the 10,001st possible root: held while the run goes on, and
   recorded after it. */
static void gh13687_005_temporary_is_the_trigger(void **state)
{
    (void)state;
    zval held = zval_array();
    add_live_roots(&held, SCENARIO_ROOTS);
    zval temporary = new_temporary();
    expect_figures(.runs = 1, .roots = 1, .live_nodes = 10002);
    expect_whole(&temporary);
    zval_release(&temporary);
    expect_figures(.runs = 1, .roots = 1, .live_nodes = 10002);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 2, .collected = 1, .live_nodes = 10001);
    zval_release(&held);
}

/* The 10,001st possible root is garbage already, but held while the run that it starts goes on:
   the run takes all but its cycle, and then it is recorded. */
static void extra_trigger_is_garbage_itself(void **state)
{
    (void)state;
    for (int i = 0; i < 9999; i++) {
        drop_self_object();
    }
    zval a = new_object();
    zval b = new_object();
    set(&a, "b", zval_copy(&b));
    set(&b, "a", zval_copy(&a));
    zval_release(&a);
    expect_figures(.roots = 10000, .live_nodes = 10001);
    zval_release(&b);
    expect_figures(.runs = 1, .collected = 9999, .roots = 1, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 2);
    expect_figures(.runs = 2, .collected = 10001);
}

/* Here only garbage holds it: the run frees that, and then it goes by its count. */
static void extra_trigger_is_held_by_garbage_only(void **state)
{
    (void)state;
    zval held = zval_array();
    add_live_roots(&held, SCENARIO_ROOTS - 1);
    zval object = new_object();
    zval holder = self_object();
    set(&holder, "object", zval_copy(&object));
    zval_release(&holder);
    expect_figures(.roots = 10000, .live_nodes = 10002);
    zval_release(&object);
    expect_figures(.runs = 1, .collected = 1, .live_nodes = 10000);
    zval_release(&held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scenario_test(extra_ten_thousand_fit),
        scenario_test(extra_variable_reassigned_again_and_again),
        scenario_test(gc_023_automatic_run_takes_the_first_ten_thousand),
        scenario_test(bug63055_write_through_near_the_trigger),
        scenario_test(bug78010_runs_while_building),
        scenario_test(gc_051_return_while_runs_happen),
        scenario_test(gh13687_001_temporary_returned_while_the_run_starts),
        scenario_test(gh13687_002_temporary_taken_out_of_an_array),
        scenario_test(gh13687_003_collect_while_temporary_is_an_argument),
        scenario_test(gh13687_004_collect_while_temporary_is_a_named_argument),
        scenario_test(gh13687_005_temporary_is_the_trigger),
        scenario_test(extra_trigger_is_garbage_itself),
        scenario_test(extra_trigger_is_held_by_garbage_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
