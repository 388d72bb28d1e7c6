/*
 * Releases that are cut: how they go on, so that memory is bounded.
 *
 * When a release has used up its budget the rest waits in the list of the dead
 * (core/release_parts.c). It goes on
 *   - a share with each later release;
 *   - when the heap has grown by RELEASE_STEP_BYTES: the step below the memory
 *     limit (heap/space.h) is moved down to that, and rc__relieve() comes here.
 *     At least RELEASE_FACTOR times as many bytes go as have come, places that a
 *     large object has given up counting as bytes. No destructor runs, as in any
 *     relief;
 *   - in gc_step() and gc_safepoint(), a budget at a time;
 *   - completely before a collection on request, before an allocation is refused,
 *     and before the heap ends.
 */
#include "base/size.h"
#include "collector/collector.h"
#include "core/lifetime.h"

#define RELEASE_STEP_BYTES ((size_t)64 << 10)
#define RELEASE_FACTOR     4u

void rc__release_parted(struct gc_heap *heap, uint64_t ns)
{
    struct rc_collector *collector = rc__collector_of(heap);
    if (ns != 0 && !collector->settling) {
        collector->release_slices++;
        collector->release_ns += ns;
        rc__pause_keep(collector, ns);
        rc__pause_tell(collector, &(struct gc_pause){GC_PAUSE_RELEASE, true, 0, ns});
    }
    rc__release_follow(collector, rc__space_used_bytes(&heap->space));
}

void rc__release_follow(struct rc_collector *collector, size_t used_bytes)
{
    struct rc_space *space = &collector->heap.space;
    size_t step;
    if (!rc__size_add(used_bytes, RELEASE_STEP_BYTES, &step)) {
        step = SIZE_MAX;
    }
    if (rc__release_is_pending(&collector->heap) && step < space->step_bytes) {
        rc__space_set_step(space, step);
        collector->step_is_for_release = true;
    }
}

bool rc__release_go_on(struct rc_collector *collector, uint64_t budget_ns)
{
    struct gc_heap *heap = &collector->heap;
    if (heap->waiting != NULL && !rc__is_busy(collector)) {
        rc__run_put_off(collector, budget_ns);
    } else if (rc__release_is_pending(heap) && !rc__is_busy(collector)) {
        rc__dead_drain_slice(heap, budget_ns);
    }
    return !rc__release_is_pending(heap) && heap->waiting == NULL;
}

void rc__release_as_heap_grows(struct rc_collector *collector, size_t needed_bytes)
{
    struct gc_heap *heap = &collector->heap;
    const struct rc_space *space = &heap->space;
    size_t before = rc__space_used_bytes(space);
    uint64_t held_back_before = heap->held_back_bytes;
    uint64_t more_before = held_back_before + heap->given_up_bytes;
    size_t least = RELEASE_FACTOR * (RELEASE_STEP_BYTES + needed_bytes);
    heap->quiet = collector->draining_quietly = true;
    while (rc__release_is_pending(heap)) {
        size_t used = rc__space_used_bytes(space);
        bool fits = used <= space->limit_bytes && needed_bytes <= space->limit_bytes - used;
        size_t more = (size_t)(heap->held_back_bytes + heap->given_up_bytes - more_before);
        if (fits && before + more > used && before + more - used >= least) {
            break;
        }
        rc__dead_drain_slice(heap, heap->release_budget_ns);
    }
    heap->quiet = collector->draining_quietly = false;
    collector->holds_released |= heap->held_back_bytes != held_back_before;
}
