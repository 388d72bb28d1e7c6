#include "base/clock.h"
#include "collector/collector.h"
#include "core/current.h"

struct gc_status gc_status(void)
{
    struct gc_heap *heap = rc__heap_current();
    if (heap == NULL) {
        return (struct gc_status){0};
    }
    const struct rc_collector *collector = rc__collector_of(heap);
    return (struct gc_status){
        .runs = collector->runs,
        .full_runs = collector->runs - collector->minor_runs,
        .minor_runs = collector->minor_runs,
        .collected = collector->collected,
        .threshold = (size_t)heap->roots.capacity + 1,
        .roots = heap->roots.count,
        .remembered = heap->roots.remembered,
        .buffer_size = heap->roots.capacity,
        .dropped_roots = heap->dropped_roots,
        .live_nodes = heap->live_nodes,
        .saturated = heap->saturated,
        .running = heap->collecting,
        .release_pending = rc__release_is_pending(heap),
        .in_progress = collector->phase != RC_PHASE_REST,
        .full = rc__roots_full(&heap->roots),
        .slices = collector->pauses.count - collector->release_slices,
        .application_time_ns = rc__clock_ns() - collector->born_ns,
        .collector_time_ns = collector->pauses.total_ns - collector->release_ns,
        .destructor_time_ns = collector->destructor_ns,
        .free_time_ns = collector->free_ns,
        .last_pause_ns = collector->last_pause_ns,
        .max_pause_ns = collector->max_pause_ns,
    };
}
