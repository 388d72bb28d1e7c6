/*
 * The census: what there is of each class and type, to the byte.
 */
#include "checks.h"
#include "dying.h"
#include "fixture.h"

#include <string.h>

static struct gc_census_row rows[64];
static size_t row_count;

static size_t sum_of_bytes(const struct gc_census_row *some, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += some[i].bytes;
    }
    return bytes;
}

static void take(void)
{
    row_count = gc_inspect_census(rows, 64);
    assert_int_equal(sum_of_bytes(rows, row_count), gc_memory_usage(false));
    for (size_t i = 1; i < row_count; i++) {
        assert_true(rows[i - 1].bytes + rows[i - 1].external_bytes >=
                    rows[i].bytes + rows[i].external_bytes);
    }
}

static const struct gc_census_row *row_of(enum zval_type kind, const void *type)
{
    for (size_t i = 0; i < row_count; i++) {
        if (rows[i].kind == kind && rows[i].type == type) {
            return &rows[i];
        }
    }
    fail_msg("there is no row of kind %d", (int)kind);
    return NULL;
}

static void an_empty_heap_has_no_rows(void **state)
{
    (void)state;
    take();
    assert_int_equal(row_count, 0);
}

static void each_kind_has_its_row_with_the_bytes_that_it_takes(void **state)
{
    (void)state;
    static const struct zval_class session = {.name = "Session"};
    zval list = checks_list(100);
    zval text = zval_cstring("a text");
    zval object = zval_object(&session);
    zval without_class = zval_object(NULL);
    zval handle = zval_reference(&text);
    zval weak = zval_weakref(&object);
    zval map = zval_weakmap();
    struct fixture_node *node = fixture_node_new(1);
    assert_ok(zval_weakmap_set(&map, &object, zval_int(1)));
    assert_ok(zval_property_set(&object, "added", zval_int(1)));
    take();
    static const enum zval_type kinds[] = {ZVAL_STRING, ZVAL_ARRAY, ZVAL_REFERENCE, ZVAL_WEAKREF,
                                           ZVAL_WEAKMAP};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(row_of(kinds[i], NULL)->count, kinds[i] == ZVAL_STRING ? 2 : 1);
    }
    assert_in_range(row_of(ZVAL_ARRAY, NULL)->bytes, 128 * 16, 128 * 16 + 512);
    assert_string_equal(row_of(ZVAL_OBJECT, &session)->name, "Session");
    assert_true(row_of(ZVAL_OBJECT, &session)->bytes > row_of(ZVAL_OBJECT, NULL)->bytes + 100);
    assert_string_equal(row_of(ZVAL_OBJECT, NULL)->name, "object");
    assert_string_equal(row_of(ZVAL_NATIVE, &fixture_node_type)->name, "fixture_node");
    assert_string_equal(row_of(ZVAL_UNDEF, NULL)->name, "bookkeeping");
    assert_string_equal(row_of(ZVAL_STRING, NULL)->name, "string");
    gc_release(node);
    zval_release(&map);
    zval_release(&weak);
    zval_release(&handle);
    zval_release(&without_class);
    zval_release(&object);
    zval_release(&text);
    zval_release(&list);
}

static void large_ones_count_with_the_pages_that_they_take(void **state)
{
    (void)state;
    static char bytes[1 << 20];
    zval large = zval_string(bytes, sizeof bytes);
    zval list = checks_list(100000);
    take();
    assert_true(row_of(ZVAL_STRING, NULL)->bytes >= sizeof bytes);
    assert_true(row_of(ZVAL_ARRAY, NULL)->bytes >= 1600000);
    zval_release(&large);
    zval_release(&list);
}

/* Many types, each with some objects. */
static struct gc_type types[40];

static void make_types(struct fixture_node *nodes[40])
{
    for (size_t i = 0; i < 40; i++) {
        types[i] = fixture_node_type;
        types[i].name = i % 2 == 0 ? "even" : NULL;
        nodes[i] = gc_new(&types[i]);
    }
}

static void more_types_than_rows_are_summed(void **state)
{
    (void)state;
    struct fixture_node *nodes[40];
    make_types(nodes);
    take();
    assert_int_equal(row_count, 40);
    for (size_t capacity = 1; capacity <= 41; capacity++) {
        size_t count = gc_inspect_census(rows, capacity);
        assert_int_equal(sum_of_bytes(rows, count), gc_memory_usage(false));
        assert_int_equal(count, capacity < 41 ? capacity : 40);
        size_t others = 0;
        uint64_t objects = 0;
        for (size_t i = 0; i < count; i++) {
            others += rows[i].kind == ZVAL_UNDEF && strcmp(rows[i].name, "other types") == 0;
            objects += rows[i].count;
        }
        assert_int_equal(others, capacity < 41);
        assert_int_equal(objects, 40);
    }
    for (size_t i = 0; i < 40; i++) {
        gc_release(nodes[i]);
    }
}

static void external_memory_counts_with_its_type(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    zval text = zval_cstring("a text");
    assert_ok(gc_memory_external_add(node, 100000));
    take();
    assert_ptr_equal(rows[0].type, &fixture_node_type);
    assert_int_equal(rows[0].external_bytes, 100000);
    gc_memory_external_remove(node, 100000);
    take();
    assert_int_equal(row_of(ZVAL_NATIVE, &fixture_node_type)->external_bytes, 0);
    zval_release(&text);
    gc_release(node);
}

static void nothing_to_fill_in_is_no_fault(void **state)
{
    (void)state;
    zval list = checks_list(1);
    assert_int_equal(gc_inspect_census(NULL, 10), 0);
    assert_int_equal(gc_inspect_census(rows, 0), 0);
    zval_release(&list);
}

static void it_allocates_nothing(void **state)
{
    (void)state;
    zval list = checks_list(10);
    gc_memory_fail_after(0);
    take();
    assert_int_equal(gc_memory_fail_never(), 0);
    zval_release(&list);
}

static size_t seen_inside;

static void take_inside(zval *self)
{
    (void)self;
    take();
    seen_inside = row_count;
}

static void destructors_see_what_is_there(void **state)
{
    (void)state;
    zval keep = checks_list(10);
    dying_act = take_inside;
    zval object = dying_new();
    zval_release(&object);
    assert_int_equal(seen_inside, 2);
    seen_inside = 0;
    dying_drop_self();
    gc_collect_cycles();
    assert_int_equal(seen_inside, 2);
    zval_release(&keep);
}

static void take_in_hook(void *self)
{
    (void)self;
    take();
    seen_inside = row_count;
}

static const struct gc_field hooked_fields[] = {GC_FIELD_OBJECT(struct fixture_node, a),
                                                GC_FIELD_OBJECT(struct fixture_node, b)};
static const struct gc_type hooked_type = {.name = "hooked",
                                           .size = sizeof(struct fixture_node),
                                           .fields = hooked_fields,
                                           .field_count = 2,
                                           .free = take_in_hook};

static void free_hooks_see_what_waits_to_be_taken_apart(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) {
        struct fixture_node *first = gc_new(&hooked_type);
        struct fixture_node *second = gc_new(&hooked_type);
        first->a = second;
        second->a = round == 0 ? NULL : gc_retain(first);
        seen_inside = 0;
        gc_release(first);
        gc_collect_cycles();
        assert_int_equal(seen_inside, 1);
    }
    struct gc_heap *heap = gc_heap_new(NULL);
    struct gc_heap *before = gc_heap_use(heap);
    assert_non_null(gc_new(&hooked_type));
    seen_inside = 0;
    gc_heap_use(before);
    gc_heap_free(heap);
    assert_int_equal(seen_inside, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(an_empty_heap_has_no_rows),
        fixture_test(each_kind_has_its_row_with_the_bytes_that_it_takes),
        fixture_test(large_ones_count_with_the_pages_that_they_take),
        fixture_test(more_types_than_rows_are_summed),
        fixture_test(external_memory_counts_with_its_type),
        fixture_test(nothing_to_fill_in_is_no_fault),
        fixture_test(it_allocates_nothing),
        dying_test(destructors_see_what_is_there),
        fixture_test(free_hooks_see_what_waits_to_be_taken_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
