/*
 * A worker's life, transition by transition, with real processes.
 */
#include "monitor_bed.h"

#include "govern/monitor_life.h"
#include <poll.h>
#include <rcycle/zval.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define ready_count(monitor) bed_count(monitor, GC_MONITOR_READY)

/* ---- starting and stopping -------------------------------------------------------- */

static void as_many_workers_become_ready_as_are_wanted(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 3;
    struct gc_monitor *monitor = bed_monitor(&options);
    assert_int_equal(gc_monitor_places(monitor), 4);
    bed_drive_until(monitor, ready_count(monitor) == 3);
    bed_turns(monitor, 20);
    assert_int_equal(bed_counts(monitor).started, 3);
    assert_int_equal(bed_count(monitor, GC_MONITOR_GONE), 1);
    bed_finish(monitor);
    assert_int_equal(bed->drains, 3);
}

static void figures_of_a_worker_are_its_own(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 1;
    bed->leak_bytes = 1 << 20;
    bed->act = BED_LARGE;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor,
                    ready_count(monitor) == 1 && bed_find(monitor, GC_MONITOR_READY).requests > 3);
    struct gc_monitor_figures figures = bed_find(monitor, GC_MONITOR_READY);
    assert_true(figures.published);
    assert_int_not_equal(figures.pid, getpid());
    assert_int_equal(kill((pid_t)figures.pid, 0), 0);
    assert_int_equal(figures.number, 1);
    assert_true(figures.live_bytes >= 1 << 20);
    assert_true(figures.system_bytes >= figures.live_bytes);
    assert_true(figures.resident_bytes >= 1 << 20);
    assert_true(figures.start_bytes >= 1 << 20);
    assert_true(figures.live_nodes >= 256);
    bed_finish(monitor);
}

static void a_stopped_service_is_empty_and_stays_so(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 2);
    bed_stop(monitor);
    assert_int_equal(bed_count(monitor, GC_MONITOR_GONE), gc_monitor_places(monitor));
    assert_false(gc_monitor_step(monitor, 1));
    assert_int_equal(bed_counts(monitor).started, 2);
    assert_int_equal(bed_counts(monitor).terminated, 0);
    bed_free(monitor);
}

static void a_stop_before_the_first_turn_starts_nothing(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *monitor = bed_monitor(&options);
    gc_monitor_stop(monitor, false);
    assert_ok(gc_monitor_run(monitor));
    assert_int_equal(bed_counts(monitor).started, 0);
    bed_free(monitor);
}

static void a_second_stop_is_a_stop_at_once(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    bed->busy = true;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 2);
    gc_monitor_stop(monitor, false);
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_DRAINING) == 2);
    bed_turns(monitor, 20);
    assert_int_equal(bed_counts(monitor).terminated, 0);
    bed_finish(monitor);
    assert_int_equal(bed_logged("\"event\":\"terminated\""), 2);
    assert_int_equal(bed_logged("\"signal\":15"), 2);
    assert_int_equal(bed->drains, 0);
}

static void a_freed_monitor_leaves_no_worker(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    bed->busy = true;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 2);
    bed_free(monitor); /* bed_end() looks for children */
}

/* ---- not becoming ready -------------------------------------------------------------- */

static void a_worker_that_is_not_ready_in_time_is_ended(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 1;
    options.start_ms = 1500; /* enough for one that wants to, on a slow machine too */
    bed->act = BED_NEVER_READY;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_counts(monitor).start_timeouts == 1);
    bed->act = BED_SERVE;
    bed_drive_until(monitor, ready_count(monitor) == 1);
    bed_turns(monitor, 20);
    assert_int_equal(ready_count(monitor), 1); /* one post, one worker */
    assert_true(bed_logged("\"reason\":\"start_timeout\"") >= 1);
    bed_finish(monitor);
}

static void a_start_that_took_too_long_is_not_repeated_at_once(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 1;
    options.start_ms = 20;
    options.back_off_ms = options.back_off_max_ms = 3600000;
    bed->act = BED_NEVER_READY;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_BACKING_OFF) == 1);
    bed_turns(monitor, 20);
    assert_int_equal(bed_counts(monitor).started, 1);
    assert_int_equal(bed_find(monitor, GC_MONITOR_BACKING_OFF).reason, GC_MONITOR_START_TIMEOUT);
    bed_finish(monitor);
}

static void a_crash_loop_backs_off_and_is_called_so_once(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 1;
    options.crash_loop = 3;
    options.stable_ms = 60000;
    options.back_off_ms = 1;
    options.back_off_max_ms = 4;
    bed->act = BED_EXIT;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_counts(monitor).exits == 8);
    assert_int_equal(bed_counts(monitor).crash_loops, 1);
    assert_int_equal(bed_logged("\"event\":\"crash_loop\""), 1);
    assert_true(bed_logged("\"exit_code\":3") >= 8);
    bed->act = BED_SERVE;
    bed_drive_until(monitor, ready_count(monitor) == 1);
    bed_finish(monitor);
}

static void the_wait_of_a_crash_loop_grows(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 4;
    options.stable_ms = 3600000;
    options.back_off_ms = 3600000;
    options.back_off_max_ms = 3600000;
    bed->act = BED_CRASH;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_BACKING_OFF) == 4);
    bed_turns(monitor, 50);
    assert_int_equal(bed_counts(monitor).started, 4); /* and no fork storm */
    assert_int_equal(bed_counts(monitor).crashes, 4);
    assert_int_equal(bed_logged("\"signal\":6"), 4);
    bed_finish(monitor);
}

static void a_wait_doubles_up_to_its_maximum(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.back_off_ms = 100;
    options.back_off_max_ms = 1000;
    struct gc_monitor *monitor = bed_monitor(&options);
    static const uint64_t middle_ms[] = {100, 100, 200, 400, 800, 1000, 1000};
    for (unsigned failures = 0; failures < 7; failures++) {
        uint64_t least_ns = UINT64_MAX, most_ns = 0;
        for (int i = 0; i < 1000; i++) {
            uint64_t wait_ns = rc__life_back_off_ns(monitor, failures);
            least_ns = wait_ns < least_ns ? wait_ns : least_ns;
            most_ns = wait_ns > most_ns ? wait_ns : most_ns;
        }
        /* A quarter less or more, and spread over most of that. */
        assert_in_range(least_ns, middle_ms[failures] * 750000, middle_ms[failures] * 850000);
        assert_in_range(most_ns, middle_ms[failures] * 1150000, middle_ms[failures] * 1250000);
    }
    assert_true(rc__life_back_off_ns(monitor, UINT32_MAX) <= 1250 * UINT64_C(1000000));
    bed_free(monitor);
}

/*
 * Lets the system open nothing more; what was allowed before goes into `before`.
 * False: it does so all the same, under valgrind.
 */
static bool close_all_doors(struct rlimit *before)
{
    assert_int_equal(getrlimit(RLIMIT_NOFILE, before), 0);
    struct rlimit none = {.rlim_cur = 0, .rlim_max = before->rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
        return true;
    }
    close(ends[0]);
    close(ends[1]);
    setrlimit(RLIMIT_NOFILE, before);
    return false;
}

static void a_system_that_gives_no_process_is_asked_again(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *monitor = bed_monitor(&options);
    struct rlimit before;
    if (!close_all_doors(&before)) {
        bed_free(monitor);
        skip();
    }
    uint64_t deadline_ns = bed_deadline_ns();
    while (bed_counts(monitor).fork_failures < 6) {
        bed_check_time(deadline_ns, "forks refused", __FILE__, __LINE__);
        bed_step(monitor, 10);
    }
    unsigned backing_off = bed_count(monitor, GC_MONITOR_BACKING_OFF);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(backing_off, 2);
    bed_drive_until(monitor, ready_count(monitor) == 2);
    assert_int_equal(bed_counts(monitor).started, 2);
    assert_true(bed_logged("\"event\":\"fork_failed\"") >= 6);
    bed_finish(monitor);
}

static void a_monitor_that_gets_no_descriptor_is_not_made(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *monitor = NULL;
    struct rlimit before;
    if (!close_all_doors(&before)) {
        skip();
    }
    enum gc_result result = gc_monitor_new(&options, &monitor);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_result(GC_ENOMEM, result);
    assert_null(monitor);
}

/* ---- ending by itself ------------------------------------------------------------------ */

static void a_crashed_worker_comes_back(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 2);
    bed->crashes = 1;
    bed_drive_until(monitor, bed_counts(monitor).crashes == 1);
    bed_drive_until(monitor, ready_count(monitor) == 2);
    assert_int_equal(bed_counts(monitor).started, 3);
    bed_finish(monitor);
}

static void failures_are_forgotten_once_a_worker_is_stable(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 1;
    options.stable_ms = 100;
    bed->act = BED_EXIT;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_counts(monitor).exits >= 4);
    bed->act = BED_SERVE;
    bed_drive_until(monitor, ready_count(monitor) == 1);
    assert_true(bed_find(monitor, GC_MONITOR_READY).failures >= 4);
    bed_drive_until(monitor, bed_find(monitor, GC_MONITOR_READY).state_ms > 150);
    bed->crashes = 1;
    bed_drive_until(monitor, bed_counts(monitor).crashes == 1);
    bed_drive_until(monitor, ready_count(monitor) == 1);
    assert_int_equal(bed_find(monitor, GC_MONITOR_READY).failures, 1);
    bed_finish(monitor);
}

static void a_worker_that_returns_comes_back(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 2);
    bed->returns = 1;
    bed_drive_until(monitor, bed_counts(monitor).exits == 1);
    bed_drive_until(monitor, ready_count(monitor) == 2);
    assert_int_equal(bed_counts(monitor).crashes, 0);
    assert_int_equal(bed->post_mortems, 0);
    bed_finish(monitor);
}

/* ---- not going --------------------------------------------------------------------------- */

static void a_worker_that_does_not_drain_is_terminated_and_then_killed(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 1;
    options.drain_ms = 20;
    options.terminate_ms = 20;
    bed->ignore_sigterm = true;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 1);
    bed_finish(monitor);
    assert_int_equal(bed_logged("\"event\":\"terminated\""), 1);
    assert_int_equal(bed_logged("\"event\":\"killed\""), 1);
    assert_int_equal(bed_logged("\"signal\":9"), 1);
}

static void a_worker_that_obeys_sigterm_is_not_killed(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 1;
    options.drain_ms = 20;
    options.terminate_ms = 60000;
    bed->busy = true;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 1);
    bed_finish(monitor);
    assert_int_equal(bed_logged("\"signal\":15"), 1);
    assert_int_equal(bed_logged("\"event\":\"killed\""), 0);
}

/* ---- replaced ---------------------------------------------------------------------------- */

static void a_reload_replaces_all_one_after_the_other(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 3;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 3);
    gc_monitor_reload(monitor);
    uint64_t deadline_ns = bed_deadline_ns();
    while (bed_counts(monitor).reloads == 0) {
        bed_check_time(deadline_ns, "reloaded", __FILE__, __LINE__);
        assert_true(bed_step(monitor, 10));
        /* Never fewer than there should be, never more than one at a time. */
        assert_true(ready_count(monitor) + bed_count(monitor, GC_MONITOR_RETIRING) >= 3);
        assert_true(
            bed_count(monitor, GC_MONITOR_RETIRING) + bed_count(monitor, GC_MONITOR_DRAINING) <= 1);
    }
    assert_int_equal(bed_counts(monitor).replaced_reload, 3);
    assert_int_equal(bed_counts(monitor).started, 6);
    assert_int_equal(bed->reloads, 1);
    assert_int_equal(bed->post_mortems, 3);
    assert_int_equal(bed_logged("\"event\":\"reloaded\""), 1);
    assert_int_equal(bed_logged("\"text\":\"second \\\"line\\\"\"}"), 3);
    bed_finish(monitor);
}

static void a_reload_that_fails_leaves_the_old_workers_serving(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 2);
    bed->act = BED_EXIT;
    gc_monitor_reload(monitor);
    bed_drive_until(monitor, bed_counts(monitor).exits >= 4);
    assert_int_equal(ready_count(monitor), 1);
    assert_int_equal(bed_count(monitor, GC_MONITOR_RETIRING), 1);
    assert_int_equal(bed->drains, 0);
    bed->act = BED_SERVE;
    bed_drive_until(monitor, bed_counts(monitor).reloads == 1);
    assert_int_equal(bed_counts(monitor).replaced_reload, 2);
    bed_finish(monitor);
}

static void a_reload_replaces_those_that_were_starting_too(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    bed->act = BED_SLOW;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_STARTING) == 2);
    gc_monitor_reload(monitor);
    bed_turns(monitor, 20);
    assert_int_equal(bed_counts(monitor).reloads, 0);
    bed->act = BED_SERVE;
    bed_drive_until(monitor, bed_counts(monitor).reloads == 1);
    assert_int_equal(bed_counts(monitor).started, 4);
    bed_finish(monitor);
}

static void a_worker_may_ask_for_its_replacement(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 2);
    bed->wishes = 1;
    bed_drive_until(monitor, bed_counts(monitor).replaced_request == 1);
    bed_drive_until(monitor, ready_count(monitor) == 2);
    bed_turns(monitor, 20);
    assert_int_equal(bed_counts(monitor).started, 3);
    bed_finish(monitor);
}

static void a_silent_worker_is_replaced(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 1;
    options.silent_ms = 2000;
    options.drain_ms = 20;
    options.terminate_ms = 20;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 1);
    bed->busy = true;
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_RETIRING) == 1);
    bed_drive_until(monitor, bed_counts(monitor).replaced_silent >= 1);
    bed->busy = false;
    bed_drive_until(monitor, ready_count(monitor) == 1 && bed_count(monitor, GC_MONITOR_GONE) == 1);
    bed_finish(monitor);
}

static void a_retiring_worker_that_crashes_is_succeeded(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 1;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 1);
    bed->act = BED_NEVER_READY;
    bed->wishes = 1;
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_RETIRING) == 1);
    kill((pid_t)bed_find(monitor, GC_MONITOR_RETIRING).pid, SIGKILL);
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_RETIRING) == 0);
    bed_turns(monitor, 20);
    assert_int_equal(bed_count(monitor, GC_MONITOR_STARTING), 1);
    assert_int_equal(bed_counts(monitor).started, 2);
    bed_free(monitor);
}

/* ---- waiting ----------------------------------------------------------------------------- */

/* Wakes up for its master only. */
static int wait_for_master(struct gc_monitor_worker *worker, void *context)
{
    (void)context;
    zval loop = zval_array();
    zval_array_push(&loop, zval_reference(&loop));
    zval_release(&loop);
    gc_monitor_ready(worker);
    while (gc_monitor_safepoint(worker)) {
        struct pollfd wait = {.fd = gc_monitor_fd(worker), .events = POLLIN};
        poll(&wait, 1, -1);
    }
    atomic_fetch_add(&bed->drains, 1);
    return 0;
}

static void a_waiting_worker_is_woken_to_drain(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.work = wait_for_master;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, ready_count(monitor) == 2);
    bed_finish(monitor);
    assert_int_equal(bed->drains, 2);
}

static void a_waiting_worker_is_woken_to_collect(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.work = wait_for_master;
    options.workers = 1;
    options.replace_bytes = 1; /* which it cannot keep */
    options.collect_ms = 0;    /* any time */
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_counts(monitor).limit_below_start == 1);
    assert_int_equal(bed_find(monitor, GC_MONITOR_READY).collected, 1);
    bed_finish(monitor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bed_test(as_many_workers_become_ready_as_are_wanted),
        bed_test(figures_of_a_worker_are_its_own),
        bed_test(a_stopped_service_is_empty_and_stays_so),
        bed_test(a_stop_before_the_first_turn_starts_nothing),
        bed_test(a_second_stop_is_a_stop_at_once),
        bed_test(a_freed_monitor_leaves_no_worker),
        bed_test(a_worker_that_is_not_ready_in_time_is_ended),
        bed_test(a_start_that_took_too_long_is_not_repeated_at_once),
        bed_test(a_crash_loop_backs_off_and_is_called_so_once),
        bed_test(the_wait_of_a_crash_loop_grows),
        bed_test(a_wait_doubles_up_to_its_maximum),
        bed_test(a_system_that_gives_no_process_is_asked_again),
        bed_test(a_monitor_that_gets_no_descriptor_is_not_made),
        bed_test(a_crashed_worker_comes_back),
        bed_test(failures_are_forgotten_once_a_worker_is_stable),
        bed_test(a_worker_that_returns_comes_back),
        bed_test(a_worker_that_does_not_drain_is_terminated_and_then_killed),
        bed_test(a_worker_that_obeys_sigterm_is_not_killed),
        bed_test(a_reload_replaces_all_one_after_the_other),
        bed_test(a_reload_that_fails_leaves_the_old_workers_serving),
        bed_test(a_reload_replaces_those_that_were_starting_too),
        bed_test(a_worker_may_ask_for_its_replacement),
        bed_test(a_silent_worker_is_replaced),
        bed_test(a_retiring_worker_that_crashes_is_succeeded),
        bed_test(a_waiting_worker_is_woken_to_drain),
        bed_test(a_waiting_worker_is_woken_to_collect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
