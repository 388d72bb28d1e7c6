/*
 * PHP's scenarios, section 4: destructors that rescue their object, or another.
 * What is rescued is whole, keeps its weak references, and is never destructed
 * again.
 */
#include "dying.h"
#include "scenario.h"

/* The program's global variable that destructors write $this into. */
static zval rescued;

static void rescue(zval *self)
{
    zval_assign(&rescued, zval_copy(self));
}

static void expect_alive(const zval *reference)
{
    zval target = zval_weakref_get(reference);
    assert_int_equal(zval_type_of(&target), ZVAL_OBJECT);
    zval_release(&target);
}

static void expect_gone(const zval *reference)
{
    zval target = zval_weakref_get(reference);
    assert_int_equal(zval_type_of(&target), ZVAL_NULL);
}

static int begin(void **state)
{
    rescued = zval_undef();
    return dying_begin(state);
}

#define rescue_test(function) cmocka_unit_test_setup_teardown(function, begin, fixture_end)

/* ---- the object itself -------------------------------------------------- */

static void gc_050_rescued_from_a_plain_release(void **state)
{
    (void)state;
    dying_act = rescue;
    zval object = dying_new();
    zval reference = zval_weakref(&object);
    zval_release(&object);
    assert_int_equal(dying_count, 1);
    assert_int_equal(zval_refcount(&rescued), 1);
    expect_alive(&reference);
    zval_release(&rescued);
    assert_int_equal(dying_count, 1);
    expect_gone(&reference);
    expect_figures(.runs = 0);
    zval_release(&reference);
}

static void extra_rescued_from_a_collection(void **state)
{
    (void)state;
    dying_act = rescue;
    zval object = dying_self_new();
    zval reference = zval_weakref(&object);
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 0);
    assert_int_equal(dying_count, 1);
    assert_int_equal(gc_status().runs, 2);
    assert_int_equal(zval_refcount(&rescued), 2);
    expect_alive(&reference);
    zval_release(&rescued);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(dying_count, 1);
    expect_gone(&reference);
    expect_figures(.runs = 3, .collected = 1);
    zval_release(&reference);
}

/* The object's property is an array in a reference to itself. */
static zval object_with_nested_array(void)
{
    zval object = dying_self_new();
    zval *nested = zval_property_slot(&object, "nested");
    zval_assign(nested, zval_array());
    push(nested, zval_reference(nested));
    return object;
}

static void expect_nested_array(const zval *object)
{
    const zval *nested = zval_property_get(object, "nested");
    assert_true(zval_is_reference(nested));
    assert_int_equal(zval_array_count(nested), 1);
    assert_true(zval_is_reference(zval_array_get_at(nested, 0)));
    assert_int_equal(zval_reference_count(nested), 2);
    assert_true(zval_identical(zval_property_get(object, "a"), object));
}

static void gc_040_rescued_with_a_nested_array(void **state)
{
    (void)state;
    dying_act = rescue;
    zval object = object_with_nested_array();
    zval_release(&object);
    expect_figures(.roots = 1, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 2, .live_nodes = 2);
    expect_nested_array(&rescued);
    zval_release(&rescued);
    assert_int_equal(gc_collect_cycles(), 2);
    assert_int_equal(dying_count, 1);
    expect_figures(.runs = 3, .collected = 2);
}

/* The global is a reference bound to a property of the object itself: the destructor's assignment
   writes the object into that property. */
static void gc_041_rescued_through_a_reference_to_its_property(void **state)
{
    (void)state;
    dying_act = rescue;
    zval object = object_with_nested_array();
    rescued = zval_reference(zval_property_slot(&object, "b"));
    zval_release(&object);
    expect_figures(.roots = 1, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 0);
    assert_int_equal(dying_count, 1);
    expect_figures(.runs = 2, .live_nodes = 2);
    expect_nested_array(&rescued);
    assert_int_equal(zval_refcount(&rescued), 2);
    assert_true(zval_identical(zval_property_get(&rescued, "b"), &rescued));
    zval_release(&rescued);
    assert_int_equal(gc_collect_cycles(), 2);
    assert_int_equal(dying_count, 1);
    expect_figures(.runs = 3, .collected = 2);
}

/* ---- an object that hangs off the garbage ------------------------------- */

/* foo->foo = foo; foo->bad = new bad, which rescues itself and holds an array. */
static void leave_cycle_with_bad(void)
{
    zval bad = dying_new();
    set(&bad, "a", zval_array());
    push(zval_property_slot(&bad, "a"), zval_cstring("php"));
    zval foo = self_object();
    set(&foo, "bad", bad);
    zval_release(&foo);
}

static void expect_bad_is_intact(void)
{
    const zval *list = zval_property_get(&rescued, "a");
    assert_int_equal(zval_array_count(list), 1);
    assert_string_equal(zval_string_bytes(zval_array_get_at(list, 0), NULL), "php");
    assert_int_equal(zval_refcount(list), 1);
    assert_int_equal(zval_refcount(&rescued), 1);
}

static void bug64896_rescued_from_a_cycle_while_disabled(void **state)
{
    (void)state;
    dying_act = rescue;
    gc_disable();
    leave_cycle_with_bad();
    expect_figures(.roots = 1, .live_nodes = 3);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(dying_count, 1);
    assert_int_equal(gc_status().collected, 1);
    assert_int_equal(gc_status().live_nodes, 2);
    expect_bad_is_intact();
    zval_release(&rescued);
    assert_int_equal(gc_status().live_nodes, 0);
    gc_enable();
}

static void bug69446_2_rescued_and_dropped_again(void **state)
{
    (void)state;
    dying_act = rescue;
    for (unsigned round = 1; round <= 3; round++) {
        leave_cycle_with_bad(); /* the one rescued before goes when this one is */
        assert_int_equal(gc_collect_cycles(), 1);
        assert_int_equal(dying_count, round);
        assert_int_equal(gc_status().collected, round);
        assert_int_equal(gc_status().live_nodes, 2);
        expect_bad_is_intact();
    }
    zval_release(&rescued);
}

/* ---- others ------------------------------------------------------------- */

static void rescue_neighbour(zval *self)
{
    zval_assign(&rescued, zval_copy(zval_property_get(self, "a")));
}

/* One of a ring rescues its neighbour, and so the ring. */
static void extra_rescue_of_a_neighbour_keeps_the_ring(void **state)
{
    (void)state;
    dying_act = rescue_neighbour;
    zval first = dying_new();
    zval second = zval_object(NULL);
    zval third = zval_object(NULL);
    set(&first, "a", zval_copy(&second));
    set(&second, "a", zval_copy(&third));
    set(&third, "a", zval_copy(&first));
    zval_release(&first);
    zval_release(&second);
    zval_release(&third);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 2, .live_nodes = 3);
    const zval *back = zval_property_get(zval_property_get(&rescued, "a"), "a");
    assert_true(zval_identical(zval_property_get(back, "a"), &rescued));
    zval_release(&rescued);
    assert_int_equal(gc_collect_cycles(), 3);
    assert_int_equal(dying_count, 1);
}

/* Counts may be as before and an object rescued all the same: the destructor takes the place of the
   reference that it removes. */
static void rescue_by_moving(zval *self)
{
    rescued = *zval_property_at(self, 0);
    *zval_property_at(self, 0) = zval_null();
}

static void extra_rescued_with_its_count_unchanged(void **state)
{
    (void)state;
    dying_act = rescue_by_moving;
    zval left = dying_new();
    zval right = zval_object(NULL);
    set(&left, "a", zval_copy(&right));
    set(&right, "a", zval_copy(&left));
    zval_release(&left);
    zval_release(&right);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 2, .live_nodes = 2);
    assert_int_equal(zval_refcount(&rescued), 1);
    assert_int_equal(zval_refcount(zval_property_get(&rescued, "a")), 1);
    zval_release(&rescued);
    assert_int_equal(dying_count, 1);
    assert_int_equal(gc_status().live_nodes, 0);
}

/* The second destructor undoes what the first one did. */
static void rescue_or_give_up(zval *self)
{
    if (zval_type_of(&rescued) == ZVAL_UNDEF) {
        rescue(self);
    } else {
        zval_release(&rescued);
    }
}

static void extra_rescued_and_given_up_by_another_destructor(void **state)
{
    (void)state;
    dying_act = rescue_or_give_up;
    zval left = dying_new();
    zval right = dying_new();
    set(&left, "a", zval_copy(&right));
    set(&right, "a", zval_copy(&left));
    zval_release(&left);
    zval_release(&right);
    assert_int_equal(gc_collect_cycles(), 2);
    assert_int_equal(dying_count, 2);
    expect_figures(.runs = 2, .collected = 2);
}

/* Half of what one call finds is rescued: the rest goes, and nothing of it is missed. */
static int seen;

static void rescue_every_second(zval *self)
{
    if (seen++ % 2 == 0) {
        push(&rescued, zval_copy(self));
    }
}

static void extra_every_second_one_rescued(void **state)
{
    (void)state;
    seen = 0;
    dying_act = rescue_every_second;
    rescued = zval_array();
    for (int i = 0; i < 1000; i++) {
        dying_drop_self();
    }
    assert_int_equal(gc_collect_cycles(), 500);
    assert_int_equal(dying_count, 1000);
    expect_figures(.runs = 2, .collected = 500, .live_nodes = 501);
    zval_release(&rescued);
    assert_int_equal(gc_collect_cycles(), 500);
    assert_int_equal(dying_count, 1000);
    expect_figures(.runs = 3, .collected = 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rescue_test(gc_040_rescued_with_a_nested_array),
        rescue_test(gc_041_rescued_through_a_reference_to_its_property),
        rescue_test(gc_050_rescued_from_a_plain_release),
        rescue_test(bug64896_rescued_from_a_cycle_while_disabled),
        rescue_test(bug69446_2_rescued_and_dropped_again),
        rescue_test(extra_rescued_from_a_collection),
        rescue_test(extra_rescue_of_a_neighbour_keeps_the_ring),
        rescue_test(extra_rescued_with_its_count_unchanged),
        rescue_test(extra_rescued_and_given_up_by_another_destructor),
        rescue_test(extra_every_second_one_rescued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
