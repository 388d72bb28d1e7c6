/*
 * Where a possible root is recorded: in the buffer, or remembered; and what is
 * done if there is no room.
 */
#include "core/lifetime.h"

/* A run that has left the buffer full is not repeated for every further candidate, but once for as
   many as the buffer holds. Nothing is lost by that: it will look at everything. */
static bool turn_away(struct gc_heap *heap)
{
    if (!heap->left_full || ++heap->turned_away >= heap->roots.capacity) {
        return false;
    }
    heap->overflowed = true;
    return true;
}

/* There is no room: the candidate becomes one of the next full run, or that looks at everything. */
static void keep_for_full_run(struct gc_heap *heap, struct gc_object *object)
{
    if (heap->generational) {
        rc__roots_remember(&heap->roots, object);
    } else {
        heap->overflowed = true;
    }
}

/* The buffer is full: run the passes if that is wanted, and then record the candidate if it still
   is one. It is held meanwhile, since the run may well free it. */
static RC_NOINLINE void record_when_full(struct gc_heap *heap, struct gc_object *object)
{
    if (heap->collecting) {
        keep_for_full_run(heap, object);
        return;
    }
    if (!heap->enabled) {
        heap->dropped_roots++;
        heap->overflowed |= heap->generational;
        return;
    }
    if (turn_away(heap)) {
        return;
    }
    object->refcount++;
    rc__upcalls.run_due(heap);
    if (--object->refcount == 0) {
        rc__object_end(heap, object);
    } else if ((object->info & RC_INFO_ROOTABLE) == 0) {
        return; /* something in the run has recorded it */
    } else if (rc__roots_full(&heap->roots)) {
        keep_for_full_run(heap, object);
    } else {
        rc__roots_add(&heap->roots, object);
    }
}

static void run_if_due(struct gc_heap *heap)
{
    bool is_due =
        heap->roots.count >= heap->run_at_roots || heap->space.live_bytes >= heap->run_at_bytes;
    if (RC_UNLIKELY(is_due) && heap->enabled && !heap->collecting) {
        rc__upcalls.run_due(heap);
    }
}

static RC_NOINLINE void remember(struct gc_heap *heap, struct gc_object *object)
{
    rc__roots_remember(&heap->roots, object);
    run_if_due(heap);
}

void rc__record(struct gc_heap *heap, struct gc_object *object)
{
    if (RC_UNLIKELY(heap->idle || rc__is_old(rc__page_of(object), object))) {
        remember(heap, object);
    } else if (RC_UNLIKELY(rc__roots_full(&heap->roots))) {
        record_when_full(heap, object);
    } else {
        rc__roots_add(&heap->roots, object);
        run_if_due(heap);
    }
}
