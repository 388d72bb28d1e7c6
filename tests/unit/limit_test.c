/*
 * The memory limit: what counts, and what a call does that would go beyond it.
 */
#include "bulk.h"
#include "checks.h"
#include "fixture.h"

/* ---- the limit itself -------------------------------------------------------- */

static void there_is_none_unless_it_is_set(void **state)
{
    (void)state;
    assert_int_equal(gc_memory_status().limit_bytes, 0);
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    assert_int_equal(gc_memory_status().limit_bytes, BULK_LIMIT);
    assert_ok(gc_memory_set_limit(0));
    assert_int_equal(gc_memory_status().limit_bytes, 0);
}

static void a_heap_is_made_with_one(void **state)
{
    (void)state;
    struct gc_options options = gc_options_default();
    options.memory_limit_bytes = BULK_LIMIT;
    struct gc_heap *heap = gc_heap_new(&options);
    struct gc_heap *before = gc_heap_use(heap);
    struct bulk *list = NULL;
    assert_int_equal(gc_memory_status().limit_bytes, BULK_LIMIT);
    assert_false(bulk_fill(&list, 2 * BULK_LIMIT));
    gc_heap_use(before);
    gc_heap_free(heap);
}

static void it_is_reached_to_the_last_block_and_never_passed(void **state)
{
    (void)state;
    static const size_t limits[] = {1,     4095,   4096,       4097,          5 * 4096,
                                    40000, 100000, BULK_LIMIT, BULK_LIMIT + 1};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct bulk *list = NULL;
        gc_memory_reset_peak();
        assert_ok(gc_memory_set_limit(limits[i]));
        assert_false(bulk_fill(&list, 2 * BULK_LIMIT));
        assert_int_equal(gc_memory_usage(false), limits[i] / 4096 * 4096);
        assert_true(gc_memory_peak(false) <= limits[i]);
        bulk_empty(&list);
    }
}

static void a_large_block_counts_too(void **state)
{
    (void)state;
    static char bytes[2 * BULK_LIMIT];
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    zval large = zval_string(bytes, BULK_LIMIT - 70000);
    assert_type(&large, ZVAL_STRING);
    zval second = zval_string(bytes, 70000);
    assert_type(&second, ZVAL_UNDEF);
    zval small = zval_string(bytes, 100);
    assert_type(&small, ZVAL_STRING);
    zval huge = zval_string(bytes, 2 * BULK_LIMIT);
    assert_type(&huge, ZVAL_UNDEF);
    zval_release(&large);
    zval_release(&small);
}

static void each_call_that_can_say_so_says_it_is_the_limit(void **state)
{
    (void)state;
    zval list = checks_list(8);
    zval object = zval_object(NULL);
    zval map = zval_weakmap();
    assert_ok(gc_memory_set_limit(gc_memory_usage(false)));
    assert_result(GC_ELIMIT, zval_array_push(&list, zval_int(8)));
    assert_result(GC_ELIMIT, zval_array_set(&list, "key", zval_int(8)));
    assert_result(GC_ELIMIT, zval_property_set(&object, "name", zval_int(8)));
    assert_result(GC_ELIMIT, zval_weakmap_set(&map, &object, zval_int(8)));
    zval copy = zval_copy(&list);
    assert_result(GC_ELIMIT, zval_array_remove_at(&copy, 0));
    assert_null(zval_array_slot(&list, "key"));
    assert_null(zval_property_slot(&object, "name"));
    assert_null(gc_new(&bulk_type));
    assert_result(GC_ENOMEM, zval_array_set_at(&list, 0, zval_cstring("not made")));
    assert_int_equal(gc_memory_status().refusals, 9);
    assert_int_equal(zval_array_count(&list), 8);
    zval_release(&copy);
    zval_release(&list);
    zval_release(&object);
    zval_release(&map);
}

static void what_is_released_makes_room(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    for (int i = 0; i < 5; i++) {
        assert_false(bulk_fill(&list, 2 * BULK_LIMIT));
        struct bulk *first = list;
        list = list->next;
        first->next = NULL;
        gc_release(first);
        assert_true(bulk_fill(&list, BULK_LIMIT));
        bulk_empty(&list);
    }
}

static void it_cannot_be_set_below_what_is_in_use(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    assert_true(bulk_fill(&list, BULK_LIMIT));
    assert_result(GC_ELIMIT, gc_memory_set_limit(BULK_LIMIT - 1));
    assert_int_equal(gc_memory_status().limit_bytes, 0);
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    assert_result(GC_ELIMIT, gc_memory_set_limit(BULK_LIMIT - 1));
    assert_int_equal(gc_memory_status().limit_bytes, BULK_LIMIT);
    bulk_empty(&list);
}

static void setting_it_collects_if_that_is_needed(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        bulk_drop_cycle();
    }
    assert_ok(gc_memory_set_limit(100000));
    assert_nodes(10);
    assert_ok(gc_memory_set_limit(4096));
    assert_nodes(0);
}

/* ---- with allocations that fail on purpose ----------------------------------------- */

static void failing_on_purpose_is_no_limit(void **state)
{
    (void)state;
    zval list = checks_list(8);
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    gc_memory_fail_after(0);
    assert_result(GC_ENOMEM, zval_array_push(&list, zval_int(8)));
    assert_int_equal(gc_memory_fail_never(), 1);
    assert_int_equal(gc_memory_status().refusals, 0);
    assert_int_equal(gc_memory_status().collections, 0);
    zval_release(&list);
}

static void the_limit_holds_while_allocations_are_counted(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    gc_memory_fail_after(UINT64_MAX);
    assert_false(bulk_fill(&list, 2 * BULK_LIMIT));
    assert_int_equal(gc_memory_usage(false), BULK_LIMIT);
    assert_int_equal(gc_memory_fail_never(), 0);
    assert_false(bulk_fill(&list, 2 * BULK_LIMIT));
    assert_int_equal(gc_memory_status().refusals, 2);
    bulk_empty(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(there_is_none_unless_it_is_set),
        fixture_test(a_heap_is_made_with_one),
        fixture_test(it_is_reached_to_the_last_block_and_never_passed),
        fixture_test(a_large_block_counts_too),
        fixture_test(each_call_that_can_say_so_says_it_is_the_limit),
        fixture_test(what_is_released_makes_room),
        fixture_test(it_cannot_be_set_below_what_is_in_use),
        fixture_test(setting_it_collects_if_that_is_needed),
        fixture_test(failing_on_purpose_is_no_limit),
        fixture_test(the_limit_holds_while_allocations_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
