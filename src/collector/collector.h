/*
 * The collector of a heap: its notes during a run, and its figures.
 *
 * Invariants:
 *   K1  real counts are not touched before the white set is final: a run could be
 *       given up at any point before, and nothing would be lost.
 *   K2  a page's notes are valid exactly while its epoch is the collector's.
 *   K3  at rest no page is queued, and `touched` and the queue are empty.
 */
#ifndef RCYCLE_COLLECTOR_COLLECTOR_H
#define RCYCLE_COLLECTOR_COLLECTOR_H

#include "collector/budget.h"
#include "core/heap_state.h"
#include <rcycle/gc.h>
#include <rcycle/memory.h>

enum rc_scope {
    RC_SCOPE_YOUNG, /* what the possible roots in the buffer reach among young objects */
    RC_SCOPE_ROOTS, /* what the possible roots reach, remembered ones included */
    RC_SCOPE_HEAP   /* everything */
};

/* How far a run in slices has come; see slices.c. */
enum rc_phase {
    RC_PHASE_REST,
    RC_PHASE_TAKE_ROOTS,
    RC_PHASE_MARK,
    RC_PHASE_FIND_HELD,
    RC_PHASE_BLACKEN,
    RC_PHASE_FIND_RECORDED,
    RC_PHASE_BLACKEN_AGAIN,
    RC_PHASE_CLUSTERS,
    RC_PHASE_FINISH
};

/* What a run has found so far. */
struct rc_findings {
    uint64_t seen;       /* objects marked; known once what is held has been looked for */
    uint64_t references; /* of the objects marked; they are no nodes */
    uint64_t black;      /* of these: found to be held, so far */
    uint64_t outward;    /* references from them, or from the buffer, to old objects that the run
                            stays out of */
    bool leads_abroad;   /* they refer to objects that no run of this heap visits */
    uint64_t doomed;     /* white objects whose destructor has not run */
};

/*
 * Where marking began anew: at possible roots to which nothing had led before. Each object that has
 * been seen was reached from one of these, so once they are black all is, and the scan is over.
 */
#define RC_WAVES_MAX     16u
#define RC_WAVES_UNKNOWN (RC_WAVES_MAX + 1)
#define RC_WAVES_CLOSED  (2 * RC_WAVES_MAX) /* on top of the count: no more are begun */

struct rc_waves {
    unsigned count; /* RC_WAVES_UNKNOWN: too many, or marking did not go from one possible root to
                       the next, or it came to a weak map */
    struct gc_object *first[RC_WAVES_MAX];
};

#define RC_PART_PLACES 1024u
#define RC_TURNS_LEAST 4096u

/* How far a large object has been walked; see rc__trace_part(). */
struct rc_part {
    struct gc_object *object; /* NULL: none */
    size_t done;              /* of its places */
};

/* When the next automatic run is due, and of what kind; see schedule.c. */
struct rc_schedule {
    size_t young_bytes;      /* option: growth that starts a young run */
    size_t full_run_bytes;   /* option: growth that starts a full run, at least */
    unsigned growth_percent; /* ... and as a share of what was left alive */
    size_t full_at_bytes;    /* live bytes that start the next full run */
    size_t idle_at_bytes;    /* ... and that let a step begin one */
    uint64_t budget_ns;      /* option: a pause; 0: a run is one */
    uint64_t step_ns;        /* the last step's budget */
    uint32_t slice_objects;  /* for tests, in place of the budget: objects in a slice */
    bool at_safepoints_only; /* option */
    bool is_due;             /* at the next safe point */
    unsigned idle_rounds;    /* young runs to be left out, since the last one found little */
};

/* What has been done so that the heap stays below its limit; see relief.c. */
struct rc_pressure {
    gc_pressure_callback callback; /* NULL: none */
    void *context;
    bool relieving;         /* relief is being made up the stack */
    uint64_t dropped_roots; /* of the heap, when all of it was looked at last */
    uint64_t collections;
    uint64_t trims;
    uint64_t calls;
    uint64_t refusals;
};

struct rc_collector {
    struct gc_heap heap; /* first: a heap is its collector */
    struct rc_schedule schedule;
    struct rc_pressure pressure;

    uint64_t epoch;
    uint64_t counting; /* of references; a run in slices counts twice in one epoch */
    enum rc_scope scope;
    enum rc_phase phase;    /* of a run in slices */
    struct rc_page *cursor; /* in that: the next page to be looked at */
    struct rc_page **link;  /* the same, as the place in the list where it stands */
    bool recounts;          /* what is not seen stays outside */
    struct rc_budget budget;
    struct rc_part part;
    uint32_t part_places; /* an object with more places for references is large; tests lower it */
    uint32_t turns_least; /* turns that a traversal has in any case; tests lower it, to 1 */
    size_t sliced_freed;  /* nodes, by the slices of this run so far */
    struct rc_page *queue_head; /* pages with pending objects, first in, first out */
    struct rc_page *queue_tail;
    struct rc_page *touched; /* all pages opened in this epoch */
    struct rc_findings findings;
    struct rc_waves waves; /* those that have not been found black so far */

    uint64_t pass_began_ns;
    uint64_t roots_taken;
    uint64_t visited; /* nodes, by all passes of the last run */
    uint64_t runs;
    uint64_t minor_runs;
    uint64_t collected;
    uint64_t counted_acyclic; /* of these: that died by counting */
    uint64_t born_ns;
    uint64_t destructor_ns;
    uint64_t free_ns;
    uint64_t last_pause_ns;
    uint64_t max_pause_ns;
    struct gc_pauses pauses;
    gc_pause_hook pause_hook;
    void *pause_context;

    uint64_t release_slices; /* parts of releases that counted as pauses */
    uint64_t release_ns;

    bool settling;       /* a pause of the collector's own is not over */
    bool telling;        /* the pause hook is running */
    bool kept_doomed;    /* garbage with destructors was kept: the next collection has them run */
    bool holds_released; /* what is held back, or some of it, a release had let die */
    bool step_is_for_release; /* not for the limit: releases that were cut are to go on there */
    bool destructing;         /* destructors of white objects are running */
    bool draining_quietly;    /* what a quiet collection let die is taken apart */
    bool logs;                /* a line for each run on standard error */
};

/* Between slices references that marking has counted may have gone, and are not seen any more. */
static inline uint64_t rc__nodes_seen(const struct rc_findings *findings)
{
    return findings->seen > findings->references ? findings->seen - findings->references : 0;
}

/* The scan is over: every reference to what has been seen was found inside. */
static inline bool rc__all_is_white(const struct rc_findings *findings)
{
    return findings->black == 0 && findings->outward == 0;
}

static inline struct rc_collector *rc__collector_of(struct gc_heap *heap)
{
    return (struct rc_collector *)(void *)heap;
}

/* Begins an epoch: no page is open, nothing is seen. A run in slices is given up. */
void rc__epoch_begin(struct rc_collector *collector, enum rc_scope scope);

/* Ends it before anything has been freed. */
void rc__epoch_give_up(struct rc_collector *collector);

/* Begins to count references: nothing is found yet. */
void rc__counting_begin(struct rc_collector *collector);

/* B begins, if all of the heap is to be looked at: every object is as if it were remembered. */
void rc__roots_take_heap(struct rc_collector *collector);

/* Takes the possible roots out of the buffer: they are grey, and pending. */
void rc__roots_take(struct rc_collector *collector);

/* The same with the remembered ones. False: the budget is spent first. */
bool rc__roots_take_remembered(struct rc_collector *collector);

/* B: counts the references among all that is reached. False: the budget is spent first. */
bool rc__mark_grey(struct rc_collector *collector);

/* The same in one go, from the remembered ones, unless the run is a young one, and what is in the
   buffer. That stays as it is, but its objects do not know any more that they are in it: it is to
   be cleared when the scan is over. */
void rc__mark_grey_from_roots(struct rc_collector *collector);

/* The counting of B alone, for the whole heap: changes nothing but the pages' notes. */
void rc__count_heap(struct rc_collector *collector);

/* Counts the references among what is white, and nothing else, which is grey afterwards: to be
   scanned again. */
void rc__recount_white(struct rc_collector *collector);

/* C: finds what is held from outside, and all that it reaches. */
void rc__scan(struct rc_collector *collector);

/* The parts of that, page by page; rc__trace_black() comes after each. */
void rc__blacken_held(struct rc_collector *collector, struct rc_page *page);
void rc__blacken_recorded(struct rc_collector *collector, struct rc_page *page);

/* After the scan of a young run, which has cleared the entries: empties the root buffer. Those that
   are held are old from now on and remembered, since only old garbage may be holding them. */
void rc__settle_young_roots(struct rc_collector *collector);

/* What this run has found to be held is old from now on; in one page, and in all that it has open.
 */
void rc__promote_in_page(struct rc_collector *collector, struct rc_page *page);
void rc__promote(struct rc_collector *collector);

/* What is done with white objects whose destructor has not run. */
enum rc_destructors {
    RC_DESTRUCTORS_RUN,
    RC_DESTRUCTORS_HOLD_BACK /* not now: they and all they reach are kept for the next run */
};

/*
 * Runs the destructors of white objects and blackens what these can reach: it
 * is for the next pass to say what has been rescued. Returns whether there were
 * any.
 */
bool rc__destruct_white(struct rc_collector *collector, enum rc_destructors destructors);

/* A destructor has got hold of an object through a weak reference: if it is white, it is spared
   with all that it reaches. */
void rc__spare_reached(struct rc_collector *collector, struct gc_object *object);

/* D: frees the rest. Returns how many nodes that were. `changed`: destructors have run, so counts
   may have changed since the scan. */
size_t rc__collect_white(struct rc_collector *collector, bool changed);

/* All of them, with the figures kept. Returns the nodes freed; 0 while one is running. A run in
   slices is given up: this one is to look at everything. */
size_t rc__collect(struct rc_collector *collector, enum rc_scope scope);

/* The same on request of the program: nothing that has died waits any more. */
size_t rc__collect_on_request(struct rc_collector *collector, enum rc_scope scope);

/* The same where no destructor may run: garbage that has one, and what that reaches, is kept for
   the next collection, which the next possible root starts. */
size_t rc__collect_quietly(struct rc_collector *collector, enum rc_scope scope);

/* What was held back is due: runs these destructors, if releases are cut for about so long.
   Returns the nodes that went by that and that no collection has counted. */
size_t rc__run_put_off(struct rc_collector *collector, uint64_t budget_ns);

/* Whether none can begin now. */
bool rc__is_busy(const struct rc_collector *collector);

/* Whether there is anything to begin from. */
bool rc__has_candidates(const struct gc_heap *heap, enum rc_scope scope);

/* Begins a pass. */
void rc__pass_begin(struct rc_collector *collector, enum rc_scope scope);

/* Destructors, D, and the figures of a pass whose white set is final, and what that leaves for a
   second pass. Returns the nodes freed. */
size_t rc__passes_finish(struct rc_collector *collector);

/* ---- pauses ------------------------------------------------------------- */

/* What the heap was before the collector went to work on it. */
struct rc_pause {
    enum gc_pause_kind kind;
    uint64_t began_ns;
    bool was_releasing;
    struct rc_set_aside released; /* if so */
};

struct rc_pause rc__pause_begin(struct rc_collector *collector, enum gc_pause_kind kind);

/* Takes apart what died by counting, and keeps the figures. Returns the nodes freed, `freed` of
   them in the passes. */
size_t rc__pause_end(struct rc_collector *collector, struct rc_pause pause, size_t freed);

/* Into the histogram. */
void rc__pause_keep(struct rc_collector *collector, uint64_t ns);

/* Calls the program's hook. */
void rc__pause_tell(struct rc_collector *collector, const struct gc_pause *pause);

/* ---- in slices ---------------------------------------------------------- */

/* Begins a run, if none is in progress and there are possible roots. Says whether one is. */
bool rc__slices_begin(struct rc_collector *collector);

/* Does a part of the run in progress. True: it is over, or there was none. */
bool rc__slice(struct rc_collector *collector, struct rc_budget budget);

/* Frees small garbage that is separate from all other, page by page, and adds its nodes. False: the
   budget is spent first. */
bool rc__free_clusters(struct rc_collector *collector, size_t *freed);

/* Forgets the run in progress; the next full one looks at everything. */
void rc__slices_give_up(struct rc_collector *collector);

/* ---- when to run -------------------------------------------------------- */

void rc__schedule_begin(struct rc_collector *collector, const struct gc_options *options);

/* The buffer is full or the heap has grown: a run is due, here or at the next safe point. */
void rc__run_when_due(struct rc_collector *collector);

/* Does what the policy says. */
void rc__run_automatically(struct rc_collector *collector);

/* Does a slice of what is worth doing. True: no run is left in progress. */
bool rc__step(struct rc_collector *collector, uint64_t budget_ns);

/* A collection is over and has freed so many nodes. */
void rc__schedule_next(struct rc_collector *collector, enum rc_scope scope, size_t freed);

/* ---- releases that are cut (release_slices.c) --------------------------- */

/* See rc_upcalls.release_parted. */
void rc__release_parted(struct gc_heap *heap, uint64_t ns);

/* While one is pending: the next part is due when the heap has grown by a step from `used_bytes`.
 */
void rc__release_follow(struct rc_collector *collector, size_t used_bytes);

/* A part of what waits, destructors that were held back included. True: nothing waits any more. */
bool rc__release_go_on(struct rc_collector *collector, uint64_t budget_ns);

/* So many bytes are to come: more than that goes; all that waits, if they would not fit. */
void rc__release_as_heap_grows(struct rc_collector *collector, size_t needed_bytes);

/* ---- limit -------------------------------------------------------------- */

/* 0 bytes: none. GC_ELIMIT: more than that is in use, even after a collection. */
enum gc_result rc__limit_set(struct rc_collector *collector, size_t bytes);

/* A collection is over: the next look is due when the heap has grown from what is left. */
void rc__limit_follow(struct rc_collector *collector);

/* See rc_upcalls.relieve. */
bool rc__relieve(struct gc_heap *heap);

/* How near the limit so many bytes are. */
enum gc_pressure rc__pressure_at(const struct rc_space *space, size_t used_bytes);

#endif
