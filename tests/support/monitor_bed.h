/*
 * A monitor for tests: quick times, workers that do as they are told through
 * shared memory, the log in a file, and a wait for what is to come about.
 */
#ifndef RCYCLE_TESTS_MONITOR_BED_H
#define RCYCLE_TESTS_MONITOR_BED_H

#include "checks.h"
#include <rcycle/monitor.h>
#include <stdatomic.h>

/* What a worker does once it has started. */
enum bed_act {
    BED_SERVE,       /* becomes ready, passes safe points until it is told to drain */
    BED_EXIT,        /* returns 3 before it is ready */
    BED_CRASH,       /* ends by SIGABRT before it is ready */
    BED_NEVER_READY, /* waits, ready never, deaf to orders */
    BED_SLOW,        /* as BED_SERVE, once bed->act is something else */
    BED_LARGE        /* as BED_SERVE, but allocates bed->leak_bytes first */
};

/* In memory that the workers share with the test. */
struct monitor_bed {
    _Atomic int act;             /* an enum bed_act, looked at when a worker starts */
    _Atomic int leaks;           /* so many workers leak bed->leak_bytes, one each */
    _Atomic int litters;         /* so many drop bed->leak_bytes of cycles, one each */
    _Atomic int crashes;         /* so many abort when they serve, one each */
    _Atomic int returns;         /* so many return 0 when they serve, one each */
    _Atomic int wishes;          /* so many ask for their replacement, one each */
    _Atomic bool ignore_sigterm; /* and orders as well, once a worker serves */
    _Atomic bool busy;           /* a worker passes no safe point */
    _Atomic int post_mortems;    /* written so far */
    _Atomic int drains;          /* workers that were told to drain */
    _Atomic int safepoints;      /* passed by workers that serve */
    _Atomic int reloads;         /* calls of the reload callback */
    _Atomic size_t leak_bytes;
};

extern struct monitor_bed *bed;

/* For cmocka: a bed and a log; that no child is left, and both gone. */
int bed_begin(void **state);
int bed_end(void **state);

#define bed_test(function) cmocka_unit_test_setup_teardown(function, bed_begin, bed_end)

/* Two workers that act as the bed says; times of milliseconds; the log goes to the bed's file. */
struct gc_monitor_options bed_options(void);

/* What runs in the workers. */
int bed_work(struct gc_monitor_worker *worker, void *context);

/* A monitor of these options, one at a time; gc_monitor_free(). */
struct gc_monitor *bed_monitor(const struct gc_monitor_options *options);
void bed_free(struct gc_monitor *monitor);

/* Turns until the condition holds; fails after a minute, or when the service ends before. */
#define bed_drive_until(monitor, condition)                           \
    do {                                                              \
        uint64_t until_ns = bed_deadline_ns();                        \
        while (!(condition)) {                                        \
            bed_check_time(until_ns, #condition, __FILE__, __LINE__); \
            assert_true(bed_step(monitor, 10));                       \
        }                                                             \
    } while (0)

/* gc_monitor_step(); fails if an invariant of the master does not hold then. */
bool bed_step(struct gc_monitor *monitor, unsigned wait_ms);

/* So many turns, for what must not come about. */
void bed_turns(struct gc_monitor *monitor, unsigned turns);

/* Tells it to stop, and turns until it has. */
void bed_stop(struct gc_monitor *monitor);

/* As bed_stop(), and bed_free(). */
void bed_finish(struct gc_monitor *monitor);

/* A minute from now. Under valgrind time is long. */
uint64_t bed_deadline_ns(void);
void bed_check_time(uint64_t deadline_ns, const char *condition, const char *file, int line);

/* How many places are in a state. */
unsigned bed_count(const struct gc_monitor *monitor, enum gc_monitor_state state);

/* The figures of the first place in a state; fails if there is none. */
struct gc_monitor_figures bed_find(const struct gc_monitor *monitor, enum gc_monitor_state state);

struct gc_monitor_counts bed_counts(const struct gc_monitor *monitor);

/* What was logged so far, good until the next call; and how often a text is in it. */
const char *bed_log(void);
unsigned bed_logged(const char *text);
int bed_log_fd(void);

#endif
