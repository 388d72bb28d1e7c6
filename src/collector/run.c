/*
 * A run, from its reason to its figures.
 */
#include "base/clock.h"
#include "collector/collector.h"
#include "core/current.h"
#include "core/lifetime.h"
#include <inttypes.h>
#include <stdio.h>

static void log_pass(const struct rc_collector *collector, size_t roots, size_t freed, uint64_t ns)
{
    fprintf(stderr,
            "rcycle: %s %" PRIu64 ": %zu roots, %" PRIu64 " nodes visited, %" PRIu64
            " destructors, %zu nodes freed, %.3f ms\n",
            collector->stays_young ? "young run" : "run", collector->runs, roots,
            collector->findings.nodes, collector->findings.doomed, freed, (double)ns / 1e6);
}

static bool has_candidates(const struct gc_heap *heap, enum rc_scope scope)
{
    return scope == RC_SCOPE_HEAP || heap->overflowed || heap->roots.count > 0 ||
           (scope == RC_SCOPE_ROOTS && heap->roots.remembered > 0);
}

static size_t candidates(const struct gc_heap *heap, enum rc_scope scope)
{
    return heap->roots.count + (scope == RC_SCOPE_YOUNG ? 0 : heap->roots.remembered);
}

/* What died by counting in a pass is taken apart, unless a release up the stack is to do that.
   Acyclic objects among it were held by the garbage and not looked at; they are collected all the
   same. */
static size_t drain(struct rc_collector *collector)
{
    struct gc_heap *heap = &collector->heap;
    uint64_t acyclic_before = heap->finished_acyclic;
    rc__dead_drain(heap);
    size_t nodes = (size_t)(heap->finished_acyclic - acyclic_before);
    collector->collected += nodes;
    return nodes;
}

static size_t drain_between_passes(struct rc_collector *collector)
{
    collector->heap.releasing = false;
    size_t nodes = drain(collector);
    collector->heap.releasing = true;
    return nodes;
}

/* Marks, scans and collects once. A heap whose buffer has overflowed makes everything a candidate.
   Says whether there was anything to be destructed. */
static bool pass(struct rc_collector *collector, enum rc_scope scope,
                 enum rc_destructors destructors, size_t *freed)
{
    struct gc_heap *heap = &collector->heap;
    if (!has_candidates(heap, scope)) {
        return false;
    }
    uint64_t began_ns = rc__clock_ns();
    scope = heap->overflowed ? RC_SCOPE_HEAP : scope;
    heap->overflowed = false;
    size_t roots = candidates(heap, scope);
    rc__epoch_begin(collector, scope);
    rc__mark_grey(collector, scope);
    rc__scan(collector);
    if (scope == RC_SCOPE_YOUNG) {
        rc__settle_young_roots(collector);
    }
    bool destructed = rc__destruct_white(collector, destructors);
    uint64_t decided_ns = rc__clock_ns();
    size_t nodes = rc__collect_white(collector, destructed);
    uint64_t ended_ns = rc__clock_ns();
    collector->free_ns += ended_ns - decided_ns;
    collector->runs++;
    collector->minor_runs += scope == RC_SCOPE_YOUNG;
    collector->visited += collector->findings.nodes;
    collector->collected += nodes;
    *freed += nodes;
    if (collector->logs) {
        log_pass(collector, roots, nodes, ended_ns - began_ns);
    }
    return destructed;
}

/*
 * One pass; if it ran destructors a second one, once, over what these reached
 * and dropped, destructors of garbage born in the first one included. If even
 * so candidates found no room, a last one over everything, without destructors.
 */
static size_t passes(struct rc_collector *collector, enum rc_scope scope)
{
    struct gc_heap *heap = &collector->heap;
    size_t freed = 0;
    if (heap->quiet) {
        heap->put_off |= pass(collector, scope, RC_DESTRUCTORS_HOLD_BACK, &freed);
    } else if (pass(collector, scope, RC_DESTRUCTORS_RUN, &freed)) {
        freed += drain_between_passes(collector);
        scope = scope == RC_SCOPE_YOUNG ? RC_SCOPE_YOUNG : RC_SCOPE_ROOTS;
        pass(collector, scope, RC_DESTRUCTORS_RUN, &freed);
    }
    if (heap->overflowed && !heap->quiet) {
        freed += drain_between_passes(collector);
        pass(collector, RC_SCOPE_HEAP, RC_DESTRUCTORS_HOLD_BACK, &freed);
    }
    heap->left_full = rc__roots_full(&heap->roots);
    heap->turned_away = 0;
    return freed;
}

static void keep_pause(struct rc_collector *collector, uint64_t pause_ns)
{
    collector->last_pause_ns = pause_ns;
    collector->collector_ns += pause_ns;
    if (pause_ns > collector->max_pause_ns) {
        collector->max_pause_ns = pause_ns;
    }
}

/* What was held back is due. Of what goes by that, the nodes count as collected. */
static size_t run_put_off(struct rc_collector *collector)
{
    struct gc_heap *heap = &collector->heap;
    uint64_t acyclic_before = heap->finished_acyclic;
    heap->put_off = false;
    rc__release_waiting(heap);
    size_t nodes = (size_t)(heap->finished_acyclic - acyclic_before);
    collector->collected += nodes;
    return nodes;
}

size_t rc__collect_quietly(struct rc_collector *collector, enum rc_scope scope)
{
    collector->heap.quiet = true;
    size_t freed = rc__collect(collector, scope);
    collector->heap.quiet = false;
    return freed;
}

/* A quiet one does not begin another. */
static bool is_busy(const struct rc_collector *collector)
{
    return collector->heap.collecting || collector->draining_quietly;
}

size_t rc__collect(struct rc_collector *collector, enum rc_scope scope)
{
    struct gc_heap *heap = &collector->heap;
    size_t freed = 0;
    if (is_busy(collector)) {
        return 0;
    }
    if (heap->put_off && !heap->quiet) {
        scope = scope == RC_SCOPE_YOUNG ? RC_SCOPE_ROOTS : scope;
        freed = run_put_off(collector);
    }
    if (!has_candidates(heap, scope)) {
        rc__schedule_next(collector, scope, freed);
        return freed;
    }
    bool was_releasing = heap->releasing;
    heap->releasing = true; /* what dies by counting in a pass waits until it is over */
    heap->collecting = true;
    uint64_t began_ns = rc__clock_ns();
    collector->visited = 0;
    freed += passes(collector, scope);
    heap->collecting = false;
    heap->releasing = was_releasing;
    collector->draining_quietly = heap->quiet;
    freed += drain(collector);
    collector->draining_quietly = false;
    rc__schedule_next(collector, scope, freed);
    rc__limit_follow(collector);
    rc__space_trim_idle(&heap->space);
    keep_pause(collector, rc__clock_ns() - began_ns);
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
