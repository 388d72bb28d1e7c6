/**
 * @file
 * The monitor: keeps the worker processes of a resident service, and replaces
 * one that grows before it reaches its limit, without a request being lost.
 *
 * The program calls gc_monitor_new() and gc_monitor_run(); its process is the
 * *master* from then on, and does nothing but watch. The master forks N
 * *workers*, and in each of them the program's function runs. A worker says
 * when it is ready, passes a safe point between requests, and returns from its
 * function once the safe point tells it to. All it has to know is this:
 *
 * @code
 * static int serve(struct gc_monitor_worker *worker, void *context)
 * {
 *     struct server *server = open_server(*(int *)context);
 *     gc_monitor_ready(worker);
 *     while (gc_monitor_safepoint(worker)) {
 *         wait_and_serve(server, gc_monitor_fd(worker));
 *     }
 *     stop_accepting(server);
 *     finish_what_is_open(server);
 *     return 0;
 * }
 * @endcode
 *
 * Not part of `<rcycle/rcycle.h>`; include it where it is needed.
 *
 * A worker's life. The transitions are made by the functions named, with
 * rc__life_ in front, in src/govern/monitor_life.c; nothing else changes a state.
 *
 *     from               to           by            when
 *     -----------------  -----------  ------------  --------------------------------------
 *     GONE, BACKING_OFF  STARTING     start         a post is empty, or its wait is over
 *     STARTING           READY        become_ready  the worker called gc_monitor_ready()
 *     READY              ASKED        ask           it is over the figure
 *     ASKED              READY        settle        it has collected, or its time is over;
 *                                                   still over the figure, it is due
 *     READY              RETIRING     retire        it is due, and its successor starts
 *     STARTING, READY,   DRAINING     drain         its successor is ready, or the service
 *     ASKED, RETIRING                               stops, or it drains by itself
 *     STARTING,          TERMINATING  terminate     its time is over: SIGTERM
 *     DRAINING
 *     any process        TERMINATING  terminate     the service stops at once
 *     TERMINATING        KILLED       finish_off    its time is over: SIGKILL
 *     any process        GONE         bury          it has ended as it was asked to, or has
 *                                                   a successor already
 *     any process        BACKING_OFF  bury          it has ended, and nobody asked it to; or
 *                                                   it was not ready in time
 *     GONE, BACKING_OFF  BACKING_OFF  start         the system refused to fork
 *     BACKING_OFF        GONE         give_up       the service stops
 *
 * What it does not do: it starts no thread, installs no signal handler unless
 * gc_monitor_install_signals() is called, opens no socket of the service, and
 * never reads or writes what the service sends. The listening socket is opened
 * by the program before gc_monitor_run(), and workers inherit it.
 *
 * Threads: a monitor belongs to the thread that made it, which should be the
 * only one of its process, since workers are forked from it. gc_monitor_stop()
 * and gc_monitor_reload() may be called from anywhere, signal handlers included.
 * The calls of a worker are for the one thread of it that uses its heap.
 */
#ifndef RCYCLE_MONITOR_H
#define RCYCLE_MONITOR_H

#include <rcycle/export.h>
#include <rcycle/result.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The master's side. Opaque; workers inherit it, to read the status page. */
struct gc_monitor;

/** A worker's side. Opaque; exists in the worker's process only. */
struct gc_monitor_worker;

/** Workers that a monitor keeps at most. */
#define GC_MONITOR_WORKERS_MAX 512

/** Where a worker is in its life. */
enum gc_monitor_state {
    GC_MONITOR_GONE = 0,    /**< no process, and none is wanted here */
    GC_MONITOR_STARTING,    /**< forked, not ready yet */
    GC_MONITOR_READY,       /**< serves */
    GC_MONITOR_ASKED,       /**< serves; was asked to collect and give back memory */
    GC_MONITOR_RETIRING,    /**< serves; its successor is starting */
    GC_MONITOR_DRAINING,    /**< accepts nothing more, finishes what it has begun */
    GC_MONITOR_TERMINATING, /**< was sent SIGTERM, since it did not end in time */
    GC_MONITOR_KILLED,      /**< was sent SIGKILL, since that did not help either */
    GC_MONITOR_BACKING_OFF  /**< ended by itself; a new one is started when its wait is over */
};

/** Why a worker is to go, or went. */
enum gc_monitor_reason {
    GC_MONITOR_NO_REASON = 0,
    GC_MONITOR_LIMIT,         /**< it was over the figure, and collecting did not help */
    GC_MONITOR_RELOAD,        /**< all workers are replaced */
    GC_MONITOR_REQUEST,       /**< it called gc_monitor_request_replacement() */
    GC_MONITOR_SILENT,        /**< it passed no safe point for too long */
    GC_MONITOR_START_TIMEOUT, /**< it was not ready in time */
    GC_MONITOR_STOP,          /**< the service stops */
    GC_MONITOR_EXIT,          /**< it ended by itself, with an exit code */
    GC_MONITOR_CRASH          /**< it was ended by a signal that was not the monitor's */
};

/** What runs in a worker. What it returns is the worker's exit code (0 to 255). */
typedef int (*gc_monitor_work)(struct gc_monitor_worker *worker, void *context);

/** Begin with gc_monitor_options_default(). Strings are copied by gc_monitor_new(). */
struct gc_monitor_options {
    const char *name;     /**< of the service, in log lines and on the status page; "service" */
    gc_monitor_work work; /**< required */
    void *context;        /**< for all callbacks; borrowed; NULL */

    unsigned workers;         /**< 1 to #GC_MONITOR_WORKERS_MAX; 2 */
    unsigned replace_at_once; /**< 1 to workers: so many are being replaced at a time at most; 1 */

    /** What a worker may use, in bytes; 0 (the default): no limit, none is replaced for its size.
     */
    size_t limit_bytes;
    /** It is asked to collect, and then replaced, over so many percent of the limit: 1 to 100; 80.
     */
    unsigned limit_percent;
    /** The same as an explicit figure in bytes, in place of the percentage; 0: none. */
    size_t replace_bytes;
    /**
     * The figure is lowered for each worker by a random part of at most so many percent, so that
     * workers that grow alike are not due at the same time: 0 to 50; 5.
     */
    unsigned jitter_percent;

    unsigned period_ms;    /**< how often sizes are looked at; at least 1; 1,000 */
    unsigned start_ms;     /**< time to become ready; 0: any; 60,000 */
    unsigned collect_ms;   /**< time to collect when asked, then it counts as done; 0: any; 5,000 */
    unsigned drain_ms;     /**< time to drain until SIGTERM; 0: any; 30,000 */
    unsigned terminate_ms; /**< from SIGTERM to SIGKILL; 5,000 */
    unsigned silent_ms; /**< without a safe point for so long it is replaced; 0 (default): never */

    /**
     * A worker that ended by itself is started again after this time, and after twice the time
     * whenever the next one does so too, up to the maximum; a quarter is taken off or added at
     * random. One that has been ready for `stable_ms` begins anew. In the same way replacements
     * for size are spread when workers reach their figure sooner than `stable_ms` after their
     * start. At least 1; 100, 30,000 and 10,000.
     */
    unsigned back_off_ms;
    unsigned back_off_max_ms; /**< at least back_off_ms */
    unsigned stable_ms;
    /** So many ends in a row, each before it was stable, are called a crash loop; at least 1; 5. */
    unsigned crash_loop;

    int log_fd;            /**< gets a JSON object a line; -1: nothing; 2 (standard error) */
    const char *proc_path; /**< where the process file system is; "/proc" */
    bool notify;           /**< speak to the service manager behind `NOTIFY_SOCKET`; true */

    /**
     * Writes what there is to say about a worker that is about to end: the largest types, what was
     * watched. Runs in the worker that drains, see gc_monitor_post_mortem(); each line becomes a
     * line of the log. NULL: nothing.
     */
    void (*post_mortem)(FILE *out, void *context);
    /** Runs in the master before workers are replaced for a reload, to read settings anew. NULL. */
    void (*reload)(void *context);
};

/** The defaults, as they stand behind each option. `work` is NULL, and has to be set. */
RCYCLE_EXPORT struct gc_monitor_options gc_monitor_options_default(void);

/* ---- the master ------------------------------------------------------------------------------ */

/**
 * Makes a monitor; no process is started yet.
 * @param options borrowed during the call.
 * @param monitor gets it, to be given back with gc_monitor_free(); untouched on failure.
 * @return #GC_EINVAL: a null pointer, no `work`; #GC_ERANGE: an option out of range; #GC_ENOMEM:
 *         no memory, or no file descriptor left.
 */
RCYCLE_EXPORT enum gc_result gc_monitor_new(const struct gc_monitor_options *options,
                                            struct gc_monitor **monitor);

/**
 * Installs handlers, in the master, of SIGTERM and SIGINT (stop gracefully; a second one: stop at
 * once) and of SIGHUP (reload). Workers started from now on ignore SIGINT and SIGHUP, so that a
 * key pressed in the terminal does not reach them, and drain on a SIGTERM that is not the
 * monitor's. gc_monitor_free() puts back the handlers that were there before.
 *
 * Without this call no signal's handling is changed, the program calls gc_monitor_stop() itself,
 * and a SIGTERM ends a worker at once.
 * @return #GC_EBUSY: another monitor of this process has done so; #GC_EINVAL: null, or called in a
 *         worker.
 */
RCYCLE_EXPORT enum gc_result gc_monitor_install_signals(struct gc_monitor *monitor);

/**
 * Runs the service: starts the workers, and returns when it was told to stop and all have ended.
 * The same as gc_monitor_step() until it returns false.
 *
 * Streams are flushed before each fork. A worker ends by _exit() after its streams were flushed:
 * what was registered with atexit() belongs to the master and does not run in it.
 * @return #GC_EINVAL: null, or called in a worker; #GC_EBUSY: called from within a callback.
 */
RCYCLE_EXPORT enum gc_result gc_monitor_run(struct gc_monitor *monitor);

/**
 * One turn of the master: waits until there is something to do, but at most for @p wait_ms, and
 * does it. For programs with a loop of their own, and for tests. O(workers).
 * @return whether the service goes on: false once it was told to stop and all workers have ended,
 *         and whenever gc_monitor_run() would not return #GC_OK.
 */
RCYCLE_EXPORT bool gc_monitor_step(struct gc_monitor *monitor, unsigned wait_ms);

/**
 * Has the service stop: all workers drain. When called again, or with @p now, they are sent
 * SIGTERM without waiting any longer. Returns at once. From any thread and any signal handler of
 * the master; NULL and calls in a worker do nothing.
 */
RCYCLE_EXPORT void gc_monitor_stop(struct gc_monitor *monitor, bool now);

/**
 * Has all workers replaced, `replace_at_once` at a time, each by one that is ready before the old
 * one drains. Where new ones do not become ready, the old ones go on serving. Returns at once.
 * From any thread and any signal handler of the master; NULL and calls in a worker do nothing.
 */
RCYCLE_EXPORT void gc_monitor_reload(struct gc_monitor *monitor);

/**
 * Ends a monitor: workers that are still there are killed, handlers put back, memory and file
 * descriptors returned. NULL is allowed; a call in a worker, or from within a callback, does
 * nothing.
 */
RCYCLE_EXPORT void gc_monitor_free(struct gc_monitor *monitor);

/* ---- a worker -------------------------------------------------------------------------------- */

/**
 * Says that this worker serves from now on. Its size at this moment is its start-up size: if that
 * is over the figure already, replacing it would not help, which is logged once instead.
 * Further calls do nothing. (NULL does nothing in any call of a worker.)
 */
RCYCLE_EXPORT void gc_monitor_ready(struct gc_monitor_worker *worker);

/**
 * A safe point, between requests: publishes this worker's figures, and does what the master asked
 * for: gc_collect_cycles() and gc_mem_caches(). Call it at every turn of the worker's loop; it
 * costs one system call, and the figures of gc_status().
 * @return whether to go on; false: drain now, which is final. So it is when the master is gone.
 *         (From NULL: false.)
 */
RCYCLE_EXPORT bool gc_monitor_safepoint(struct gc_monitor_worker *worker);

/**
 * A file descriptor to wait on with poll() besides the program's own: it becomes readable when the
 * master wants something, and gc_monitor_safepoint() should be called. The worker may not
 * read from it, nor close it. Once it drains the descriptor may stay readable: do not wait for it
 * then. -1 from NULL.
 */
RCYCLE_EXPORT int gc_monitor_fd(const struct gc_monitor_worker *worker);

/** A request has begun. Published at the next safe point. */
RCYCLE_EXPORT void gc_monitor_request_begin(struct gc_monitor_worker *worker);

/** A request has ended, answered or not. Published at the next safe point. */
RCYCLE_EXPORT void gc_monitor_request_end(struct gc_monitor_worker *worker);

/** Whether this worker was told to drain. Never takes it back. */
RCYCLE_EXPORT bool gc_monitor_draining(const struct gc_monitor_worker *worker);

/**
 * Asks the master to replace this worker, as if it were over the figure; it goes on serving until
 * its successor is ready. For limits of one's own: a number of requests, an age.
 */
RCYCLE_EXPORT void gc_monitor_request_replacement(struct gc_monitor_worker *worker);

/**
 * Has the `post_mortem` callback run now, if it has not yet. Call it once everything is answered
 * and before the containers that it writes about are let go. For a worker that was told to drain it
 * runs by itself when its function returns; for others not at all.
 */
RCYCLE_EXPORT void gc_monitor_post_mortem(struct gc_monitor_worker *worker);

/** The monitor of this worker, to read figures from. NULL from NULL. */
RCYCLE_EXPORT const struct gc_monitor *gc_monitor_of(const struct gc_monitor_worker *worker);

/* ---- figures, in the master and in every worker ------------------------------------------------
 */

/** A worker's figures; what it published last is consistent in itself. Sizes are bytes. */
struct gc_monitor_figures {
    enum gc_monitor_state state;
    enum gc_monitor_reason
        reason;            /**< why it is to go; while it backs off: why the last one went */
    int64_t pid;           /**< 0: no process */
    uint64_t number;       /**< counts all workers ever started, from 1 */
    uint64_t state_ms;     /**< for so long it has been in this state */
    unsigned failures;     /**< ends in a row before it was stable */
    size_t replace_bytes;  /**< the figure that holds for it; 0: none */
    size_t start_bytes;    /**< its size when it became ready; 0: not yet */
    size_t resident_bytes; /**< read by the master from the system; 0: not known */

    bool published;      /**< what follows is known */
    size_t live_bytes;   /**< gc_memory_usage(false) */
    size_t system_bytes; /**< gc_memory_usage(true) */
    uint64_t live_nodes; /**< of gc_status(), as are the next ones */
    uint64_t roots;
    uint64_t runs;
    uint64_t collected;
    uint64_t last_pause_ns;
    uint64_t max_pause_ns;
    uint64_t requests;      /**< ended so far */
    uint64_t requests_open; /**< begun and not ended */
    uint64_t safepoint_ms;  /**< since it passed its last safe point */
};

/** How many places for figures there are: workers and successors. 0 from NULL. */
RCYCLE_EXPORT unsigned gc_monitor_places(const struct gc_monitor *monitor);

/**
 * Reads the figures of a place from the shared page: no lock, no wait, O(1).
 * @param place 0 to gc_monitor_places() - 1; a place is taken by one worker after another.
 * @return #GC_EINVAL: a null pointer; #GC_ERANGE: no such place.
 */
RCYCLE_EXPORT enum gc_result gc_monitor_figures(const struct gc_monitor *monitor, unsigned place,
                                                struct gc_monitor_figures *figures);

/** What a monitor has counted since it was made. */
struct gc_monitor_counts {
    int64_t master;             /**< process id of the master */
    uint64_t started;           /**< workers forked */
    uint64_t became_ready;      /**< of these, those that became ready */
    uint64_t asked;             /**< requests to collect */
    uint64_t settled;           /**< of these, those that helped */
    uint64_t replaced_limit;    /**< replaced for #GC_MONITOR_LIMIT; successor and all */
    uint64_t replaced_reload;   /**< for #GC_MONITOR_RELOAD */
    uint64_t replaced_request;  /**< for #GC_MONITOR_REQUEST */
    uint64_t replaced_silent;   /**< for #GC_MONITOR_SILENT */
    uint64_t exits;             /**< workers that ended by themselves, with an exit code */
    uint64_t crashes;           /**< workers ended by a signal that was not the monitor's */
    uint64_t crash_loops;       /**< crash loops begun */
    uint64_t start_timeouts;    /**< workers that were not ready in time */
    uint64_t terminated;        /**< SIGTERM sent */
    uint64_t killed;            /**< SIGKILL sent */
    uint64_t fork_failures;     /**< the system refused to fork */
    uint64_t reloads;           /**< reloads completed */
    uint64_t limit_below_start; /**< workers whose start-up size was over the figure */
    uint64_t sizes_unknown;     /**< resident sizes that could not be read */
    uint64_t log_lost;          /**< log lines that could not be written */
    uint64_t notify_lost;       /**< messages that the service manager did not get */
};

/** Reads the counts from the shared page. @return #GC_EINVAL: a null pointer. */
RCYCLE_EXPORT enum gc_result gc_monitor_counts(const struct gc_monitor *monitor,
                                               struct gc_monitor_counts *counts);

/**
 * Writes the status page: text, a head and a line for each place. Every worker can show it, of all
 * of them. @return #GC_EINVAL: a null pointer; #GC_ENOMEM: @p out did not take all of it.
 */
RCYCLE_EXPORT enum gc_result gc_monitor_write_status(const struct gc_monitor *monitor, FILE *out);

/** The name of a state in log lines and on the status page: "ready". "unknown" if it is none. */
RCYCLE_EXPORT const char *gc_monitor_state_name(enum gc_monitor_state state);

/** The name of a reason: "limit". "unknown" if it is none. */
RCYCLE_EXPORT const char *gc_monitor_reason_name(enum gc_monitor_reason reason);

#ifdef __cplusplus
}
#endif

#endif
