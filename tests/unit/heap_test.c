/*
 * Heaps of one thread: making and using them.
 */
#include "checks.h"
#include "fixture.h"

/* ---- making and using -------------------------------------------------------- */

static void no_options_mean_the_default_ones(void **state)
{
    (void)state;
    struct gc_heap *heap = gc_heap_new(NULL);
    assert_non_null(heap);
    struct gc_heap *before = gc_heap_use(heap);
    assert_int_equal(gc_status().buffer_size, GC_ROOT_BUFFER_MAX_ENTRIES);
    assert_true(gc_enabled());
    gc_heap_use(before);
    gc_heap_free(heap);
}

static void a_new_heap_is_not_used_before_it_is_asked_for(void **state)
{
    (void)state;
    struct gc_heap *current = gc_heap_current();
    struct gc_heap *heap = gc_heap_new(NULL);
    assert_ptr_equal(gc_heap_current(), current);
    gc_heap_free(heap);
}

static void using_a_heap_returns_the_one_before(void **state)
{
    (void)state;
    struct gc_heap *outer = gc_heap_current();
    struct gc_heap *inner = gc_heap_new(NULL);
    assert_ptr_equal(gc_heap_use(inner), outer);
    assert_ptr_equal(gc_heap_current(), inner);
    assert_ptr_equal(gc_heap_use(outer), inner);
    gc_heap_free(inner);
}

static void using_none_falls_back_to_the_threads_own(void **state)
{
    (void)state;
    struct gc_heap *heap = gc_heap_current();
    assert_ptr_equal(gc_heap_use(NULL), heap);
    struct gc_heap *own = gc_heap_current();
    assert_non_null(own);
    assert_ptr_not_equal(own, heap);
    assert_null(gc_heap_use(heap));
    assert_ptr_equal(gc_heap_use(NULL), heap);
    assert_ptr_equal(gc_heap_current(), own);
    gc_heap_use(heap);
}

static void no_heap_has_an_option_out_of_range(void **state)
{
    (void)state;
    struct gc_options options = gc_options_default();
    options.root_buffer_entries = 0;
    assert_null(gc_heap_new(&options));
    options.root_buffer_entries = 4000001;
    assert_null(gc_heap_new(&options));
    options.root_buffer_entries = SIZE_MAX;
    assert_null(gc_heap_new(&options));
    options = gc_options_default();
    options.policy = (enum gc_policy)77;
    assert_null(gc_heap_new(&options));
}

static void the_smallest_and_the_largest_buffer_are_possible(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 4000000};
    for (size_t i = 0; i < 2; i++) {
        struct gc_options options = gc_options_default();
        options.root_buffer_entries = sizes[i];
        struct gc_heap *heap = gc_heap_new(&options);
        assert_non_null(heap);
        struct gc_heap *before = gc_heap_use(heap);
        assert_int_equal(gc_status().buffer_size, sizes[i]);
        assert_int_equal(gc_status().threshold, sizes[i] + 1);
        gc_heap_use(before);
        gc_heap_free(heap);
    }
}

static void a_heap_may_begin_with_the_collector_off(void **state)
{
    (void)state;
    struct gc_options options = gc_options_default();
    options.enabled = false;
    struct gc_heap *heap = gc_heap_new(&options);
    struct gc_heap *before = gc_heap_use(heap);
    assert_false(gc_enabled());
    gc_heap_use(before);
    assert_true(gc_enabled());
    gc_heap_free(heap);
}

static void heaps_are_independent(void **state)
{
    (void)state;
    struct gc_heap *heap = gc_heap_new(NULL);
    struct fixture_node *here = fixture_node_new(1);
    struct gc_heap *before = gc_heap_use(heap);
    assert_nodes(0);
    assert_int_equal(gc_memory_usage(false), 0);
    zval there = zval_array();
    zval_release(&there);
    gc_disable();
    gc_heap_use(before);
    assert_nodes(1);
    assert_true(gc_enabled());
    assert_int_equal(gc_heap_verify(heap, stderr), 0);
    gc_release(here);
    gc_heap_free(heap);
}

static void an_object_goes_back_to_the_heap_that_it_came_from(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    node->a = gc_retain(node);
    zval text = zval_cstring("in the first heap");
    struct gc_heap *heap = gc_heap_new(NULL);
    struct gc_heap *before = gc_heap_use(heap);
    zval_release(&text);
    gc_release(node);
    assert_roots(0);
    gc_heap_use(before);
    assert_roots(1);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(gc_memory_usage(false), 0);
    gc_heap_free(heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(no_options_mean_the_default_ones),
        fixture_test(a_new_heap_is_not_used_before_it_is_asked_for),
        fixture_test(using_a_heap_returns_the_one_before),
        fixture_test(using_none_falls_back_to_the_threads_own),
        fixture_test(no_heap_has_an_option_out_of_range),
        fixture_test(the_smallest_and_the_largest_buffer_are_possible),
        fixture_test(a_heap_may_begin_with_the_collector_off),
        fixture_test(heaps_are_independent),
        fixture_test(an_object_goes_back_to_the_heap_that_it_came_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
