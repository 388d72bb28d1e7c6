/*
 * Calls with nothing, with options out of range, from the wrong process and from
 * within callbacks; and what the status page says.
 */
#include "monitor_bed.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void null_is_refused_everywhere(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *monitor = NULL;
    struct gc_monitor_figures figures;
    struct gc_monitor_counts counts;
    assert_result(GC_EINVAL, gc_monitor_new(NULL, &monitor));
    assert_result(GC_EINVAL, gc_monitor_new(&options, NULL));
    assert_result(GC_EINVAL, gc_monitor_install_signals(NULL));
    assert_result(GC_EINVAL, gc_monitor_run(NULL));
    assert_false(gc_monitor_step(NULL, 1));
    gc_monitor_stop(NULL, true);
    gc_monitor_reload(NULL);
    gc_monitor_free(NULL);
    gc_monitor_ready(NULL);
    assert_false(gc_monitor_safepoint(NULL));
    assert_int_equal(gc_monitor_fd(NULL), -1);
    gc_monitor_request_begin(NULL);
    gc_monitor_request_end(NULL);
    assert_false(gc_monitor_draining(NULL));
    gc_monitor_request_replacement(NULL);
    gc_monitor_post_mortem(NULL);
    assert_null(gc_monitor_of(NULL));
    assert_int_equal(gc_monitor_places(NULL), 0);
    assert_result(GC_EINVAL, gc_monitor_figures(NULL, 0, &figures));
    assert_result(GC_EINVAL, gc_monitor_counts(NULL, &counts));
    assert_result(GC_EINVAL, gc_monitor_write_status(NULL, stdout));
    monitor = bed_monitor(&options);
    assert_result(GC_EINVAL, gc_monitor_figures(monitor, 0, NULL));
    assert_result(GC_ERANGE, gc_monitor_figures(monitor, gc_monitor_places(monitor), &figures));
    assert_result(GC_EINVAL, gc_monitor_counts(monitor, NULL));
    assert_result(GC_EINVAL, gc_monitor_write_status(monitor, NULL));
    bed_free(monitor);
}

#define assert_refused(result, change)                             \
    do {                                                           \
        struct gc_monitor_options options = bed_options();         \
        struct gc_monitor *monitor = NULL;                         \
        change;                                                    \
        assert_result(result, gc_monitor_new(&options, &monitor)); \
        assert_null(monitor);                                      \
    } while (0)

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    assert_refused(GC_EINVAL, options = gc_monitor_options_default()); /* no work */
    assert_refused(GC_EINVAL, options.name = NULL);
    assert_refused(GC_EINVAL, options.proc_path = NULL);
    assert_refused(GC_ERANGE, options.workers = 0);
    assert_refused(GC_ERANGE, options.workers = GC_MONITOR_WORKERS_MAX + 1);
    assert_refused(GC_ERANGE, options.replace_at_once = 0);
    assert_refused(GC_ERANGE, options.replace_at_once = 3);
    assert_refused(GC_ERANGE, options.limit_percent = 0);
    assert_refused(GC_ERANGE, options.limit_percent = 101);
    assert_refused(GC_ERANGE, options.jitter_percent = 51);
    assert_refused(GC_ERANGE, options.period_ms = 0);
    assert_refused(GC_ERANGE, options.back_off_ms = 0);
    assert_refused(GC_ERANGE, options.back_off_max_ms = 0);
    assert_refused(GC_ERANGE, options.stable_ms = 0);
    assert_refused(GC_ERANGE, options.crash_loop = 0);
    assert_refused(GC_ERANGE, options.log_fd = -2);
}

static void options_are_copied(void **state)
{
    (void)state;
    char name[] = "passing";
    char text[4096] = "";
    struct gc_monitor_options options = bed_options();
    options.name = name;
    struct gc_monitor *monitor = bed_monitor(&options);
    memset(name, 'x', sizeof name - 1);
    FILE *out = fmemopen(text, sizeof text, "w");
    assert_ok(gc_monitor_write_status(monitor, out));
    fclose(out);
    assert_non_null(strstr(text, "passing, master "));
    bed_free(monitor);
}

/* ---- another process than the master's ------------------------------------------------ */

/* In a worker: every call of the master is refused. Returns 0 then. */
static int misuse_in_worker(struct gc_monitor_worker *worker, void *context)
{
    struct gc_monitor *monitor = *(struct gc_monitor **)context;
    gc_monitor_ready(worker);
    gc_monitor_ready(worker);
    gc_monitor_request_end(worker); /* none was begun */
    gc_monitor_stop(monitor, true);
    gc_monitor_reload(monitor);
    gc_monitor_free(monitor);
    int faults = gc_monitor_run(monitor) != GC_EINVAL;
    faults += gc_monitor_step(monitor, 0);
    faults += gc_monitor_install_signals(monitor) != GC_EINVAL;
    faults += gc_monitor_of(worker) != monitor;
    faults += gc_monitor_places(monitor) != 2;
    bed->drains = 100 + faults;
    while (gc_monitor_safepoint(worker)) {
        usleep(1000);
    }
    return 0;
}

static void a_worker_has_no_say_over_the_master(void **state)
{
    (void)state;
    struct gc_monitor *monitor;
    struct gc_monitor_options options = bed_options();
    options.workers = 1;
    options.work = misuse_in_worker;
    options.context = &monitor;
    monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed->drains >= 100);
    assert_int_equal(bed->drains, 100);
    bed_turns(monitor, 20);
    assert_int_equal(bed_counts(monitor).started, 1);
    assert_int_equal(bed_find(monitor, GC_MONITOR_READY).requests_open, 0);
    bed_finish(monitor);
}

static void a_fork_of_the_program_has_no_say_either(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_READY) == 2);
    pid_t pid = fork();
    if (pid == 0) {
        gc_monitor_stop(monitor, true);
        gc_monitor_free(monitor);
        _exit(gc_monitor_run(monitor) == GC_EINVAL && !gc_monitor_step(monitor, 0) ? 0 : 1);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    bed_turns(monitor, 20);
    assert_int_equal(bed_count(monitor, GC_MONITOR_READY), 2);
    bed_finish(monitor);
}

/* ---- from within a callback ------------------------------------------------------------ */

static struct gc_monitor *monitor_of_callback;
static enum gc_result result_of_callback;

static void misuse_in_reload(void *context)
{
    (void)context;
    result_of_callback = gc_monitor_run(monitor_of_callback);
    gc_monitor_free(monitor_of_callback);
    if (gc_monitor_step(monitor_of_callback, 0)) {
        result_of_callback = GC_OK;
    }
}

static void a_turn_is_not_made_within_a_turn(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.reload = misuse_in_reload;
    struct gc_monitor *monitor = monitor_of_callback = bed_monitor(&options);
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_READY) == 2);
    gc_monitor_reload(monitor);
    bed_drive_until(monitor, bed_counts(monitor).reloads == 1);
    assert_int_equal(result_of_callback, GC_EBUSY);
    bed_finish(monitor);
}

/* ---- names and the status page ----------------------------------------------------------- */

static void states_and_reasons_have_names_of_their_own(void **state)
{
    (void)state;
    for (int i = 0; i <= GC_MONITOR_BACKING_OFF; i++) {
        const char *name = gc_monitor_state_name((enum gc_monitor_state)i);
        assert_string_not_equal(name, "unknown");
        for (int other = 0; other < i; other++) {
            assert_string_not_equal(name, gc_monitor_state_name((enum gc_monitor_state)other));
        }
    }
    for (int i = 0; i <= GC_MONITOR_CRASH; i++) {
        const char *name = gc_monitor_reason_name((enum gc_monitor_reason)i);
        assert_string_not_equal(name, "unknown");
        for (int other = 0; other < i; other++) {
            assert_string_not_equal(name, gc_monitor_reason_name((enum gc_monitor_reason)other));
        }
    }
    assert_string_equal(gc_monitor_state_name((enum gc_monitor_state)99), "unknown");
    assert_string_equal(gc_monitor_reason_name((enum gc_monitor_reason)99), "unknown");
}

/* Shows the page once there is a second worker's line on it. */
static int show_status(struct gc_monitor_worker *worker, void *context)
{
    (void)context;
    gc_monitor_ready(worker);
    while (gc_monitor_safepoint(worker)) {
        char text[8192] = "";
        FILE *out = fmemopen(text, sizeof text, "w");
        enum gc_result result = gc_monitor_write_status(gc_monitor_of(worker), out);
        fclose(out);
        const char *line = strstr(text, " ready ");
        if (result == GC_OK && line != NULL && strstr(line + 1, " ready ") != NULL &&
            strstr(text, "started   2, of these ready 2") != NULL) {
            bed->reloads = 1;
        }
        usleep(1000);
    }
    return 0;
}

static void a_worker_shows_all_of_them(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.work = show_status;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed->reloads == 1);
    bed_finish(monitor);
}

static void a_page_that_does_not_fit_is_told(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *monitor = bed_monitor(&options);
    FILE *out = fopen("/dev/full", "w");
    assert_result(GC_ENOMEM, gc_monitor_write_status(monitor, out));
    fclose(out);
    bed_free(monitor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bed_test(null_is_refused_everywhere),
        bed_test(options_out_of_range_are_refused),
        bed_test(options_are_copied),
        bed_test(a_worker_has_no_say_over_the_master),
        bed_test(a_fork_of_the_program_has_no_say_either),
        bed_test(a_turn_is_not_made_within_a_turn),
        bed_test(states_and_reasons_have_names_of_their_own),
        bed_test(a_worker_shows_all_of_them),
        bed_test(a_page_that_does_not_fit_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
