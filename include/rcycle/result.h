/**
 * @file
 * What a call that can fail returns.
 */
#ifndef RCYCLE_RESULT_H
#define RCYCLE_RESULT_H

#include <rcycle/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The outcome of a call. Whatever is not #GC_OK has changed nothing. */
enum gc_result {
    GC_OK = 0, /**< done */
    GC_ENOMEM, /**< no memory, or an argument was the ::ZVAL_UNDEF of a failed constructor */
    GC_ELIMIT, /**< the heap's memory limit forbids it */
    GC_EINVAL, /**< a null pointer, or an argument no state could make right */
    GC_ERANGE, /**< a size, an index or the next integer key is out of range */
    GC_EBUSY,  /**< not possible at this moment, for instance while a collection runs */
    GC_ETYPE,  /**< the value is of another type than the call works on */
    GC_ENOKEY  /**< no such key or property */
};

/**
 * Says what @p result means, in English, without a full stop.
 * @return a constant string; "unknown result" for a number that is none.
 */
RCYCLE_EXPORT const char *gc_result_text(enum gc_result result);

#ifdef __cplusplus
}
#endif

#endif
