/*
 * zval_identical(): PHP's `===`, on nested and cyclic values too.
 */
#include "checks.h"
#include "fixture.h"

#include "values/hash.h"
#include <math.h>

/* Both ways round, and releases both. */
static void assert_identical(zval left, zval right, bool expected)
{
    assert_int_equal(zval_identical(&left, &right), expected);
    assert_int_equal(zval_identical(&right, &left), expected);
    zval_release(&left);
    zval_release(&right);
}

/* ---- plain values and strings --------------------------------------------------- */

static void plain_values_of_one_type_are_compared(void **state)
{
    (void)state;
    assert_identical(zval_undef(), zval_undef(), true);
    assert_identical(zval_null(), zval_null(), true);
    assert_identical(zval_bool(true), zval_bool(true), true);
    assert_identical(zval_bool(true), zval_bool(false), false);
    assert_identical(zval_int(INT64_MIN), zval_int(INT64_MIN), true);
    assert_identical(zval_int(1), zval_int((int64_t)1 << 32 | 1), false);
}

static void values_of_different_types_are_never_identical(void **state)
{
    (void)state;
    zval values[] = {zval_undef(),      zval_null(),    zval_bool(false),
                     zval_int(0),       zval_double(0), zval_cstring(""),
                     zval_cstring("0"), zval_array(),   zval_object(NULL)};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_false(zval_identical(&values[i], &values[j]));
        }
        assert_true(zval_identical(&values[i], &values[i]));
        zval_release(&values[i]);
    }
}

static void doubles_are_compared_as_numbers(void **state)
{
    (void)state;
    assert_identical(zval_double(1.5), zval_double(1.5), true);
    assert_identical(zval_double(0.0), zval_double(-0.0), true);
    assert_identical(zval_double(INFINITY), zval_double(-INFINITY), false);
    assert_identical(zval_double(NAN), zval_double(NAN), false);
}

static void strings_are_compared_by_their_bytes(void **state)
{
    (void)state;
    assert_identical(zval_cstring("abc"), zval_cstring("abc"), true);
    assert_identical(zval_cstring("abc"), zval_cstring("abd"), false);
    assert_identical(zval_cstring("abc"), zval_cstring("ab"), false);
    assert_identical(zval_string("a\0b", 3), zval_string("a\0b", 3), true);
    assert_identical(zval_string("a\0b", 3), zval_string("a\0c", 3), false);
    assert_identical(zval_cstring(""), zval_string(NULL, 0), true);
}

static void null_is_identical_to_null_only(void **state)
{
    (void)state;
    const zval undefined = zval_undef();
    assert_true(zval_identical(NULL, NULL));
    assert_false(zval_identical(NULL, &undefined));
    assert_false(zval_identical(&undefined, NULL));
}

static void a_reference_is_looked_through(void **state)
{
    (void)state;
    zval first = zval_cstring("text");
    zval handle = zval_reference(&first);
    zval second = zval_cstring("text");
    assert_true(zval_identical(&handle, &second));
    assert_true(zval_identical(&handle, &first));
    zval_release(&handle);
    zval_release(&first);
    zval_release(&second);
}

/* ---- arrays ------------------------------------------------------------------------ */

static void arrays_of_identical_items_in_the_same_order_are_identical(void **state)
{
    (void)state;
    assert_identical(zval_array(), zval_array(), true);
    assert_identical(checks_list(10), checks_list(10), true);
    assert_identical(checks_list(10), checks_list(9), false);
}

static void a_shared_array_is_identical_to_itself(void **state)
{
    (void)state;
    zval array = checks_list(3);
    assert_identical(zval_copy(&array), zval_copy(&array), true);
    zval_release(&array);
}

static void arrays_with_other_keys_differ(void **state)
{
    (void)state;
    zval first = zval_array();
    zval second = zval_array();
    assert_ok(zval_array_set(&first, "0", zval_int(1)));
    assert_ok(zval_array_set_at(&second, 0, zval_int(1)));
    assert_false(zval_identical(&first, &second));
    assert_ok(zval_array_remove_at(&second, 0));
    assert_ok(zval_array_set(&second, "00", zval_int(1)));
    assert_identical(first, second, false);
}

static void a_string_key_differs_from_the_integer_that_is_its_hash(void **state)
{
    (void)state;
    zval first = zval_array();
    zval second = zval_array();
    assert_ok(zval_array_set(&first, "name", zval_int(1)));
    assert_ok(zval_array_set_at(&second, (int64_t)rc__hash_bytes("name", 4), zval_int(1)));
    assert_identical(first, second, false);
}

static void arrays_in_another_order_differ(void **state)
{
    (void)state;
    zval first = zval_array();
    zval second = zval_array();
    assert_ok(zval_array_set(&first, "a", zval_int(1)));
    assert_ok(zval_array_set(&first, "b", zval_int(1)));
    assert_ok(zval_array_set(&second, "b", zval_int(1)));
    assert_ok(zval_array_set(&second, "a", zval_int(1)));
    assert_identical(first, second, false);
}

static void the_form_and_the_holes_of_an_array_do_not_matter(void **state)
{
    (void)state;
    zval packed = checks_list(5);
    zval hashed = zval_array();
    assert_ok(zval_array_set(&hashed, "x", zval_null()));
    for (int i = 0; i < 5; i++) {
        assert_ok(zval_array_push(&hashed, zval_int(i)));
    }
    assert_ok(zval_array_remove(&hashed, "x"));
    assert_true(zval_identical(&packed, &hashed));
    assert_ok(zval_array_remove_at(&packed, 2));
    assert_false(zval_identical(&packed, &hashed));
    assert_ok(zval_array_remove_at(&hashed, 2));
    assert_identical(packed, hashed, true);
}

static void a_reference_in_an_array_is_looked_through(void **state)
{
    (void)state;
    zval number = zval_int(0);
    zval first = zval_array();
    assert_ok(zval_array_push(&first, zval_reference(&number)));
    assert_identical(first, checks_list(1), true);
    zval_release(&number);
}

static void not_a_number_in_two_arrays_differs(void **state)
{
    (void)state;
    zval first = zval_array();
    zval second = zval_array();
    assert_ok(zval_array_push(&first, zval_double(NAN)));
    assert_ok(zval_array_push(&second, zval_double(NAN)));
    assert_identical(first, second, false);
}

static zval nest(zval innermost, int depth)
{
    for (int i = 0; i < depth; i++) {
        zval outer = zval_array();
        (void)zval_array_push(&outer, zval_int(i));
        (void)zval_array_set(&outer, "inner", innermost);
        innermost = outer;
    }
    return innermost;
}

static void nested_arrays_are_compared_to_the_bottom(void **state)
{
    (void)state;
    assert_identical(nest(zval_cstring("same"), 50), nest(zval_cstring("same"), 50), true);
    assert_identical(nest(zval_cstring("same"), 50), nest(zval_cstring("other"), 50), false);
    assert_identical(nest(zval_null(), 50), nest(zval_null(), 51), false);
}

/* 2^40 paths lead to the bottom; each pair of arrays is compared once. */
static void arrays_shared_in_many_places_are_compared_once(void **state)
{
    (void)state;
    zval towers[2] = {zval_array(), zval_array()};
    for (size_t i = 0; i < 2; i++) {
        for (int level = 0; level < 40; level++) {
            zval outer = zval_array();
            (void)zval_array_push(&outer, zval_copy(&towers[i]));
            (void)zval_array_push(&outer, towers[i]);
            towers[i] = outer;
        }
    }
    assert_identical(towers[0], towers[1], true);
}

/* ---- objects and structs ------------------------------------------------------------- */

static void an_object_is_identical_to_itself_only(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval handle = zval_copy(&object);
    zval other = zval_object(NULL);
    assert_true(zval_identical(&object, &handle));
    assert_false(zval_identical(&object, &other));
    zval_release(&object);
    zval_release(&handle);
    zval_release(&other);
}

static void a_struct_is_identical_to_itself_only(void **state)
{
    (void)state;
    zval first = zval_native(fixture_node_new(1));
    zval handle = zval_copy(&first);
    zval other = zval_native(fixture_node_new(1));
    assert_true(zval_identical(&first, &handle));
    assert_false(zval_identical(&first, &other));
    zval_release(&first);
    zval_release(&handle);
    zval_release(&other);
}

/* ---- cycles --------------------------------------------------------------------------- */

/* An array that contains itself behind `period` - 1 others, and `item` in each. */
static zval endless(int period, int item)
{
    zval array = zval_array();
    zval *place = &array;
    for (int i = 0; i < period; i++) {
        (void)zval_array_push(place, zval_int(item));
        if (i < period - 1) {
            place = zval_array_slot(place, "next");
            zval_assign(place, zval_array());
        }
    }
    (void)zval_array_set(place, "next", zval_reference(&array));
    return array;
}

static void endless_arrays_are_identical_if_no_walk_finds_a_difference(void **state)
{
    (void)state;
    assert_identical(endless(1, 5), endless(1, 5), true);
    assert_identical(endless(1, 5), endless(1, 6), false);
    assert_identical(endless(3, 5), endless(3, 5), true);
    gc_collect_cycles();
}

static void endless_arrays_of_different_periods_may_be_identical(void **state)
{
    (void)state;
    assert_identical(endless(1, 5), endless(2, 5), true);
    assert_identical(endless(2, 5), endless(3, 5), true);
    gc_collect_cycles();
}

static void an_endless_array_differs_from_one_that_ends(void **state)
{
    (void)state;
    zval finite = zval_array();
    assert_ok(zval_array_push(&finite, zval_int(5)));
    assert_ok(zval_array_set(&finite, "next", zval_null()));
    assert_identical(endless(1, 5), finite, false);
    gc_collect_cycles();
}

static void a_difference_behind_a_cycle_is_found(void **state)
{
    (void)state;
    zval first = endless(2, 5);
    zval second = endless(2, 5);
    assert_ok(zval_array_set(&first, "behind", zval_int(1)));
    assert_ok(zval_array_set(&second, "behind", zval_int(2)));
    assert_identical(first, second, false);
    gc_collect_cycles();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(plain_values_of_one_type_are_compared),
        fixture_test(values_of_different_types_are_never_identical),
        fixture_test(doubles_are_compared_as_numbers),
        fixture_test(strings_are_compared_by_their_bytes),
        fixture_test(null_is_identical_to_null_only),
        fixture_test(a_reference_is_looked_through),
        fixture_test(arrays_of_identical_items_in_the_same_order_are_identical),
        fixture_test(a_shared_array_is_identical_to_itself),
        fixture_test(arrays_with_other_keys_differ),
        fixture_test(a_string_key_differs_from_the_integer_that_is_its_hash),
        fixture_test(arrays_in_another_order_differ),
        fixture_test(the_form_and_the_holes_of_an_array_do_not_matter),
        fixture_test(a_reference_in_an_array_is_looked_through),
        fixture_test(not_a_number_in_two_arrays_differs),
        fixture_test(nested_arrays_are_compared_to_the_bottom),
        fixture_test(arrays_shared_in_many_places_are_compared_once),
        fixture_test(an_object_is_identical_to_itself_only),
        fixture_test(a_struct_is_identical_to_itself_only),
        fixture_test(endless_arrays_are_identical_if_no_walk_finds_a_difference),
        fixture_test(endless_arrays_of_different_periods_may_be_identical),
        fixture_test(an_endless_array_differs_from_one_that_ends),
        fixture_test(a_difference_behind_a_cycle_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
