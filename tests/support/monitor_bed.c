#include "monitor_bed.h"

#include "base/clock.h"
#include "govern/monitor_master.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct monitor_bed *bed;
static struct gc_monitor *monitor_of_test;
static int log_file = -1;
static char log_text[1 << 20];

/* ---- beginning and end -------------------------------------------------------- */

int bed_begin(void **state)
{
    (void)state;
    void *memory =
        mmap(NULL, sizeof *bed, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    log_file = memfd_create("monitor_log", MFD_CLOEXEC);
    /* Several processes write; without O_APPEND a memfd does not keep their lines apart. */
    if (memory == MAP_FAILED || log_file < 0 || fcntl(log_file, F_SETFL, O_APPEND) != 0) {
        return -1;
    }
    bed = memory;
    bed->leak_bytes = 16 << 20;
    return 0;
}

int bed_end(void **state)
{
    (void)state;
    bed_free(monitor_of_test); /* of a test that failed */
    munmap(bed, sizeof *bed);
    close(log_file);
    if (waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD) {
        return 0;
    }
    fprintf(stderr, "expected no child process to be left\n");
    return -1;
}

static void write_post_mortem(FILE *out, void *context)
{
    (void)context;
    fprintf(out, "first line\nsecond \"line\"\n");
    atomic_fetch_add(&bed->post_mortems, 1);
}

static void note_reload(void *context)
{
    (void)context;
    atomic_fetch_add(&bed->reloads, 1);
}

struct gc_monitor_options bed_options(void)
{
    struct gc_monitor_options options = gc_monitor_options_default();
    options.name = "bed";
    options.work = bed_work;
    options.period_ms = 5;
    options.back_off_ms = 1;
    options.back_off_max_ms = 50;
    options.stable_ms = 1;
    options.log_fd = log_file;
    options.post_mortem = write_post_mortem;
    options.reload = note_reload;
    return options;
}

struct gc_monitor *bed_monitor(const struct gc_monitor_options *options)
{
    struct gc_monitor *monitor = NULL;
    assert_ok(gc_monitor_new(options, &monitor));
    monitor_of_test = monitor;
    return monitor;
}

void bed_free(struct gc_monitor *monitor)
{
    gc_monitor_free(monitor);
    monitor_of_test = NULL;
}

/* ---- a worker -------------------------------------------------------------------- */

/* Takes one of a number of tasks; workers compete for them. */
static bool take(_Atomic int *tasks)
{
    int left = atomic_load(tasks);
    while (left > 0) {
        if (atomic_compare_exchange_weak(tasks, &left, left - 1)) {
            return true;
        }
    }
    return false;
}

#define PIECE_BYTES 4096

/* Arrays of a string, as many as make the bytes, each in a cycle if wanted. */
static void fill(zval *list, size_t bytes, bool in_cycles)
{
    char piece[PIECE_BYTES];
    memset(piece, 'x', sizeof piece);
    for (size_t done = 0; done < bytes; done += sizeof piece) {
        zval item = zval_array();
        zval_array_push(&item, zval_string(piece, sizeof piece));
        if (in_cycles) {
            zval_array_push(&item, zval_reference(&item));
            zval_release(&item);
        } else {
            zval_array_push(list, item);
        }
    }
}

static void do_tasks(struct gc_monitor_worker *worker, zval *leaked)
{
    if (take(&bed->leaks)) {
        fill(leaked, bed->leak_bytes, false);
    }
    if (take(&bed->litters)) {
        gc_disable(); /* so that nobody but the monitor has it collected */
        fill(leaked, bed->leak_bytes, true);
    }
    if (take(&bed->wishes)) {
        gc_monitor_request_replacement(worker);
    }
    if (take(&bed->crashes)) {
        abort();
    }
}

static void be_deaf(void)
{
    while (bed->ignore_sigterm || bed->busy) {
        poll(NULL, 0, 1);
    }
}

static int serve(struct gc_monitor_worker *worker, zval *leaked)
{
    if (bed->ignore_sigterm) {
        signal(SIGTERM, SIG_IGN);
    }
    gc_monitor_ready(worker);
    be_deaf();
    while (gc_monitor_safepoint(worker)) {
        struct pollfd wait = {.fd = gc_monitor_fd(worker), .events = POLLIN};
        atomic_fetch_add(&bed->safepoints, 1);
        gc_monitor_request_begin(worker);
        do_tasks(worker, leaked);
        gc_monitor_request_end(worker);
        if (take(&bed->returns)) {
            return 0;
        }
        be_deaf();
        poll(&wait, 1, 1);
    }
    atomic_fetch_add(&bed->drains, 1);
    return 0;
}

static void wait_for_ever(void)
{
    for (;;) {
        pause();
    }
}

int bed_work(struct gc_monitor_worker *worker, void *context)
{
    (void)context;
    zval leaked = zval_array();
    switch ((enum bed_act)bed->act) {
    case BED_EXIT:
        return 3;
    case BED_CRASH:
        abort();
    case BED_NEVER_READY:
        wait_for_ever();
        break;
    case BED_LARGE:
        fill(&leaked, bed->leak_bytes, false);
        break;
    case BED_SLOW:
        while (bed->act == BED_SLOW) {
            poll(NULL, 0, 1);
        }
        break;
    case BED_SERVE:
        break;
    }
    int code = serve(worker, &leaked);
    zval_release(&leaked);
    return code;
}

/* ---- driving ------------------------------------------------------------------------ */

uint64_t bed_deadline_ns(void)
{
    return rc__clock_ns() + 60u * UINT64_C(1000000000);
}

void bed_check_time(uint64_t deadline_ns, const char *condition, const char *file, int line)
{
    if (rc__clock_ns() > deadline_ns) {
        fprintf(stderr, "waited too long for: %s\n%s", condition, bed_log());
        _fail(file, line);
    }
}

bool bed_step(struct gc_monitor *monitor, unsigned wait_ms)
{
    bool goes_on = gc_monitor_step(monitor, wait_ms);
    const char *fault = rc__monitor_verify(monitor);
    assert_string_equal(fault == NULL ? "" : fault, "");
    return goes_on;
}

void bed_turns(struct gc_monitor *monitor, unsigned turns)
{
    for (unsigned i = 0; i < turns; i++) {
        assert_true(bed_step(monitor, 1));
    }
}

void bed_stop(struct gc_monitor *monitor)
{
    uint64_t deadline_ns = bed_deadline_ns();
    gc_monitor_stop(monitor, false);
    while (bed_step(monitor, 10)) {
        bed_check_time(deadline_ns, "stopped", __FILE__, __LINE__);
    }
}

void bed_finish(struct gc_monitor *monitor)
{
    bed_stop(monitor);
    bed_free(monitor);
}

/* ---- looking -------------------------------------------------------------------------- */

unsigned bed_count(const struct gc_monitor *monitor, enum gc_monitor_state state)
{
    unsigned count = 0;
    for (unsigned i = 0; i < gc_monitor_places(monitor); i++) {
        struct gc_monitor_figures figures;
        assert_ok(gc_monitor_figures(monitor, i, &figures));
        count += figures.state == state;
    }
    return count;
}

struct gc_monitor_figures bed_find(const struct gc_monitor *monitor, enum gc_monitor_state state)
{
    struct gc_monitor_figures figures;
    for (unsigned i = 0; i < gc_monitor_places(monitor); i++) {
        assert_ok(gc_monitor_figures(monitor, i, &figures));
        if (figures.state == state) {
            return figures;
        }
    }
    fail_msg("expected a worker that is %s", gc_monitor_state_name(state));
    return figures;
}

struct gc_monitor_counts bed_counts(const struct gc_monitor *monitor)
{
    struct gc_monitor_counts counts;
    assert_ok(gc_monitor_counts(monitor, &counts));
    return counts;
}

const char *bed_log(void)
{
    ssize_t length = pread(log_file, log_text, sizeof log_text - 1, 0);
    log_text[length < 0 ? 0 : length] = '\0';
    return log_text;
}

unsigned bed_logged(const char *text)
{
    unsigned count = 0;
    for (const char *at = bed_log(); (at = strstr(at, text)) != NULL; at += strlen(text)) {
        count++;
    }
    return count;
}

int bed_log_fd(void)
{
    return log_file;
}
