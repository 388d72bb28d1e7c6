/*
 * The heap that a thread uses at the moment.
 */
#ifndef RCYCLE_CORE_CURRENT_H
#define RCYCLE_CORE_CURRENT_H

#include "core/upcalls.h"

extern RC_THREAD_LOCAL struct gc_heap *rc__current;

/* Made if there is none yet; NULL: no memory for that. */
RC_INLINE struct gc_heap *rc__heap_current(void)
{
    struct gc_heap *heap = rc__current;
    return RC_LIKELY(heap != NULL) ? heap : rc__upcalls.default_heap();
}

/* Makes `heap` the current one, NULL: none. Returns the one before. */
struct gc_heap *rc__current_set(struct gc_heap *heap);

/* Makes `heap` the current one while code of the program runs, and back: neither it nor the one
   before, which is returned, can end meanwhile. */
struct gc_heap *rc__current_enter(struct gc_heap *heap);
void rc__current_leave(struct gc_heap *heap, struct gc_heap *before);

/* Whether another thread uses the heap at the moment. */
RC_INLINE bool rc__is_used_elsewhere(const struct gc_heap *heap)
{
    return heap->user != NULL && heap->user != &rc__current;
}

#endif
