/*
 * Bytes in use, their peak, idle memory, and allocations that are made to fail.
 */
#include "checks.h"
#include "fixture.h"

#include <string.h>

/* ---- what the program holds -------------------------------------------------- */

static void an_unused_heap_holds_nothing(void **state)
{
    (void)state;
    assert_int_equal(gc_memory_usage(false), 0);
    assert_int_equal(gc_memory_peak(false), 0);
}

static void a_block_counts_with_the_size_it_occupies(void **state)
{
    (void)state;
    static const struct gc_type type = {.name = "odd", .size = 1001};
    void *object = gc_new(&type);
    size_t first = gc_memory_usage(false);
    assert_in_range(first, 1001, 1001 * 5 / 4);
    void *second = gc_new(&type);
    assert_int_equal(gc_memory_usage(false), 2 * first);
    gc_release(object);
    assert_int_equal(gc_memory_usage(false), first);
    gc_release(second);
}

static zval make_something_large(void)
{
    zval list = zval_array();
    for (int i = 0; i < 3000; i++) {
        char name[32];
        snprintf(name, sizeof name, "key %d", i);
        zval object = zval_object(NULL);
        (void)zval_property_set(&object, name, zval_cstring(name));
        (void)zval_array_set(&list, name, object);
    }
    return list;
}

static void all_values_released_usage_is_exactly_as_before(void **state)
{
    (void)state;
    zval keep = checks_list(10);
    size_t before = gc_memory_usage(false);
    zval list = make_something_large();
    assert_true(gc_memory_usage(false) > before + 3000 * 32);
    zval_release(&list);
    assert_int_equal(gc_memory_usage(false), before);
    zval_release(&keep);
}

static void all_garbage_collected_usage_is_exactly_as_before(void **state)
{
    (void)state;
    zval keep = checks_list(10);
    size_t before = gc_memory_usage(false);
    zval list = make_something_large();
    (void)zval_array_push(&list, zval_reference(&list));
    zval_release(&list);
    gc_collect_cycles();
    assert_int_equal(gc_memory_usage(false), before);
    zval_release(&keep);
}

static void a_text_replaced_again_and_again_takes_no_more(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    assert_ok(zval_property_set(&object, "text", zval_cstring("first")));
    size_t before = gc_memory_usage(false);
    for (int i = 0; i < 1000; i++) {
        assert_ok(zval_property_set(&object, "text", zval_cstring("other")));
        assert_int_equal(gc_memory_usage(false), before);
    }
    zval_release(&object);
}

static void an_array_as_a_queue_takes_no_more_and_more(void **state)
{
    (void)state;
    zval queue = checks_list(8);
    size_t most = 0;
    for (int i = 8; i < 100000; i++) {
        (void)zval_array_push(&queue, zval_int(i));
        (void)zval_array_remove_at(&queue, i - 8);
        most = gc_memory_usage(false) > most ? gc_memory_usage(false) : most;
    }
    assert_true(most < 4096);
    assert_int_equal(zval_array_count(&queue), 8);
    zval_release(&queue);
}

static void a_shrunk_array_gives_memory_back_when_it_is_written_to(void **state)
{
    (void)state;
    zval list = checks_list(100000);
    for (int i = 0; i < 99990; i++) {
        (void)zval_array_remove_at(&list, i);
    }
    for (int i = 100000; i < 140000; i++) {
        (void)zval_array_push(&list, zval_int(i));
        (void)zval_array_remove_at(&list, i - 10);
    }
    assert_int_equal(zval_array_count(&list), 10);
    assert_true(gc_memory_usage(false) < 8192);
    zval_release(&list);
}

/* ---- the peak ---------------------------------------------------------------- */

/* A text of that length: one block. */
static zval block(size_t length)
{
    static const char bytes[100000];
    return zval_string(bytes, length);
}

static void the_peak_is_the_most_that_was_in_use(void **state)
{
    (void)state;
    zval small = block(10);
    zval large = block(10000);
    size_t most = gc_memory_usage(false);
    zval_release(&large);
    assert_int_equal(gc_memory_peak(false), most);
    zval other = block(100);
    assert_int_equal(gc_memory_peak(false), most);
    zval_release(&small);
    zval_release(&other);
    assert_int_equal(gc_memory_peak(false), most);
}

static void the_peak_is_never_less_than_what_is_in_use(void **state)
{
    (void)state;
    zval lists[20];
    for (int i = 0; i < 20; i++) {
        lists[i] = checks_list(i * 10);
        assert_true(gc_memory_peak(false) >= gc_memory_usage(false));
        assert_true(gc_memory_peak(true) >= gc_memory_usage(true));
    }
    for (int i = 0; i < 20; i++) {
        zval_release(&lists[i]);
    }
}

static void a_peak_between_two_releases_is_noticed(void **state)
{
    (void)state;
    zval first = block(1000);
    zval second = block(10000);
    size_t most = gc_memory_usage(false);
    zval_release(&first);
    first = block(2000);
    size_t more = gc_memory_usage(false);
    zval_release(&second);
    zval_release(&first);
    assert_true(more > most);
    assert_int_equal(gc_memory_peak(false), more);
}

static void what_a_collection_frees_was_in_the_peak(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct fixture_node *node = fixture_node_new(i);
        node->a = gc_retain(node);
        gc_release(node);
    }
    size_t most = gc_memory_usage(false);
    gc_collect_cycles();
    assert_int_equal(gc_memory_usage(false), 0);
    assert_int_equal(gc_memory_peak(false), most);
}

static void a_reset_peak_begins_at_what_is_in_use(void **state)
{
    (void)state;
    zval large = block(100000);
    zval small = block(10);
    zval_release(&large);
    gc_mem_caches();
    gc_memory_reset_peak();
    assert_int_equal(gc_memory_peak(false), gc_memory_usage(false));
    assert_int_equal(gc_memory_peak(true), gc_memory_usage(true));
    zval more = block(10);
    assert_int_equal(gc_memory_peak(false), gc_memory_usage(false));
    zval_release(&small);
    zval_release(&more);
}

/* ---- what the system gave ---------------------------------------------------- */

static void the_system_gives_whole_pages_for_what_is_held(void **state)
{
    (void)state;
    assert_int_equal(gc_memory_usage(true), 0);
    zval lists[10];
    for (int i = 0; i < 10; i++) {
        lists[i] = checks_list(1 << i);
        assert_true(gc_memory_usage(true) >= gc_memory_usage(false));
        assert_int_equal(gc_memory_usage(true) % 65536, 0);
    }
    for (int i = 0; i < 10; i++) {
        zval_release(&lists[i]);
    }
}

static void idle_memory_is_kept_until_it_is_given_back(void **state)
{
    (void)state;
    zval list = make_something_large();
    zval_release(&list);
    size_t before = gc_memory_usage(true);
    assert_true(before > 0);
    size_t given_back = gc_mem_caches();
    assert_int_equal(given_back, before);
    assert_int_equal(gc_memory_usage(true), 0);
    assert_sound();
}

static void giving_back_twice_gives_nothing_more(void **state)
{
    (void)state;
    zval keep = checks_list(10);
    zval list = make_something_large();
    zval_release(&list);
    assert_true(gc_mem_caches() > 0);
    assert_int_equal(gc_mem_caches(), 0);
    zval_release(&keep);
}

static void giving_back_says_exactly_how_much_and_touches_nothing_in_use(void **state)
{
    (void)state;
    zval list = make_something_large();
    for (int i = 0; i < 3000; i += 2) {
        char name[32];
        snprintf(name, sizeof name, "key %d", i);
        (void)zval_array_remove(&list, name);
    }
    zval other = checks_list(200000);
    zval_release(&other);
    size_t system_before = gc_memory_usage(true);
    size_t before = gc_memory_usage(false);
    size_t given_back = gc_mem_caches();
    assert_true(given_back > 0);
    assert_int_equal(gc_memory_usage(true), system_before - given_back);
    assert_int_equal(gc_memory_usage(false), before);
    assert_text(zval_property_get(zval_array_get(&list, "key 2999"), "key 2999"), "key 2999");
    assert_sound();
    zval_release(&list);
}

static void memory_that_was_given_back_can_be_used_again(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        zval list = make_something_large();
        assert_sound();
        assert_int_equal(zval_array_count(&list), 3000);
        zval_release(&list);
        assert_true(gc_mem_caches() > 0);
    }
}

static void used_again_and_again_memory_from_the_system_does_not_grow(void **state)
{
    (void)state;
    zval list = make_something_large();
    zval_release(&list);
    size_t most = gc_memory_peak(true);
    for (int i = 0; i < 20; i++) {
        list = make_something_large();
        zval_release(&list);
    }
    assert_int_equal(gc_memory_peak(true), most);
}

static void giving_back_says_what_was_in_physical_memory_and_what_is_left(void **state)
{
    (void)state;
    static char bytes[1 << 20];
    memset(bytes, 1, sizeof bytes);
    zval keep = zval_string(bytes, 100);
    zval large = zval_string(bytes, sizeof bytes - 100);
    zval_release(&large);
    struct gc_memory_trimmed trimmed = gc_memory_trim();
    assert_in_range(trimmed.returned_bytes, sizeof bytes, sizeof bytes + 2 * 65536);
    assert_in_range(trimmed.resident_bytes, sizeof bytes - 8192, trimmed.returned_bytes);
    assert_in_range(trimmed.reusable_bytes, 1, gc_memory_usage(true) - gc_memory_usage(false));
    assert_int_equal(gc_memory_trim().returned_bytes, 0);
    zval_release(&keep);
}

static void all_figures_at_once_are_those_of_the_single_calls(void **state)
{
    (void)state;
    zval list = make_something_large();
    struct gc_memory_status status = gc_memory_status();
    assert_int_equal(status.live_bytes, gc_memory_usage(false));
    assert_int_equal(status.live_peak_bytes, gc_memory_peak(false));
    assert_int_equal(status.system_bytes, gc_memory_usage(true));
    assert_int_equal(status.system_peak_bytes, gc_memory_peak(true));
    assert_true(status.live_bytes + status.reusable_bytes < status.system_bytes);
    zval_release(&list);
    assert_true(gc_memory_status().reusable_bytes >= status.live_bytes / 2);
    assert_int_equal(gc_memory_status().live_bytes, 0);
}

static struct gc_heap *use_heap_with_idle_time(uint64_t ns)
{
    struct gc_options options = gc_options_default();
    options.policy = GC_POLICY_CLASSIC;
    options.idle_return_ns = ns;
    return gc_heap_use(gc_heap_new(&options));
}

static void end_heap(struct gc_heap *before)
{
    struct gc_heap *heap = gc_heap_use(before);
    gc_heap_free(heap);
}

static void collect_something(void)
{
    struct fixture_node *node = fixture_node_new(1);
    node->a = gc_retain(node);
    gc_release(node);
    gc_collect_cycles();
}

static void memory_that_has_been_idle_goes_back_by_itself(void **state)
{
    (void)state;
    struct gc_heap *before = use_heap_with_idle_time(1);
    zval list = make_something_large();
    zval_release(&list);
    size_t kept = gc_memory_usage(true);
    for (int i = 0; i < 3; i++) {
        collect_something();
    }
    assert_true(gc_memory_usage(true) < kept / 2);
    assert_sound();
    list = make_something_large();
    assert_int_equal(zval_array_count(&list), 3000);
    zval_release(&list);
    end_heap(before);
}

#define PAGE_OF_STRUCTS 100

struct half_page {
    struct gc_object gc;
    struct half_page *self;
    char filling[20000];
};

static const struct gc_field half_page_fields[] = {GC_FIELD_OBJECT(struct half_page, self)};
static const struct gc_type half_page_type = {.name = "half_page",
                                              .size = sizeof(struct half_page),
                                              .fields = half_page_fields,
                                              .field_count = 1};

/* Frees what fills whole pages that the collection has looked at, and takes new ones. */
static void empty_pages_and_fill_others(zval *self)
{
    assert_ok(zval_property_set(self, "list", zval_null()));
    for (int i = 0; i < 3; i++) {
        zval list = make_something_large();
        zval_release(&list);
    }
}

static void pages_that_a_collection_holds_stay(void **state)
{
    (void)state;
    static const struct zval_class filling = {.name = "filling",
                                              .destructor = empty_pages_and_fill_others};
    struct gc_heap *before = use_heap_with_idle_time(1);
    for (int round = 0; round < 5; round++) {
        zval object = zval_object(&filling);
        zval list = zval_array();
        for (int i = 0; i < PAGE_OF_STRUCTS; i++) {
            assert_ok(zval_array_push(&list, zval_native(gc_new(&half_page_type))));
        }
        assert_ok(zval_property_set(&object, "self", zval_copy(&object)));
        assert_ok(zval_property_set(&object, "list", list));
        zval_release(&object);
        assert_int_equal(gc_collect_cycles(), 1);
        assert_sound();
        assert_int_equal(gc_memory_usage(false), 0);
    }
    end_heap(before);
}

static void not_before_its_time(void **state)
{
    (void)state;
    struct gc_heap *before = use_heap_with_idle_time(UINT64_MAX);
    zval list = make_something_large();
    zval_release(&list);
    size_t kept = gc_memory_usage(true);
    for (int i = 0; i < 3; i++) {
        collect_something();
    }
    assert_int_equal(gc_memory_usage(true), kept);
    end_heap(before);
}

static void and_not_unless_it_is_asked_for(void **state)
{
    (void)state;
    struct gc_heap *before = use_heap_with_idle_time(0);
    zval list = make_something_large();
    zval_release(&list);
    size_t kept = gc_memory_usage(true);
    for (int i = 0; i < 3; i++) {
        collect_something();
    }
    assert_int_equal(gc_memory_usage(true), kept);
    end_heap(before);
}

/* ---- allocations that fail --------------------------------------------------- */

static void so_many_allocations_succeed_and_all_others_fail(void **state)
{
    (void)state;
    struct fixture_node *nodes[5];
    gc_memory_fail_after(3);
    for (int i = 0; i < 5; i++) {
        nodes[i] = fixture_node_new(i);
        assert_int_equal(nodes[i] != NULL, i < 3);
    }
    assert_int_equal(gc_memory_fail_never(), 2);
    for (int i = 0; i < 5; i++) {
        gc_release(nodes[i]);
    }
}

static void afterwards_allocations_succeed_again(void **state)
{
    (void)state;
    gc_memory_fail_after(0);
    assert_null(fixture_node_new(1));
    assert_int_equal(gc_memory_fail_never(), 1);
    struct fixture_node *node = fixture_node_new(1);
    assert_non_null(node);
    gc_release(node);
    assert_int_equal(gc_memory_fail_never(), 0);
}

static void beginning_anew_forgets_the_failures_before(void **state)
{
    (void)state;
    gc_memory_fail_after(0);
    assert_null(fixture_node_new(1));
    gc_memory_fail_after(1);
    struct fixture_node *node = fixture_node_new(1);
    assert_non_null(node);
    assert_int_equal(gc_memory_fail_never(), 0);
    gc_release(node);
}

static void allocations_of_other_heaps_do_not_fail(void **state)
{
    (void)state;
    gc_memory_fail_after(0);
    struct gc_heap *heap = gc_heap_new(NULL);
    struct gc_heap *before = gc_heap_use(heap);
    assert_non_null(fixture_node_new(1));
    gc_heap_use(before);
    assert_null(fixture_node_new(1));
    gc_memory_fail_never();
    gc_heap_free(heap);
}

static void releasing_and_collecting_need_no_memory(void **state)
{
    (void)state;
    zval list = make_something_large();
    struct fixture_node *node = fixture_node_new(1);
    node->a = gc_retain(node);
    gc_release(node);
    gc_memory_fail_after(0);
    zval_release(&list);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(gc_collect_heap(), 0);
    assert_int_equal(gc_memory_fail_never(), 0);
    assert_int_equal(gc_memory_usage(false), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(an_unused_heap_holds_nothing),
        fixture_test(a_block_counts_with_the_size_it_occupies),
        fixture_test(all_values_released_usage_is_exactly_as_before),
        fixture_test(all_garbage_collected_usage_is_exactly_as_before),
        fixture_test(a_text_replaced_again_and_again_takes_no_more),
        fixture_test(an_array_as_a_queue_takes_no_more_and_more),
        fixture_test(a_shrunk_array_gives_memory_back_when_it_is_written_to),
        fixture_test(the_peak_is_the_most_that_was_in_use),
        fixture_test(the_peak_is_never_less_than_what_is_in_use),
        fixture_test(a_peak_between_two_releases_is_noticed),
        fixture_test(what_a_collection_frees_was_in_the_peak),
        fixture_test(a_reset_peak_begins_at_what_is_in_use),
        fixture_test(the_system_gives_whole_pages_for_what_is_held),
        fixture_test(idle_memory_is_kept_until_it_is_given_back),
        fixture_test(giving_back_twice_gives_nothing_more),
        fixture_test(giving_back_says_exactly_how_much_and_touches_nothing_in_use),
        fixture_test(memory_that_was_given_back_can_be_used_again),
        fixture_test(used_again_and_again_memory_from_the_system_does_not_grow),
        fixture_test(giving_back_says_what_was_in_physical_memory_and_what_is_left),
        fixture_test(all_figures_at_once_are_those_of_the_single_calls),
        fixture_test(memory_that_has_been_idle_goes_back_by_itself),
        fixture_test(pages_that_a_collection_holds_stay),
        fixture_test(not_before_its_time),
        fixture_test(and_not_unless_it_is_asked_for),
        fixture_test(so_many_allocations_succeed_and_all_others_fail),
        fixture_test(afterwards_allocations_succeed_again),
        fixture_test(beginning_anew_forgets_the_failures_before),
        fixture_test(allocations_of_other_heaps_do_not_fail),
        fixture_test(releasing_and_collecting_need_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
