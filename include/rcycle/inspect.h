/**
 * @file
 * Looking inside: what a heap is made of.
 */
#ifndef RCYCLE_INSPECT_H
#define RCYCLE_INSPECT_H

#include <rcycle/export.h>
#include <rcycle/zval.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What there is of one kind of thing. */
struct gc_census_row {
    /**
     * The kind: ::ZVAL_STRING, ::ZVAL_ARRAY, ::ZVAL_OBJECT (one row for each class), ::ZVAL_NATIVE
     * (one for each own type), ::ZVAL_REFERENCE, ::ZVAL_WEAKREF, ::ZVAL_WEAKMAP. ::ZVAL_UNDEF: what
     * is none of these; see `name`.
     */
    enum zval_type kind;
    const char *name; /**< of the class or type, or NULL if it has none; of a kind without classes
                       *   "string", "array" and so on; "bookkeeping": the table of weak references;
                       *   "other types": the sum of those that found no row */
    const void
        *type; /**< the zval_class or gc_type; NULL: an object without a class, or another kind */
    uint64_t count; /**< how many */
    size_t bytes;   /**< of them and the storage that belongs to them: elements of arrays, added
                     *   properties, entries of weak maps; blocks with the size they occupy */
    size_t external_bytes; /**< reported by gc_memory_external_add() */
};

/**
 * Counts what is in the current heap, by class and type, the largest first. The
 * bytes of all rows are gc_memory_usage(false). Allocates nothing.
 *
 * It may be called from destructors and hooks, and shows the heap as it is at
 * that moment: objects that have died and wait to be taken apart are in it.
 * O(heap + rows^2).
 * @param rows     filled in.
 * @param capacity rows that there is room for; where it does not suffice the last one is the sum of
 *                 types that did not get one. 10 and one for each class and type always suffice.
 * @return rows filled in.
 */
RCYCLE_EXPORT size_t gc_inspect_census(struct gc_census_row *rows, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
