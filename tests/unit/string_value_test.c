/*
 * Strings as values.
 */
#include "checks.h"
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

static void a_string_holds_a_copy_of_its_bytes(void **state)
{
    (void)state;
    char bytes[] = "abc";
    zval text = zval_string(bytes, 3);
    bytes[0] = 'X';
    assert_text(&text, "abc");
    assert_int_equal(zval_refcount(&text), 1);
    zval_release(&text);
}

static void a_string_may_hold_any_bytes(void **state)
{
    (void)state;
    char bytes[256];
    for (int i = 0; i < 256; i++) {
        bytes[i] = (char)i;
    }
    zval text = zval_string(bytes, sizeof bytes);
    size_t length;
    assert_memory_equal(zval_string_bytes(&text, &length), bytes, sizeof bytes);
    assert_int_equal(length, sizeof bytes);
    zval_release(&text);
}

static void a_nul_stands_behind_the_bytes_in_memory_used_before(void **state)
{
    (void)state;
    char bytes[300];
    memset(bytes, 'x', sizeof bytes);
    for (size_t length = 0; length < 200; length++) {
        zval before = zval_string(bytes, length + 20);
        zval_release(&before);
        zval text = zval_string(bytes, length);
        assert_int_equal(zval_string_bytes(&text, NULL)[length], '\0');
        zval_release(&text);
    }
}

static void a_text_ends_at_its_nul(void **state)
{
    (void)state;
    zval text = zval_cstring("ab\0cd");
    assert_text(&text, "ab");
    zval_release(&text);
}

static void an_empty_string_is_a_string(void **state)
{
    (void)state;
    zval texts[] = {zval_string("", 0), zval_string(NULL, 0), zval_cstring("")};
    for (size_t i = 0; i < 3; i++) {
        assert_text(&texts[i], "");
        zval_release(&texts[i]);
    }
}

static void no_bytes_give_no_string(void **state)
{
    (void)state;
    zval text = zval_string(NULL, 1);
    assert_type(&text, ZVAL_UNDEF);
    text = zval_string(NULL, SIZE_MAX);
    assert_type(&text, ZVAL_UNDEF);
    text = zval_cstring(NULL);
    assert_type(&text, ZVAL_UNDEF);
    assert_int_equal(gc_memory_usage(false), 0);
}

static void a_length_that_no_memory_holds_gives_no_string(void **state)
{
    (void)state;
    static const size_t lengths[] = {
        SIZE_MAX,         SIZE_MAX - 8,          SIZE_MAX - 24,         SIZE_MAX - 25,
        SIZE_MAX - 65536, SIZE_MAX - 65536 - 25, SIZE_MAX - (4u << 20), SIZE_MAX / 2};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        zval text = zval_string("short", lengths[i]);
        assert_type(&text, ZVAL_UNDEF);
    }
    assert_int_equal(gc_memory_usage(false), 0);
}

static void without_memory_there_is_no_string(void **state)
{
    (void)state;
    gc_memory_fail_after(0);
    zval text = zval_cstring("text");
    assert_type(&text, ZVAL_UNDEF);
    assert_int_equal(gc_memory_fail_never(), 1);
}

static void a_copy_shares_the_bytes(void **state)
{
    (void)state;
    zval text = zval_cstring("text");
    zval copy = zval_copy(&text);
    assert_ptr_equal(zval_string_bytes(&text, NULL), zval_string_bytes(&copy, NULL));
    assert_int_equal(zval_refcount(&text), 2);
    zval_release(&text);
    assert_text(&copy, "text");
    assert_int_equal(zval_refcount(&copy), 1);
    zval_release(&copy);
    assert_int_equal(gc_memory_usage(false), 0);
}

static void two_strings_of_the_same_bytes_are_two(void **state)
{
    (void)state;
    zval first = zval_cstring("same");
    zval second = zval_cstring("same");
    assert_not_shared(&first, &second);
    zval_release(&first);
    assert_text(&second, "same");
    zval_release(&second);
}

static void bytes_are_found_through_a_reference(void **state)
{
    (void)state;
    zval text = zval_cstring("text");
    zval handle = zval_reference(&text);
    assert_text(&handle, "text");
    zval_release(&text);
    zval_release(&handle);
}

static void other_values_have_no_bytes(void **state)
{
    (void)state;
    zval values[] = {
        zval_undef(),     zval_null(),  zval_bool(true),   zval_int(5),
        zval_double(0.5), zval_array(), zval_object(NULL), zval_native(fixture_node_new(1))};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        size_t length = 77;
        assert_null(zval_string_bytes(&values[i], &length));
        assert_int_equal(length, 0);
        assert_null(zval_string_bytes(&values[i], NULL));
        zval_release(&values[i]);
    }
}

static void null_has_no_bytes(void **state)
{
    (void)state;
    size_t length = 77;
    assert_null(zval_string_bytes(NULL, &length));
    assert_int_equal(length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(a_string_holds_a_copy_of_its_bytes),
        fixture_test(a_string_may_hold_any_bytes),
        fixture_test(a_nul_stands_behind_the_bytes_in_memory_used_before),
        fixture_test(a_text_ends_at_its_nul),
        fixture_test(an_empty_string_is_a_string),
        fixture_test(no_bytes_give_no_string),
        fixture_test(a_length_that_no_memory_holds_gives_no_string),
        fixture_test(without_memory_there_is_no_string),
        fixture_test(a_copy_shares_the_bytes),
        fixture_test(two_strings_of_the_same_bytes_are_two),
        fixture_test(bytes_are_found_through_a_reference),
        fixture_test(other_values_have_no_bytes),
        fixture_test(null_has_no_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
