/*
 * Plain values, what they are as a truth value, an integer or a double, and
 * owning them.
 */
#include "checks.h"
#include "fixture.h"

#include <float.h>
#include <math.h>

/* ---- plain values ------------------------------------------------------------ */

static void plain_values_have_their_type_and_no_count(void **state)
{
    (void)state;
    const zval values[] = {zval_undef(), zval_null(), zval_bool(true), zval_int(1),
                           zval_double(1.5)};
    static const enum zval_type types[] = {ZVAL_UNDEF, ZVAL_NULL, ZVAL_BOOL, ZVAL_INT, ZVAL_DOUBLE};
    for (size_t i = 0; i < 5; i++) {
        assert_type(&values[i], types[i]);
        assert_int_equal(zval_refcount(&values[i]), 0);
        assert_false(zval_is_reference(&values[i]));
        assert_int_equal(zval_reference_count(&values[i]), 0);
    }
    assert_int_equal(gc_memory_usage(false), 0);
}

static void all_zero_bytes_are_the_undefined_value(void **state)
{
    (void)state;
    static zval zeroed;
    assert_type(&zeroed, ZVAL_UNDEF);
    assert_int_equal(sizeof(zval), 16);
}

static void null_pointers_are_undefined_values(void **state)
{
    (void)state;
    assert_int_equal(zval_type_of(NULL), ZVAL_UNDEF);
    assert_false(zval_is_reference(NULL));
    assert_false(zval_to_bool(NULL));
    assert_int_equal(zval_to_int(NULL), 0);
    assert_true(zval_to_double(NULL) == 0);
    assert_int_equal(zval_refcount(NULL), 0);
    assert_int_equal(zval_reference_count(NULL), 0);
    zval copy = zval_copy(NULL);
    assert_type(&copy, ZVAL_UNDEF);
    zval_release(NULL);
}

/* ---- as a truth value ---------------------------------------------------------- */

static void assert_truth(zval value, bool truth)
{
    zval handle = zval_reference(&value);
    assert_int_equal(zval_to_bool(&value), truth);
    assert_int_equal(zval_to_bool(&handle), truth);
    zval_release(&handle);
    assert_int_equal(zval_to_bool(&value), truth);
    zval_release(&value);
}

static void plain_values_are_true_unless_they_are_nothing(void **state)
{
    (void)state;
    assert_false(zval_to_bool(&(zval){0}));
    assert_truth(zval_null(), false);
    assert_truth(zval_bool(false), false);
    assert_truth(zval_bool(true), true);
    assert_truth(zval_int(0), false);
    assert_truth(zval_int(-1), true);
    assert_truth(zval_int(INT64_MIN), true);
    assert_truth(zval_int((int64_t)1 << 32), true);
}

static void doubles_are_true_unless_they_are_zero(void **state)
{
    (void)state;
    assert_truth(zval_double(0.0), false);
    assert_truth(zval_double(-0.0), false);
    assert_truth(zval_double(DBL_TRUE_MIN), true);
    assert_truth(zval_double(-1e-300), true);
    assert_truth(zval_double(NAN), true);
    assert_truth(zval_double(INFINITY), true);
}

static void strings_are_true_unless_empty_or_one_zero(void **state)
{
    (void)state;
    assert_truth(zval_cstring(""), false);
    assert_truth(zval_cstring("0"), false);
    assert_truth(zval_cstring("00"), true);
    assert_truth(zval_cstring("0.0"), true);
    assert_truth(zval_cstring(" "), true);
    assert_truth(zval_cstring("false"), true);
    assert_truth(zval_string("\0", 1), true);
    assert_truth(zval_string("0\0", 2), true);
}

static void arrays_are_true_unless_empty(void **state)
{
    (void)state;
    assert_truth(zval_array(), false);
    assert_truth(checks_list(1), true);
    zval emptied = checks_list(1);
    assert_ok(zval_array_remove_at(&emptied, 0));
    assert_truth(emptied, false);
}

static void objects_and_structs_are_true(void **state)
{
    (void)state;
    assert_truth(zval_object(NULL), true);
    assert_truth(zval_native(fixture_node_new(0)), true);
}

/* ---- as an integer --------------------------------------------------------------- */

static void assert_integer(zval value, int64_t integer)
{
    assert_true(zval_to_int(&value) == integer);
    zval handle = zval_reference(&value);
    assert_true(zval_to_int(&handle) == integer);
    zval_release(&handle);
    zval_release(&value);
}

static void integers_and_booleans_are_themselves_as_integers(void **state)
{
    (void)state;
    assert_integer(zval_int(INT64_MIN), INT64_MIN);
    assert_integer(zval_int(INT64_MAX), INT64_MAX);
    assert_integer(zval_bool(true), 1);
    assert_integer(zval_bool(false), 0);
}

static void doubles_are_cut_towards_zero(void **state)
{
    (void)state;
    assert_integer(zval_double(1.999), 1);
    assert_integer(zval_double(-1.999), -1);
    assert_integer(zval_double(-0.5), 0);
    assert_integer(zval_double(9007199254740993.0), 9007199254740992);
}

static void doubles_beyond_the_range_are_the_nearest_integer(void **state)
{
    (void)state;
    assert_integer(zval_double(9223372036854775808.0), INT64_MAX);
    assert_integer(zval_double(9223372036854774784.0), 9223372036854774784);
    assert_integer(zval_double(-9223372036854775808.0), INT64_MIN);
    assert_integer(zval_double(-9223372036854777856.0), INT64_MIN);
    assert_integer(zval_double(1e300), INT64_MAX);
    assert_integer(zval_double(-INFINITY), INT64_MIN);
    assert_integer(zval_double(INFINITY), INT64_MAX);
    assert_integer(zval_double(NAN), 0);
}

static void all_else_is_0_as_an_integer(void **state)
{
    (void)state;
    assert_integer(zval_null(), 0);
    assert_integer(zval_cstring("42"), 0);
    assert_integer(checks_list(3), 0);
    assert_integer(zval_object(NULL), 0);
    assert_integer(zval_native(fixture_node_new(7)), 0);
}

/* ---- as a double ------------------------------------------------------------------- */

static void assert_number(zval value, double number)
{
    assert_true(zval_to_double(&value) == number);
    zval handle = zval_reference(&value);
    assert_true(zval_to_double(&handle) == number);
    zval_release(&handle);
    zval_release(&value);
}

static void numbers_are_converted_to_doubles(void **state)
{
    (void)state;
    assert_number(zval_double(-1.25), -1.25);
    assert_number(zval_int(INT64_MIN), -9223372036854775808.0);
    assert_number(zval_int(3), 3);
    assert_number(zval_bool(true), 1);
    assert_number(zval_bool(false), 0);
    const zval nan = zval_double(NAN);
    assert_true(isnan(zval_to_double(&nan)));
}

static void all_else_is_0_as_a_double(void **state)
{
    (void)state;
    assert_number(zval_null(), 0);
    assert_number(zval_cstring("1.5"), 0);
    assert_number(checks_list(3), 0);
    assert_number(zval_object(NULL), 0);
}

/* ---- owning -------------------------------------------------------------------------- */

static void a_copy_of_a_plain_value_is_equal(void **state)
{
    (void)state;
    const zval number = zval_int(42);
    zval copy = zval_copy(&number);
    assert_int(&copy, 42);
}

static void a_copy_of_a_counted_value_shares_it(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval copy = zval_copy(&object);
    assert_shared(&object, &copy);
    assert_int_equal(zval_refcount(&object), 2);
    zval_release(&copy);
    assert_int_equal(zval_refcount(&object), 1);
    zval_release(&object);
}

static void a_released_variable_is_undefined(void **state)
{
    (void)state;
    zval values[] = {zval_int(1), zval_cstring("text"), zval_array(), zval_object(NULL)};
    for (size_t i = 0; i < 4; i++) {
        zval_release(&values[i]);
        assert_type(&values[i], ZVAL_UNDEF);
        zval_release(&values[i]);
    }
}

static void assigning_releases_what_was_there(void **state)
{
    (void)state;
    zval variable = zval_cstring("before");
    zval_assign(&variable, zval_int(1));
    assert_int(&variable, 1);
    assert_int_equal(gc_memory_usage(false), 0);
    zval_assign(&variable, zval_cstring("after"));
    assert_text(&variable, "after");
    zval_release(&variable);
}

static void a_variable_can_be_assigned_to_itself(void **state)
{
    (void)state;
    zval variable = checks_list(3);
    zval_assign(&variable, zval_copy(&variable));
    assert_int_equal(zval_array_count(&variable), 3);
    assert_int_equal(zval_refcount(&variable), 1);
    zval_release(&variable);
}

static void the_undefined_value_is_assigned_like_any_other(void **state)
{
    (void)state;
    zval variable = zval_cstring("before");
    zval_assign(&variable, zval_undef());
    assert_type(&variable, ZVAL_UNDEF);
    assert_int_equal(gc_memory_usage(false), 0);
}

static void assigning_to_no_variable_releases_the_value(void **state)
{
    (void)state;
    zval_assign(NULL, zval_cstring("nowhere"));
    zval_assign(NULL, checks_list(10));
    assert_int_equal(gc_memory_usage(false), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(plain_values_have_their_type_and_no_count),
        fixture_test(all_zero_bytes_are_the_undefined_value),
        fixture_test(null_pointers_are_undefined_values),
        fixture_test(plain_values_are_true_unless_they_are_nothing),
        fixture_test(doubles_are_true_unless_they_are_zero),
        fixture_test(strings_are_true_unless_empty_or_one_zero),
        fixture_test(arrays_are_true_unless_empty),
        fixture_test(objects_and_structs_are_true),
        fixture_test(integers_and_booleans_are_themselves_as_integers),
        fixture_test(doubles_are_cut_towards_zero),
        fixture_test(doubles_beyond_the_range_are_the_nearest_integer),
        fixture_test(all_else_is_0_as_an_integer),
        fixture_test(numbers_are_converted_to_doubles),
        fixture_test(all_else_is_0_as_a_double),
        fixture_test(a_copy_of_a_plain_value_is_equal),
        fixture_test(a_copy_of_a_counted_value_shares_it),
        fixture_test(a_released_variable_is_undefined),
        fixture_test(assigning_releases_what_was_there),
        fixture_test(a_variable_can_be_assigned_to_itself),
        fixture_test(the_undefined_value_is_assigned_like_any_other),
        fixture_test(assigning_to_no_variable_releases_the_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
