/*
 * A client that loads an HTTP server on the loopback, over several connections
 * that are kept open, and is strict: each request has a number of its own, is
 * sent once, and must be answered once, with that number. Nothing is tried again.
 */
#ifndef RCYCLE_TESTS_MONITOR_LOAD_H
#define RCYCLE_TESTS_MONITOR_LOAD_H

#include <stdbool.h>
#include <stdint.h>

struct monitor_load_options {
    uint16_t port;
    unsigned connections;
    uint64_t requests;
    const char *const *paths; /* taken in turn */
    unsigned path_count;
    unsigned idle_every; /* before one request in so many the connection is idle for a while */
    unsigned idle_ms;
};

struct monitor_load_result {
    uint64_t sent;
    uint64_t answered;
    uint64_t failed;      /* sent, and not answered, or not with 200 and its number */
    uint64_t twice;       /* answered, and more came behind it */
    uint64_t connects;    /* connections made */
    uint64_t closes;      /* answers that announced the end of their connection */
    uint64_t idle_closes; /* connections closed while they were idle, which is no failure */
    char first_fault[200];
};

struct monitor_load;

/* NULL without memory. */
struct monitor_load *monitor_load_new(const struct monitor_load_options *options);
void monitor_load_free(struct monitor_load *load);

/* Sends and receives what is possible, waiting at most so long. False: all is answered or failed.
 */
bool monitor_load_step(struct monitor_load *load, int wait_ms);

/* Nothing more is asked; what has been is still to be answered. */
void monitor_load_finish(struct monitor_load *load);

const struct monitor_load_result *monitor_load_result(const struct monitor_load *load);

#endif
