/*
 * A run, from its reason to its figures.
 */
#include "base/clock.h"
#include "collector/collector.h"
#include "core/current.h"
#include "core/lifetime.h"
#include <inttypes.h>
#include <stdio.h>

static void log_run(const struct rc_collector *collector, size_t roots, size_t freed)
{
    fprintf(stderr,
            "rcycle: run %" PRIu64 ": %zu roots, %" PRIu64 " nodes visited, %zu freed, %.3f ms\n",
            collector->runs, roots, collector->findings.nodes, freed,
            (double)collector->last_pause_ns / 1e6);
}

static void keep_figures(struct rc_collector *collector, size_t freed, uint64_t began_ns)
{
    collector->runs++;
    collector->collected += freed;
    collector->last_pause_ns = rc__clock_ns() - began_ns;
    collector->collector_ns += collector->last_pause_ns;
    if (collector->last_pause_ns > collector->max_pause_ns) {
        collector->max_pause_ns = collector->last_pause_ns;
    }
}

size_t rc__collect(struct rc_collector *collector, enum rc_scope scope)
{
    struct gc_heap *heap = &collector->heap;
    size_t roots = heap->roots.count;
    if (heap->collecting || (scope == RC_SCOPE_ROOTS && roots == 0)) {
        return 0;
    }
    /* What dies by counting meanwhile is taken apart only afterwards. */
    bool was_releasing = heap->releasing;
    heap->releasing = true;
    heap->collecting = true;
    uint64_t began_ns = rc__clock_ns();
    rc__epoch_begin(collector);
    rc__mark_grey(collector, scope);
    rc__scan(collector);
    uint64_t decided_ns = rc__clock_ns();
    size_t freed = rc__collect_white(collector);
    collector->free_ns += rc__clock_ns() - decided_ns;
    heap->collecting = false;
    heap->releasing = was_releasing;
    keep_figures(collector, freed, began_ns);
    if (collector->logs) {
        log_run(collector, roots, freed);
    }
    rc__dead_drain(heap);
    return freed;
}

/* ---- the public calls --------------------------------------------------- */

static size_t collect_current(enum rc_scope scope)
{
    struct gc_heap *heap = rc__heap_current();
    return heap == NULL ? 0 : rc__collect(rc__collector_of(heap), scope);
}

size_t gc_collect_cycles(void)
{
    return collect_current(RC_SCOPE_ROOTS);
}

size_t gc_collect_heap(void)
{
    return collect_current(RC_SCOPE_HEAP);
}

static void set_enabled(bool enabled)
{
    struct gc_heap *heap = rc__heap_current();
    if (heap != NULL) {
        heap->enabled = enabled;
    }
}

void gc_enable(void)
{
    set_enabled(true);
}

void gc_disable(void)
{
    set_enabled(false);
}

bool gc_enabled(void)
{
    const struct gc_heap *heap = rc__heap_current();
    return heap != NULL && heap->enabled;
}
