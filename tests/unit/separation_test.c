/*
 * Copy-on-write: arrays are values, shared until somebody writes.
 */
#include "checks.h"
#include "fixture.h"

#include <stdlib.h>

/* ---- one level ----------------------------------------------------------------- */

static void a_copy_shares_until_it_is_written_to(void **state)
{
    (void)state;
    zval first = checks_list(3);
    zval second = zval_copy(&first);
    assert_shared(&first, &second);
    assert_int_equal(zval_refcount(&first), 2);
    assert_nodes(1);
    assert_ok(zval_array_push(&second, zval_int(3)));
    assert_not_shared(&first, &second);
    assert_int_equal(zval_refcount(&first), 1);
    assert_int_equal(zval_refcount(&second), 1);
    assert_int_equal(zval_array_count(&first), 3);
    assert_int_equal(zval_array_count(&second), 4);
    zval_release(&first);
    zval_release(&second);
}

static void an_array_of_one_owner_is_written_in_place(void **state)
{
    (void)state;
    zval array = checks_list(3);
    const void *before = array.payload.counted;
    assert_ok(zval_array_push(&array, zval_int(3)));
    assert_ok(zval_array_set(&array, "x", zval_int(4)));
    assert_ptr_equal(array.payload.counted, before);
    zval_release(&array);
}

static void reading_does_not_separate(void **state)
{
    (void)state;
    zval first = checks_list(3);
    zval second = zval_copy(&first);
    struct zval_array_cursor cursor = {0};
    while (zval_array_next(&second, &cursor, NULL, NULL)) {
    }
    assert_int(zval_array_get_at(&second, 1), 1);
    assert_true(zval_identical(&first, &second));
    assert_shared(&first, &second);
    zval_release(&first);
    zval_release(&second);
}

/* Writes to a copy by `write` and sees the original unchanged. */
static void assert_separates(void (*write)(zval *array))
{
    zval first = checks_list(3);
    assert_ok(zval_array_set(&first, "name", zval_cstring("before")));
    char *before = checks_dump_of(&first);
    zval second = zval_copy(&first);
    write(&second);
    assert_not_shared(&first, &second);
    zval_release(&second);
    assert_dump(&first, before);
    free(before);
    zval_release(&first);
}

static void write_push(zval *array)
{
    assert_ok(zval_array_push(array, zval_int(1)));
}

static void write_set(zval *array)
{
    assert_ok(zval_array_set(array, "name", zval_cstring("after")));
}

static void write_set_at(zval *array)
{
    assert_ok(zval_array_set_at(array, 1, zval_cstring("after")));
}

static void write_slot(zval *array)
{
    zval_assign(zval_array_slot(array, "name"), zval_cstring("after"));
}

static void write_slot_at(zval *array)
{
    zval_release(zval_array_slot_at(array, 0));
}

static void write_new_slot(zval *array)
{
    assert_non_null(zval_array_slot_bytes(array, "n\0w", 3));
}

static void write_remove(zval *array)
{
    assert_ok(zval_array_remove(array, "name"));
}

static void write_remove_at(zval *array)
{
    assert_ok(zval_array_remove_at(array, 2));
}

static void every_kind_of_write_separates(void **state)
{
    (void)state;
    static void (*const writes[])(zval *) = {write_push,   write_set,      write_set_at,
                                             write_slot,   write_slot_at,  write_new_slot,
                                             write_remove, write_remove_at};
    for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
        assert_separates(writes[i]);
    }
}

static void a_separated_array_shares_its_items(void **state)
{
    (void)state;
    zval first = zval_array();
    assert_ok(zval_array_push(&first, zval_cstring("text")));
    assert_ok(zval_array_push(&first, zval_object(NULL)));
    assert_ok(zval_array_set(&first, "inner", checks_list(2)));
    zval second = zval_copy(&first);
    assert_ok(zval_array_push(&second, zval_null()));
    assert_shared(zval_array_get_at(&first, 0), zval_array_get_at(&second, 0));
    assert_shared(zval_array_get_at(&first, 1), zval_array_get_at(&second, 1));
    assert_shared(zval_array_get(&first, "inner"), zval_array_get(&second, "inner"));
    assert_int_equal(zval_refcount(zval_array_get_at(&first, 0)), 2);
    zval_release(&first);
    zval_release(&second);
}

static void a_separated_array_has_the_same_next_key(void **state)
{
    (void)state;
    zval first = zval_array();
    assert_ok(zval_array_set_at(&first, 9, zval_null()));
    assert_ok(zval_array_remove_at(&first, 9));
    zval second = zval_copy(&first);
    assert_ok(zval_array_push(&second, zval_int(1)));
    assert_int(zval_array_get_at(&second, 10), 1);
    zval_release(&first);
    zval_release(&second);
}

static void a_separated_array_with_holes_keeps_keys_and_order(void **state)
{
    (void)state;
    for (int hashed = 0; hashed < 2; hashed++) {
        zval first = checks_list(20);
        if (hashed) {
            assert_ok(zval_array_set(&first, "x", zval_null()));
        }
        for (int i = 0; i < 20; i += 3) {
            assert_ok(zval_array_remove_at(&first, i));
        }
        zval second = zval_copy(&first);
        assert_ok(zval_array_push(&second, zval_null()));
        assert_ok(zval_array_remove_at(&second, 20));
        assert_true(zval_identical(&first, &second));
        assert_not_shared(&first, &second);
        zval_release(&first);
        zval_release(&second);
    }
}

static void three_owners_separate_one_by_one(void **state)
{
    (void)state;
    zval owners[3] = {checks_list(1)};
    owners[1] = zval_copy(&owners[0]);
    owners[2] = zval_copy(&owners[0]);
    assert_ok(zval_array_push(&owners[0], zval_cstring("0")));
    assert_int_equal(zval_refcount(&owners[1]), 2);
    assert_ok(zval_array_push(&owners[1], zval_cstring("1")));
    assert_int_equal(zval_refcount(&owners[2]), 1);
    assert_ok(zval_array_push(&owners[2], zval_cstring("2")));
    assert_text(zval_array_get_at(&owners[0], 1), "0");
    assert_text(zval_array_get_at(&owners[1], 1), "1");
    assert_text(zval_array_get_at(&owners[2], 1), "2");
    for (int i = 0; i < 3; i++) {
        zval_release(&owners[i]);
    }
}

/* ---- nested --------------------------------------------------------------------- */

/* {"a": {"b": {"c": 1}}} */
static zval nested(void)
{
    zval array = zval_array();
    zval *place = &array;
    static const char *const keys[] = {"a", "b"};
    for (size_t i = 0; i < 2; i++) {
        place = zval_array_slot(place, keys[i]);
        zval_assign(place, zval_array());
    }
    assert_ok(zval_array_set(place, "c", zval_int(1)));
    return array;
}

static const zval *innermost(const zval *array)
{
    return zval_array_get(zval_array_get(zval_array_get(array, "a"), "b"), "c");
}

static void a_nested_write_separates_the_whole_path(void **state)
{
    (void)state;
    zval first = nested();
    zval second = zval_copy(&first);
    zval *inner = zval_array_slot(zval_array_slot(&second, "a"), "b");
    assert_ok(zval_array_set(inner, "c", zval_int(2)));
    assert_int(innermost(&first), 1);
    assert_int(innermost(&second), 2);
    assert_nodes(6);
    zval_release(&first);
    zval_release(&second);
}

static void a_nested_write_leaves_siblings_shared(void **state)
{
    (void)state;
    zval first = nested();
    assert_ok(zval_array_set(&first, "sibling", checks_list(5)));
    zval second = zval_copy(&first);
    assert_ok(zval_array_set(zval_array_slot(&second, "a"), "x", zval_null()));
    assert_shared(zval_array_get(&first, "sibling"), zval_array_get(&second, "sibling"));
    assert_not_shared(zval_array_get(&first, "a"), zval_array_get(&second, "a"));
    assert_shared(zval_array_get(zval_array_get(&first, "a"), "b"),
                  zval_array_get(zval_array_get(&second, "a"), "b"));
    zval_release(&first);
    zval_release(&second);
}

static void an_inner_array_held_elsewhere_separates_on_its_own(void **state)
{
    (void)state;
    zval array = nested();
    zval inner = zval_copy(zval_array_get(&array, "a"));
    assert_ok(zval_array_set(zval_array_slot(&array, "a"), "x", zval_int(5)));
    assert_null(zval_array_get(&inner, "x"));
    assert_int(zval_array_get(zval_array_get(&array, "a"), "x"), 5);
    zval_release(&array);
    zval_release(&inner);
}

static void writing_to_an_array_that_is_an_element_of_itself_makes_no_cycle(void **state)
{
    (void)state;
    zval array = checks_list(1);
    assert_ok(zval_array_set(&array, "self", zval_copy(&array)));
    zval copy = zval_copy(&array); /* before the slot is asked for: see zval.h */
    assert_ok(zval_array_set(zval_array_slot(&array, "self"), "self", copy));
    zval_release(&array);
    assert_nodes(0);
    assert_int_equal(gc_collect_heap(), 0);
}

/* ---- objects are handles ------------------------------------------------------------ */

static void an_object_in_a_separated_array_is_the_same_object(void **state)
{
    (void)state;
    zval first = zval_array();
    assert_ok(zval_array_set(&first, "object", zval_object(NULL)));
    zval second = zval_copy(&first);
    assert_ok(zval_property_set(zval_array_slot(&second, "object"), "x", zval_int(1)));
    assert_int(zval_property_get(zval_array_get(&first, "object"), "x"), 1);
    zval_release(&first);
    zval_release(&second);
}

static void an_array_in_a_shared_object_is_written_for_all(void **state)
{
    (void)state;
    zval first = zval_object(NULL);
    assert_ok(zval_property_set(&first, "list", checks_list(1)));
    zval second = zval_copy(&first);
    assert_ok(zval_array_push(zval_property_slot(&second, "list"), zval_int(1)));
    assert_int_equal(zval_array_count(zval_property_get(&first, "list")), 2);
    zval_release(&first);
    zval_release(&second);
}

/* ---- what separation sets free -------------------------------------------------------- */

static zval *variable_of_hook;

static void write_in_hook(void *self)
{
    (void)self;
    assert_ok(zval_array_push(variable_of_hook, zval_cstring("from a hook")));
    for (int i = 0; i < 100; i++) {
        assert_ok(zval_array_push(variable_of_hook, zval_null()));
    }
}

/* A heap in which giving up `array`, which shares with `other`, starts a run: its buffer has one
   entry, and that is garbage, whose hook writes to the very variable. */
static struct gc_heap *begin_meddling(zval *array, zval *other)
{
    static const struct gc_type type = {
        .name = "meddler", .size = sizeof(struct gc_object), .free = write_in_hook};
    struct gc_options options = gc_options_default();
    options.policy = GC_POLICY_CLASSIC;
    options.root_buffer_entries = 1;
    struct gc_heap *before = gc_heap_use(gc_heap_new(&options));
    *other = zval_array();
    assert_ok(zval_array_push(other, zval_array()));
    *array = zval_copy(other);
    variable_of_hook = array;
    zval garbage = zval_object(NULL);
    assert_ok(zval_property_set(&garbage, "self", zval_copy(&garbage)));
    assert_ok(zval_property_set(&garbage, "meddler", zval_native(gc_new(&type))));
    zval_release(&garbage);
    return before;
}

static void end_meddling(struct gc_heap *before, const zval *array, const zval *other)
{
    assert_int_equal(gc_status().runs, 1);
    assert_text(zval_array_get_at(array, 1), "from a hook");
    assert_int_equal(zval_array_count(other), 1);
    assert_sound();
    gc_heap_free(gc_heap_current());
    gc_heap_use(before);
}

static void a_hook_may_write_to_the_variable_that_is_being_separated(void **state)
{
    (void)state;
    zval array;
    zval other;
    struct gc_heap *before = begin_meddling(&array, &other);
    assert_ok(zval_array_set(&array, "x", zval_int(1)));
    assert_int(zval_array_get(&array, "x"), 1);
    end_meddling(before, &array, &other);
}

static void a_slot_is_valid_although_a_hook_wrote_to_the_variable(void **state)
{
    (void)state;
    zval array;
    zval other;
    struct gc_heap *before = begin_meddling(&array, &other);
    zval *slot = zval_array_slot(&array, "x");
    assert_ptr_equal(slot, zval_array_get(&array, "x"));
    end_meddling(before, &array, &other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(a_copy_shares_until_it_is_written_to),
        fixture_test(an_array_of_one_owner_is_written_in_place),
        fixture_test(reading_does_not_separate),
        fixture_test(every_kind_of_write_separates),
        fixture_test(a_separated_array_shares_its_items),
        fixture_test(a_separated_array_has_the_same_next_key),
        fixture_test(a_separated_array_with_holes_keeps_keys_and_order),
        fixture_test(three_owners_separate_one_by_one),
        fixture_test(a_nested_write_separates_the_whole_path),
        fixture_test(a_nested_write_leaves_siblings_shared),
        fixture_test(an_inner_array_held_elsewhere_separates_on_its_own),
        fixture_test(writing_to_an_array_that_is_an_element_of_itself_makes_no_cycle),
        fixture_test(an_object_in_a_separated_array_is_the_same_object),
        fixture_test(an_array_in_a_shared_object_is_written_for_all),
        fixture_test(a_slot_is_valid_although_a_hook_wrote_to_the_variable),
        fixture_test(a_hook_may_write_to_the_variable_that_is_being_separated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
