/**
 * @file
 * The collector: finds and frees what counting alone cannot.
 *
 * The behaviour is the one that the PHP manual describes under "Collecting
 * Cycles" (Bacon and Rajan, "Concurrent Cycle Collection in Reference Counted
 * Systems", ECOOP 2001, the synchronous algorithm): an object whose count goes
 * down to something else than zero is a possible root and is put, once, into a
 * buffer of fixed size; when one more comes than fits, the collector marks
 * grey what the roots reach, scans it, and collects what stays white.
 *
 * A *node* is an array, an object or an own struct. References and strings are
 * none: they go with what holds them and are not counted.
 *
 * All calls are about the thread's current heap.
 */
#ifndef RCYCLE_GC_H
#define RCYCLE_GC_H

#include <rcycle/export.h>
#include <rcycle/heap.h>
#include <rcycle/object.h>
#include <rcycle/result.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Lets a full buffer start collections. The initial state, unless an option says otherwise. */
RCYCLE_EXPORT void gc_enable(void);

/**
 * Keeps a full buffer from starting collections. Possible roots are still
 * recorded while there is room; those that find none are counted in
 * gc_status().dropped_roots. A cycle among them is found by the next run under
 * the generational policy; under the classic one only by gc_collect_heap(), or
 * after a later release of one of its members.
 */
RCYCLE_EXPORT void gc_disable(void);

/** Whether a full buffer starts a collection. */
RCYCLE_EXPORT bool gc_enabled(void);

/**
 * Collects now, buffer full or not, enabled or not. O(what the possible roots
 * reach), or under the generational policy, where that is a large part of the heap
 * in long chains, O(heap), which takes less time then; no memory is allocated. A
 * cycle that only an acyclic object of the garbage held is a candidate afterwards,
 * and found by the next collect.
 * @return nodes freed. 0 while a collection is running already.
 */
RCYCLE_EXPORT size_t gc_collect_cycles(void);

/**
 * Collects with every object of the heap as a possible root: also finds what a
 * full buffer dropped. O(heap).
 * @return nodes freed. 0 while a collection is running already.
 */
RCYCLE_EXPORT size_t gc_collect_heap(void);

/**
 * Does a part of the collector's work, for at most about @p budget_ns: goes on
 * with releases that were cut (`release_budget_ns`) and runs destructors that
 * were held back. When nothing of that waits any more it goes on with the full
 * run in progress, or else begins one if there are possible roots and, under the
 * generational policy, the heap has grown by half of what starts one; if it has
 * not, makes a young run. Works while the collector is disabled, too. The program
 * may do anything between two steps.
 *
 * Groups of garbage that refer to nothing else of the kind go one after the
 * other, as many objects each as the budget allows for at 60 ns, but 256 at
 * least and 4,096 at most. What is in larger ones, or has a destructor, or to do
 * with a weak map, is counted once more and freed by the last step, in one go:
 * its time is in proportion to that garbage, not to the heap.
 * @param budget_ns nanoseconds; a little is done even if it is 0.
 * @return true when no run is left in progress and no release is pending; false
 *         inside a collection.
 */
RCYCLE_EXPORT bool gc_step(uint64_t budget_ns);

/**
 * A place where the program can stand a collection: goes on with releases that
 * were cut (`release_budget_ns`), runs destructors that were held back, and,
 * unless the collector is disabled, makes the automatic run that has become
 * due, if options say that they wait for safe points
 * (`collect_at_safepoints_only`). A few loads and tests when nothing is due.
 */
RCYCLE_EXPORT void gc_safepoint(void);

/**
 * Gives idle memory back to the system.
 * @return bytes given back.
 */
RCYCLE_EXPORT size_t gc_mem_caches(void);

/** What the collector has done and stands at. Times are nanoseconds of wall clock. */
struct gc_status {
    uint64_t runs;          /**< passes so far; a collect that finds the buffer empty adds none */
    uint64_t full_runs;     /**< runs that looked at everything their roots reach */
    uint64_t minor_runs;    /**< runs that looked at young objects only */
    uint64_t collected;     /**< nodes freed by all runs */
    size_t threshold;       /**< distinct possible roots that start a run under the classic
                             *   policy: one more than fit. Generational: as many as fit */
    size_t roots;           /**< possible roots in the buffer */
    uint64_t remembered;    /**< old possible roots, which wait for the next full run */
    size_t buffer_size;     /**< entries of the buffer */
    uint64_t dropped_roots; /**< possible roots that found the buffer full and were not recorded */
    uint64_t live_nodes;    /**< nodes alive, garbage not yet found included */
    uint64_t saturated;     /**< objects whose count reached the top and that live for ever */
    bool running;           /**< a collection is running (asked from a hook) */
    bool release_pending;   /**< a release was cut and is to go on (`release_budget_ns`) */
    bool in_progress;       /**< a run in slices has begun and is not over */
    bool full;              /**< the buffer has no room */
    uint64_t slices;        /**< slices that runs were cut into; a run that was not is one */
    uint64_t application_time_ns; /**< since the heap was made, collecting included */
    uint64_t collector_time_ns;   /**< in collections, all told */
    uint64_t destructor_time_ns;  /**< of that: in destructors */
    uint64_t free_time_ns;        /**< of that: giving back what was found */
    uint64_t last_pause_ns;       /**< the last pause */
    uint64_t max_pause_ns;        /**< the longest one */
};

/** The figures of the current heap; all zero when there is no memory for one. */
RCYCLE_EXPORT struct gc_status gc_status(void);

/** How many bins a histogram of pauses has. */
#define GC_PAUSE_BINS 64

/** How often the collector kept the program waiting, by how long: two bins to each doubling. */
struct gc_pauses {
    uint64_t count; /**< of all pauses; one is a run, a slice of one, or a part of a release */
    uint64_t total_ns;
    uint64_t bins[GC_PAUSE_BINS]; /**< bin i: pauses from gc_pause_bin_ns(i) to the next; the last
                                   *   one: and all longer ones */
};

/** The pauses of the current heap so far. */
RCYCLE_EXPORT struct gc_pauses gc_pauses(void);

/** Where a bin begins, in nanoseconds; UINT64_MAX for one that does not exist. */
RCYCLE_EXPORT uint64_t gc_pause_bin_ns(size_t bin);

/**
 * The length that @p percent of the pauses do not exceed: the end of their bin,
 * so up to half more than the longest of them. 0: there were none. A percent
 * below 0 counts as 0, one above 100 as 100.
 */
RCYCLE_EXPORT uint64_t gc_pause_percentile_ns(const struct gc_pauses *pauses, double percent);

/** What the collector is about to do, or has done. */
enum gc_pause_kind {
    GC_PAUSE_YOUNG_RUN, /**< young objects only, in one go */
    GC_PAUSE_FULL_RUN,  /**< everything its roots reach, in one go */
    GC_PAUSE_SLICE,     /**< a part of a full run */
    GC_PAUSE_RELEASE    /**< a release, or a part of one, of more than a few objects; only with
                         *   `release_budget_ns`, and told of only when it is over */
};

/** A pause. */
struct gc_pause {
    enum gc_pause_kind kind;
    bool is_over; /**< false: it is about to begin, and the figures below are 0 */
    size_t freed; /**< nodes */
    uint64_t ns;  /**< how long it took, destructors included */
};

/** Told of pauses. */
typedef void (*gc_pause_hook)(const struct gc_pause *pause, void *context);

/**
 * Has @p hook called before and after each pause of the current heap, so that a
 * program can place them, log them, or hold its breath. The hook may use the
 * heap, but no collection runs inside it, and it is not told of releases of its
 * own. NULL: no hook, the initial state.
 */
RCYCLE_EXPORT void gc_pause_set_hook(gc_pause_hook hook, void *context);

#ifdef __cplusplus
}
#endif

#endif
