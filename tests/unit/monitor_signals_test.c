/*
 * Signals, and the end of the master: the service is a process of its own here,
 * the test signals it from outside and reads its log.
 */
#include "monitor_bed.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t service;
static bool install = true;

/* ---- the service from outside ------------------------------------------------------ */

/* Orphaned workers become our children, and can be waited for. */
static int begin(void **state)
{
    install = true;
    service = 0;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return bed_begin(state);
}

/* After a test that failed the service goes, and then its workers by themselves. */
static int end(void **state)
{
    if (service > 0) {
        kill(service, SIGKILL);
        while (waitpid(-1, NULL, 0) > 0) {
        }
    }
    return bed_end(state);
}

#define signal_test(function) cmocka_unit_test_setup_teardown(function, begin, end)

static _Noreturn void run_service(const struct gc_monitor_options *options)
{
    struct gc_monitor *monitor;
    if (gc_monitor_new(options, &monitor) != GC_OK) {
        _exit(70);
    }
    if (install && gc_monitor_install_signals(monitor) != GC_OK) {
        _exit(71);
    }
    enum gc_result result = gc_monitor_run(monitor);
    gc_monitor_free(monitor);
    _exit(result == GC_OK ? 0 : 72);
}

static void wait_logged(const char *text, unsigned times)
{
    uint64_t deadline_ns = bed_deadline_ns();
    while (bed_logged(text) < times) {
        bed_check_time(deadline_ns, text, __FILE__, __LINE__);
        poll(NULL, 0, 2);
    }
}

static void start_service(const struct gc_monitor_options *options)
{
    service = fork();
    if (service == 0) {
        run_service(options);
    }
    assert_true(service > 0);
    wait_logged("\"event\":\"ready\"", options->workers);
}

/* What it ended with: 0 to 255, or 1000 and the signal. */
static int wait_for_end(pid_t pid)
{
    int status = 0;
    uint64_t deadline_ns = bed_deadline_ns();
    while (waitpid(pid, &status, WNOHANG) == 0) {
        bed_check_time(deadline_ns, "ended", __FILE__, __LINE__);
        poll(NULL, 0, 2);
    }
    service = pid == service ? 0 : service;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* Waits for all children, orphans included. Returns how many there were. */
static unsigned wait_for_orphans(void)
{
    unsigned count = 0;
    uint64_t deadline_ns = bed_deadline_ns();
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) != -1) {
        count += pid > 0;
        bed_check_time(deadline_ns, "orphans ended", __FILE__, __LINE__);
        poll(NULL, 0, 2);
    }
    assert_int_equal(errno, ECHILD);
    return count;
}

/* All workers that the log names, whether they live or not; they are children not waited for. */
static void kill_orphans(void)
{
    for (const char *at = bed_log(); (at = strstr(at, "\"event\":\"started\"")) != NULL; at++) {
        kill((pid_t)strtol(strstr(at, "\"pid\":") + strlen("\"pid\":"), NULL, 10), SIGKILL);
    }
    wait_for_orphans();
}

/* The process of the first worker that was started. */
static pid_t first_worker(void)
{
    const char *line = strstr(bed_log(), "\"event\":\"started\"");
    assert_non_null(line);
    return (pid_t)strtol(strstr(line, "\"pid\":") + strlen("\"pid\":"), NULL, 10);
}

/* ---- stopping ---------------------------------------------------------------------- */

static void sigterm_stops_gracefully(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    start_service(&options);
    kill(service, SIGTERM);
    assert_int_equal(wait_for_end(service), 0);
    assert_int_equal(bed->drains, 2);
    assert_int_equal(bed_logged("\"event\":\"terminated\""), 0);
}

static void sigint_stops_gracefully(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    start_service(&options);
    kill(service, SIGINT);
    assert_int_equal(wait_for_end(service), 0);
    assert_int_equal(bed->drains, 2);
}

static void a_second_signal_stops_at_once(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    bed->busy = true;
    start_service(&options);
    kill(service, SIGTERM);
    wait_logged("\"event\":\"draining\"", 2);
    kill(service, SIGINT);
    assert_int_equal(wait_for_end(service), 0);
    assert_int_equal(bed->drains, 0);
    assert_int_equal(bed_logged("\"event\":\"stopping_now\""), 1);
    assert_int_equal(bed_logged("\"signal\":15"), 2);
}

static void a_worker_deaf_to_everything_is_killed(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.drain_ms = 20;
    options.terminate_ms = 20;
    bed->ignore_sigterm = true;
    start_service(&options);
    kill(service, SIGTERM);
    assert_int_equal(wait_for_end(service), 0);
    assert_int_equal(bed_logged("\"signal\":9"), 2);
}

static void a_signal_to_all_processes_drains_all(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 1;
    start_service(&options);
    kill(first_worker(), SIGTERM);
    kill(service, SIGTERM);
    assert_int_equal(wait_for_end(service), 0);
    /* Two if the master had it started again before its own signal came. */
    assert_in_range(bed->drains, 1, 2);
    assert_int_equal(bed_logged("\"exit_code\":0"), bed->drains);
    assert_int_equal(bed_logged("\"signal\""), 0);
}

/* ---- reload -------------------------------------------------------------------------- */

static void sighup_replaces_all(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    start_service(&options);
    kill(service, SIGHUP);
    wait_logged("\"event\":\"reloaded\"", 1);
    assert_int_equal(bed_logged("\"event\":\"started\""), 4);
    kill(service, SIGTERM);
    assert_int_equal(wait_for_end(service), 0);
    assert_int_equal(bed->drains, 4);
}

/* ---- signals to a worker ------------------------------------------------------------- */

static void a_key_in_the_terminal_does_not_reach_workers(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 1;
    start_service(&options);
    kill(first_worker(), SIGINT);
    kill(first_worker(), SIGHUP);
    int before = bed->safepoints;
    uint64_t deadline_ns = bed_deadline_ns();
    while (bed->safepoints < before + 10) {
        bed_check_time(deadline_ns, "it goes on", __FILE__, __LINE__);
        poll(NULL, 0, 2);
    }
    assert_int_equal(bed->drains, 0);
    kill(service, SIGTERM);
    assert_int_equal(wait_for_end(service), 0);
    assert_int_equal(bed->drains, 1);
}

static void sigterm_of_somebody_else_drains_a_worker_that_comes_back(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 1;
    start_service(&options);
    kill(first_worker(), SIGTERM);
    wait_logged("\"event\":\"ready\"", 2);
    wait_logged("\"event\":\"ended\"", 1);
    assert_int_equal(bed->drains, 1);
    assert_int_equal(bed_logged("\"reason\":\"exit\",\"exit_code\":0"), 1);
    kill(service, SIGTERM);
    assert_int_equal(wait_for_end(service), 0);
}

/* Wakes up for its master, and for signals, only; those that come before a wait count too. */
static int wait_for_master(struct gc_monitor_worker *worker, void *context)
{
    (void)context;
    gc_monitor_ready(worker);
    while (gc_monitor_safepoint(worker)) {
        struct pollfd wait = {.fd = gc_monitor_fd(worker), .events = POLLIN};
        poll(NULL, 0, 50); /* most signals come here */
        while (poll(&wait, 1, -1) < 0) {
        }
    }
    atomic_fetch_add(&bed->drains, 1);
    return 0;
}

static void a_signal_before_the_wait_is_not_missed(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.work = wait_for_master;
    options.workers = 1;
    start_service(&options);
    kill(first_worker(), SIGTERM);
    wait_logged("\"event\":\"ended\"", 1);
    assert_int_equal(bed->drains, 1);
    kill(service, SIGTERM);
    assert_int_equal(wait_for_end(service), 0);
}

/* ---- the master is gone ---------------------------------------------------------------- */

static void workers_of_a_killed_master_drain(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    start_service(&options);
    kill(service, SIGKILL);
    assert_int_equal(wait_for_end(service), 1000 + SIGKILL);
    assert_int_equal(wait_for_orphans(), 2);
    assert_int_equal(bed->drains, 2);
}

static void workers_of_a_killed_master_drain_without_signals_too(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    install = false;
    start_service(&options);
    kill(service, SIGKILL);
    assert_int_equal(wait_for_end(service), 1000 + SIGKILL);
    assert_int_equal(wait_for_orphans(), 2);
    assert_int_equal(bed->drains, 2);
}

static void a_waiting_worker_of_a_killed_master_is_woken(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.work = wait_for_master;
    install = false;
    start_service(&options);
    kill(service, SIGKILL);
    assert_int_equal(wait_for_end(service), 1000 + SIGKILL);
    assert_int_equal(wait_for_orphans(), 2);
    assert_int_equal(bed->drains, 2);
}

/* The first worker waits, the others pass no safe point. */
static int wait_or_be_stuck(struct gc_monitor_worker *worker, void *context)
{
    struct gc_monitor_figures first = {.pid = 0};
    while (first.pid == 0) {
        gc_monitor_figures(gc_monitor_of(worker), 0, &first);
    }
    if (first.pid != getpid()) {
        gc_monitor_ready(worker);
        pause();
    }
    return wait_for_master(worker, context);
}

static void a_stuck_worker_does_not_keep_another_from_seeing_the_end(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.work = wait_or_be_stuck;
    options.drain_ms = 3600000;
    install = false;
    start_service(&options);
    kill(service, SIGKILL);
    assert_int_equal(wait_for_end(service), 1000 + SIGKILL);
    uint64_t deadline_ns = bed_deadline_ns();
    while (bed->drains == 0) {
        bed_check_time(deadline_ns, "the first one drains", __FILE__, __LINE__);
        poll(NULL, 0, 2);
    }
    kill_orphans();
}

static void a_stuck_worker_of_a_killed_master_is_killed_by_the_kernel(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.drain_ms = 20;
    options.terminate_ms = 20;
    bed->busy = true;
    start_service(&options);
    kill(service, SIGKILL);
    assert_int_equal(wait_for_end(service), 1000 + SIGKILL);
    assert_int_equal(wait_for_orphans(), 2);
    assert_int_equal(bed->drains, 0);
}

/* ---- handlers ---------------------------------------------------------------------------- */

static void (*handler_of(int signal_number))(int)
{
    struct sigaction action;
    sigaction(signal_number, NULL, &action);
    return action.sa_handler;
}

static void own_handler(int signal_number)
{
    (void)signal_number;
}

static void nothing_is_installed_unless_asked_for(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_READY) == 2);
    for (int number = 1; number < 32; number++) {
        if (number != SIGKILL && number != SIGSTOP) {
            assert_true(handler_of(number) == SIG_DFL || handler_of(number) == SIG_IGN ||
                        number == SIGSEGV || number == SIGBUS || number == SIGFPE ||
                        number == SIGILL || number == SIGSYS); /* cmocka's */
        }
    }
    bed_finish(monitor);
}

static void handlers_are_put_back(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    signal(SIGHUP, own_handler);
    struct gc_monitor *monitor = bed_monitor(&options);
    assert_ok(gc_monitor_install_signals(monitor));
    assert_ok(gc_monitor_install_signals(monitor));
    assert_true(handler_of(SIGTERM) != SIG_DFL);
    assert_true(handler_of(SIGHUP) != own_handler);
    bed_free(monitor);
    assert_true(handler_of(SIGTERM) == SIG_DFL);
    assert_true(handler_of(SIGINT) == SIG_DFL);
    assert_true(handler_of(SIGHUP) == own_handler);
    signal(SIGHUP, SIG_DFL);
}

static void one_monitor_at_a_time_has_the_signals(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *first, *second;
    assert_ok(gc_monitor_new(&options, &first));
    assert_ok(gc_monitor_new(&options, &second));
    assert_ok(gc_monitor_install_signals(first));
    assert_result(GC_EBUSY, gc_monitor_install_signals(second));
    gc_monitor_free(first);
    assert_ok(gc_monitor_install_signals(second));
    gc_monitor_free(second);
}

static void a_signal_to_the_master_in_this_process_is_heard(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *monitor = bed_monitor(&options);
    assert_ok(gc_monitor_install_signals(monitor));
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_READY) == 2);
    raise(SIGTERM);
    assert_ok(gc_monitor_run(monitor));
    assert_int_equal(bed->drains, 2);
    bed_free(monitor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        signal_test(sigterm_stops_gracefully),
        signal_test(sigint_stops_gracefully),
        signal_test(a_second_signal_stops_at_once),
        signal_test(a_worker_deaf_to_everything_is_killed),
        signal_test(a_signal_to_all_processes_drains_all),
        signal_test(sighup_replaces_all),
        signal_test(a_key_in_the_terminal_does_not_reach_workers),
        signal_test(sigterm_of_somebody_else_drains_a_worker_that_comes_back),
        signal_test(a_signal_before_the_wait_is_not_missed),
        signal_test(workers_of_a_killed_master_drain),
        signal_test(workers_of_a_killed_master_drain_without_signals_too),
        signal_test(a_waiting_worker_of_a_killed_master_is_woken),
        signal_test(a_stuck_worker_does_not_keep_another_from_seeing_the_end),
        signal_test(a_stuck_worker_of_a_killed_master_is_killed_by_the_kernel),
        signal_test(nothing_is_installed_unless_asked_for),
        signal_test(handlers_are_put_back),
        signal_test(one_monitor_at_a_time_has_the_signals),
        signal_test(a_signal_to_the_master_in_this_process_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
