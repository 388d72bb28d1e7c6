/*
 * What runs in each worker: an HTTP server on the socket that all of them share.
 */
#ifndef RESIDENT_WORKER_H
#define RESIDENT_WORKER_H

#include <rcycle/monitor.h>

/* What the workers are given. */
struct service {
    int listening;         /* the socket, non-blocking */
    unsigned idle_seconds; /* a connection that is idle for so long is closed */
    unsigned drain_ms;     /* connections that are idle after so long of draining are closed */
};

/* A gc_monitor_work; `context` is a struct service. */
int serve(struct gc_monitor_worker *worker, void *context);

#endif
