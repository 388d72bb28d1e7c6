/*
 * The master's records. Everything it decides, it decides by these.
 *
 * M1  `places` has room for `workers` + `replace_at_once`: a successor gets a
 *     place of its own, and its predecessor's falls empty.
 * M2  A place has a process exactly if its state is neither GONE nor BACKING_OFF.
 * M3  A successor knows its predecessor (`predecessor` >= 0), which is RETIRING;
 *     the tie ends when the successor is ready or the predecessor has ended.
 * M4  At most `replace_at_once` are being replaced, from the start of the successor
 *     to the end of the old one: there are no more places than that.
 * M5  A place that `comes_back` backs off when its process has ended; nobody else
 *     is started for it.
 * M6  In a worker all of it but `options` and `page` is a dead copy.
 */
#ifndef RCYCLE_GOVERN_MONITOR_MASTER_H
#define RCYCLE_GOVERN_MONITOR_MASTER_H

#include "govern/monitor_log.h"
#include "govern/monitor_notify.h"
#include "govern/monitor_page.h"
#include "govern/monitor_process.h"
#include <poll.h>
#include <rcycle/monitor.h>
#include <signal.h>

#define RC_NEVER_NS UINT64_MAX

struct rc_place {
    enum gc_monitor_state state;
    enum gc_monitor_reason reason; /* why it is to go; while it backs off: why the last one went */
    enum gc_monitor_reason due;    /* why it is to be replaced as soon as there is room for that */
    struct rc_process process;
    int socket; /* a byte either way says: look at the page; -1 */
    uint64_t number;
    uint64_t generation;
    uint64_t since_ns; /* in this state */
    uint64_t until_ns; /* the state's time is over then */
    uint64_t ready_ns; /* when it became ready; 0: not yet */
    int predecessor;   /* M3; -1: none */
    bool comes_back;   /* it ends, though nobody wanted it to: its post is not empty */
    bool exempt;       /* its start-up size is over the figure */
    unsigned failures;
    size_t replace_bytes; /* its figure, jitter included; 0: none */
    size_t start_bytes;
    size_t resident_bytes;
    uint64_t collects_asked;
    uint64_t figures[RC_FIGURES]; /* as read last */
};

struct gc_monitor {
    struct gc_monitor_options options; /* its strings are our own */
    pid_t master;
    struct rc_page *page;
    struct rc_log log;
    struct rc_notify notify;

    int wake_fd; /* an eventfd, for stops and reloads */
    _Atomic unsigned stops_wanted;
    _Atomic bool stop_now_wanted;
    _Atomic bool reload_wanted;
    bool handles_signals;

    bool is_inside; /* a turn is being made */
    bool stopping;
    bool stopping_now;
    bool reloading;
    bool has_served;    /* a worker has been ready */
    bool told_of_limit; /* of a start-up size over the figure */
    uint64_t workers_started;
    uint64_t generation;
    uint64_t now_ns;              /* of this turn */
    uint64_t next_look_ns;        /* at sizes */
    unsigned quick_replacements;  /* for size, in a row, of workers not stable yet */
    uint64_t next_replacement_ns; /* for size */
    uint64_t random;

    struct rc_place *places;
    unsigned place_count;
    struct pollfd *polled; /* room for what a turn waits for */
};

static inline struct rc_shared_place *rc__shared(const struct gc_monitor *monitor,
                                                 const struct rc_place *place)
{
    return &monitor->page->place[place - monitor->places];
}

static inline bool rc__place_has_process(const struct rc_place *place)
{
    return place->state != GC_MONITOR_GONE && place->state != GC_MONITOR_BACKING_OFF;
}

static inline bool rc__place_serves(const struct rc_place *place)
{
    return place->state == GC_MONITOR_READY || place->state == GC_MONITOR_ASKED ||
           place->state == GC_MONITOR_RETIRING;
}

/* Whether the caller is the master, and not one of its forks. */
bool rc__monitor_is_master(const struct gc_monitor *monitor);

/* Evenly spread from 0 to `below` - 1; 0 if that is 0. */
uint64_t rc__monitor_random(struct gc_monitor *monitor, uint64_t below);

/* monitor_options.c: what is out of range; a copy with strings of its own; the copy's end. */
enum gc_result rc__monitor_options_check(const struct gc_monitor_options *options);
bool rc__monitor_options_copy(struct gc_monitor_options *copy,
                              const struct gc_monitor_options *options);
void rc__monitor_options_free(struct gc_monitor_options *copy);

/* monitor_rules.c: what a turn does when it has waited; when there is something to do again. */
void rc__rules_turn(struct gc_monitor *monitor);
uint64_t rc__rules_due_ns(const struct gc_monitor *monitor);
bool rc__rules_finished(const struct gc_monitor *monitor);

/* monitor_verify.c: NULL, or which invariant does not hold between two turns. For tests. */
const char *rc__monitor_verify(const struct gc_monitor *monitor);

/* monitor_worker.c: the life of a worker, in its process. `socket` is its end. */
_Noreturn void rc__worker_run(struct gc_monitor *monitor, struct rc_place *place, int socket,
                              const sigset_t *signals_before);

#endif
