/*
 * The calls that go upward: the collector fills in this table.
 */
#ifndef RCYCLE_CORE_UPCALLS_H
#define RCYCLE_CORE_UPCALLS_H

#include "core/heap_state.h"

struct rc_upcalls {
    /* The heap is enabled, and the root buffer is full or the heap has grown: run the passes. */
    void (*run_due)(struct gc_heap *heap);
    /* This thread has no heap yet: make its default one and use it. NULL: no memory. */
    struct gc_heap *(*default_heap)(void);
    /* While a collection runs: the program gets hold of an object through a weak reference. */
    void (*weakly_reached)(struct gc_heap *heap, struct gc_object *object);
    /* Destructors have been held back, and may run now. */
    void (*put_off_is_due)(struct gc_heap *heap);
    /* A release has taken so long that it counts as a pause, or is to go on later. 0: it is none.
     */
    void (*release_parted)(struct gc_heap *heap, uint64_t ns);
    /* An allocation was refused for the limit's sake, and everything is as it was before the call
       that it belongs to: make room. Whether the call is to be made again. */
    bool (*relieve)(struct gc_heap *heap);
};

extern const struct rc_upcalls rc__upcalls;

#endif
