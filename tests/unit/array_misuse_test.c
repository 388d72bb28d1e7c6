/*
 * Array calls that cannot do what they are asked: each returns its result,
 * changes nothing, and the item, which was handed over, is gone.
 */
#include "checks.h"
#include "fixture.h"

#include <stdlib.h>

/* ---- the calls that write ------------------------------------------------------ */

static enum gc_result push(zval *array, zval item)
{
    return zval_array_push(array, item);
}

static enum gc_result set(zval *array, zval item)
{
    return zval_array_set(array, "key", item);
}

static enum gc_result set_bytes(zval *array, zval item)
{
    return zval_array_set_bytes(array, "k\0y", 3, item);
}

static enum gc_result set_at(zval *array, zval item)
{
    return zval_array_set_at(array, 77, item);
}

typedef enum gc_result (*writer)(zval *array, zval item);

static const writer writers[] = {push, set, set_bytes, set_at};
static const size_t writer_count = sizeof writers / sizeof writers[0];

/* An item whose end shows in the bytes in use. */
static zval precious(void)
{
    zval item = checks_list(20);
    (void)zval_array_push(&item, zval_cstring("precious"));
    return item;
}

/* Every writer refuses, says so, and leaves `target` and the bytes in use as they were. */
static void assert_refused(zval *target, zval (*item)(void), enum gc_result expected)
{
    char *before = checks_dump_of(target);
    size_t bytes = gc_memory_usage(false);
    for (size_t i = 0; i < writer_count; i++) {
        assert_result(expected, writers[i](target, item()));
        assert_dump(target, before);
        assert_int_equal(gc_memory_usage(false), bytes);
    }
    free(before);
}

static void writing_to_no_variable_is_invalid(void **state)
{
    (void)state;
    assert_refused(NULL, precious, GC_EINVAL);
}

static void writing_to_an_undefined_variable_is_no_memory(void **state)
{
    (void)state;
    zval undefined = zval_undef();
    assert_refused(&undefined, precious, GC_ENOMEM);
}

static void writing_an_undefined_item_is_no_memory(void **state)
{
    (void)state;
    zval array = checks_list(3);
    assert_refused(&array, zval_undef, GC_ENOMEM);
    zval shared = zval_copy(&array);
    assert_refused(&array, zval_undef, GC_ENOMEM);
    assert_int_equal(zval_refcount(&array), 2);
    zval_release(&array);
    zval_release(&shared);
}

static void an_undefined_item_is_no_memory_whatever_else_is_wrong(void **state)
{
    (void)state;
    zval number = zval_int(1);
    assert_refused(&number, zval_undef, GC_ENOMEM);
    assert_refused(NULL, zval_undef, GC_ENOMEM);
    zval full = zval_array();
    assert_ok(zval_array_set_at(&full, INT64_MAX, zval_null()));
    assert_result(GC_ENOMEM, zval_array_push(&full, zval_undef()));
    assert_result(GC_ENOMEM, zval_array_set(&full, NULL, zval_undef()));
    zval_release(&full);
}

static void what_is_no_array_cannot_be_written_to(void **state)
{
    (void)state;
    zval values[] = {zval_null(),
                     zval_bool(true),
                     zval_int(5),
                     zval_double(0.5),
                     zval_cstring("text"),
                     zval_object(NULL),
                     zval_native(fixture_node_new(1))};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_refused(&values[i], precious, GC_ETYPE);
        zval_release(&values[i]);
    }
}

static void a_reference_to_no_array_cannot_be_written_to(void **state)
{
    (void)state;
    zval number = zval_int(1);
    zval handle = zval_reference(&number);
    assert_refused(&handle, precious, GC_ETYPE);
    zval_assign(&number, zval_undef());
    assert_refused(&handle, precious, GC_ENOMEM);
    zval_release(&number);
    zval_release(&handle);
}

static void no_key_is_invalid(void **state)
{
    (void)state;
    zval array = checks_list(3);
    size_t bytes = gc_memory_usage(false);
    assert_result(GC_EINVAL, zval_array_set(&array, NULL, precious()));
    assert_result(GC_EINVAL, zval_array_set_bytes(&array, NULL, 1, precious()));
    assert_result(GC_EINVAL, zval_array_set_bytes(&array, NULL, SIZE_MAX, precious()));
    assert_result(GC_EINVAL, zval_array_remove(&array, NULL));
    assert_result(GC_EINVAL, zval_array_remove_bytes(&array, NULL, 1));
    assert_null(zval_array_slot(&array, NULL));
    assert_null(zval_array_slot_bytes(&array, NULL, 1));
    assert_null(zval_array_get(&array, NULL));
    assert_null(zval_array_get_bytes(&array, NULL, 1));
    assert_int_equal(gc_memory_usage(false), bytes);
    assert_int_equal(zval_array_count(&array), 3);
    zval_release(&array);
}

/* ---- slots ---------------------------------------------------------------------- */

static void assert_no_slot(zval *target)
{
    size_t bytes = gc_memory_usage(false);
    assert_null(zval_array_slot(target, "key"));
    assert_null(zval_array_slot_bytes(target, "k\0y", 3));
    assert_null(zval_array_slot_at(target, 5));
    assert_int_equal(gc_memory_usage(false), bytes);
}

static void there_are_no_slots_in_what_is_no_array(void **state)
{
    (void)state;
    zval values[] = {zval_undef(), zval_null(), zval_int(5), zval_cstring("text"),
                     zval_object(NULL)};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_no_slot(&values[i]);
        zval_release(&values[i]);
    }
    assert_no_slot(NULL);
}

/* ---- removing --------------------------------------------------------------------- */

static void assert_nothing_removed(zval *target, enum gc_result expected)
{
    assert_result(expected, zval_array_remove(target, "key"));
    assert_result(expected, zval_array_remove_bytes(target, "k\0y", 3));
    assert_result(expected, zval_array_remove_at(target, 0));
}

static void there_is_nothing_to_remove_from_what_is_no_array(void **state)
{
    (void)state;
    zval undefined = zval_undef();
    zval number = zval_int(1);
    zval object = zval_object(NULL);
    assert_nothing_removed(NULL, GC_EINVAL);
    assert_nothing_removed(&undefined, GC_ENOMEM);
    assert_nothing_removed(&number, GC_ETYPE);
    assert_nothing_removed(&object, GC_ETYPE);
    zval_release(&object);
}

static void removing_a_missing_key_does_not_separate(void **state)
{
    (void)state;
    zval array = checks_list(3);
    zval shared = zval_copy(&array);
    assert_result(GC_ENOKEY, zval_array_remove(&array, "key"));
    assert_result(GC_ENOKEY, zval_array_remove_at(&array, 3));
    assert_shared(&array, &shared);
    zval_release(&array);
    zval_release(&shared);
}

/* ---- reading ------------------------------------------------------------------------ */

static void assert_nothing_in(const zval *value)
{
    struct zval_array_cursor cursor = {0};
    zval key = zval_int(77);
    const zval *item = &key;
    assert_int_equal(zval_array_count(value), 0);
    assert_null(zval_array_get(value, "key"));
    assert_null(zval_array_get_bytes(value, "key", 3));
    assert_null(zval_array_get_at(value, 0));
    assert_false(zval_array_next(value, &cursor, &key, &item));
    assert_int(&key, 77);
    assert_ptr_equal(item, &key);
}

static void there_is_nothing_to_read_in_what_is_no_array(void **state)
{
    (void)state;
    zval values[] = {zval_undef(), zval_null(), zval_int(5), zval_cstring("text"),
                     zval_object(NULL)};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_nothing_in(&values[i]);
        zval_release(&values[i]);
    }
    assert_nothing_in(NULL);
}

static void no_cursor_goes_nowhere(void **state)
{
    (void)state;
    zval array = checks_list(3);
    assert_false(zval_array_next(&array, NULL, NULL, NULL));
    zval_release(&array);
}

/* ---- no memory ------------------------------------------------------------------------- */

static void without_memory_there_is_no_array(void **state)
{
    (void)state;
    gc_memory_fail_after(0);
    zval array = zval_array();
    gc_memory_fail_never();
    assert_type(&array, ZVAL_UNDEF);
    assert_nodes(0);
}

/* Fails one allocation after the other, until none is left to fail. */
static void assert_atomic(zval *target, writer write)
{
    char *before = checks_dump_of(target);
    size_t bytes = gc_memory_usage(false);
    for (uint64_t successes = 0;; successes++) {
        zval item = precious();
        gc_memory_fail_after(successes);
        enum gc_result result = write(target, item);
        if (gc_memory_fail_never() == 0) {
            assert_ok(result);
            break;
        }
        assert_result(GC_ENOMEM, result);
        assert_dump(target, before);
        assert_int_equal(gc_memory_usage(false), bytes);
        assert_sound();
    }
    free(before);
}

static void writing_to_a_shared_array_without_memory_leaves_it_shared(void **state)
{
    (void)state;
    for (size_t i = 0; i < writer_count; i++) {
        zval array = checks_list(8);
        assert_ok(zval_array_set(&array, "name", checks_list(2)));
        zval shared = zval_copy(&array);
        assert_atomic(&array, writers[i]);
        assert_not_shared(&array, &shared);
        assert_int_equal(zval_array_count(&shared), 9);
        zval_release(&array);
        zval_release(&shared);
    }
}

static void growing_without_memory_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < writer_count; i++) {
        zval array = checks_list(8);
        assert_atomic(&array, writers[i]);
        assert_int_equal(zval_array_count(&array), 9);
        zval_release(&array);
    }
}

static void a_slot_of_a_shared_array_without_memory_leaves_it_shared(void **state)
{
    (void)state;
    zval array = checks_list(8);
    zval shared = zval_copy(&array);
    for (uint64_t successes = 0;; successes++) {
        gc_memory_fail_after(successes);
        zval *slot = zval_array_slot(&array, "name");
        if (gc_memory_fail_never() == 0) {
            assert_non_null(slot);
            break;
        }
        assert_null(slot);
        assert_shared(&array, &shared);
        assert_int_equal(zval_refcount(&shared), 2);
        assert_int_equal(zval_array_count(&shared), 8);
    }
    zval_release(&array);
    zval_release(&shared);
}

static void removing_from_a_shared_array_without_memory_leaves_it_shared(void **state)
{
    (void)state;
    zval array = checks_list(8);
    zval shared = zval_copy(&array);
    gc_memory_fail_after(0);
    assert_result(GC_ENOMEM, zval_array_remove_at(&array, 3));
    gc_memory_fail_after(1);
    assert_result(GC_ENOMEM, zval_array_remove_at(&array, 3));
    gc_memory_fail_never();
    assert_shared(&array, &shared);
    assert_int_equal(zval_array_count(&array), 8);
    zval_release(&array);
    zval_release(&shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(writing_to_no_variable_is_invalid),
        fixture_test(writing_to_an_undefined_variable_is_no_memory),
        fixture_test(writing_an_undefined_item_is_no_memory),
        fixture_test(an_undefined_item_is_no_memory_whatever_else_is_wrong),
        fixture_test(what_is_no_array_cannot_be_written_to),
        fixture_test(a_reference_to_no_array_cannot_be_written_to),
        fixture_test(no_key_is_invalid),
        fixture_test(there_are_no_slots_in_what_is_no_array),
        fixture_test(there_is_nothing_to_remove_from_what_is_no_array),
        fixture_test(removing_a_missing_key_does_not_separate),
        fixture_test(there_is_nothing_to_read_in_what_is_no_array),
        fixture_test(no_cursor_goes_nowhere),
        fixture_test(without_memory_there_is_no_array),
        fixture_test(writing_to_a_shared_array_without_memory_leaves_it_shared),
        fixture_test(growing_without_memory_changes_nothing),
        fixture_test(a_slot_of_a_shared_array_without_memory_leaves_it_shared),
        fixture_test(removing_from_a_shared_array_without_memory_leaves_it_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
