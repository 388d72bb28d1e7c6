/*
 * A worker's side: what it tells, and how it learns what is wanted of it.
 *
 * W1  It drains when it is told so, when it gets a SIGTERM of somebody else, or
 *     when its master is gone; and that never ends but with its process.
 * W2  When its master is gone it ends for certain: the system kills it by a timer
 *     once it has had the time that the master would have given it.
 * W3  It closes its master's descriptors first of all, so that the end of the
 *     master is the end of every worker's socket.
 */
#include "base/clock.h"
#include "govern/monitor_master.h"
#include "govern/monitor_signals.h"
#include <errno.h>
#include <pthread.h>
#include <rcycle/gc.h>
#include <rcycle/memory.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS 1000000u

/* A look at the parent's number costs a system call. */
#define PARENT_LOOK_NS (100u * NS_PER_MS)

struct gc_monitor_worker {
    struct gc_monitor *monitor;
    struct rc_shared_place *shared;
    int socket;
    bool is_draining;
    bool has_written_post_mortem;
    bool has_news; /* that the master should look at soon */
    uint64_t next_parent_look_ns;
    uint64_t figures[RC_FIGURES];
};

/* For the signal handler. */
static _Atomic bool drain_noted;
static _Atomic bool last_time_has_begun;
static pid_t own_master;
static struct itimerspec last_time;
static timer_t last_timer;
static bool has_last_timer;

/* ---- the master's end ---------------------------------------------------------- */

/* W2. Safe in a signal handler. */
static void begin_last_time(void)
{
    if (has_last_timer && !atomic_exchange(&last_time_has_begun, true)) {
        timer_settime(last_timer, 0, &last_time, NULL);
    }
}

static bool master_is_gone(void)
{
    return getppid() != own_master;
}

static void note_drain(void)
{
    if (master_is_gone()) {
        begin_last_time();
    }
    atomic_store_explicit(&drain_noted, true, memory_order_relaxed);
}

static void make_last_timer(const struct gc_monitor_options *options)
{
    uint64_t time_ms = (uint64_t)options->drain_ms + options->terminate_ms;
    /* A time of zero would switch the timer off; no time for draining means any time. */
    last_time.it_value.tv_sec = (time_t)(time_ms / 1000);
    last_time.it_value.tv_nsec = (long)(time_ms % 1000 * NS_PER_MS) + 1;
    struct sigevent kill_event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
    has_last_timer =
        options->drain_ms != 0 && timer_create(CLOCK_MONOTONIC, &kill_event, &last_timer) == 0;
}

static void become_orphan(struct gc_monitor_worker *worker)
{
    begin_last_time();
    worker->is_draining = true;
}

/* ---- the page -------------------------------------------------------------------- */

static void publish(struct gc_monitor_worker *worker)
{
    struct gc_status status = gc_status();
    uint64_t *figures = worker->figures;
    figures[RC_FIGURE_SAFEPOINT_NS] = rc__clock_ns();
    figures[RC_FIGURE_LIVE_BYTES] = gc_memory_usage(false);
    figures[RC_FIGURE_SYSTEM_BYTES] = gc_memory_usage(true);
    figures[RC_FIGURE_LIVE_NODES] = status.live_nodes;
    figures[RC_FIGURE_ROOTS] = status.roots;
    figures[RC_FIGURE_RUNS] = status.runs;
    figures[RC_FIGURE_COLLECTED] = status.collected;
    figures[RC_FIGURE_LAST_PAUSE_NS] = status.last_pause_ns;
    figures[RC_FIGURE_MAX_PAUSE_NS] = status.max_pause_ns;
    rc__record_write(&worker->shared->figures, figures, RC_FIGURES);
    if (worker->has_news) {
        worker->has_news = false;
        (void)!send(worker->socket, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

static void raise_flag(struct gc_monitor_worker *worker, unsigned flag)
{
    if ((worker->figures[RC_FIGURE_FLAGS] & flag) == 0) {
        worker->figures[RC_FIGURE_FLAGS] |= flag;
        worker->has_news = true;
    }
}

static void collect_if_asked(struct gc_monitor_worker *worker)
{
    uint64_t asked = atomic_load_explicit(&worker->shared->collects_asked, memory_order_acquire);
    if (asked != worker->figures[RC_FIGURE_COLLECTS_DONE]) {
        gc_collect_cycles();
        gc_mem_caches();
        worker->figures[RC_FIGURE_COLLECTS_DONE] = asked;
        worker->has_news = true;
    }
}

/* False: the other end is closed. */
static bool empty_socket(const struct gc_monitor_worker *worker)
{
    char bytes[64];
    ssize_t length;
    do {
        length = recv(worker->socket, bytes, sizeof bytes, MSG_DONTWAIT);
    } while (length > 0 || (length < 0 && errno == EINTR));
    return length != 0;
}

static void look_for_master(struct gc_monitor_worker *worker)
{
    /* After a SIGTERM our own end is shut; then the parent's number has to do. */
    bool is_open = empty_socket(worker) || atomic_load_explicit(&drain_noted, memory_order_relaxed);
    uint64_t now_ns = rc__clock_ns();
    if (is_open && now_ns < worker->next_parent_look_ns) {
        return;
    }
    worker->next_parent_look_ns = now_ns + PARENT_LOOK_NS;
    if (!is_open || master_is_gone()) {
        become_orphan(worker);
    }
}

/* ---- the calls -------------------------------------------------------------------- */

void gc_monitor_ready(struct gc_monitor_worker *worker)
{
    if (worker != NULL) {
        raise_flag(worker, RC_FLAG_READY);
        publish(worker);
    }
}

bool gc_monitor_safepoint(struct gc_monitor_worker *worker)
{
    if (worker == NULL) {
        return false;
    }
    look_for_master(worker);
    uint64_t order = atomic_load_explicit(&worker->shared->order, memory_order_acquire);
    bool noted = atomic_load_explicit(&drain_noted, memory_order_relaxed);
    if (order != RC_ORDER_SERVE || noted || worker->is_draining) {
        worker->is_draining = true;
        raise_flag(worker, RC_FLAG_DRAINING);
    }
    collect_if_asked(worker);
    publish(worker);
    return !worker->is_draining;
}

int gc_monitor_fd(const struct gc_monitor_worker *worker)
{
    return worker == NULL ? -1 : worker->socket;
}

void gc_monitor_request_begin(struct gc_monitor_worker *worker)
{
    if (worker != NULL) {
        worker->figures[RC_FIGURE_REQUESTS_OPEN]++;
    }
}

void gc_monitor_request_end(struct gc_monitor_worker *worker)
{
    if (worker != NULL && worker->figures[RC_FIGURE_REQUESTS_OPEN] > 0) {
        worker->figures[RC_FIGURE_REQUESTS_OPEN]--;
        worker->figures[RC_FIGURE_REQUESTS]++;
    }
}

bool gc_monitor_draining(const struct gc_monitor_worker *worker)
{
    return worker != NULL && worker->is_draining;
}

void gc_monitor_request_replacement(struct gc_monitor_worker *worker)
{
    if (worker != NULL) {
        raise_flag(worker, RC_FLAG_REPLACE);
    }
}

const struct gc_monitor *gc_monitor_of(const struct gc_monitor_worker *worker)
{
    return worker == NULL ? NULL : worker->monitor;
}

/* ---- the post-mortem ----------------------------------------------------------------- */

static void log_lines(struct gc_monitor_worker *worker, const char *text)
{
    struct rc_log *log = &worker->monitor->log;
    while (*text != '\0') {
        struct rc_line line;
        size_t length = strcspn(text, "\n");
        rc__line_begin(&line, log, "post_mortem");
        rc__line_number(&line, "worker", worker->figures[RC_FIGURE_NUMBER]);
        rc__line_number(&line, "pid", (uint64_t)getpid());
        rc__line_text(&line, "text", text, length);
        rc__line_write(&line, log);
        text += length + (text[length] == '\n');
    }
}

void gc_monitor_post_mortem(struct gc_monitor_worker *worker)
{
    if (worker == NULL || worker->has_written_post_mortem ||
        worker->monitor->options.post_mortem == NULL) {
        return;
    }
    worker->has_written_post_mortem = true;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL) {
        return;
    }
    worker->monitor->options.post_mortem(out, worker->monitor->options.context);
    if (fclose(out) == 0) {
        log_lines(worker, text);
    }
    free(text);
}

/* ---- the process ----------------------------------------------------------------------- */

/* W3 */
static void close_what_is_the_masters(struct gc_monitor *monitor)
{
    for (unsigned i = 0; i < monitor->place_count; i++) {
        struct rc_place *place = &monitor->places[i];
        if (place->socket >= 0) {
            close(place->socket);
        }
        rc__process_close(&place->process);
    }
    close(monitor->wake_fd);
    rc__notify_close(&monitor->notify);
}

static void set_up_signals(struct gc_monitor_worker *worker, const sigset_t *signals_before)
{
    if (worker->monitor->handles_signals) {
        rc__signals_enter_worker(&(struct rc_worker_signals){
            .shared = worker->shared, .socket = worker->socket, .note_drain = note_drain});
        prctl(PR_SET_PDEATHSIG, SIGTERM);
    }
    pthread_sigmask(SIG_SETMASK, signals_before, NULL);
    if (master_is_gone()) {
        become_orphan(worker);
    }
}

_Noreturn void rc__worker_run(struct gc_monitor *monitor, struct rc_place *place, int socket,
                              const sigset_t *signals_before)
{
    struct gc_monitor_worker worker = {
        .monitor = monitor,
        .shared = rc__shared(monitor, place),
        .socket = socket,
        .figures[RC_FIGURE_NUMBER] = place->number,
    };
    own_master = monitor->master;
    close_what_is_the_masters(monitor);
    make_last_timer(&monitor->options);
    set_up_signals(&worker, signals_before);
    int code = monitor->options.work(&worker, monitor->options.context);
    publish(&worker);
    if (worker.is_draining) {
        gc_monitor_post_mortem(&worker);
    }
    fflush(NULL);
    _exit(code);
}
