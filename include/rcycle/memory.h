/**
 * @file
 * Memory of the current heap: how much it uses, how much it may use, and what
 * happens when it nears that.
 */
#ifndef RCYCLE_MEMORY_H
#define RCYCLE_MEMORY_H

#include <rcycle/export.h>
#include <rcycle/result.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- figures ------------------------------------------------------------ */

/**
 * Bytes in use.
 * @param from_system false: the blocks that the program holds, each with the
 *        size it occupies; true: the pages that the heap holds from the system
 *        for that, idle ones that it has not given back included.
 */
RCYCLE_EXPORT size_t gc_memory_usage(bool from_system);

/** The most that gc_memory_usage() has been, since the start or the last reset. */
RCYCLE_EXPORT size_t gc_memory_peak(bool from_system);

/** Lets the peaks begin anew at what is in use now. */
RCYCLE_EXPORT void gc_memory_reset_peak(void);

/** What gc_memory_trim() has given back. */
struct gc_memory_trimmed {
    size_t returned_bytes; /**< pages that the heap held from the system and holds no more */
    size_t
        resident_bytes; /**< of these, what was in physical memory: the process is smaller by it */
    size_t reusable_bytes; /**< what the heap goes on holding and no block uses: free slots in pages
                            *   that others still use */
};

/** Gives idle memory back to the system, as gc_mem_caches() does, and says more about it. All zero
 *  while a collection runs. */
RCYCLE_EXPORT struct gc_memory_trimmed gc_memory_trim(void);

/* ---- limit --------------------------------------------------------------
 *
 * What counts towards the limit is gc_memory_usage(false), the blocks in use,
 * plus what own structs have reported as external. Pages that the heap keeps
 * idle do not count; they go back before anything is refused.
 *
 * On the way to the limit L, a call that needs memory first does this:
 *
 *     from L * 12/16   a collection
 *     from L * 13/16   idle memory goes back to the system
 *     from L * 14/16   the pressure callback is called: GC_PRESSURE_NOTICE
 *     from L * 15/16   the same: GC_PRESSURE_RESERVE, the last 16th is in use
 *     beyond L         the same: GC_PRESSURE_LIMIT; if it still does not fit the call fails
 *
 * each including those before it, as long as they did not help. It is done at
 * most once for each 32nd of L that the heap grows by, and each time before a
 * call fails.
 *
 * Such a collection runs `trace` functions and `free` hooks, but no destructor:
 * garbage that has one goes with the next collection, which the next release
 * that makes a possible root starts. While the collector is disabled it is made
 * only before a call fails.
 *
 * A call that fails for the limit has changed nothing. It returns #GC_ELIMIT, or
 * NULL or ::ZVAL_UNDEF if that is how it says that there is no memory.
 */

/** How near the limit a heap is. */
enum gc_pressure {
    GC_PRESSURE_NONE = 0,  /**< below three quarters, or there is no limit */
    GC_PRESSURE_COLLECT,   /**< from 12/16 */
    GC_PRESSURE_GIVE_BACK, /**< from 13/16 */
    GC_PRESSURE_NOTICE,    /**< from 14/16 */
    GC_PRESSURE_RESERVE, /**< from 15/16: time to finish what is under way, and to begin nothing */
    GC_PRESSURE_LIMIT    /**< a call is about to fail */
};

/**
 * Lets the current heap use @p bytes at most. 0: as much as there is.
 * @return #GC_ELIMIT: more than that is in use, even after a collection; the
 *         limit is as before. #GC_ENOMEM: there is no heap.
 */
RCYCLE_EXPORT enum gc_result gc_memory_set_limit(size_t bytes);

/**
 * Told that memory is short. It may do what a destructor may: release, clear
 * caches, collect; and it should not make more than it lets go of. It runs inside
 * a call that needs memory, any of those that can fail for want of it, so it
 * must not release or write to what the program was handing to that call. It is
 * not called from within itself, nor while a collection runs.
 */
typedef void (*gc_pressure_callback)(enum gc_pressure stage, void *context);

/** Sets the current heap's callback; NULL: none. @p context is borrowed. */
RCYCLE_EXPORT void gc_memory_on_pressure(gc_pressure_callback callback, void *context);

/**
 * Counts memory that @p object, an own struct, holds elsewhere, before it is
 * taken: pictures, buffers, whatever its `free` hook gives back. It counts
 * towards the limit of the object's heap, and in the census of its type.
 *
 * @code
 * struct picture { struct gc_object gc; unsigned char *pixels; };
 *
 * static void picture_load(struct picture *picture, size_t bytes)
 * {
 *     if (gc_memory_external_add(picture, bytes) == GC_OK) {
 *         picture->pixels = malloc(bytes);
 *     }
 * }
 * @endcode
 *
 * @return #GC_ELIMIT: it would go beyond the limit; #GC_ENOMEM; #GC_EINVAL: @p object is NULL;
 *         #GC_ERANGE: more than a quarter of the address space. Nothing is counted then.
 */
RCYCLE_EXPORT enum gc_result gc_memory_external_add(const void *object, size_t bytes);

/**
 * Ends counting @p bytes that gc_memory_external_add() counted for objects of
 * the same type, at most as many as there are. May be called from the `free` hook.
 */
RCYCLE_EXPORT void gc_memory_external_remove(const void *object, size_t bytes);

/** All figures at once. Bytes. */
struct gc_memory_status {
    size_t live_bytes;         /**< gc_memory_usage(false) */
    size_t live_peak_bytes;    /**< gc_memory_peak(false) */
    size_t external_bytes;     /**< reported by own structs */
    size_t system_bytes;       /**< gc_memory_usage(true) */
    size_t system_peak_bytes;  /**< gc_memory_peak(true) */
    size_t reusable_bytes;     /**< of system_bytes: free slots and idle pages */
    size_t limit_bytes;        /**< for live and external bytes; 0: none */
    enum gc_pressure pressure; /**< how near the limit they are now */
    uint64_t collections;      /**< made for the limit so far */
    uint64_t trims;            /**< times that idle memory went back for it */
    uint64_t callbacks;        /**< calls of the pressure callback */
    uint64_t refusals;         /**< calls that failed for it */
};

/** The figures of the current heap; all zero when there is no memory for one. O(pages with room).
 */
RCYCLE_EXPORT struct gc_memory_status gc_memory_status(void);

/* ---- testing ------------------------------------------------------------ */

/**
 * Testing aid: lets the current heap's allocations fail, so that a program can
 * prove that it survives. The next @p successes ones succeed, all after them
 * fail until gc_memory_fail_never(), as if the system had no more: the limit has
 * no part in it.
 */
RCYCLE_EXPORT void gc_memory_fail_after(uint64_t successes);

/**
 * Ends what gc_memory_fail_after() began.
 * @return how many allocations failed.
 */
RCYCLE_EXPORT uint64_t gc_memory_fail_never(void);

#ifdef __cplusplus
}
#endif

#endif
