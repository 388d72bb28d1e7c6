/*
 * Signals: the master's handlers, and what a worker makes of the same signals.
 *
 * Owns the handlings of SIGTERM, SIGINT and SIGHUP while a monitor has asked for
 * that, which is one monitor of the process at a time.
 */
#ifndef RCYCLE_GOVERN_MONITOR_SIGNALS_H
#define RCYCLE_GOVERN_MONITOR_SIGNALS_H

#include "govern/monitor_page.h"
#include <rcycle/monitor.h>
#include <stdbool.h>

/* False: another monitor has installed its own. */
bool rc__signals_install(struct gc_monitor *monitor);

/* Puts back what was there. */
void rc__signals_restore(void);

/* What a signal handler of a worker needs to know. */
struct rc_worker_signals {
    struct rc_shared_place *shared;
    int socket;
    void (*note_drain)(void); /* safe in a signal handler */
};

/* In a worker, with all signals blocked: SIGTERM drains it, the others are ignored. */
void rc__signals_enter_worker(const struct rc_worker_signals *worker);

#endif
