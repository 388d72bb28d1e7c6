/*
 * Structs too large for a slot of a page: 40 KiB, 100 KiB and 10 MiB, with
 * references and without.
 */
#include "checks.h"
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

/* The references of a large struct are at its end. */
struct tail {
    struct gc_object *object;
    zval value;
};

static int freed;

static void count_freed(void *self)
{
    (void)self;
    freed++;
}

/* A type of that size; its fields are in `fields`, which may be NULL for a type without any. */
static struct gc_type large_type(size_t size, struct gc_field fields[2])
{
    struct gc_type type = {.name = "large", .size = size, .free = count_freed};
    if (fields != NULL) {
        uint32_t tail = (uint32_t)(size - sizeof(struct tail));
        fields[0] = (struct gc_field){tail, GC_FIELD_KIND_OBJECTS, 1};
        fields[1] = (struct gc_field){tail + 8, GC_FIELD_KIND_ZVALS, 1};
        type.fields = fields;
        type.field_count = 2;
    }
    return type;
}

static struct tail *tail_of(struct gc_object *object)
{
    return (struct tail *)(void *)((char *)object + object->type->size - sizeof(struct tail));
}

static bool is_zeroed(const struct gc_object *object)
{
    const unsigned char *bytes = (const unsigned char *)(object + 1);
    size_t size = object->type->size - sizeof *object;
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

/* ---- what is tried with each size -------------------------------------------- */

static void live_and_die(size_t size, struct gc_field *fields)
{
    struct gc_type type = large_type(size, fields);
    freed = 0;
    struct gc_object *object = gc_new(&type);
    assert_non_null(object);
    assert_int_equal((uintptr_t)object % 16, 0);
    assert_true(is_zeroed(object));
    assert_true(gc_memory_usage(false) >= size);
    assert_true(gc_memory_usage(false) <= size + 65536);
    assert_true(gc_memory_usage(true) >= gc_memory_usage(false));
    assert_sound();
    gc_retain(object);
    gc_release(object);
    assert_roots(fields != NULL);
    gc_release(object);
    assert_int_equal(freed, 1);
    assert_int_equal(gc_memory_usage(false), 0);
    assert_roots(0);
}

static void be_zeroed_in_used_memory(size_t size, struct gc_field *fields)
{
    struct gc_type type = large_type(size, NULL);
    struct gc_object *object = gc_new(&type);
    memset((char *)object + sizeof *object, 0xff, size - sizeof *object);
    gc_release(object);
    type = large_type(size, fields);
    object = gc_new(&type);
    assert_true(is_zeroed(object));
    gc_release(object);
}

static void hang_in_a_cycle(size_t size)
{
    struct gc_field fields[2];
    struct gc_type type = large_type(size, fields);
    struct gc_object *first = gc_new(&type);
    struct gc_object *second = gc_new(&type);
    struct fixture_node *small = fixture_node_new(1);
    tail_of(first)->object = second;
    tail_of(second)->value = zval_native(small);
    small->a = gc_retain(first);
    tail_of(first)->value = zval_cstring("held by a large struct");
    gc_release(gc_retain(first));
    assert_int_equal(gc_collect_cycles(), 0);
    assert_sound();
    gc_release(first);
    freed = 0;
    assert_int_equal(gc_collect_cycles(), 3);
    assert_int_equal(freed, 2);
    assert_int_equal(gc_memory_usage(false), 0);
}

static void hang_beside_a_living_one(size_t size)
{
    struct gc_field fields[2];
    struct gc_type type = large_type(size, fields);
    struct gc_object *alive = gc_new(&type);
    struct gc_object *garbage = gc_new(&type);
    tail_of(garbage)->object = gc_retain(garbage);
    tail_of(garbage)->value = zval_native(gc_retain(alive));
    gc_release(garbage);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(gc_refcount(alive), 1);
    assert_sound();
    gc_release(alive);
    assert_int_equal(gc_memory_usage(false), 0);
}

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

#define SIZE_TESTS(name, size)                                              \
    static void a_struct_of_##name##_lives_and_dies(void **state)           \
    {                                                                       \
        (void)state;                                                        \
        live_and_die(size, NULL);                                           \
    }                                                                       \
    static void a_traced_struct_of_##name##_lives_and_dies(void **state)    \
    {                                                                       \
        (void)state;                                                        \
        struct gc_field fields[2];                                          \
        live_and_die(size, fields);                                         \
    }                                                                       \
    static void a_struct_of_##name##_is_zeroed_in_used_memory(void **state) \
    {                                                                       \
        (void)state;                                                        \
        struct gc_field fields[2];                                          \
        be_zeroed_in_used_memory(size, NULL);                               \
        be_zeroed_in_used_memory(size, fields);                             \
    }                                                                       \
    static void a_cycle_of_structs_of_##name##_is_found(void **state)       \
    {                                                                       \
        (void)state;                                                        \
        hang_in_a_cycle(size);                                              \
    }                                                                       \
    static void a_living_struct_of_##name##_outlives_garbage(void **state)  \
    {                                                                       \
        (void)state;                                                        \
        hang_beside_a_living_one(size);                                     \
    }

SIZE_TESTS(the_largest_slot, 32 * KIB)
SIZE_TESTS(one_byte_more, 32 * KIB + 16)
SIZE_TESTS(40_kib, 40 * KIB)
SIZE_TESTS(a_page_less_its_offset, 64 * KIB - 64)
SIZE_TESTS(a_page, 64 * KIB)
SIZE_TESTS(100_kib, 100 * KIB)
SIZE_TESTS(all_but_one_page_of_a_chunk, 63 * 64 * KIB - 64)
SIZE_TESTS(a_chunk, 4 * MIB)
SIZE_TESTS(10_mib, 10 * MIB)

/* ---- many of them ------------------------------------------------------------ */

static void many_sizes_live_side_by_side(void **state)
{
    (void)state;
    enum {
        COUNT = 120
    };
    static struct gc_type types[COUNT];
    static struct gc_field fields[COUNT][2];
    struct gc_object *objects[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        types[i] = large_type(24 * KIB + i * 3000 / 16 * 16, fields[i]);
        objects[i] = gc_new(&types[i]);
        memset(objects[i] + 1, (int)i, 1000);
    }
    for (size_t i = 0; i < COUNT; i++) {
        tail_of(objects[i])->object = gc_retain(objects[i * 7 % COUNT]);
        tail_of(objects[i])->value = zval_native(gc_retain(objects[(i + 1) % COUNT]));
    }
    assert_sound();
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(((unsigned char *)(objects[i] + 1))[999], i);
        gc_release(objects[i]);
    }
    assert_int_equal(gc_collect_cycles(), COUNT);
    assert_int_equal(gc_memory_usage(false), 0);
}

static void freed_runs_of_pages_are_used_again(void **state)
{
    (void)state;
    struct gc_type type = large_type(300 * KIB, NULL);
    gc_release(gc_new(&type));
    size_t most = gc_memory_peak(true);
    for (int i = 0; i < 100; i++) {
        gc_release(gc_new(&type));
    }
    assert_int_equal(gc_memory_peak(true), most);
}

static void strings_and_arrays_may_be_large_too(void **state)
{
    (void)state;
    size_t length = 10 * MIB;
    char *bytes = malloc(length);
    memset(bytes, 'x', length);
    zval text = zval_string(bytes, length);
    free(bytes);
    size_t found;
    const char *copy = zval_string_bytes(&text, &found);
    assert_int_equal(found, length);
    assert_int_equal(copy[length - 1], 'x');
    assert_int_equal(copy[length], '\0');
    zval list = checks_list(1000000);
    assert_int(zval_array_get_at(&list, 999999), 999999);
    assert_sound();
    zval_release(&text);
    zval_release(&list);
}

#define SIZE_CASES(name)                                             \
    fixture_test(a_struct_of_##name##_lives_and_dies),               \
        fixture_test(a_traced_struct_of_##name##_lives_and_dies),    \
        fixture_test(a_struct_of_##name##_is_zeroed_in_used_memory), \
        fixture_test(a_cycle_of_structs_of_##name##_is_found),       \
        fixture_test(a_living_struct_of_##name##_outlives_garbage)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIZE_CASES(the_largest_slot),
        SIZE_CASES(one_byte_more),
        SIZE_CASES(40_kib),
        SIZE_CASES(a_page_less_its_offset),
        SIZE_CASES(a_page),
        SIZE_CASES(100_kib),
        SIZE_CASES(all_but_one_page_of_a_chunk),
        SIZE_CASES(a_chunk),
        SIZE_CASES(10_mib),
        fixture_test(many_sizes_live_side_by_side),
        fixture_test(freed_runs_of_pages_are_used_again),
        fixture_test(strings_and_arrays_may_be_large_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
