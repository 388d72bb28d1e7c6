/**
 * @file
 * The leak watch: which containers grow without bound as requests come.
 *
 * A leak is memory that grows *without bound*, not memory that grows and then
 * stays. It sits in containers that live long, such as a static array, a
 * singleton's property or a global, and that only ever gain entries.
 *
 * @code
 * static zval sessions;
 *
 * void serve(void)
 * {
 *     gc_watch_variable("sessions", &sessions);
 *     while (serve_request()) {
 *         gc_watch_request();
 *     }
 * }
 * @endcode
 *
 * At each request every watch looks once at how many entries its container has.
 * From the 192nd on it has a verdict. What it keeps is constant in size, about
 * 9 KiB a watch, from the C library's memory and not from the heap. The rule by
 * which it decides stands in src/govern/watch_trend.h.
 *
 * Watches belong to the heap that was current when they were made, and end with
 * it. All calls are about the thread's current heap.
 */
#ifndef RCYCLE_WATCH_H
#define RCYCLE_WATCH_H

#include <rcycle/export.h>
#include <rcycle/result.h>
#include <rcycle/zval.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A watch on one container. */
struct gc_watch;

/** What a watch has to say. */
enum gc_watch_verdict {
    GC_WATCH_TOO_EARLY = 0, /**< too few requests so far */
    GC_WATCH_STEADY,        /**< it is no larger than it has been: constant, or up and down */
    GC_WATCH_STOPPED,       /**< it grew and stopped */
    GC_WATCH_SLOWING,       /**< it grows, but ever more slowly: a finite set, not complete yet */
    GC_WATCH_RISING, /**< it grows, but not for so long or so evenly that more could be said */
    GC_WATCH_GROWING /**< it grows without bound */
};

/** The verdict in English: "steady", "grew and stopped", "growing without bound". */
RCYCLE_EXPORT const char *gc_watch_verdict_text(enum gc_watch_verdict verdict);

/* ---- named containers ---------------------------------------------------
 *
 * Each returns the watch, which is the heap's and goes with it or by
 * gc_watch_end(); NULL: no memory, or a null pointer among the arguments. A name
 * is copied, its first 63 bytes.
 */

/**
 * Watches what @p variable holds: elements of an array, properties of an object,
 * entries of a weak map, bytes of a string; anything else has none. The variable
 * must stay where it is until the watch ends; what it holds may change, be
 * shared and be separated.
 */
RCYCLE_EXPORT struct gc_watch *gc_watch_variable(const char *name, const zval *variable);

/** Watches what property @p property of @p object holds, as long as the object lives, which the
 *  watch does not make it do. Also NULL if @p object is none. */
RCYCLE_EXPORT struct gc_watch *gc_watch_property(const char *name, const zval *object,
                                                 const char *property);

/** Watches an own struct, as long as it lives: @p entries says how many it holds. */
RCYCLE_EXPORT struct gc_watch *gc_watch_object(const char *name, void *object,
                                               uint64_t (*entries)(const void *object));

/** Watches any number. @p context is borrowed until the watch ends. */
RCYCLE_EXPORT struct gc_watch *gc_watch_number(const char *name, uint64_t (*number)(void *context),
                                               void *context);

/** Ends a watch. NULL is allowed. */
RCYCLE_EXPORT void gc_watch_end(struct gc_watch *watch);

/** A request is over: every watch looks at its container. O(watches). Does nothing in a heap that
 *  has none, nor when called by a watch's own callback. */
RCYCLE_EXPORT void gc_watch_request(void);

/** What a watch has found. */
struct gc_watch_report {
    const char *name;              /**< lent, until the watch ends */
    enum gc_watch_verdict verdict; /**< the following three are 0 unless it grows in some way */
    double entries_per_request;    /**< by which it grows, over what the verdict rests on */
    double bytes_per_request;      /**< that these take; 0: not known, for numbers and structs */
    unsigned confidence;           /**< percent, up to 99, that #GC_WATCH_GROWING is no accident */
    uint64_t entries;              /**< at the last request */
    uint64_t most_entries;
    uint64_t requests; /**< since the watch began */
    uint64_t
        requests_to_limit; /**< if it goes on growing so; UINT64_MAX: no limit, or not growing */
    uint64_t ns_to_limit;  /**< the same in time, at the pace of the last requests */
    bool gone;             /**< the object it watched is no more */
};

/**
 * Says what @p watch has found. Takes a sample of the last entries to say how
 * many bytes one takes: what only they hold, of at most 16 of them and 64 objects
 * of each. GC_EINVAL: a null pointer.
 */
RCYCLE_EXPORT enum gc_result gc_watch_look(const struct gc_watch *watch,
                                           struct gc_watch_report *report);

/** The heap's watches in the order in which they were made; begin with NULL. */
RCYCLE_EXPORT struct gc_watch *gc_watch_next(const struct gc_watch *watch);

/** The same for the bytes of the whole heap, those reported as external included. GC_EINVAL: a null
 *  pointer; GC_ENOKEY: nothing is watched. */
RCYCLE_EXPORT enum gc_result gc_watch_look_at_heap(struct gc_watch_report *report);

/* ---- without names ------------------------------------------------------ */

/** Bytes of a path's text, and of a type's name in a #gc_watch_suspect. */
#define GC_WATCH_PATH_BYTES 256
#define GC_WATCH_TYPE_BYTES 64

/**
 * Has all containers of the heap watched: arrays, objects with added properties,
 * weak maps, and how many objects of each class and own type there are. At every
 * @p every requests the heap is walked over, O(heap), and each of the containers
 * that grow gets a trend, of which there are 64. It takes up to 0.8 MiB of the C
 * library's memory. 0 ends it, and forgets what was found.
 *
 * An array that is shared and written to is another array afterwards: one that
 * is copied at each request and then grows is better named.
 * @return GC_ENOMEM.
 */
RCYCLE_EXPORT enum gc_result gc_watch_all(uint32_t every);

/** A container without a name, or a type, that grows. */
struct gc_watch_suspect {
    struct gc_watch_report report; /**< its name is NULL; that of a class or type for a type */
    bool is_type;                  /**< the entries are objects of that type */
    char
        path[GC_WATCH_PATH_BYTES]; /**< the references that keep it, or the object of the type that
                                    *   was found last: `App .cache > array`. Begins with "..." if
                                    *   it is longer than 24 steps; empty while a collection runs */
    char added[GC_WATCH_TYPE_BYTES]; /**< what kind of thing was added last: a class, a type */
};

/**
 * What grows in some way: that without bound first, and of it what takes most
 * bytes a request; then #GC_WATCH_RISING, then #GC_WATCH_SLOWING. What is named
 * is among it. A run in slices is given up, and the next one looks at everything.
 * O(heap * length of the longest path).
 * @return how many there are; @p capacity of them at most are filled in.
 */
RCYCLE_EXPORT size_t gc_watch_suspects(struct gc_watch_suspect *suspects, size_t capacity);

/* ---- the end ------------------------------------------------------------ */

/**
 * Writes what one wants to know of a process that has grown too large, for
 * people: the memory figures, the types with the most bytes, the verdict on each
 * watch, and what else grows, with the path that keeps it. For a worker that is
 * about to be replaced. Allocates nothing in the heap. NULL is allowed.
 */
RCYCLE_EXPORT void gc_watch_post_mortem(FILE *out);

#ifdef __cplusplus
}
#endif

#endif
