/*
 * Pauses: their histogram, and the program's hook.
 */
#include "collector/collector.h"
#include "core/current.h"

/* ---- the histogram ------------------------------------------------------ */

static size_t bin_of(uint64_t ns)
{
    if (ns < 2) {
        return (size_t)ns;
    }
    unsigned octave = rc__highest_bit(ns);
    size_t bin = 2 * octave + ((ns >> (octave - 1)) & 1);
    return bin < GC_PAUSE_BINS ? bin : GC_PAUSE_BINS - 1;
}

uint64_t gc_pause_bin_ns(size_t bin)
{
    if (bin < 2) {
        return bin;
    }
    return bin >= GC_PAUSE_BINS ? UINT64_MAX : (uint64_t)(2 + bin % 2) << (bin / 2 - 1);
}

struct gc_pauses gc_pauses(void)
{
    struct gc_heap *heap = rc__heap_current();
    return heap == NULL ? (struct gc_pauses){0} : rc__collector_of(heap)->pauses;
}

uint64_t gc_pause_percentile_ns(const struct gc_pauses *pauses, double percent)
{
    double share = percent < 0 ? 0 : percent > 100 ? 100 : percent;
    double wanted = (double)pauses->count * share / 100;
    uint64_t count = 0;
    for (size_t bin = 0; bin < GC_PAUSE_BINS; bin++) {
        count += pauses->bins[bin];
        if (count > 0 && (double)count >= wanted) {
            return gc_pause_bin_ns(bin + 1);
        }
    }
    return 0;
}

void rc__pause_keep(struct rc_collector *collector, uint64_t ns)
{
    collector->last_pause_ns = ns;
    collector->max_pause_ns = ns > collector->max_pause_ns ? ns : collector->max_pause_ns;
    collector->pauses.count++;
    collector->pauses.total_ns += ns;
    collector->pauses.bins[bin_of(ns)]++;
}

/* ---- the hook ----------------------------------------------------------- */

void gc_pause_set_hook(gc_pause_hook hook, void *context)
{
    struct gc_heap *heap = rc__heap_current();
    if (heap != NULL) {
        rc__collector_of(heap)->pause_hook = hook;
        rc__collector_of(heap)->pause_context = context;
    }
}

void rc__pause_tell(struct rc_collector *collector, const struct gc_pause *pause)
{
    struct gc_heap *heap = &collector->heap;
    if (collector->pause_hook == NULL || collector->telling) {
        return;
    }
    bool was_collecting = heap->collecting;
    heap->collecting = collector->telling = true;
    struct gc_heap *before = rc__current_enter(heap);
    collector->pause_hook(pause, collector->pause_context);
    rc__current_leave(heap, before);
    collector->telling = false;
    heap->collecting = was_collecting;
}
