/*
 * The page that the master and its workers share: figures, read without locks.
 *
 * Owns the mapping. Depends on the atomics of C11 being free of locks for 64
 * bits, so that they work between processes.
 *
 * G1  A record has one writer at a time: a worker writes its figures, the master
 *     writes the rest. A worker's number is among its figures, so that those of
 *     one that was there before are not taken for its successor's. Counts of what
 *     is lost may be added to by anyone.
 * G2  A record is never seen half written: its sequence is odd while it is being
 *     written and goes up by two with each writing; a reader that finds it odd or
 *     changed looks again, a limited number of times, since a writer may have
 *     been killed in between; the next writer puts that right.
 * G3  The page only shows: the master decides by records of its own, and takes
 *     from the page nothing but a worker's figures, whatever they say.
 */
#ifndef RCYCLE_GOVERN_MONITOR_PAGE_H
#define RCYCLE_GOVERN_MONITOR_PAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a worker publishes. */
enum rc_figure {
    RC_FIGURE_NUMBER, /* of the worker that wrote; 0: nobody has */
    RC_FIGURE_FLAGS,
    RC_FIGURE_COLLECTS_DONE,
    RC_FIGURE_SAFEPOINT_NS,
    RC_FIGURE_LIVE_BYTES,
    RC_FIGURE_SYSTEM_BYTES,
    RC_FIGURE_LIVE_NODES,
    RC_FIGURE_ROOTS,
    RC_FIGURE_RUNS,
    RC_FIGURE_COLLECTED,
    RC_FIGURE_LAST_PAUSE_NS,
    RC_FIGURE_MAX_PAUSE_NS,
    RC_FIGURE_REQUESTS,
    RC_FIGURE_REQUESTS_OPEN,
    RC_FIGURES
};

/* In RC_FIGURE_FLAGS; each stays once it is there. */
#define RC_FLAG_READY    1u
#define RC_FLAG_DRAINING 2u
#define RC_FLAG_REPLACE  4u

/* What the master publishes about a place. */
enum rc_standing {
    RC_STANDING_STATE,
    RC_STANDING_REASON,
    RC_STANDING_PID,
    RC_STANDING_NUMBER,
    RC_STANDING_SINCE_NS,
    RC_STANDING_FAILURES,
    RC_STANDING_REPLACE_BYTES,
    RC_STANDING_START_BYTES,
    RC_STANDING_RESIDENT_BYTES,
    RC_STANDINGS
};

/* What is counted; in the order of struct gc_monitor_counts. */
enum rc_count {
    RC_COUNT_STARTED,
    RC_COUNT_BECAME_READY,
    RC_COUNT_ASKED,
    RC_COUNT_SETTLED,
    RC_COUNT_REPLACED_LIMIT,
    RC_COUNT_REPLACED_RELOAD,
    RC_COUNT_REPLACED_REQUEST,
    RC_COUNT_REPLACED_SILENT,
    RC_COUNT_EXITS,
    RC_COUNT_CRASHES,
    RC_COUNT_CRASH_LOOPS,
    RC_COUNT_START_TIMEOUTS,
    RC_COUNT_TERMINATED,
    RC_COUNT_KILLED,
    RC_COUNT_FORK_FAILURES,
    RC_COUNT_RELOADS,
    RC_COUNT_LIMIT_BELOW_START,
    RC_COUNT_SIZES_UNKNOWN,
    RC_COUNT_LOG_LOST,
    RC_COUNT_NOTIFY_LOST,
    RC_COUNTS
};

/* What the master wants of a worker; only ever goes up. */
enum rc_order {
    RC_ORDER_SERVE,
    RC_ORDER_DRAIN,
    RC_ORDER_TERMINATE
};

#define RC_RECORD_WORDS_MAX 15

/* Words that are published together; two cache lines. */
struct rc_record {
    _Alignas(128) _Atomic uint64_t sequence;
    _Atomic uint64_t words[RC_RECORD_WORDS_MAX];
};

struct rc_shared_place {
    struct rc_record figures;  /* the worker's */
    struct rc_record standing; /* the master's, as is what follows */
    _Atomic uint64_t order;
    _Atomic uint64_t collects_asked;
};

struct rc_page {
    uint64_t born_ns;
    int64_t master;
    unsigned places;
    _Atomic uint64_t counts[RC_COUNTS];
    struct rc_shared_place place[];
};

/* NULL without memory. */
struct rc_page *rc__page_new(unsigned places);
void rc__page_free(struct rc_page *page);

void rc__record_write(struct rc_record *record, const uint64_t *words, unsigned count);

/* False: a writer was in the way each time, or was killed while it wrote. */
bool rc__record_read(const struct rc_record *record, uint64_t *words, unsigned count);

void rc__page_count(struct rc_page *page, enum rc_count count);

#endif
