#include "core/current.h"

RC_THREAD_LOCAL struct gc_heap *rc__current;

struct gc_heap *rc__current_set(struct gc_heap *heap)
{
    struct gc_heap *before = rc__current;
    if (before != NULL) {
        before->user = NULL;
    }
    if (heap != NULL) {
        heap->user = &rc__current;
    }
    rc__current = heap;
    return before;
}

struct gc_heap *rc__current_enter(struct gc_heap *heap)
{
    struct gc_heap *before = rc__current_set(heap);
    heap->pins++;
    if (before != NULL) {
        before->pins++;
    }
    return before;
}

void rc__current_leave(struct gc_heap *heap, struct gc_heap *before)
{
    heap->pins--;
    if (before != NULL) {
        before->pins--;
    }
    rc__current_set(before);
}
