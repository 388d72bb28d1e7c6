#include "base/clock.h"
#include "base/entropy.h"
#include "govern/monitor_master.h"
#include "govern/monitor_signals.h"
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define NS_PER_MS 1000000u

bool rc__monitor_is_master(const struct gc_monitor *monitor)
{
    return monitor != NULL && monitor->master == getpid();
}

/* Good enough to spread moments; nothing is secret. */
uint64_t rc__monitor_random(struct gc_monitor *monitor, uint64_t below)
{
    monitor->random = monitor->random * 6364136223846793005u + 1442695040888963407u;
    return below == 0 ? 0 : (monitor->random >> 16) % below;
}

/* ---- beginning and end --------------------------------------------------------- */

static bool make_places(struct gc_monitor *monitor)
{
    monitor->place_count = monitor->options.workers + monitor->options.replace_at_once;
    monitor->places = calloc(monitor->place_count, sizeof *monitor->places);
    monitor->polled = calloc(1 + 2 * (size_t)monitor->place_count, sizeof *monitor->polled);
    monitor->page = rc__page_new(monitor->place_count);
    if (monitor->places == NULL || monitor->polled == NULL || monitor->page == NULL) {
        return false;
    }
    for (unsigned i = 0; i < monitor->place_count; i++) {
        monitor->places[i].process = RC_NO_PROCESS;
        monitor->places[i].socket = -1;
        monitor->places[i].predecessor = -1;
        monitor->places[i].until_ns = RC_NEVER_NS;
    }
    monitor->page->master = monitor->master;
    monitor->page->born_ns = rc__clock_ns();
    return true;
}

/* Whatever there is of it. */
static void destroy(struct gc_monitor *monitor)
{
    if (monitor->wake_fd >= 0) {
        close(monitor->wake_fd);
    }
    rc__page_free(monitor->page);
    rc__monitor_options_free(&monitor->options);
    free(monitor->places);
    free(monitor->polled);
    free(monitor);
}

enum gc_result gc_monitor_new(const struct gc_monitor_options *options, struct gc_monitor **monitor)
{
    if (options == NULL || monitor == NULL) {
        return GC_EINVAL;
    }
    enum gc_result result = rc__monitor_options_check(options);
    if (result != GC_OK) {
        return result;
    }
    struct gc_monitor *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return GC_ENOMEM;
    }
    made->master = getpid();
    made->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!rc__monitor_options_copy(&made->options, options) || !make_places(made) ||
        made->wake_fd < 0) {
        destroy(made);
        return GC_ENOMEM;
    }
    rc__entropy_fill(&made->random, sizeof made->random);
    rc__log_open(&made->log, options->log_fd, made->options.name, made->page);
    rc__notify_open(&made->notify, options->notify, made->page);
    *monitor = made;
    return GC_OK;
}

static void kill_all(struct gc_monitor *monitor)
{
    struct rc_process_end end;
    for (unsigned i = 0; i < monitor->place_count; i++) {
        struct rc_place *place = &monitor->places[i];
        rc__process_signal(&place->process, SIGKILL);
    }
    for (unsigned i = 0; i < monitor->place_count; i++) {
        struct rc_place *place = &monitor->places[i];
        while (!rc__process_reap(&place->process, &end)) {
            poll(NULL, 0, 1);
        }
        if (place->socket >= 0) {
            close(place->socket);
        }
    }
}

void gc_monitor_free(struct gc_monitor *monitor)
{
    if (!rc__monitor_is_master(monitor) || monitor->is_inside) {
        return;
    }
    kill_all(monitor);
    if (monitor->handles_signals) {
        rc__signals_restore();
    }
    rc__notify_close(&monitor->notify);
    rc__log_close(&monitor->log);
    destroy(monitor);
}

enum gc_result gc_monitor_install_signals(struct gc_monitor *monitor)
{
    if (!rc__monitor_is_master(monitor)) {
        return GC_EINVAL;
    }
    if (!rc__signals_install(monitor)) {
        return GC_EBUSY;
    }
    monitor->handles_signals = true;
    return GC_OK;
}

/* ---- wishes, from anywhere -------------------------------------------------------- */

static void wake(struct gc_monitor *monitor)
{
    uint64_t one = 1;
    (void)!write(monitor->wake_fd, &one, sizeof one);
}

void gc_monitor_stop(struct gc_monitor *monitor, bool now)
{
    if (rc__monitor_is_master(monitor)) {
        if (now) {
            atomic_store(&monitor->stop_now_wanted, true);
        }
        atomic_fetch_add(&monitor->stops_wanted, 1);
        wake(monitor);
    }
}

void gc_monitor_reload(struct gc_monitor *monitor)
{
    if (rc__monitor_is_master(monitor)) {
        atomic_store(&monitor->reload_wanted, true);
        wake(monitor);
    }
}

/* ---- turns ------------------------------------------------------------------------ */

static int wait_limit_ms(const struct gc_monitor *monitor, unsigned wait_ms)
{
    uint64_t now_ns = rc__clock_ns();
    uint64_t due_ns = rc__rules_due_ns(monitor);
    if (due_ns <= now_ns) {
        return 0;
    }
    uint64_t until_due_ms = (due_ns - now_ns) / NS_PER_MS + 1;
    uint64_t least_ms = until_due_ms < wait_ms ? until_due_ms : wait_ms;
    return least_ms < 1000000 ? (int)least_ms : 1000000;
}

static void wait_for_something(struct gc_monitor *monitor, unsigned wait_ms)
{
    nfds_t count = 0;
    monitor->polled[count++] = (struct pollfd){.fd = monitor->wake_fd, .events = POLLIN};
    for (unsigned i = 0; i < monitor->place_count; i++) {
        const struct rc_place *place = &monitor->places[i];
        monitor->polled[count++] = (struct pollfd){.fd = place->socket, .events = POLLIN};
        monitor->polled[count++] = (struct pollfd){.fd = place->process.pidfd, .events = POLLIN};
    }
    poll(monitor->polled, count, wait_limit_ms(monitor, wait_ms));
    uint64_t wakes;
    (void)!read(monitor->wake_fd, &wakes, sizeof wakes);
}

bool gc_monitor_step(struct gc_monitor *monitor, unsigned wait_ms)
{
    if (!rc__monitor_is_master(monitor) || monitor->is_inside) {
        return false;
    }
    monitor->is_inside = true;
    wait_for_something(monitor, wait_ms);
    rc__rules_turn(monitor);
    monitor->is_inside = false;
    return !rc__rules_finished(monitor);
}

enum gc_result gc_monitor_run(struct gc_monitor *monitor)
{
    if (!rc__monitor_is_master(monitor)) {
        return GC_EINVAL;
    }
    if (monitor->is_inside) {
        return GC_EBUSY;
    }
    while (gc_monitor_step(monitor, UINT32_MAX)) {
    }
    return GC_OK;
}
