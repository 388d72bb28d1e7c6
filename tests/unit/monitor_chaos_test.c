/*
 * Everything at once, by chance: workers crash, return, leak, are killed and
 * replaced, while the master is told to reload. After every turn its invariants
 * hold, and when things calm down there are as many workers as there should be.
 */
#include "monitor_bed.h"

#include <signal.h>

#define MIB ((size_t)1 << 20)

static uint32_t seed;

static uint32_t chance(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static void signal_somebody(const struct gc_monitor *monitor, int signal_number)
{
    struct gc_monitor_figures figures;
    unsigned place = chance(gc_monitor_places(monitor));
    assert_ok(gc_monitor_figures(monitor, place, &figures));
    if (figures.pid > 0) {
        kill((pid_t)figures.pid, signal_number);
    }
}

static void do_something(struct gc_monitor *monitor)
{
    switch (chance(10)) {
    case 0:
        bed->crashes = 1;
        break;
    case 1:
        bed->returns = 1;
        break;
    case 2:
        bed->wishes = (int)chance(3);
        break;
    case 3:
        bed->leaks = 1;
        break;
    case 4:
        bed->litters = 1;
        break;
    case 5:
        gc_monitor_reload(monitor);
        break;
    case 6:
        signal_somebody(monitor, SIGKILL);
        break;
    case 7:
        signal_somebody(monitor, SIGTERM);
        break;
    case 8: /* successors that do not start, for a while */
        bed->act = BED_EXIT;
        break;
    default:
        bed->act = BED_SERVE;
        break;
    }
}

static void calm_down(struct gc_monitor *monitor, unsigned workers)
{
    bed->crashes = bed->returns = bed->wishes = bed->leaks = bed->litters = 0;
    bed->act = BED_SERVE;
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_READY) == workers &&
                                 bed_count(monitor, GC_MONITOR_GONE) ==
                                     gc_monitor_places(monitor) - workers);
    bed_turns(monitor, 20);
}

static void run_chaos(uint32_t own_seed, unsigned workers, unsigned at_once, bool with_signals)
{
    struct gc_monitor_options options = bed_options();
    options.workers = workers;
    options.replace_at_once = at_once;
    options.proc_path = "/nonexistent"; /* only what leaks counts, whatever the program's size */
    options.replace_bytes = 8 * MIB;
    options.drain_ms = options.terminate_ms = 500;
    options.back_off_max_ms = 5;
    bed->leak_bytes = 9 * MIB;
    seed = own_seed;
    struct gc_monitor *monitor = bed_monitor(&options);
    if (with_signals) {
        assert_ok(gc_monitor_install_signals(monitor));
    }
    for (int i = 0; i < 150; i++) {
        do_something(monitor);
        bed_turns(monitor, chance(6));
        if (i % 50 == 49) {
            calm_down(monitor, workers);
        }
    }
    struct gc_monitor_counts counts = bed_counts(monitor);
    assert_int_equal(counts.log_lost, 0);
    assert_true(counts.started > workers);
    bed_finish(monitor);
    assert_int_equal(bed_logged("\"event\":\"started\""), counts.started);
    assert_int_equal(bed_logged("\"event\":\"ended\""), counts.started);
}

static void one_worker_survives(void **state)
{
    (void)state;
    run_chaos(1, 1, 1, false);
}

static void some_workers_survive(void **state)
{
    (void)state;
    run_chaos(2, 3, 1, true);
}

static void all_may_be_replaced_at_once(void **state)
{
    (void)state;
    run_chaos(3, 4, 4, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bed_test(one_worker_survives),
        bed_test(some_workers_survive),
        bed_test(all_may_be_replaced_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
