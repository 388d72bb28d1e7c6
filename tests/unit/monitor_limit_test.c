/*
 * The rule of sizes: asked to collect, and replaced if that does not help.
 */
#include "monitor_bed.h"

#include <rcycle/memory.h>

#define MIB                  ((size_t)1 << 20)

#define ready_count(monitor) bed_count(monitor, GC_MONITOR_READY)

/* The most that a worker of this program has when it is ready: its image counts, and sanitizers'.
 */
static size_t start_bytes(void)
{
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 2);
    size_t bytes = bed_find(monitor, GC_MONITOR_READY).start_bytes;
    bed_finish(monitor);
    assert_true(bytes > 0);
    return bytes;
}

/* Room for half of what a leak takes. */
static struct gc_monitor_options limited_options(void)
{
    struct gc_monitor_options options = bed_options();
    options.limit_percent = 50;
    options.jitter_percent = 0;
    bed->leak_bytes = 64 * MIB;
    options.limit_bytes = 2 * (start_bytes() + 32 * MIB);
    bed->post_mortems = 0;
    return options;
}

static unsigned count_serving(const struct gc_monitor *monitor)
{
    return bed_count(monitor, GC_MONITOR_READY) + bed_count(monitor, GC_MONITOR_ASKED) +
           bed_count(monitor, GC_MONITOR_RETIRING);
}

static void a_worker_that_leaks_is_replaced_by_a_ready_one(void **state)
{
    (void)state;
    struct gc_monitor_options options = limited_options();
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 2);
    bed->leaks = 1;
    uint64_t deadline_ns = bed_deadline_ns();
    while (bed_counts(monitor).replaced_limit == 0) {
        bed_check_time(deadline_ns, "replaced", __FILE__, __LINE__);
        assert_true(bed_step(monitor, 10));
        assert_int_equal(count_serving(monitor), 2);
    }
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_GONE) == 1);
    struct gc_monitor_counts counts = bed_counts(monitor);
    assert_true(counts.asked >= 1);
    assert_int_equal(counts.settled, 0);
    assert_int_equal(counts.replaced_limit, 1);
    assert_int_equal(counts.started, 3);
    assert_int_equal(bed->post_mortems, 1);
    assert_int_equal(bed_logged("\"event\":\"retiring\""), 1);
    bed_finish(monitor);
}

static void a_worker_with_garbage_only_is_asked_and_stays(void **state)
{
    (void)state;
    struct gc_monitor_options options = limited_options();
    options.workers = 1;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 1);
    bed->leak_bytes = 38 * MIB;
    bed->litters = 1;
    bed_drive_until(monitor, bed_counts(monitor).settled >= 1);
    bed_turns(monitor, 50);
    struct gc_monitor_figures figures = bed_find(monitor, GC_MONITOR_READY);
    assert_int_equal(figures.number, 1);
    assert_true(figures.collected >= 9000);
    assert_true(figures.live_bytes < 4 * MIB);
    assert_int_equal(bed_counts(monitor).replaced_limit, 0);
    bed_finish(monitor);
}

static void no_more_are_replaced_at_once_than_allowed(void **state)
{
    (void)state;
    struct gc_monitor_options options = limited_options();
    options.workers = 4;
    options.replace_at_once = 2;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 4);
    bed->leaks = 4;
    uint64_t deadline_ns = bed_deadline_ns();
    while (bed_counts(monitor).replaced_limit < 4) {
        bed_check_time(deadline_ns, "all replaced", __FILE__, __LINE__);
        assert_true(bed_step(monitor, 10));
        assert_true(
            bed_count(monitor, GC_MONITOR_RETIRING) + bed_count(monitor, GC_MONITOR_DRAINING) <= 2);
    }
    bed_drive_until(monitor, ready_count(monitor) == 4);
    bed_finish(monitor);
}

static void an_explicit_figure_needs_no_limit(void **state)
{
    (void)state;
    struct gc_monitor_options options = limited_options();
    options.replace_bytes = options.limit_bytes / 2;
    options.limit_bytes = 0;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 2);
    assert_int_equal(bed_find(monitor, GC_MONITOR_READY).replace_bytes, options.replace_bytes);
    bed->leaks = 1;
    bed_drive_until(monitor, bed_counts(monitor).replaced_limit == 1);
    bed_finish(monitor);
}

static void without_a_limit_nobody_is_replaced(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 1;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 1);
    bed->leaks = 1;
    bed_drive_until(monitor, bed_find(monitor, GC_MONITOR_READY).live_bytes > 16 * MIB);
    bed_turns(monitor, 50);
    assert_int_equal(bed_counts(monitor).asked, 0);
    assert_int_equal(bed_counts(monitor).started, 1);
    bed_finish(monitor);
}

static void the_figure_is_lowered_by_chance(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 8;
    options.limit_bytes = 1000000 * MIB;
    options.jitter_percent = 50;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 8);
    size_t lowest = SIZE_MAX, highest = 0;
    for (unsigned i = 0; i < gc_monitor_places(monitor); i++) {
        struct gc_monitor_figures figures;
        assert_ok(gc_monitor_figures(monitor, i, &figures));
        if (figures.state == GC_MONITOR_READY) {
            lowest = figures.replace_bytes < lowest ? figures.replace_bytes : lowest;
            highest = figures.replace_bytes > highest ? figures.replace_bytes : highest;
        }
    }
    assert_true(highest <= options.limit_bytes / 100 * 80);
    assert_true(lowest >= options.limit_bytes / 100 * 40);
    assert_true(lowest < highest);
    bed_finish(monitor);
}

static void a_limit_below_the_start_size_is_told_once_and_replaces_nobody(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.limit_bytes = 8 * MIB;
    bed->act = BED_LARGE;
    bed->leak_bytes = 16 * MIB;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_counts(monitor).limit_below_start == 2);
    bed_turns(monitor, 100);
    assert_int_equal(bed_counts(monitor).started, 2);
    assert_int_equal(bed_counts(monitor).asked, 2);
    assert_int_equal(ready_count(monitor), 2);
    assert_int_equal(bed_logged("\"event\":\"limit_below_start\""), 1);
    bed_finish(monitor);
}

static void a_limit_of_a_byte_is_a_limit(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 1;
    options.limit_bytes = 1;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_counts(monitor).limit_below_start == 1);
    assert_int_equal(bed_find(monitor, GC_MONITOR_READY).replace_bytes, 1);
    bed_finish(monitor);
}

static void without_proc_the_worker_s_own_figures_decide(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.proc_path = "/nonexistent";
    options.limit_bytes = 64 * MIB;
    bed->leak_bytes = 64 * MIB;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 2);
    assert_true(bed_counts(monitor).sizes_unknown > 0);
    assert_int_equal(bed_find(monitor, GC_MONITOR_READY).resident_bytes, 0);
    bed->leaks = 1;
    bed_drive_until(monitor, bed_counts(monitor).replaced_limit == 1);
    bed_finish(monitor);
}

static void workers_that_are_full_at_once_are_not_replaced_in_a_storm(void **state)
{
    (void)state;
    struct gc_monitor_options options = limited_options();
    options.workers = 1;
    options.stable_ms = 3600000;
    options.back_off_ms = options.back_off_max_ms = 3600000;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 1);
    bed->leaks = 1000;
    bed_drive_until(monitor, bed_counts(monitor).replaced_limit == 1);
    bed_drive_until(monitor, bed_logged("\"event\":\"still_over\"") == 2);
    bed_turns(monitor, 50);
    assert_int_equal(bed_counts(monitor).started, 2);
    bed_finish(monitor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bed_test(a_worker_that_leaks_is_replaced_by_a_ready_one),
        bed_test(a_worker_with_garbage_only_is_asked_and_stays),
        bed_test(no_more_are_replaced_at_once_than_allowed),
        bed_test(an_explicit_figure_needs_no_limit),
        bed_test(without_a_limit_nobody_is_replaced),
        bed_test(the_figure_is_lowered_by_chance),
        bed_test(a_limit_below_the_start_size_is_told_once_and_replaces_nobody),
        bed_test(a_limit_of_a_byte_is_a_limit),
        bed_test(without_proc_the_worker_s_own_figures_decide),
        bed_test(workers_that_are_full_at_once_are_not_replaced_in_a_storm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
