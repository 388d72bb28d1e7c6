/*
 * Arrays: elements under integer and string keys, in order.
 */
#include "checks.h"
#include "fixture.h"

#include "values/hash.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The keys in order, like "0,x,-5". */
static const char *keys_of(const zval *array)
{
    static char text[512];
    struct zval_array_cursor cursor = {0};
    zval key;
    size_t length = 0;
    text[0] = '\0';
    while (zval_array_next(array, &cursor, &key, NULL) && length < sizeof text - 40) {
        const char *name = zval_string_bytes(&key, NULL);
        const char *comma = length == 0 ? "" : ",";
        int written = name != NULL ? snprintf(text + length, 40, "%s%s", comma, name)
                                   : snprintf(text + length, 40, "%s%lld", comma,
                                              (long long)zval_to_int(&key));
        length += (size_t)written;
    }
    return text;
}

/* ---- pushing ------------------------------------------------------------------ */

static void a_new_array_is_empty(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_type(&array, ZVAL_ARRAY);
    assert_int_equal(zval_array_count(&array), 0);
    assert_int_equal(zval_refcount(&array), 1);
    assert_nodes(1);
    zval_release(&array);
}

static void pushed_items_get_the_next_integer_keys(void **state)
{
    (void)state;
    zval array = zval_array();
    for (int i = 0; i < 1000; i++) {
        assert_ok(zval_array_push(&array, zval_int(i * i)));
        assert_int_equal(zval_array_count(&array), i + 1);
    }
    for (int i = 0; i < 1000; i++) {
        assert_int(zval_array_get_at(&array, i), i * i);
    }
    zval_release(&array);
}

static void the_next_key_is_one_more_than_the_highest_ever(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_ok(zval_array_set_at(&array, 100, zval_null()));
    assert_ok(zval_array_push(&array, zval_null()));
    assert_ok(zval_array_set_at(&array, 50, zval_null()));
    assert_ok(zval_array_push(&array, zval_null()));
    assert_string_equal(keys_of(&array), "100,101,50,102");
    assert_ok(zval_array_remove_at(&array, 102));
    assert_ok(zval_array_push(&array, zval_null()));
    assert_string_equal(keys_of(&array), "100,101,50,103");
    zval_release(&array);
}

static void the_next_key_outlives_the_last_element(void **state)
{
    (void)state;
    zval array = checks_list(3);
    for (int i = 0; i < 3; i++) {
        assert_ok(zval_array_remove_at(&array, i));
    }
    assert_int_equal(zval_array_count(&array), 0);
    assert_ok(zval_array_push(&array, zval_int(3)));
    assert_string_equal(keys_of(&array), "3");
    zval_release(&array);
}

static void after_negative_keys_the_next_key_is_0(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_ok(zval_array_set_at(&array, -5, zval_null()));
    assert_ok(zval_array_set_at(&array, INT64_MIN, zval_null()));
    assert_ok(zval_array_push(&array, zval_null()));
    assert_string_equal(keys_of(&array), "-5,-9223372036854775808,0");
    zval_release(&array);
}

static void string_keys_do_not_change_the_next_key(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_ok(zval_array_set(&array, "7", zval_null()));
    assert_ok(zval_array_push(&array, zval_null()));
    assert_string_equal(keys_of(&array), "7,0");
    zval_release(&array);
}

static void the_highest_key_can_be_taken_once_and_nothing_pushed_behind(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_ok(zval_array_set_at(&array, INT64_MAX - 1, zval_int(1)));
    assert_ok(zval_array_push(&array, zval_int(2)));
    assert_int(zval_array_get_at(&array, INT64_MAX), 2);
    char *before = checks_dump_of(&array);
    assert_result(GC_ERANGE, zval_array_push(&array, zval_cstring("gone")));
    assert_dump(&array, before);
    free(before);
    assert_ok(zval_array_set_at(&array, INT64_MAX, zval_int(3)));
    assert_ok(zval_array_set_at(&array, 5, zval_int(4)));
    assert_result(GC_ERANGE, zval_array_push(&array, zval_null()));
    zval_release(&array);
}

/* ---- keys ---------------------------------------------------------------------- */

static void an_element_is_found_under_the_key_it_was_set_at(void **state)
{
    (void)state;
    static const int64_t keys[] = {0, 1, -1, 7, 1000000, INT64_MAX, INT64_MIN, INT64_MIN + 1};
    zval array = zval_array();
    for (size_t i = 0; i < 8; i++) {
        assert_ok(zval_array_set_at(&array, keys[i], zval_int((int)i)));
    }
    for (size_t i = 0; i < 8; i++) {
        assert_int(zval_array_get_at(&array, keys[i]), (int)i);
    }
    assert_null(zval_array_get_at(&array, 2));
    assert_int_equal(zval_array_count(&array), 8);
    zval_release(&array);
}

static void a_number_as_text_and_the_number_are_two_keys(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_ok(zval_array_set(&array, "7", zval_int(1)));
    assert_ok(zval_array_set_at(&array, 7, zval_int(2)));
    assert_int(zval_array_get(&array, "7"), 1);
    assert_int(zval_array_get_at(&array, 7), 2);
    assert_int_equal(zval_array_count(&array), 2);
    zval_release(&array);
}

/* A name whose hash as an integer key falls into the same of eight chains. */
static int64_t find_collision(char name[32])
{
    uint64_t hash;
    int i = 0;
    do {
        snprintf(name, 32, "name %d", i++);
        hash = rc__hash_bytes(name, strlen(name));
    } while ((hash & 7) != (rc__hash_integer((int64_t)hash) & 7));
    return (int64_t)hash;
}

static void a_string_and_the_integer_that_is_its_hash_are_two_keys(void **state)
{
    (void)state;
    zval array = zval_array();
    char name[32];
    int64_t hash = find_collision(name);
    assert_ok(zval_array_set(&array, name, zval_int(1)));
    assert_null(zval_array_get_at(&array, hash));
    assert_ok(zval_array_set_at(&array, hash, zval_int(2)));
    assert_int(zval_array_get(&array, name), 1);
    assert_int(zval_array_get_at(&array, hash), 2);
    assert_ok(zval_array_remove(&array, name));
    assert_int(zval_array_get_at(&array, hash), 2);
    zval_release(&array);
}

static void the_empty_string_is_a_key(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_null(zval_array_get(&array, ""));
    assert_ok(zval_array_set(&array, "", zval_int(1)));
    assert_int(zval_array_get(&array, ""), 1);
    assert_int(zval_array_get_bytes(&array, "", 0), 1);
    assert_int(zval_array_get_bytes(&array, NULL, 0), 1);
    assert_null(zval_array_get_bytes(&array, "\0", 1));
    assert_ok(zval_array_remove_bytes(&array, NULL, 0));
    assert_int_equal(zval_array_count(&array), 0);
    zval_release(&array);
}

static void a_key_may_hold_nuls(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_ok(zval_array_set_bytes(&array, "a\0b", 3, zval_int(1)));
    assert_ok(zval_array_set_bytes(&array, "a\0c", 3, zval_int(2)));
    assert_ok(zval_array_set(&array, "a", zval_int(3)));
    assert_int(zval_array_get_bytes(&array, "a\0b", 3), 1);
    assert_int(zval_array_get_bytes(&array, "a\0c", 3), 2);
    assert_int(zval_array_get(&array, "a"), 3);
    assert_null(zval_array_get_bytes(&array, "a\0", 2));
    assert_ok(zval_array_remove_bytes(&array, "a\0b", 3));
    assert_null(zval_array_get_bytes(&array, "a\0b", 3));
    assert_int_equal(zval_array_count(&array), 2);
    zval_release(&array);
}

static void an_iteration_gives_all_bytes_of_a_key(void **state)
{
    (void)state;
    zval array = zval_array();
    struct zval_array_cursor cursor = {0};
    zval key;
    size_t length;
    assert_ok(zval_array_set_bytes(&array, "a\0b", 3, zval_int(1)));
    assert_true(zval_array_next(&array, &cursor, &key, NULL));
    assert_memory_equal(zval_string_bytes(&key, &length), "a\0b", 4);
    assert_int_equal(length, 3);
    zval_release(&array);
}

static void many_keys_of_all_lengths_are_told_apart(void **state)
{
    (void)state;
    zval array = zval_array();
    char bytes[300];
    memset(bytes, 'k', sizeof bytes);
    for (size_t length = 0; length < sizeof bytes; length++) {
        assert_ok(zval_array_set_bytes(&array, bytes, length, zval_int((int)length)));
    }
    for (size_t length = 0; length < sizeof bytes; length++) {
        assert_int(zval_array_get_bytes(&array, bytes, length), (int)length);
    }
    assert_sound();
    zval_release(&array);
}

/* ---- setting ---------------------------------------------------------------------- */

static void setting_again_overwrites_in_place(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_ok(zval_array_set(&array, "x", zval_cstring("old")));
    assert_ok(zval_array_set(&array, "y", zval_int(2)));
    assert_ok(zval_array_set(&array, "x", zval_int(1)));
    assert_int(zval_array_get(&array, "x"), 1);
    assert_string_equal(keys_of(&array), "x,y");
    zval_release(&array);
}

static void insertion_order_is_kept_in_every_form(void **state)
{
    (void)state;
    zval array = checks_list(3);
    assert_ok(zval_array_set(&array, "b", zval_null()));
    assert_ok(zval_array_set_at(&array, -1, zval_null()));
    assert_ok(zval_array_set(&array, "a", zval_null()));
    assert_ok(zval_array_push(&array, zval_null()));
    assert_string_equal(keys_of(&array), "0,1,2,b,-1,a,3");
    zval_release(&array);
}

static void a_removed_key_set_again_comes_last(void **state)
{
    (void)state;
    zval array = checks_list(3);
    assert_ok(zval_array_remove_at(&array, 1));
    assert_ok(zval_array_set_at(&array, 1, zval_null()));
    assert_string_equal(keys_of(&array), "0,2,1");
    zval_release(&array);
}

static void a_list_that_begins_at_the_end_keeps_its_order(void **state)
{
    (void)state;
    zval array = zval_array();
    for (int i = 9; i >= 0; i--) {
        assert_ok(zval_array_set_at(&array, i, zval_int(i)));
    }
    assert_string_equal(keys_of(&array), "9,8,7,6,5,4,3,2,1,0");
    zval_release(&array);
}

static void an_array_grows_in_both_forms(void **state)
{
    (void)state;
    zval packed = zval_array();
    zval hashed = zval_array();
    for (int i = 0; i < 20000; i++) {
        char key[32];
        snprintf(key, sizeof key, "%d", i);
        assert_ok(zval_array_push(&packed, zval_int(i)));
        assert_ok(zval_array_set(&hashed, key, zval_int(i)));
    }
    for (int i = 0; i < 20000; i++) {
        char key[32];
        snprintf(key, sizeof key, "%d", i);
        assert_int(zval_array_get_at(&packed, i), i);
        assert_int(zval_array_get(&hashed, key), i);
    }
    assert_sound();
    zval_release(&packed);
    zval_release(&hashed);
}

static void an_array_shrinks_and_grows_again(void **state)
{
    (void)state;
    zval array = zval_array();
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 3000; i++) {
            assert_ok(zval_array_set_at(&array, i * 3, zval_int(i)));
        }
        for (int i = 0; i < 3000; i++) {
            assert_ok(zval_array_remove_at(&array, i * 3));
        }
        assert_int_equal(zval_array_count(&array), 0);
    }
    assert_sound();
    zval_release(&array);
}

static void an_array_may_be_put_into_itself_as_it_was(void **state)
{
    (void)state;
    zval array = checks_list(2);
    assert_ok(zval_array_push(&array, zval_copy(&array)));
    assert_int_equal(zval_array_count(&array), 3);
    assert_int_equal(zval_array_count(zval_array_get_at(&array, 2)), 2);
    zval_release(&array);
    assert_nodes(0);
}

/* ---- removing ----------------------------------------------------------------------- */

static void a_removed_element_is_gone(void **state)
{
    (void)state;
    zval array = checks_list(3);
    assert_ok(zval_array_set(&array, "x", zval_cstring("text")));
    assert_ok(zval_array_remove(&array, "x"));
    assert_null(zval_array_get(&array, "x"));
    assert_ok(zval_array_remove_at(&array, 1));
    assert_null(zval_array_get_at(&array, 1));
    assert_string_equal(keys_of(&array), "0,2");
    assert_int_equal(zval_array_count(&array), 2);
    zval_release(&array);
}

static void what_is_not_there_cannot_be_removed(void **state)
{
    (void)state;
    zval array = checks_list(2);
    assert_result(GC_ENOKEY, zval_array_remove_at(&array, 2));
    assert_result(GC_ENOKEY, zval_array_remove_at(&array, -1));
    assert_result(GC_ENOKEY, zval_array_remove(&array, "0"));
    assert_ok(zval_array_remove_at(&array, 0));
    assert_result(GC_ENOKEY, zval_array_remove_at(&array, 0));
    assert_result(GC_ENOKEY, zval_array_remove_bytes(&array, "a\0b", 3));
    assert_int_equal(zval_array_count(&array), 1);
    zval_release(&array);
}

/* ---- slots ------------------------------------------------------------------------------ */

static void a_slot_is_made_null_if_it_is_missing(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_type(zval_array_slot(&array, "x"), ZVAL_NULL);
    assert_type(zval_array_slot_at(&array, 5), ZVAL_NULL);
    assert_type(zval_array_slot_bytes(&array, "a\0b", 3), ZVAL_NULL);
    assert_int_equal(zval_array_count(&array), 3);
    zval_release(&array);
}

static void a_slot_is_the_element_itself(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_ok(zval_array_set(&array, "x", zval_int(1)));
    zval *slot = zval_array_slot(&array, "x");
    assert_int(slot, 1);
    zval_assign(slot, zval_cstring("written"));
    assert_text(zval_array_get(&array, "x"), "written");
    zval_release(&array);
}

static void arrays_are_nested_by_slots(void **state)
{
    (void)state;
    zval array = zval_array();
    zval *inner = zval_array_slot(&array, "inner");
    zval_assign(inner, zval_array());
    assert_ok(zval_array_push(inner, zval_int(1)));
    assert_ok(zval_array_push(zval_array_slot(&array, "inner"), zval_int(2)));
    assert_int_equal(zval_array_count(zval_array_get(&array, "inner")), 2);
    zval_release(&array);
}

static void a_cycle_made_through_a_slot_is_found(void **state)
{
    (void)state;
    zval array = zval_array();
    zval handle = zval_reference(&array);
    zval_assign(zval_array_slot(&array, "self"), zval_null());
    assert_ok(zval_array_set(&array, "self", handle));
    zval_release(&array);
    assert_int_equal(gc_collect_cycles(), 1);
}

static void an_undefined_value_in_a_slot_stays_an_element(void **state)
{
    (void)state;
    zval array = zval_array();
    zval_assign(zval_array_slot(&array, "k"), zval_undef());
    assert_sound();
    assert_int_equal(zval_array_count(&array), 1);
    assert_string_equal(keys_of(&array), "k");
    assert_type(zval_array_get(&array, "k"), ZVAL_UNDEF);
    for (int i = 0; i < 100; i++) {
        assert_ok(zval_array_push(&array, zval_int(i)));
    }
    assert_int_equal(zval_array_count(&array), 101);
    assert_sound();
    assert_ok(zval_array_remove(&array, "k"));
    assert_int_equal(zval_array_count(&array), 100);
    zval_release(&array);
}

static void a_released_slot_stays_an_element_of_a_list(void **state)
{
    (void)state;
    zval array = checks_list(20);
    zval_release(zval_array_slot_at(&array, 3));
    assert_sound();
    zval copy = zval_copy(&array);
    assert_ok(zval_array_push(&copy, zval_int(20)));
    assert_int_equal(zval_array_count(&copy), 21);
    assert_type(zval_array_get_at(&copy, 3), ZVAL_UNDEF);
    assert_ok(zval_array_set_at(&copy, 3, zval_int(3)));
    assert_int(zval_array_get_at(&copy, 3), 3);
    assert_sound();
    zval_release(&array);
    zval_release(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(a_new_array_is_empty),
        fixture_test(pushed_items_get_the_next_integer_keys),
        fixture_test(the_next_key_is_one_more_than_the_highest_ever),
        fixture_test(the_next_key_outlives_the_last_element),
        fixture_test(after_negative_keys_the_next_key_is_0),
        fixture_test(string_keys_do_not_change_the_next_key),
        fixture_test(the_highest_key_can_be_taken_once_and_nothing_pushed_behind),
        fixture_test(an_element_is_found_under_the_key_it_was_set_at),
        fixture_test(a_number_as_text_and_the_number_are_two_keys),
        fixture_test(a_string_and_the_integer_that_is_its_hash_are_two_keys),
        fixture_test(the_empty_string_is_a_key),
        fixture_test(a_key_may_hold_nuls),
        fixture_test(an_iteration_gives_all_bytes_of_a_key),
        fixture_test(many_keys_of_all_lengths_are_told_apart),
        fixture_test(setting_again_overwrites_in_place),
        fixture_test(insertion_order_is_kept_in_every_form),
        fixture_test(a_removed_key_set_again_comes_last),
        fixture_test(a_list_that_begins_at_the_end_keeps_its_order),
        fixture_test(an_array_grows_in_both_forms),
        fixture_test(an_array_shrinks_and_grows_again),
        fixture_test(an_array_may_be_put_into_itself_as_it_was),
        fixture_test(a_removed_element_is_gone),
        fixture_test(what_is_not_there_cannot_be_removed),
        fixture_test(a_slot_is_made_null_if_it_is_missing),
        fixture_test(a_slot_is_the_element_itself),
        fixture_test(arrays_are_nested_by_slots),
        fixture_test(a_cycle_made_through_a_slot_is_found),
        fixture_test(an_undefined_value_in_a_slot_stays_an_element),
        fixture_test(a_released_slot_stays_an_element_of_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
