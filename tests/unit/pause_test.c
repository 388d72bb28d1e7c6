/*
 * Pauses: the histogram, and the program's hook.
 */
#include "checks.h"

#include "fixture.h"

static void drop_cycle(void)
{
    struct fixture_node *node = fixture_node_new(0);
    node->a = gc_retain(node);
    gc_release(node);
}

static void every_run_is_a_pause(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        drop_cycle();
        gc_collect_cycles();
    }
    struct gc_pauses pauses = gc_pauses();
    uint64_t sum = 0;
    for (size_t bin = 0; bin < GC_PAUSE_BINS; bin++) {
        sum += pauses.bins[bin];
    }
    assert_int_equal(pauses.count, 3);
    assert_int_equal(sum, 3);
    assert_int_equal(pauses.total_ns, gc_status().collector_time_ns);
}

static void a_pause_is_in_the_bin_that_spans_it(void **state)
{
    (void)state;
    drop_cycle();
    gc_collect_cycles();
    struct gc_pauses pauses = gc_pauses();
    uint64_t ns = gc_status().last_pause_ns;
    for (size_t bin = 0; bin < GC_PAUSE_BINS; bin++) {
        bool spans = gc_pause_bin_ns(bin) <= ns && ns < gc_pause_bin_ns(bin + 1);
        assert_int_equal(pauses.bins[bin], spans ? 1 : 0);
    }
}

static void bins_rise_without_a_gap(void **state)
{
    (void)state;
    assert_int_equal(gc_pause_bin_ns(0), 0);
    assert_int_equal(gc_pause_bin_ns(1), 1);
    assert_int_equal(gc_pause_bin_ns(2), 2);
    assert_int_equal(gc_pause_bin_ns(3), 3);
    assert_int_equal(gc_pause_bin_ns(20), 1024);
    assert_int_equal(gc_pause_bin_ns(21), 1536);
    for (size_t bin = 1; bin <= GC_PAUSE_BINS; bin++) {
        assert_true(gc_pause_bin_ns(bin) > gc_pause_bin_ns(bin - 1));
    }
    assert_true(gc_pause_bin_ns(GC_PAUSE_BINS) == UINT64_MAX);
}

static void percentiles_are_ends_of_bins(void **state)
{
    (void)state;
    struct gc_pauses pauses = {.count = 100};
    pauses.bins[20] = 90;
    pauses.bins[30] = 9;
    pauses.bins[40] = 1;
    assert_int_equal(gc_pause_percentile_ns(&pauses, -1), gc_pause_bin_ns(21));
    assert_int_equal(gc_pause_percentile_ns(&pauses, 50), gc_pause_bin_ns(21));
    assert_int_equal(gc_pause_percentile_ns(&pauses, 90), gc_pause_bin_ns(21));
    assert_int_equal(gc_pause_percentile_ns(&pauses, 99), gc_pause_bin_ns(31));
    assert_int_equal(gc_pause_percentile_ns(&pauses, 100), gc_pause_bin_ns(41));
    assert_int_equal(gc_pause_percentile_ns(&pauses, 1000), gc_pause_bin_ns(41));
    pauses = (struct gc_pauses){0};
    assert_int_equal(gc_pause_percentile_ns(&pauses, 99), 0);
}

/* ---- the hook ----------------------------------------------------------- */

struct told {
    unsigned before;
    unsigned after;
    size_t freed;
    enum gc_pause_kind kind;
};

static void tell(const struct gc_pause *pause, void *context)
{
    struct told *told = context;
    told->before += !pause->is_over;
    told->after += pause->is_over;
    told->freed += pause->freed;
    told->kind = pause->kind;
    assert_true(gc_status().running);
    assert_int_equal(gc_collect_cycles(), 0);
    drop_cycle();
}

static void the_hook_is_told_before_and_after(void **state)
{
    (void)state;
    struct told told = {0};
    gc_pause_set_hook(tell, &told);
    drop_cycle();
    gc_collect_cycles();
    assert_int_equal(told.before, 1);
    assert_int_equal(told.after, 1);
    assert_int_equal(told.freed, 2);
    assert_int_equal(told.kind, GC_PAUSE_FULL_RUN);
    gc_pause_set_hook(NULL, NULL);
    gc_collect_cycles();
    assert_int_equal(told.after, 1);
}

static void a_slice_is_told_as_one(void **state)
{
    (void)state;
    struct told told = {0};
    gc_pause_set_hook(tell, &told);
    drop_cycle();
    while (!gc_step(0)) {
    }
    assert_int_equal(told.kind, GC_PAUSE_SLICE);
    assert_int_equal(told.before, told.after);
    gc_pause_set_hook(NULL, NULL);
    gc_collect_cycles();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(every_run_is_a_pause),
        fixture_test(a_pause_is_in_the_bin_that_spans_it),
        fixture_test(bins_rise_without_a_gap),
        fixture_test(percentiles_are_ends_of_bins),
        fixture_test(the_hook_is_told_before_and_after),
        fixture_test(a_slice_is_told_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
