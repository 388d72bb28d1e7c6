#include "govern/monitor_life.h"

#include "base/clock.h"
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NS_PER_MS 1000000u

/* ---- what all transitions do ---------------------------------------------- */

void rc__life_publish(struct gc_monitor *monitor, const struct rc_place *place)
{
    uint64_t words[RC_STANDINGS] = {
        [RC_STANDING_STATE] = place->state,
        [RC_STANDING_REASON] = place->reason,
        [RC_STANDING_PID] = (uint64_t)place->process.pid,
        [RC_STANDING_NUMBER] = place->number,
        [RC_STANDING_SINCE_NS] = place->since_ns,
        [RC_STANDING_FAILURES] = place->failures,
        [RC_STANDING_REPLACE_BYTES] = place->replace_bytes,
        [RC_STANDING_START_BYTES] = place->start_bytes,
        [RC_STANDING_RESIDENT_BYTES] = place->resident_bytes,
    };
    rc__record_write(&rc__shared(monitor, place)->standing, words, RC_STANDINGS);
}

/* The one place where a state changes. `time_ms` is how long it may last; 0: any time. */
static void enter(struct gc_monitor *monitor, struct rc_place *place, enum gc_monitor_state state,
                  uint64_t time_ms)
{
    place->state = state;
    place->since_ns = monitor->now_ns;
    place->until_ns = time_ms == 0 ? RC_NEVER_NS : monitor->now_ns + time_ms * NS_PER_MS;
    rc__life_publish(monitor, place);
}

static void begin_line(struct gc_monitor *monitor, const struct rc_place *place,
                       struct rc_line *line, const char *event)
{
    rc__line_begin(line, &monitor->log, event);
    rc__line_number(line, "worker", place->number);
    rc__line_number(line, "pid", (uint64_t)place->process.pid);
}

static void log_event(struct gc_monitor *monitor, const struct rc_place *place, const char *event)
{
    struct rc_line line;
    begin_line(monitor, place, &line, event);
    if (place->reason != GC_MONITOR_NO_REASON) {
        rc__line_word(&line, "reason", gc_monitor_reason_name(place->reason));
    }
    rc__line_write(&line, &monitor->log);
}

/* The sizes that a decision was made upon go with it. */
static void log_sizes(struct gc_monitor *monitor, const struct rc_place *place, const char *event)
{
    struct rc_line line;
    begin_line(monitor, place, &line, event);
    if (place->due != GC_MONITOR_NO_REASON) {
        rc__line_word(&line, "reason", gc_monitor_reason_name(place->due));
    }
    rc__line_number(&line, "size_bytes", rc__life_size(place));
    rc__line_number(&line, "resident_bytes", place->resident_bytes);
    rc__line_number(&line, "live_bytes", place->figures[RC_FIGURE_LIVE_BYTES]);
    rc__line_number(&line, "replace_bytes", place->replace_bytes);
    rc__line_number(&line, "limit_bytes", monitor->options.limit_bytes);
    rc__line_number(&line, "requests", place->figures[RC_FIGURE_REQUESTS]);
    rc__line_write(&line, &monitor->log);
}

/* Has the worker look at the page. If that fails it has a look at its next safe point. */
static void nudge(const struct rc_place *place)
{
    if (place->socket >= 0) {
        (void)!send(place->socket, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

static void give_order(struct gc_monitor *monitor, struct rc_place *place, enum rc_order order)
{
    atomic_store_explicit(&rc__shared(monitor, place)->order, order, memory_order_release);
    nudge(place);
}

static struct rc_place *successor_of(struct gc_monitor *monitor, const struct rc_place *place)
{
    int index = (int)(place - monitor->places);
    for (unsigned i = 0; i < monitor->place_count; i++) {
        if (monitor->places[i].predecessor == index) {
            return &monitor->places[i];
        }
    }
    return NULL;
}

/* M3: the tie of a place that is not RETIRING any more. */
static void untie_successor(struct gc_monitor *monitor, const struct rc_place *place)
{
    struct rc_place *successor = successor_of(monitor, place);
    if (successor != NULL) {
        successor->predecessor = -1;
    }
}

/* ---- sizes -------------------------------------------------------------------- */

size_t rc__life_size(const struct rc_place *place)
{
    size_t live = (size_t)place->figures[RC_FIGURE_LIVE_BYTES];
    size_t held = place->resident_bytes != 0 ? place->resident_bytes
                                             : (size_t)place->figures[RC_FIGURE_SYSTEM_BYTES];
    return live > held ? live : held;
}

void rc__life_measure(struct gc_monitor *monitor, struct rc_place *place)
{
    if (!rc__process_resident(&place->process, monitor->options.proc_path,
                              &place->resident_bytes)) {
        rc__page_count(monitor->page, RC_COUNT_SIZES_UNKNOWN);
    }
}

/* A part of a limit in percent, at least 1 byte of a limit that there is. */
static size_t part_of(size_t limit_bytes, unsigned percent)
{
    size_t part = limit_bytes / 100 * percent + limit_bytes % 100 * percent / 100;
    return part == 0 && limit_bytes != 0 ? 1 : part;
}

/* The figure of a new worker. */
static size_t choose_figure(struct gc_monitor *monitor)
{
    const struct gc_monitor_options *options = &monitor->options;
    size_t figure = options->replace_bytes != 0
                        ? options->replace_bytes
                        : part_of(options->limit_bytes, options->limit_percent);
    size_t jitter = figure / 100 * options->jitter_percent;
    return figure - (size_t)rc__monitor_random(monitor, (uint64_t)jitter + 1);
}

/* ---- starting --------------------------------------------------------------------- */

uint64_t rc__life_back_off_ns(struct gc_monitor *monitor, unsigned failures)
{
    const struct gc_monitor_options *options = &monitor->options;
    uint64_t wait_ms = options->back_off_ms;
    for (unsigned i = 1; i < failures && wait_ms < options->back_off_max_ms; i++) {
        wait_ms *= 2;
    }
    if (wait_ms > options->back_off_max_ms) {
        wait_ms = options->back_off_max_ms;
    }
    uint64_t wait_ns = wait_ms * NS_PER_MS;
    return wait_ns - wait_ns / 4 + rc__monitor_random(monitor, wait_ns / 2);
}

static void back_off(struct gc_monitor *monitor, struct rc_place *place)
{
    place->failures++;
    if (place->failures == monitor->options.crash_loop) {
        rc__page_count(monitor->page, RC_COUNT_CRASH_LOOPS);
        log_event(monitor, place, "crash_loop");
    }
    enter(monitor, place, GC_MONITOR_BACKING_OFF, 0);
    place->until_ns = monitor->now_ns + rc__life_back_off_ns(monitor, place->failures);
}

/* Nothing is wanted of the one that starts; the one before has ended. */
static void clear_orders(struct gc_monitor *monitor, struct rc_place *place)
{
    struct rc_shared_place *shared = rc__shared(monitor, place);
    atomic_store_explicit(&shared->order, RC_ORDER_SERVE, memory_order_relaxed);
    atomic_store_explicit(&shared->collects_asked, 0, memory_order_relaxed);
    memset(place->figures, 0, sizeof place->figures);
}

static void prepare(struct gc_monitor *monitor, struct rc_place *place)
{
    clear_orders(monitor, place);
    place->reason = place->due = GC_MONITOR_NO_REASON;
    place->number = ++monitor->workers_started;
    place->generation = monitor->generation;
    place->ready_ns = 0;
    place->exempt = place->comes_back = false;
    place->replace_bytes = choose_figure(monitor);
    place->start_bytes = place->resident_bytes = 0;
    place->collects_asked = 0;
}

/* The process and our end of its socket; -1: the system refused. Signals are blocked around it. */
static pid_t fork_worker(struct gc_monitor *monitor, struct rc_place *place)
{
    int ends[2];
    sigset_t all, before;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
        return -1;
    }
    fflush(NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        rc__worker_run(monitor, place, ends[1], &before);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return -1;
    }
    place->socket = ends[0];
    return pid;
}

void rc__life_start(struct gc_monitor *monitor, struct rc_place *place)
{
    prepare(monitor, place);
    pid_t pid = fork_worker(monitor, place);
    if (pid < 0) {
        rc__page_count(monitor->page, RC_COUNT_FORK_FAILURES);
        log_event(monitor, place, "fork_failed");
        back_off(monitor, place);
        return;
    }
    place->process = rc__process_open(pid);
    rc__page_count(monitor->page, RC_COUNT_STARTED);
    enter(monitor, place, GC_MONITOR_STARTING, monitor->options.start_ms);
    log_event(monitor, place, "started");
}

void rc__life_become_ready(struct gc_monitor *monitor, struct rc_place *place)
{
    place->ready_ns = monitor->now_ns;
    monitor->has_served = true;
    rc__life_measure(monitor, place);
    place->start_bytes = rc__life_size(place);
    rc__page_count(monitor->page, RC_COUNT_BECAME_READY);
    enter(monitor, place, GC_MONITOR_READY, 0);
    log_sizes(monitor, place, "ready");
    if (place->predecessor >= 0) {
        struct rc_place *predecessor = &monitor->places[place->predecessor];
        place->predecessor = -1;
        rc__life_drain(monitor, predecessor, predecessor->reason);
    }
}

/* ---- over the figure ------------------------------------------------------------------ */

void rc__life_ask(struct gc_monitor *monitor, struct rc_place *place)
{
    place->collects_asked++;
    atomic_store_explicit(&rc__shared(monitor, place)->collects_asked, place->collects_asked,
                          memory_order_release);
    nudge(place);
    rc__page_count(monitor->page, RC_COUNT_ASKED);
    enter(monitor, place, GC_MONITOR_ASKED, monitor->options.collect_ms);
    log_sizes(monitor, place, "asked_to_collect");
}

/* What it was at its start counts without the garbage of the start. */
static void settle_start(struct gc_monitor *monitor, struct rc_place *place)
{
    place->start_bytes = rc__life_size(place);
    if (place->start_bytes <= place->replace_bytes) {
        return;
    }
    place->exempt = true;
    rc__page_count(monitor->page, RC_COUNT_LIMIT_BELOW_START);
    if (!monitor->told_of_limit) {
        monitor->told_of_limit = true;
        log_sizes(monitor, place, "limit_below_start");
    }
}

void rc__life_settle(struct gc_monitor *monitor, struct rc_place *place)
{
    rc__life_measure(monitor, place);
    if (place->start_bytes > place->replace_bytes) {
        settle_start(monitor, place);
    }
    bool is_under = rc__life_size(place) <= place->replace_bytes;
    if (is_under) {
        rc__page_count(monitor->page, RC_COUNT_SETTLED);
    } else if (!place->exempt) {
        place->due = GC_MONITOR_LIMIT;
    }
    enter(monitor, place, GC_MONITOR_READY, 0);
    log_sizes(monitor, place, is_under ? "settled" : "still_over");
}

/* ---- going ---------------------------------------------------------------------------- */

static void count_replacement(struct gc_monitor *monitor, enum gc_monitor_reason reason)
{
    static const enum rc_count counts[] = {
        [GC_MONITOR_LIMIT] = RC_COUNT_REPLACED_LIMIT,
        [GC_MONITOR_RELOAD] = RC_COUNT_REPLACED_RELOAD,
        [GC_MONITOR_REQUEST] = RC_COUNT_REPLACED_REQUEST,
        [GC_MONITOR_SILENT] = RC_COUNT_REPLACED_SILENT,
    };
    rc__page_count(monitor->page, counts[reason]);
}

void rc__life_retire(struct gc_monitor *monitor, struct rc_place *place, struct rc_place *successor)
{
    place->reason = place->due;
    enter(monitor, place, GC_MONITOR_RETIRING, 0);
    log_sizes(monitor, place, "retiring");
    successor->failures = 0;
    successor->predecessor = (int)(place - monitor->places);
    rc__life_start(monitor, successor);
}

/* Ready for so long that what it does now is no failure to start. */
static bool was_stable(const struct gc_monitor *monitor, const struct rc_place *place)
{
    uint64_t stable_ns = (uint64_t)monitor->options.stable_ms * NS_PER_MS;
    return place->ready_ns != 0 && monitor->now_ns - place->ready_ns >= stable_ns;
}

void rc__life_drain(struct gc_monitor *monitor, struct rc_place *place,
                    enum gc_monitor_reason reason)
{
    if (place->state == GC_MONITOR_RETIRING && reason == place->reason) {
        count_replacement(monitor, reason);
    }
    bool began_by_itself = reason == GC_MONITOR_EXIT && place->state != GC_MONITOR_RETIRING;
    place->comes_back = began_by_itself && !was_stable(monitor, place);
    untie_successor(monitor, place);
    place->reason = reason;
    give_order(monitor, place, RC_ORDER_DRAIN);
    enter(monitor, place, GC_MONITOR_DRAINING, monitor->options.drain_ms);
    log_event(monitor, place, "draining");
}

void rc__life_terminate(struct gc_monitor *monitor, struct rc_place *place,
                        enum gc_monitor_reason reason)
{
    untie_successor(monitor, place);
    place->comes_back = place->comes_back || reason == GC_MONITOR_START_TIMEOUT;
    place->reason = reason;
    give_order(monitor, place, RC_ORDER_TERMINATE);
    rc__process_signal(&place->process, SIGTERM);
    rc__page_count(monitor->page, RC_COUNT_TERMINATED);
    enter(monitor, place, GC_MONITOR_TERMINATING, 0);
    place->until_ns = monitor->now_ns + (uint64_t)monitor->options.terminate_ms * NS_PER_MS;
    log_event(monitor, place, "terminated");
}

void rc__life_finish_off(struct gc_monitor *monitor, struct rc_place *place)
{
    rc__process_signal(&place->process, SIGKILL);
    rc__page_count(monitor->page, RC_COUNT_KILLED);
    enter(monitor, place, GC_MONITOR_KILLED, 0);
    log_event(monitor, place, "killed");
}

/* ---- the end ---------------------------------------------------------------------------- */

/* Its end had been begun before it came. */
static bool was_going(const struct rc_place *place)
{
    return place->state == GC_MONITOR_DRAINING || place->state == GC_MONITOR_TERMINATING ||
           place->state == GC_MONITOR_KILLED;
}

static void log_end(struct gc_monitor *monitor, const struct rc_place *place,
                    const struct rc_process_end *end)
{
    struct rc_line line;
    rc__line_begin(&line, &monitor->log, "ended");
    rc__line_number(&line, "worker", place->number);
    rc__line_number(&line, "pid", (uint64_t)end->pid);
    rc__line_word(&line, "state", gc_monitor_state_name(place->state));
    rc__line_word(&line, "reason", gc_monitor_reason_name(place->reason));
    if (end->known) {
        rc__line_number(&line, end->by_signal ? "signal" : "exit_code", (uint64_t)end->code);
    }
    rc__line_number(&line, "requests", place->figures[RC_FIGURE_REQUESTS]);
    rc__line_number(&line, "requests_open", place->figures[RC_FIGURE_REQUESTS_OPEN]);
    rc__line_write(&line, &monitor->log);
}

/* Why it went, if nobody asked it to. A crash is one whatever was wanted, unless we killed it. */
static void note_own_end(struct gc_monitor *monitor, struct rc_place *place,
                         const struct rc_process_end *end)
{
    bool was_killed = place->state == GC_MONITOR_TERMINATING || place->state == GC_MONITOR_KILLED;
    if (end->known && end->by_signal && !was_killed) {
        place->reason = GC_MONITOR_CRASH;
        rc__page_count(monitor->page, RC_COUNT_CRASHES);
    } else if (!was_going(place) || place->reason == GC_MONITOR_EXIT) {
        place->reason = GC_MONITOR_EXIT;
        rc__page_count(monitor->page, RC_COUNT_EXITS);
    }
}

static void become_gone(struct gc_monitor *monitor, struct rc_place *place)
{
    place->failures = 0;
    place->predecessor = -1;
    place->comes_back = false;
    place->start_bytes = 0;
    enter(monitor, place, GC_MONITOR_GONE, 0);
}

void rc__life_bury(struct gc_monitor *monitor, struct rc_place *place,
                   const struct rc_process_end *end)
{
    bool is_succeeded = successor_of(monitor, place) != NULL;
    bool filled_a_post = !was_going(place) || place->comes_back;
    bool is_wanted_again = filled_a_post && !is_succeeded && !monitor->stopping;
    note_own_end(monitor, place, end);
    log_end(monitor, place, end);
    untie_successor(monitor, place);
    if (place->socket >= 0) {
        close(place->socket);
        place->socket = -1;
    }
    place->resident_bytes = 0;
    if (!is_wanted_again) {
        become_gone(monitor, place);
        return;
    }
    if (was_stable(monitor, place)) {
        place->failures = 0;
    }
    back_off(monitor, place);
}

void rc__life_give_up(struct gc_monitor *monitor, struct rc_place *place)
{
    become_gone(monitor, place);
}
