/*
 * What the header has inline is also a function of the library, with an address,
 * and both do the same. Everywhere else in the tests the inline form is used.
 */
#include "checks.h"
#include "fixture.h"

/* Read anew at each call, so that the compiler cannot know where they lead. */
static enum zval_type (*volatile type_of)(const zval *) = zval_type_of;
static bool (*volatile is_reference)(const zval *) = zval_is_reference;
static bool (*volatile to_bool)(const zval *) = zval_to_bool;
static int64_t (*volatile to_int)(const zval *) = zval_to_int;
static double (*volatile to_double)(const zval *) = zval_to_double;
static zval (*volatile copy_of)(const zval *) = zval_copy;
static void (*volatile release)(zval *) = zval_release;
static void (*volatile assign)(zval *, zval) = zval_assign;

static void assert_reads_alike(const zval *value)
{
    assert_int_equal(type_of(value), zval_type_of(value));
    assert_int_equal(is_reference(value), zval_is_reference(value));
    assert_int_equal(to_bool(value), zval_to_bool(value));
    assert_int_equal(to_int(value), zval_to_int(value));
    assert_true(to_double(value) == zval_to_double(value));
}

static void readings_agree(void **state)
{
    (void)state;
    zval values[] = {zval_undef(),      zval_null(),
                     zval_bool(true),   zval_int(-7),
                     zval_double(2.75), zval_cstring("text"),
                     checks_list(2),    zval_object(NULL),
                     zval_weakmap(),    zval_native(fixture_node_new(1))};
    assert_reads_alike(NULL);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_reads_alike(&values[i]);
        zval handle = zval_reference(&values[i]);
        assert_reads_alike(&handle);
        release(&handle);
        release(&values[i]);
        assert_type(&values[i], ZVAL_UNDEF);
    }
}

static void copies_and_releases_agree(void **state)
{
    (void)state;
    zval text = zval_cstring("text");
    zval handle = zval_reference(&text);
    zval inline_copy = zval_copy(&handle);
    zval copy = copy_of(&handle);
    assert_false(zval_is_reference(&copy));
    assert_shared(&copy, &inline_copy);
    assert_int_equal(zval_refcount(&text), 3);
    release(&copy);
    zval_release(&inline_copy);
    assert_int_equal(zval_refcount(&text), 1);
    release(&handle);
    release(&text);
    release(NULL);
}

static void assignments_agree(void **state)
{
    (void)state;
    zval list = checks_list(3);
    zval left = zval_cstring("left");
    zval right = zval_cstring("right");
    zval_assign(&left, zval_copy(&list));
    assign(&right, zval_copy(&list));
    assert_int_equal(zval_refcount(&list), 3);
    zval handle = zval_reference(&left);
    zval_assign(&handle, zval_int(1));
    assert_int(&left, 1);
    assign(&handle, zval_int(2));
    assert_int(&left, 2);
    assign(&right, zval_reference(&left));
    assert_false(zval_is_reference(&right));
    assert_int(&right, 2);
    zval_assign(&right, zval_reference(&left));
    assert_false(zval_is_reference(&right));
    assert_int_equal(zval_refcount(&list), 1);
    assign(NULL, zval_copy(&list));
    zval_assign(NULL, zval_copy(&list));
    assert_int_equal(zval_refcount(&list), 1);
    zval_release(&handle);
    zval_release(&left);
    zval_release(&list);
}

/* What an element is found by is in its place's link, which is no part of the value. */
static void an_assignment_leaves_the_link_of_its_place(void **state)
{
    (void)state;
    static const char *const keys[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    enum {
        COUNT = sizeof keys / sizeof keys[0]
    };
    zval map = zval_array();
    for (int i = 0; i < COUNT; i++) {
        zval *slot = zval_array_slot(&map, keys[i]);
        zval_assign(slot, zval_int(i));
        zval other = zval_copy(slot);
        assert_int_equal(other.link, 0);
    }
    for (int i = 0; i < COUNT; i++) {
        zval_assign(zval_array_slot(&map, keys[i]), zval_cstring(keys[i]));
        zval_release(zval_array_slot(&map, keys[COUNT - 1 - i]));
        zval_assign(zval_array_slot(&map, keys[COUNT - 1 - i]), zval_int(i));
    }
    assert_sound();
    for (int i = 0; i < COUNT; i++) {
        assert_non_null(zval_array_get(&map, keys[i]));
    }
    zval_release(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(readings_agree),
        fixture_test(copies_and_releases_agree),
        fixture_test(assignments_agree),
        fixture_test(an_assignment_leaves_the_link_of_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
