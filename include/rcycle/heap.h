/**
 * @file
 * Heaps: where objects live.
 *
 * A heap belongs to one thread at a time; nothing in it is locked. A thread
 * that never makes one gets a heap of its own at its first use, with
 * gc_options_default(), and loses it when it ends. Objects of one heap must
 * not refer to objects of another.
 */
#ifndef RCYCLE_HEAP_H
#define RCYCLE_HEAP_H

#include <rcycle/export.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** Possible roots that a heap records before it collects. May be set when compiling. */
#ifndef GC_ROOT_BUFFER_MAX_ENTRIES
#define GC_ROOT_BUFFER_MAX_ENTRIES 10000
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct gc_heap;

/** When collections run. */
enum gc_policy {
    /** As the PHP manual describes: when a possible root finds the buffer full; each run looks at
     *  all that the possible roots reach. */
    GC_POLICY_CLASSIC,
    /** The default. What survives a run is old, and automatic runs look at young objects only:
     * their cost does not grow with the heap. A full run is made when the heap has grown enough to
     * pay for it. Garbage that is old, or held by old garbage, waits for that. */
    GC_POLICY_GENERATIONAL
};

/** How a heap is to behave. Begin with gc_options_default(). */
struct gc_options {
    bool enabled;               /**< collect when the buffer is full */
    size_t root_buffer_entries; /**< 1 to 4,000,000; GC_ROOT_BUFFER_MAX_ENTRIES */
    enum gc_policy policy;      /**< GC_POLICY_GENERATIONAL */
    size_t young_bytes;         /**< generational: growth of the heap that starts a young run even
                                 *   though the buffer is not full; 512 KiB; 0: every possible root */
    size_t full_run_bytes;      /**< generational: growth since the last full run that starts the
                                 *   next one, at least; 1 MiB */
    size_t memory_limit_bytes;  /**< see gc_memory_set_limit(); 0: none */
    uint64_t idle_return_ns;  /**< memory that has been idle for so long goes back to the system, at
                               *   the latest after twice that; looked at when a run ends and when
                               *   the heap needs a page, by no thread of its own. 0: it stays */
    uint64_t pause_budget_ns; /**< full runs are made in slices of about so long; 0: in one go */
    uint64_t release_budget_ns;      /**< a release that takes longer goes on later; 0: none does.
                                      *   Destructors, `free` hooks and weak maps' values of what is
                                      *   not reached yet are as late; until then it is alive and whole,
                                      *   weak references to it answer, and it counts in all figures.
                                      *   It goes on at later releases, as the heap grows (at least four
                                      *   times as fast, but no destructor runs in an allocation), in
                                      *   gc_step() and gc_safepoint(); nothing is left after a
                                      *   collection on request, outside of destructors. What a
                                      *   destructor releases is not cut. An array or own struct with
                                      *   more than 1,024 places for references is cut within */
    bool collect_at_safepoints_only; /**< automatic runs wait for gc_safepoint() */
};

/**
 * The defaults, changed by the environment: `RCYCLE_ENABLE_GC` (1, 0, on, off,
 * true, false, yes, no), `RCYCLE_ROOTS` (entries), `RCYCLE_POLICY` (classic,
 * generational),
 * `RCYCLE_MEMORY_LIMIT` (bytes, or with K, M, G), `RCYCLE_PAUSE_US` and
 * `RCYCLE_RELEASE_US` (microseconds), `RCYCLE_IDLE_MS` (milliseconds
 * after which idle memory goes back).
 * A value that cannot be read is reported once on standard error and ignored.
 * A program that runs with raised privileges ignores them all.
 */
RCYCLE_EXPORT struct gc_options gc_options_default(void);

/**
 * Makes a heap. It is not used until gc_heap_use().
 * @param options NULL means gc_options_default().
 * @return the heap, owned by the caller; NULL: no memory, or an option out of range.
 */
RCYCLE_EXPORT struct gc_heap *gc_heap_new(const struct gc_options *options);

/**
 * Makes @p heap the current one of this thread; new objects go there. NULL:
 * the thread's own default heap again. To hand a heap to another thread, stop
 * using it here first.
 * @return the heap that was current before; NULL if that was the default one.
 */
RCYCLE_EXPORT struct gc_heap *gc_heap_use(struct gc_heap *heap);

/** The heap in use by this thread, made now if need be. NULL only without memory. */
RCYCLE_EXPORT struct gc_heap *gc_heap_current(void);

/**
 * Ends a heap and everything in it, garbage or not. First the destructors that
 * have not run yet run, of all objects, and then of those that destructors made,
 * for at most 16 rounds; no collection runs meanwhile. Then nothing is alive any
 * more, the `free` hooks run, and the memory goes. Both go page by page, in no
 * order to rely on. No reference into the heap may be used afterwards, a weak one
 * included.
 *
 * If it is the current heap, the thread falls back to its default one. NULL is
 * allowed. A heap that is releasing or collecting at this moment, or whose
 * destructor is running, is left alone (and a checked build reports it).
 */
RCYCLE_EXPORT void gc_heap_free(struct gc_heap *heap);

/**
 * Checks every invariant of @p heap (NULL: the current one): counts against
 * the references found inside, colours at rest, possible roots and buffer,
 * bytes and slots of every page. Changes nothing, but that a run in slices is
 * given up and the next one looks at everything. O(heap).
 * @param report where each fault found is written, a line each; may be NULL.
 * @return how many faults; 0 is what it should be. SIZE_MAX: the heap is busy.
 */
RCYCLE_EXPORT size_t gc_heap_verify(struct gc_heap *heap, FILE *report);

/** Told of a misuse that a checked build detected. */
typedef void (*gc_misuse_handler)(const char *message, void *context);

/**
 * Says what a checked build (`RCYCLE_CHECKED`) does with misuse: a release too
 * many, use after release, another thread's or heap's object. Without a handler
 * it writes the message to standard error and aborts; with one, the call that
 * was misused does nothing once the handler has returned. Process-wide. Builds
 * that are not checked never call it.
 * @param handler NULL: the default again.
 */
RCYCLE_EXPORT void gc_misuse_set_handler(gc_misuse_handler handler, void *context);

/** Whether this library is a checked build. */
RCYCLE_EXPORT bool gc_misuse_is_checked(void);

#ifdef __cplusplus
}
#endif

#endif
