/*
 * Own structs: gc_new(), gc_retain(), gc_release(), gc_refcount(), and as values.
 */
#include "checks.h"
#include "fixture.h"
#include "misuse_log.h"

#include <string.h>

static int freed;

static void count_freed(void *self)
{
    (void)self;
    freed++;
}

struct plain {
    struct gc_object gc;
    unsigned char bytes[84];
};

static const struct gc_type plain_type = {
    .name = "plain", .size = sizeof(struct plain), .free = count_freed};

static const struct gc_type bare_type = {.name = "bare", .size = sizeof(struct gc_object)};

/* ---- gc_new() ---------------------------------------------------------------- */

static void a_new_object_has_a_count_of_one_and_its_type(void **state)
{
    (void)state;
    struct plain *object = gc_new(&plain_type);
    assert_int_equal(gc_refcount(object), 1);
    assert_ptr_equal(object->gc.type, &plain_type);
    assert_nodes(1);
    gc_release(object);
}

static void a_new_object_is_zeroed_in_memory_used_before(void **state)
{
    (void)state;
    struct plain *object = gc_new(&plain_type);
    memset(object->bytes, 0xff, sizeof object->bytes);
    gc_release(object);
    struct plain *second = gc_new(&plain_type);
    static const unsigned char zeros[sizeof object->bytes];
    assert_memory_equal(second->bytes, zeros, sizeof zeros);
    gc_release(second);
}

static void objects_of_all_sizes_are_aligned_to_16_bytes(void **state)
{
    (void)state;
    for (size_t size = sizeof(struct gc_object); size < 200000; size += size / 7 + 1) {
        struct gc_type type = {.name = "sized", .size = size};
        void *object = gc_new(&type);
        void *neighbour = gc_new(&type);
        assert_non_null(object);
        assert_int_equal((uintptr_t)object % 16, 0);
        assert_int_equal((uintptr_t)neighbour % 16, 0);
        gc_release(object);
        gc_release(neighbour);
    }
}

static void a_struct_may_consist_of_the_header_alone(void **state)
{
    (void)state;
    void *first = gc_new(&bare_type);
    void *second = gc_new(&bare_type);
    assert_non_null(first);
    assert_ptr_not_equal(first, second);
    gc_release(first);
    assert_int_equal(gc_refcount(second), 1);
    gc_release(second);
}

static void no_object_is_made_of(const struct gc_type *type)
{
    struct misuse_log log;
    misuse_log_begin(&log);
    size_t before = gc_memory_usage(false);
    assert_null(gc_new(type));
    assert_int_equal(gc_memory_usage(false), before);
    assert_nodes(0);
    misuse_log_end();
}

static void no_type_gives_no_object(void **state)
{
    (void)state;
    no_object_is_made_of(NULL);
}

static void a_size_smaller_than_the_header_gives_no_object(void **state)
{
    (void)state;
    struct gc_type type = {.name = "small", .size = sizeof(struct gc_object) - 1};
    no_object_is_made_of(&type);
    type.size = 0;
    no_object_is_made_of(&type);
}

static void a_size_that_no_memory_holds_gives_no_object(void **state)
{
    (void)state;
    static const struct gc_field field = {16, GC_FIELD_KIND_OBJECTS, 1};
    static const size_t sizes[] = {SIZE_MAX / 2, SIZE_MAX - 65536 - 63, SIZE_MAX - 65536,
                                   SIZE_MAX - 63, SIZE_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct gc_type type = {.name = "endless", .size = sizes[i]};
        no_object_is_made_of(&type);
        type.fields = &field;
        type.field_count = 1;
        no_object_is_made_of(&type);
    }
}

static void without_memory_there_is_no_object(void **state)
{
    (void)state;
    gc_memory_fail_after(1);
    void *object = gc_new(&plain_type);
    assert_non_null(object);
    assert_null(gc_new(&plain_type));
    assert_int_equal(gc_memory_fail_never(), 1);
    assert_nodes(1);
    gc_release(object);
}

/* ---- counting ---------------------------------------------------------------- */

static void retain_adds_a_reference_and_returns_the_object(void **state)
{
    (void)state;
    struct plain *object = gc_new(&plain_type);
    assert_ptr_equal(gc_retain(object), object);
    assert_int_equal(gc_refcount(object), 2);
    gc_release(object);
    assert_int_equal(gc_refcount(object), 1);
    gc_release(object);
}

static void null_can_be_retained_released_and_asked(void **state)
{
    (void)state;
    assert_null(gc_retain(NULL));
    gc_release(NULL);
    assert_int_equal(gc_refcount(NULL), 0);
}

static void the_free_hook_runs_once_at_the_last_release(void **state)
{
    (void)state;
    freed = 0;
    struct plain *object = gc_new(&plain_type);
    gc_retain(object);
    gc_release(object);
    assert_int_equal(freed, 0);
    gc_release(object);
    assert_int_equal(freed, 1);
    assert_nodes(0);
}

static void a_released_object_gives_its_memory_back(void **state)
{
    (void)state;
    size_t before = gc_memory_usage(false);
    struct plain *object = gc_new(&plain_type);
    assert_true(gc_memory_usage(false) >= before + sizeof *object);
    gc_release(object);
    assert_int_equal(gc_memory_usage(false), before);
}

/* ---- as values --------------------------------------------------------------- */

static void a_value_takes_over_the_reference_to_an_own_struct(void **state)
{
    (void)state;
    freed = 0;
    struct plain *object = gc_new(&plain_type);
    zval value = zval_native(object);
    assert_type(&value, ZVAL_NATIVE);
    assert_int_equal(gc_refcount(object), 1);
    assert_int_equal(zval_refcount(&value), 1);
    zval_release(&value);
    assert_int_equal(freed, 1);
}

static void no_struct_as_a_value_is_undefined(void **state)
{
    (void)state;
    zval value = zval_native(NULL);
    assert_type(&value, ZVAL_UNDEF);
}

static void the_struct_in_a_value_is_lent(void **state)
{
    (void)state;
    struct plain *object = gc_new(&plain_type);
    zval value = zval_native(object);
    assert_ptr_equal(zval_to_native(&value), object);
    assert_int_equal(gc_refcount(object), 1);
    zval_release(&value);
}

static void the_struct_in_a_value_is_found_through_a_reference(void **state)
{
    (void)state;
    struct plain *object = gc_new(&plain_type);
    zval value = zval_native(object);
    zval handle = zval_reference(&value);
    assert_ptr_equal(zval_to_native(&handle), object);
    zval_release(&handle);
    zval_release(&value);
}

static void there_is_no_struct_in_other_values(void **state)
{
    (void)state;
    zval values[] = {zval_undef(),     zval_null(),  zval_int(5),
                     zval_cstring(""), zval_array(), zval_object(NULL)};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_null(zval_to_native(&values[i]));
        zval_release(&values[i]);
    }
    assert_null(zval_to_native(NULL));
}

static void a_copied_value_shares_the_struct(void **state)
{
    (void)state;
    struct plain *object = gc_new(&plain_type);
    zval value = zval_native(object);
    zval copy = zval_copy(&value);
    assert_ptr_equal(zval_to_native(&copy), object);
    assert_int_equal(gc_refcount(object), 2);
    zval_release(&value);
    zval_release(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(a_new_object_has_a_count_of_one_and_its_type),
        fixture_test(a_new_object_is_zeroed_in_memory_used_before),
        fixture_test(objects_of_all_sizes_are_aligned_to_16_bytes),
        fixture_test(a_struct_may_consist_of_the_header_alone),
        fixture_test(no_type_gives_no_object),
        fixture_test(a_size_smaller_than_the_header_gives_no_object),
        fixture_test(a_size_that_no_memory_holds_gives_no_object),
        fixture_test(without_memory_there_is_no_object),
        fixture_test(retain_adds_a_reference_and_returns_the_object),
        fixture_test(null_can_be_retained_released_and_asked),
        fixture_test(the_free_hook_runs_once_at_the_last_release),
        fixture_test(a_released_object_gives_its_memory_back),
        fixture_test(a_value_takes_over_the_reference_to_an_own_struct),
        fixture_test(no_struct_as_a_value_is_undefined),
        fixture_test(the_struct_in_a_value_is_lent),
        fixture_test(the_struct_in_a_value_is_found_through_a_reference),
        fixture_test(there_is_no_struct_in_other_values),
        fixture_test(a_copied_value_shares_the_struct),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
