/*
 * Watches: what a heap keeps about its containers.
 *
 * Owns the list of watches, and the count and pace of requests. Its memory is
 * malloc's, so that measuring changes nothing of what is measured; only a watch
 * that must not keep its object takes a weak handle in the heap.
 */
#ifndef RCYCLE_GOVERN_WATCH_STATE_H
#define RCYCLE_GOVERN_WATCH_STATE_H

#include "core/heap_state.h"
#include "govern/watch_trend.h"

#define RC_WATCH_NAME_BYTES 64

enum rc_watch_kind {
    RC_WATCH_VARIABLE,
    RC_WATCH_PROPERTY,
    RC_WATCH_OBJECT,
    RC_WATCH_NUMBER
};

struct gc_watch {
    struct gc_watch *next;
    struct rc_watches *watches;
    enum rc_watch_kind kind;
    bool ended; /* by a callback, while watches are being looked at */
    char name[RC_WATCH_NAME_BYTES];
    const zval *variable;
    struct gc_weak *weak; /* to the object of a property, or the own struct */
    char *property;
    uint64_t (*entries)(const void *object);
    uint64_t (*number)(void *context);
    void *context;
    struct rc_trend trend;
};

/* How long requests take: since the mark before the last one, which moves on. */
struct rc_pace {
    uint64_t mark_ns[2];
    uint64_t mark_requests[2];
};

struct rc_watches {
    struct rc_attachment attachment; /* first */
    struct gc_heap *heap;
    struct gc_watch *first;
    struct gc_watch *last;
    bool looking; /* a callback may be running */
    uint64_t requests;
    struct rc_pace pace;
    struct rc_trend heap_bytes;
    struct rc_survey *survey; /* of containers without a name; NULL: none */
};

/* The heap's; NULL: it has none. */
struct rc_watches *rc__watches_of(const struct gc_heap *heap);

/* The same, made if there are none yet; NULL: no memory. */
struct rc_watches *rc__watches_for(struct gc_heap *heap);

/* Fills in what follows from a trend: verdict, growth, entries, requests. `bytes_per_entry` 0: not
   known. */
void rc__watch_fill(const struct rc_watches *watches, const struct rc_trend *trend,
                    double bytes_per_entry, struct gc_watch_report *report);

/* What a watch looks at, if that is a value; NULL: it is not, or it is gone. */
const zval *rc__watched_value(const struct gc_watch *watch);

#endif
