/*
 * Iterating over an array that changes meanwhile: the promises of
 * zval_array_next(), one by one and against a model.
 */
#include "checks.h"
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- without changes --------------------------------------------------------- */

static void an_empty_array_ends_at_once(void **state)
{
    (void)state;
    zval array = zval_array();
    struct zval_array_cursor cursor = {0};
    assert_false(zval_array_next(&array, &cursor, NULL, NULL));
    zval_release(&array);
}

static void keys_and_items_come_in_insertion_order(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_ok(zval_array_set(&array, "b", zval_int(1)));
    assert_ok(zval_array_push(&array, zval_int(2)));
    struct zval_array_cursor cursor = {0};
    zval key;
    const zval *item;
    assert_true(zval_array_next(&array, &cursor, &key, &item));
    assert_text(&key, "b");
    assert_int(item, 1);
    assert_ptr_equal(item, zval_array_get(&array, "b"));
    assert_true(zval_array_next(&array, &cursor, &key, &item));
    assert_int(&key, 0);
    assert_int(item, 2);
    assert_false(zval_array_next(&array, &cursor, &key, &item));
    zval_release(&array);
}

static void a_lent_key_is_not_counted(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_ok(zval_array_set(&array, "name", zval_int(1)));
    struct zval_array_cursor cursor = {0};
    zval key;
    assert_true(zval_array_next(&array, &cursor, &key, NULL));
    assert_int_equal(zval_refcount(&key), 1);
    zval_release(&array);
}

static void key_and_item_need_not_be_asked_for(void **state)
{
    (void)state;
    zval array = checks_list(3);
    struct zval_array_cursor cursor = {0};
    int count = 0;
    while (zval_array_next(&array, &cursor, NULL, NULL)) {
        count++;
    }
    assert_int_equal(count, 3);
    zval_release(&array);
}

static void the_end_leaves_key_and_item_unchanged(void **state)
{
    (void)state;
    zval array = checks_list(1);
    struct zval_array_cursor cursor = {0};
    zval key;
    const zval *item;
    assert_true(zval_array_next(&array, &cursor, &key, &item));
    const zval *last = item;
    assert_false(zval_array_next(&array, &cursor, &key, &item));
    assert_int(&key, 0);
    assert_ptr_equal(item, last);
    zval_release(&array);
}

static void an_iteration_looks_through_a_reference(void **state)
{
    (void)state;
    zval array = checks_list(2);
    zval handle = zval_reference(&array);
    struct zval_array_cursor cursor = {0};
    assert_true(zval_array_next(&handle, &cursor, NULL, NULL));
    assert_true(zval_array_next(&array, &cursor, NULL, NULL));
    assert_false(zval_array_next(&handle, &cursor, NULL, NULL));
    zval_release(&handle);
    zval_release(&array);
}

static void holes_are_passed_over(void **state)
{
    (void)state;
    zval array = checks_list(10);
    for (int i = 0; i < 10; i += 2) {
        assert_ok(zval_array_remove_at(&array, i));
    }
    struct zval_array_cursor cursor = {0};
    zval key;
    for (int i = 1; i < 10; i += 2) {
        assert_true(zval_array_next(&array, &cursor, &key, NULL));
        assert_int(&key, i);
    }
    assert_false(zval_array_next(&array, &cursor, &key, NULL));
    zval_release(&array);
}

/* ---- with changes, one by one ------------------------------------------------- */

/* What is still to come, like "1,2,0". */
static const char *rest_of(const zval *array, struct zval_array_cursor *cursor)
{
    static char text[256];
    zval key;
    size_t length = 0;
    text[0] = '\0';
    while (zval_array_next(array, cursor, &key, NULL) && length < sizeof text - 40) {
        const char *name = zval_string_bytes(&key, NULL);
        char number[24];
        snprintf(number, sizeof number, "%lld", (long long)zval_to_int(&key));
        length += (size_t)snprintf(text + length, 40, "%s%s", length == 0 ? "" : ",",
                                   name != NULL ? name : number);
    }
    return text;
}

static void an_element_added_is_visited(void **state)
{
    (void)state;
    zval array = checks_list(2);
    struct zval_array_cursor cursor = {0};
    zval_array_next(&array, &cursor, NULL, NULL);
    assert_ok(zval_array_set(&array, "added", zval_null()));
    assert_string_equal(rest_of(&array, &cursor), "1,added");
    zval_release(&array);
}

static void an_element_added_after_the_end_is_visited(void **state)
{
    (void)state;
    zval array = checks_list(2);
    struct zval_array_cursor cursor = {0};
    assert_string_equal(rest_of(&array, &cursor), "0,1");
    assert_ok(zval_array_push(&array, zval_null()));
    assert_string_equal(rest_of(&array, &cursor), "2");
    assert_ok(zval_array_set(&array, "x", zval_null()));
    assert_string_equal(rest_of(&array, &cursor), "x");
    zval_release(&array);
}

static void the_element_just_returned_may_be_removed(void **state)
{
    (void)state;
    zval array = checks_list(5);
    struct zval_array_cursor cursor = {0};
    zval key;
    int visited = 0;
    while (zval_array_next(&array, &cursor, &key, NULL)) {
        assert_int(&key, visited++);
        assert_ok(zval_array_remove_at(&array, zval_to_int(&key)));
    }
    assert_int_equal(visited, 5);
    assert_int_equal(zval_array_count(&array), 0);
    zval_release(&array);
}

static void an_element_removed_ahead_is_not_visited(void **state)
{
    (void)state;
    zval array = checks_list(4);
    struct zval_array_cursor cursor = {0};
    zval_array_next(&array, &cursor, NULL, NULL);
    assert_ok(zval_array_remove_at(&array, 1));
    assert_string_equal(rest_of(&array, &cursor), "2,3");
    zval_release(&array);
}

static void a_removed_element_added_again_is_visited_again(void **state)
{
    (void)state;
    zval array = checks_list(8);
    struct zval_array_cursor cursor = {0};
    zval_array_next(&array, &cursor, NULL, NULL);
    assert_ok(zval_array_remove_at(&array, 0));
    assert_ok(zval_array_set_at(&array, 0, zval_null()));
    assert_string_equal(rest_of(&array, &cursor), "1,2,3,4,5,6,7,0");
    zval_release(&array);
}

static void the_only_element_replaced_is_visited_again(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_ok(zval_array_set(&array, "x", zval_null()));
    struct zval_array_cursor cursor = {0};
    zval_array_next(&array, &cursor, NULL, NULL);
    assert_ok(zval_array_remove(&array, "x"));
    assert_ok(zval_array_set(&array, "x", zval_null()));
    assert_string_equal(rest_of(&array, &cursor), "x");
    zval_release(&array);
}

static void rebuilt_any_number_of_times_an_array_keeps_its_cursor(void **state)
{
    (void)state;
    static const int rounds[] = {1, 2, 255, 256, 65535, 65536, 65537};
    for (size_t i = 0; i < sizeof rounds / sizeof rounds[0]; i++) {
        zval array = checks_list(1);
        struct zval_array_cursor cursor = {0};
        zval key;
        zval_array_next(&array, &cursor, NULL, NULL);
        for (int j = 0; j < rounds[i]; j++) {
            assert_ok(zval_array_remove_at(&array, j));
            assert_ok(zval_array_push(&array, zval_null()));
        }
        assert_true(zval_array_next(&array, &cursor, &key, NULL));
        assert_int(&key, rounds[i]);
        assert_false(zval_array_next(&array, &cursor, &key, NULL));
        zval_release(&array);
    }
}

static void growing_into_another_form_disturbs_nothing(void **state)
{
    (void)state;
    zval array = checks_list(8);
    struct zval_array_cursor cursor = {0};
    for (int i = 0; i < 4; i++) {
        zval_array_next(&array, &cursor, NULL, NULL);
    }
    assert_ok(zval_array_remove_at(&array, 1));
    assert_ok(zval_array_set(&array, "x", zval_null()));
    assert_string_equal(rest_of(&array, &cursor), "4,5,6,7,x");
    zval_release(&array);
}

static void a_separation_leaves_the_cursor_where_it_was(void **state)
{
    (void)state;
    zval array = checks_list(6);
    assert_ok(zval_array_remove_at(&array, 0));
    assert_ok(zval_array_set(&array, "x", zval_null()));
    zval copy = zval_copy(&array);
    struct zval_array_cursor cursor = {0};
    zval_array_next(&array, &cursor, NULL, NULL);
    zval_array_next(&array, &cursor, NULL, NULL);
    assert_ok(zval_array_push(&array, zval_null()));
    assert_not_shared(&array, &copy);
    assert_string_equal(rest_of(&array, &cursor), "3,4,5,x,6");
    zval_release(&array);
    zval_release(&copy);
}

static void an_iteration_over_a_copy_is_not_disturbed_by_writes_to_the_original(void **state)
{
    (void)state;
    zval array = checks_list(5);
    zval copy = zval_copy(&array);
    struct zval_array_cursor cursor = {0};
    zval_array_next(&copy, &cursor, NULL, NULL);
    for (int i = 0; i < 5; i++) {
        assert_ok(zval_array_remove_at(&array, i));
    }
    assert_string_equal(rest_of(&copy, &cursor), "1,2,3,4");
    zval_release(&array);
    zval_release(&copy);
}

static void cursors_over_two_variables_that_share_an_array_are_apart(void **state)
{
    (void)state;
    zval first = checks_list(9);
    assert_ok(zval_array_set(&first, "x", zval_null()));
    assert_ok(zval_array_remove_at(&first, 0));
    zval second = zval_copy(&first);
    struct zval_array_cursor over_first = {0};
    struct zval_array_cursor over_second = {0};
    for (int i = 0; i < 3; i++) {
        zval_array_next(&first, &over_first, NULL, NULL);
        zval_array_next(&second, &over_second, NULL, NULL);
        zval_array_next(&second, &over_second, NULL, NULL);
    }
    assert_ok(zval_array_remove_at(&first, 3));
    assert_string_equal(rest_of(&first, &over_first), "4,5,6,7,8,x");
    assert_string_equal(rest_of(&second, &over_second), "7,8,x");
    zval_release(&first);
    zval_release(&second);
}

static void a_loop_within_a_loop_over_the_same_array(void **state)
{
    (void)state;
    zval array = checks_list(10);
    assert_ok(zval_array_set(&array, "x", zval_null()));
    struct zval_array_cursor outer = {0};
    int pairs = 0;
    while (zval_array_next(&array, &outer, NULL, NULL)) {
        struct zval_array_cursor inner = {0};
        while (zval_array_next(&array, &inner, NULL, NULL)) {
            pairs++;
        }
    }
    assert_int_equal(pairs, 121);
    zval_release(&array);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(an_empty_array_ends_at_once),
        fixture_test(keys_and_items_come_in_insertion_order),
        fixture_test(a_lent_key_is_not_counted),
        fixture_test(key_and_item_need_not_be_asked_for),
        fixture_test(the_end_leaves_key_and_item_unchanged),
        fixture_test(an_iteration_looks_through_a_reference),
        fixture_test(holes_are_passed_over),
        fixture_test(an_element_added_is_visited),
        fixture_test(an_element_added_after_the_end_is_visited),
        fixture_test(the_element_just_returned_may_be_removed),
        fixture_test(an_element_removed_ahead_is_not_visited),
        fixture_test(a_removed_element_added_again_is_visited_again),
        fixture_test(the_only_element_replaced_is_visited_again),
        fixture_test(rebuilt_any_number_of_times_an_array_keeps_its_cursor),
        fixture_test(growing_into_another_form_disturbs_nothing),
        fixture_test(a_separation_leaves_the_cursor_where_it_was),
        fixture_test(an_iteration_over_a_copy_is_not_disturbed_by_writes_to_the_original),
        fixture_test(cursors_over_two_variables_that_share_an_array_are_apart),
        fixture_test(a_loop_within_a_loop_over_the_same_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
