/*
 * What a heap is, as far as the core goes. The collector embeds this at the
 * head of its own, larger record.
 *
 * Invariant, checked by the heap verifier:
 *   N1  live_nodes is the number of nodes in the pages, dead ones included that
 *       have not been taken apart yet.
 */
#ifndef RCYCLE_CORE_HEAP_STATE_H
#define RCYCLE_CORE_HEAP_STATE_H

#include "core/attachment.h"
#include "core/roots.h"
#include "core/weak_registry.h"
#include "heap/space.h"
#include <rcycle/heap.h>

/*
 * Objects to be taken apart, linked by rc__link_dead(). What one of them lets die
 * comes before the rest of them, in the order in which it died: so memory is
 * gone through as it was filled, for the most part.
 */
struct rc_dead {
    struct gc_object *first; /* died since the last one was taken out, ... */
    struct gc_object *last;  /* ... and this was the last of those; not yet linked to the rest */
    struct gc_object *rest;
};

/* What waits to be taken apart of a release in the middle of which a run has begun. */
struct rc_set_aside {
    struct rc_dead dead;
    struct rc_weak_entry *orphans;
};

/* A large dead object that is taken apart part by part; see release_parts.c. */
struct rc_open {
    struct gc_object *object; /* NULL: none. It is in no list */
    size_t done;              /* so many of its places have been given up, ... */
    struct gc_object *first;  /* ... and this has died by that: to be taken apart after it */
    struct gc_object *last;
    bool is_walked; /* somebody up the stack is giving up more of them: there is no other one */
};

struct gc_heap {
    struct rc_space space; /* first: a page leads to its space, and so to its heap */
    struct rc_roots roots;
    struct rc_weak_registry weak;
    struct rc_dead dead;
    struct rc_open open;
    struct rc_weak_entry *orphans; /* entries without a key or map, whose values are to go */
    struct rc_attachment *attachments;
    struct rc_waiting *waiting; /* objects whose destructor was held back; NULL: none */
    uint32_t pins; /* calls up the stack that run code of the program and then come back */
    uint64_t release_budget_ns; /* option: a release that takes longer goes on later; 0: none */
    uint32_t release_objects;   /* for tests, in place of the budget: objects in a slice */
    uint32_t release_places; /* an object with more places for references goes part by part; tests
                                lower it; 0: as release_parts.c has it */
    bool cuts_releases;      /* there is such a budget */
    bool releasing;          /* somebody up the stack is taking them apart */
    bool collecting;         /* a collection is running */
    bool enabled;            /* a full buffer starts one */
    bool generational;       /* young objects are looked at more often than old ones */
    bool idle;               /* they are not looked at for a while: possible roots age at once */
    bool put_off;            /* destructors were held back: the next possible root has them run */
    bool overflowed;         /* a candidate found no room: the next run is to look at everything */
    bool left_full;          /* the last run has left the buffer full, ... */
    uint32_t turned_away;    /* ... and since then so many candidates found no room */
    bool quiet;              /* no destructor may run: an allocation is under way */
    bool ending;             /* everything goes; nothing refers to anything any more */
    uint64_t dropped_roots;
    uint64_t live_nodes;
    uint64_t finished_acyclic; /* acyclic nodes that have died */
    uint64_t held_back_bytes;  /* of objects whose destructor was held back, all told */
    uint64_t given_up_bytes;   /* of places given up in objects that went part by part, all told */
    uint64_t saturated;
    size_t run_at_bytes;   /* a new possible root starts a run if so many bytes are live, */
    uint32_t run_at_roots; /* ... or if the buffer holds so many: all that fit, or more than that */
    const void *user;      /* marks the thread whose current heap this is; NULL: none's */
};

/* Whether a release was cut, and is to go on. */
RC_INLINE bool rc__release_is_pending(const struct gc_heap *heap)
{
    const struct rc_dead *dead = &heap->dead;
    return !heap->releasing && (dead->first != NULL || dead->rest != NULL ||
                                heap->open.object != NULL || heap->orphans != NULL);
}

RC_INLINE struct gc_heap *rc__heap_of_page(const struct rc_page *page)
{
    return (struct gc_heap *)(void *)page->space;
}

#endif
