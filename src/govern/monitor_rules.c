/*
 * What a turn of the master does: hears what workers say, holds times and sizes
 * against their limits, and sees to it that there are as many as there should be.
 *
 * R1  A worker is replaced only if it is over its figure after it was asked to
 *     collect, and only if it started under it.
 * R2  A worker that is replaced serves until its successor is ready.
 * R3  While the service stops nothing is started.
 */
#include "base/clock.h"
#include "govern/monitor_life.h"
#include <sys/socket.h>
#include <unistd.h>

#define NS_PER_MS 1000000u

/* How often a process is asked after that has no descriptor which would tell of its end. */
#define UNSEEN_END_MS 20u

/* ---- sizes -------------------------------------------------------------------- */

static void judge_size(struct gc_monitor *monitor, struct rc_place *place)
{
    bool is_over =
        place->replace_bytes != 0 && !place->exempt && rc__life_size(place) > place->replace_bytes;
    if (place->state != GC_MONITOR_READY) {
        return;
    }
    if (place->due == GC_MONITOR_LIMIT && !is_over) {
        place->due = GC_MONITOR_NO_REASON;
    } else if (place->due == GC_MONITOR_NO_REASON && is_over) {
        rc__life_ask(monitor, place);
    }
}

/* ---- hearing ------------------------------------------------------------------ */

/* The bytes only say that there is something on the page. */
static void empty_socket(struct rc_place *place)
{
    char bytes[64];
    ssize_t length;
    do {
        length = recv(place->socket, bytes, sizeof bytes, MSG_DONTWAIT);
    } while (length > 0);
    if (length == 0) {
        /* It ends, or has closed what it should not have; either way nothing more comes. */
        close(place->socket);
        place->socket = -1;
    }
}

static bool says(const struct rc_place *place, unsigned flag)
{
    return (place->figures[RC_FIGURE_FLAGS] & flag) != 0;
}

/* What was published by the worker that is there now; else what was heard last. */
static void read_figures(struct gc_monitor *monitor, struct rc_place *place)
{
    uint64_t words[RC_FIGURES];
    if (rc__record_read(&rc__shared(monitor, place)->figures, words, RC_FIGURES) &&
        words[RC_FIGURE_NUMBER] == place->number) {
        for (unsigned i = 0; i < RC_FIGURES; i++) {
            place->figures[i] = words[i];
        }
    }
}

static void hear(struct gc_monitor *monitor, struct rc_place *place)
{
    struct rc_process_end end;
    if (place->socket >= 0) {
        empty_socket(place);
    }
    read_figures(monitor, place);
    if (place->state == GC_MONITOR_STARTING && says(place, RC_FLAG_READY)) {
        rc__life_become_ready(monitor, place);
        judge_size(monitor, place);
    }
    bool collected = place->figures[RC_FIGURE_COLLECTS_DONE] == place->collects_asked;
    if (place->state == GC_MONITOR_ASKED && collected) {
        rc__life_settle(monitor, place);
    }
    if (says(place, RC_FLAG_REPLACE) && place->due == GC_MONITOR_NO_REASON) {
        place->due = GC_MONITOR_REQUEST;
    }
    if (says(place, RC_FLAG_DRAINING) &&
        (rc__place_serves(place) || place->state == GC_MONITOR_STARTING)) {
        rc__life_drain(monitor, place, GC_MONITOR_EXIT);
    }
    if (rc__process_reap(&place->process, &end)) {
        read_figures(monitor, place); /* the last ones, published since */
        rc__life_bury(monitor, place, &end);
    }
}

/* ---- times -------------------------------------------------------------------- */

static void keep_times(struct gc_monitor *monitor, struct rc_place *place)
{
    if (monitor->now_ns < place->until_ns) {
        return;
    }
    switch (place->state) {
    case GC_MONITOR_STARTING:
        rc__page_count(monitor->page, RC_COUNT_START_TIMEOUTS);
        rc__life_terminate(monitor, place, GC_MONITOR_START_TIMEOUT);
        break;
    case GC_MONITOR_ASKED:
        rc__life_settle(monitor, place);
        break;
    case GC_MONITOR_DRAINING:
        rc__life_terminate(monitor, place, place->reason);
        break;
    case GC_MONITOR_TERMINATING:
        rc__life_finish_off(monitor, place);
        break;
    default: /* BACKING_OFF: see start_missing(); the others have no end */
        break;
    }
}

static void notice_silence(struct gc_monitor *monitor, struct rc_place *place)
{
    uint64_t silent_ns = (uint64_t)monitor->options.silent_ms * NS_PER_MS;
    uint64_t heard_ns = place->figures[RC_FIGURE_SAFEPOINT_NS];
    bool is_silent =
        silent_ns != 0 && monitor->now_ns > heard_ns && monitor->now_ns - heard_ns > silent_ns;
    if (place->state == GC_MONITOR_RETIRING) {
        return; /* it goes already */
    }
    if (is_silent && rc__place_serves(place)) {
        place->due = GC_MONITOR_SILENT;
    } else if (place->due == GC_MONITOR_SILENT) {
        place->due = GC_MONITOR_NO_REASON;
    }
}

/* ---- looking ------------------------------------------------------------------ */

static void look_at_sizes(struct gc_monitor *monitor)
{
    if (monitor->now_ns < monitor->next_look_ns) {
        return;
    }
    monitor->next_look_ns = monitor->now_ns + (uint64_t)monitor->options.period_ms * NS_PER_MS;
    for (unsigned i = 0; i < monitor->place_count; i++) {
        struct rc_place *place = &monitor->places[i];
        if (rc__place_has_process(place)) {
            rc__life_measure(monitor, place);
            notice_silence(monitor, place);
            judge_size(monitor, place);
            rc__life_publish(monitor, place);
        }
    }
}

/* ---- replacing -------------------------------------------------------------------- */

/* Those that harm the service go first; a reload can wait. */
static unsigned urgency(enum gc_monitor_reason due)
{
    switch (due) {
    case GC_MONITOR_SILENT:
        return 4;
    case GC_MONITOR_LIMIT:
        return 3;
    case GC_MONITOR_REQUEST:
        return 2;
    case GC_MONITOR_RELOAD:
        return 1;
    default:
        return 0;
    }
}

static bool may_retire(const struct gc_monitor *monitor, const struct rc_place *place)
{
    bool has_to_wait =
        place->due == GC_MONITOR_LIMIT && monitor->now_ns < monitor->next_replacement_ns;
    return place->state == GC_MONITOR_READY && place->due != GC_MONITOR_NO_REASON && !has_to_wait;
}

/* The most urgent one, and of those the largest. */
static struct rc_place *choose_to_retire(struct gc_monitor *monitor)
{
    struct rc_place *chosen = NULL;
    for (unsigned i = 0; i < monitor->place_count; i++) {
        struct rc_place *place = &monitor->places[i];
        if (!may_retire(monitor, place)) {
            continue;
        }
        unsigned more = urgency(place->due);
        unsigned most = chosen == NULL ? 0 : urgency(chosen->due);
        if (more > most || (more == most && rc__life_size(place) > rc__life_size(chosen))) {
            chosen = place;
        }
    }
    return chosen;
}

static struct rc_place *find_empty(struct gc_monitor *monitor)
{
    for (unsigned i = 0; i < monitor->place_count; i++) {
        if (monitor->places[i].state == GC_MONITOR_GONE) {
            return &monitor->places[i];
        }
    }
    return NULL;
}

/* Workers that reach their figure soon after they started are not replaced in a storm. */
static void space_out(struct gc_monitor *monitor, const struct rc_place *place)
{
    uint64_t stable_ns = (uint64_t)monitor->options.stable_ms * NS_PER_MS;
    if (place->due != GC_MONITOR_LIMIT) {
        return;
    }
    if (monitor->now_ns - place->ready_ns >= stable_ns) {
        monitor->quick_replacements = 0;
        return;
    }
    monitor->quick_replacements++;
    monitor->next_replacement_ns =
        monitor->now_ns + rc__life_back_off_ns(monitor, monitor->quick_replacements);
}

/* M4: as many as there are places left once all posts are filled. */
static void replace_due(struct gc_monitor *monitor)
{
    struct rc_place *place, *empty;
    while ((place = choose_to_retire(monitor)) != NULL && (empty = find_empty(monitor)) != NULL) {
        space_out(monitor, place);
        rc__life_retire(monitor, place, empty);
    }
}

/* ---- reload ------------------------------------------------------------------------- */

static void log_service(struct gc_monitor *monitor, const char *event)
{
    struct rc_line line;
    rc__line_begin(&line, &monitor->log, event);
    rc__line_number(&line, "master", (uint64_t)monitor->master);
    rc__line_write(&line, &monitor->log);
}

static void begin_reload(struct gc_monitor *monitor)
{
    monitor->reloading = true;
    monitor->told_of_limit = false;
    monitor->generation++;
    log_service(monitor, "reload");
    if (monitor->options.reload != NULL) {
        monitor->options.reload(monitor->options.context);
    }
}

/* A worker of before the reload; one that is starting may have read the old settings already. */
static bool is_outdated(const struct gc_monitor *monitor, const struct rc_place *place)
{
    return rc__place_has_process(place) && place->generation < monitor->generation;
}

static void go_on_with_reload(struct gc_monitor *monitor)
{
    bool is_done = true;
    for (unsigned i = 0; i < monitor->place_count; i++) {
        struct rc_place *place = &monitor->places[i];
        if (!is_outdated(monitor, place)) {
            continue;
        }
        is_done = false;
        if (place->due == GC_MONITOR_NO_REASON) {
            place->due = GC_MONITOR_RELOAD;
        }
    }
    if (monitor->reloading && is_done) {
        monitor->reloading = false;
        rc__page_count(monitor->page, RC_COUNT_RELOADS);
        log_service(monitor, "reloaded");
    }
}

/* ---- stopping ----------------------------------------------------------------------- */

static void stop_place(struct gc_monitor *monitor, struct rc_place *place)
{
    switch (place->state) {
    case GC_MONITOR_GONE:
    case GC_MONITOR_TERMINATING:
    case GC_MONITOR_KILLED:
        break;
    case GC_MONITOR_BACKING_OFF:
        rc__life_give_up(monitor, place);
        break;
    case GC_MONITOR_DRAINING:
        if (monitor->stopping_now) {
            rc__life_terminate(monitor, place, GC_MONITOR_STOP);
        }
        break;
    default:
        if (monitor->stopping_now) {
            rc__life_terminate(monitor, place, GC_MONITOR_STOP);
        } else {
            rc__life_drain(monitor, place, GC_MONITOR_STOP);
        }
        break;
    }
}

static void hear_wishes(struct gc_monitor *monitor)
{
    unsigned stops = atomic_load(&monitor->stops_wanted);
    bool now = atomic_load(&monitor->stop_now_wanted) || stops > 1;
    if (stops > 0 && !monitor->stopping) {
        log_service(monitor, "stopping");
    }
    if (now && !monitor->stopping_now) {
        log_service(monitor, "stopping_now");
    }
    monitor->stopping = stops > 0;
    monitor->stopping_now = now;
    if (atomic_exchange(&monitor->reload_wanted, false) && !monitor->stopping) {
        begin_reload(monitor);
    }
}

/* ---- how many ------------------------------------------------------------------------- */

/* Whether it is one of those that there should be so many of; a successor is not, yet. */
static bool fills_a_post(const struct rc_place *place)
{
    bool holds = rc__place_serves(place) || place->state == GC_MONITOR_STARTING ||
                 place->state == GC_MONITOR_BACKING_OFF || place->comes_back;
    return holds && place->predecessor < 0;
}

static void start_missing(struct gc_monitor *monitor)
{
    unsigned filled = 0;
    for (unsigned i = 0; i < monitor->place_count; i++) {
        struct rc_place *place = &monitor->places[i];
        filled += fills_a_post(place);
        if (place->state == GC_MONITOR_BACKING_OFF && monitor->now_ns >= place->until_ns) {
            rc__life_start(monitor, place);
        }
    }
    struct rc_place *empty;
    for (; filled < monitor->options.workers; filled++) {
        if ((empty = find_empty(monitor)) == NULL) {
            return;
        }
        rc__life_start(monitor, empty);
    }
}

/* ---- the turn ----------------------------------------------------------------------- */

static unsigned count_serving(const struct gc_monitor *monitor)
{
    unsigned count = 0;
    for (unsigned i = 0; i < monitor->place_count; i++) {
        count += rc__place_serves(&monitor->places[i]);
    }
    return count;
}

static void tell_manager(struct gc_monitor *monitor)
{
    char status[128];
    enum rc_service service = monitor->stopping     ? RC_SERVICE_STOPPING
                              : monitor->reloading  ? RC_SERVICE_RELOADING
                              : monitor->has_served ? RC_SERVICE_READY
                                                    : RC_SERVICE_STARTING;
    snprintf(status, sizeof status, "%u of %u workers serve, %llu started", count_serving(monitor),
             monitor->options.workers, (unsigned long long)monitor->workers_started);
    rc__notify_state(&monitor->notify, service, status, monitor->now_ns);
}

void rc__rules_turn(struct gc_monitor *monitor)
{
    monitor->now_ns = rc__clock_ns();
    hear_wishes(monitor);
    for (unsigned i = 0; i < monitor->place_count; i++) {
        struct rc_place *place = &monitor->places[i];
        if (rc__place_has_process(place)) {
            hear(monitor, place);
        }
        keep_times(monitor, place);
        if (monitor->stopping) {
            stop_place(monitor, place);
        }
    }
    look_at_sizes(monitor);
    if (!monitor->stopping) {
        start_missing(monitor);
        go_on_with_reload(monitor);
        replace_due(monitor);
    }
    tell_manager(monitor);
}

static uint64_t sooner(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

uint64_t rc__rules_due_ns(const struct gc_monitor *monitor)
{
    uint64_t due_ns = sooner(monitor->next_look_ns, rc__notify_due_ns(&monitor->notify));
    if (monitor->next_replacement_ns > monitor->now_ns) {
        due_ns = sooner(due_ns, monitor->next_replacement_ns);
    }
    for (unsigned i = 0; i < monitor->place_count; i++) {
        const struct rc_place *place = &monitor->places[i];
        due_ns = sooner(due_ns, place->until_ns);
        bool ends_unseen = rc__place_has_process(place) && place->socket < 0;
        if (ends_unseen && place->process.pidfd < 0) {
            due_ns = sooner(due_ns, monitor->now_ns + UNSEEN_END_MS * NS_PER_MS);
        }
    }
    return due_ns;
}

bool rc__rules_finished(const struct gc_monitor *monitor)
{
    if (!monitor->stopping) {
        return false;
    }
    for (unsigned i = 0; i < monitor->place_count; i++) {
        if (monitor->places[i].state != GC_MONITOR_GONE) {
            return false;
        }
    }
    return true;
}
