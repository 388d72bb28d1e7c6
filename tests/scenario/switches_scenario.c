/*
 * PHP's scenarios, section 1: switches and status.
 */
#include "scenario.h"

#include <stdlib.h>

/* An own struct that tells when it goes, to be hung into what a heap's end must free. */
static unsigned witnesses_gone;

static void count_witness(void *self)
{
    (void)self;
    witnesses_gone++;
}

static const struct gc_type witness_type = {
    .name = "witness", .size = sizeof(struct gc_object), .free = count_witness};

static zval witness(void)
{
    return zval_native(gc_new(&witness_type));
}

/* A heap of its own for what is to happen at a heap's end. */
static struct gc_heap *use_new_heap(bool enabled, struct gc_heap **before)
{
    struct gc_options options = gc_options_default();
    options.enabled = enabled;
    struct gc_heap *heap = gc_heap_new(&options);
    assert_non_null(heap);
    *before = gc_heap_use(heap);
    witnesses_gone = 0;
    return heap;
}

/* ---- the switch --------------------------------------------------------- */

static void gc_001_query_follows_the_switch(void **state)
{
    (void)state;
    gc_disable();
    assert_false(gc_enabled());
    gc_enable();
    assert_true(gc_enabled());
}

/* PHP's configuration value follows the switch. Here the configuration (an option or the
   environment) is what a heap begins with, and the switch is the heap's own from then on. */
static void gc_002_switch_belongs_to_the_heap(void **state)
{
    (void)state;
    gc_disable();
    assert_false(gc_enabled());
    assert_true(gc_options_default().enabled);
    struct gc_heap *before;
    struct gc_heap *other = use_new_heap(true, &before);
    assert_true(gc_enabled());
    gc_heap_use(before);
    gc_heap_free(other);
    assert_false(gc_enabled());
    gc_enable();
    assert_true(gc_enabled());
}

static void gc_003_query_follows_the_option(void **state)
{
    (void)state;
    for (int enabled = 0; enabled <= 1; enabled++) {
        struct gc_heap *before;
        struct gc_heap *heap = use_new_heap(enabled != 0, &before);
        assert_int_equal(gc_enabled(), enabled);
        gc_heap_use(before);
        gc_heap_free(heap);
    }
}

static void gc_003_query_follows_the_environment(void **state)
{
    (void)state;
    static const char *const values[] = {"0", "1"};
    for (int enabled = 0; enabled <= 1; enabled++) {
        assert_int_equal(setenv("RCYCLE_ENABLE_GC", values[enabled], 1), 0);
        struct gc_heap *heap = gc_heap_new(NULL);
        assert_int_equal(unsetenv("RCYCLE_ENABLE_GC"), 0);
        assert_non_null(heap);
        struct gc_heap *before = gc_heap_use(heap);
        assert_int_equal(gc_enabled(), enabled);
        gc_heap_use(before);
        gc_heap_free(heap);
    }
}

/* ---- the end of a heap -------------------------------------------------- */

/* $a = [[]]; $a[0][0] =& $a[0]; unset($a); and the end of the program. */
static void end_with_pending_garbage(void)
{
    zval outer = zval_array();
    push(&outer, zval_array());
    zval *inner = zval_array_slot_at(&outer, 0);
    put(inner, 0, zval_reference(inner));
    put(inner, 1, witness());
    zval_release(&outer);
    assert_int_equal(gc_status().roots, 1);
    assert_int_equal(gc_status().live_nodes, 2);
    assert_int_equal(witnesses_gone, 0);
}

static void gc_025_end_frees_pending_garbage(void **state)
{
    (void)state;
    struct gc_heap *before;
    struct gc_heap *heap = use_new_heap(true, &before);
    end_with_pending_garbage();
    gc_heap_use(before);
    gc_heap_free(heap);
    assert_int_equal(witnesses_gone, 1);
}

static void gc_026_end_frees_garbage_if_enabled_at_run_time(void **state)
{
    (void)state;
    struct gc_heap *before;
    struct gc_heap *heap = use_new_heap(false, &before);
    gc_enable();
    end_with_pending_garbage();
    gc_heap_use(before);
    gc_heap_free(heap);
    assert_int_equal(witnesses_gone, 1);
}

static void bug79900_end_of_a_disabled_heap_frees_a_cycle(void **state)
{
    (void)state;
    struct gc_heap *before;
    struct gc_heap *heap = use_new_heap(true, &before);
    gc_disable();
    zval object = self_object();
    set(&object, "witness", witness());
    assert_int_equal(gc_status().live_nodes, 2);
    gc_heap_use(before);
    gc_heap_free(heap);
    assert_int_equal(witnesses_gone, 1);
}

/* ---- status ------------------------------------------------------------- */

static void gc_031_collect_while_off_from_the_start(void **state)
{
    (void)state;
    struct gc_heap *before;
    struct gc_heap *heap = use_new_heap(false, &before);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 0);
    gc_heap_use(before);
    gc_heap_free(heap);
}

static void gc_037_status_before_and_after(void **state)
{
    (void)state;
    drop_self_array();
    expect_figures(.runs = 0, .collected = 0, .roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 1, .collected = 1, .roots = 0, .live_nodes = 0);
}

/* PHP 8.3's further figures. Its buffer_size is 16,384, a buffer that grows; ours is what fits. */
static void gc_037_further_figures(void **state)
{
    (void)state;
    drop_self_array();
    gc_collect_cycles();
    struct gc_status status = gc_status();
    assert_false(status.running);
    assert_false(status.full);
    assert_int_equal(status.buffer_size, SCENARIO_ROOTS);
    assert_int_equal(status.full_runs, 1);
    assert_int_equal(status.minor_runs, 0);
    assert_int_equal(status.destructor_time_ns, 0);
    assert_true(status.collector_time_ns <= status.application_time_ns);
    assert_true(status.free_time_ns <= status.collector_time_ns);
    assert_int_equal(status.last_pause_ns, status.collector_time_ns);
    assert_int_equal(status.max_pause_ns, status.collector_time_ns);
}

/* PHP has no buffer then: what was dropped while off is never found. Ours records from the start,
   as PHP's manual says. */
static void extra_off_at_start_still_records(void **state)
{
    (void)state;
    struct gc_heap *before;
    struct gc_heap *heap = use_new_heap(false, &before);
    for (int i = 0; i < 10; i++) {
        drop_self_object();
    }
    expect_figures(.roots = 10, .live_nodes = 10);
    assert_int_equal(gc_collect_cycles(), 10);
    expect_figures(.runs = 1, .collected = 10);
    gc_enable();
    drop_self_object();
    expect_figures(.runs = 1, .collected = 10, .roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 2, .collected = 11);
    gc_heap_use(before);
    gc_heap_free(heap);
}

/* As PHP 5.3 to 7.2, whose buffer was of fixed size too: 10,000 are recorded. The rest leak there
   for ever; here they are counted, and found by gc_collect_heap(). */
static void extra_disabled_at_run_time_drops_roots(void **state)
{
    (void)state;
    gc_disable();
    for (int i = 0; i < 200000; i++) {
        drop_self_object();
    }
    expect_figures(.roots = 10000, .live_nodes = 200000, .dropped_roots = 190000);
    assert_true(gc_status().full);
    assert_int_equal(gc_collect_cycles(), 10000);
    expect_figures(.runs = 1, .collected = 10000, .live_nodes = 190000, .dropped_roots = 190000);
    assert_false(gc_status().full);
    assert_int_equal(gc_collect_heap(), 190000);
    expect_figures(.runs = 2, .collected = 200000, .dropped_roots = 190000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scenario_test(gc_001_query_follows_the_switch),
        scenario_test(gc_002_switch_belongs_to_the_heap),
        scenario_test(gc_003_query_follows_the_option),
        scenario_test(gc_003_query_follows_the_environment),
        scenario_test(gc_025_end_frees_pending_garbage),
        scenario_test(gc_026_end_frees_garbage_if_enabled_at_run_time),
        scenario_test(gc_031_collect_while_off_from_the_start),
        scenario_test(gc_037_status_before_and_after),
        scenario_test(gc_037_further_figures),
        scenario_test(bug79900_end_of_a_disabled_heap_frees_a_cycle),
        scenario_test(extra_off_at_start_still_records),
        scenario_test(extra_disabled_at_run_time_drops_roots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
