/*
 * A run, from its reason to its figures.
 */
#include "base/clock.h"
#include "collector/collector.h"
#include "core/current.h"
#include "core/lifetime.h"
#include <inttypes.h>
#include <stdio.h>

static void log_pass(const struct rc_collector *collector, size_t freed)
{
    const struct rc_findings *findings = &collector->findings;
    fprintf(stderr,
            "rcycle: %srun %" PRIu64 ": %" PRIu64 " roots, %" PRIu64 " nodes visited, %" PRIu64
            " destructors, %zu nodes freed, %.3f ms\n",
            collector->scope == RC_SCOPE_YOUNG ? "young " : "", collector->runs,
            collector->roots_taken, rc__nodes_seen(findings), findings->doomed, freed,
            (double)(rc__clock_ns() - collector->pass_began_ns) / 1e6);
}

bool rc__has_candidates(const struct gc_heap *heap, enum rc_scope scope)
{
    return scope == RC_SCOPE_HEAP || heap->overflowed || heap->roots.count > 0 ||
           (scope == RC_SCOPE_ROOTS && heap->roots.remembered > 0);
}

/* Acyclic nodes that have died, but for those that a collection has counted: one that runs inside
   of another counts its own. */
static uint64_t uncounted_acyclic(const struct rc_collector *collector)
{
    return collector->heap.finished_acyclic - collector->counted_acyclic;
}

static size_t count_acyclic_since(struct rc_collector *collector, uint64_t before)
{
    uint64_t nodes = uncounted_acyclic(collector) - before;
    collector->counted_acyclic += nodes;
    collector->collected += nodes;
    return (size_t)nodes;
}

/* What died by counting in a pass is taken apart, unless a release up the stack is to do that.
   Acyclic objects among it were held by the garbage and not looked at; they are collected all the
   same. */
static size_t drain(struct rc_collector *collector)
{
    uint64_t before = uncounted_acyclic(collector);
    rc__dead_drain_new(&collector->heap);
    return count_acyclic_since(collector, before);
}

static size_t drain_between_passes(struct rc_collector *collector)
{
    collector->heap.releasing = false;
    size_t nodes = drain(collector);
    collector->heap.releasing = true;
    return nodes;
}

/* ---- a pass ------------------------------------------------------------- */

void rc__pass_begin(struct rc_collector *collector, enum rc_scope scope)
{
    struct gc_heap *heap = &collector->heap;
    bool is_full = scope != RC_SCOPE_YOUNG;
    collector->pass_began_ns = rc__clock_ns();
    collector->roots_taken = heap->roots.count + (is_full ? heap->roots.remembered : 0);
    rc__epoch_begin(collector, heap->overflowed ? RC_SCOPE_HEAP : scope);
    heap->overflowed = false;
    if (collector->scope == RC_SCOPE_HEAP) {
        rc__roots_take_heap(collector);
    }
}

static void find_white(struct rc_collector *collector)
{
    rc__mark_grey_from_roots(collector);
    rc__scan(collector);
    if (collector->scope == RC_SCOPE_YOUNG) {
        rc__settle_young_roots(collector);
    } else {
        rc__roots_clear(&collector->heap.roots);
    }
}

static bool finish_pass(struct rc_collector *collector, enum rc_destructors destructors,
                        size_t *freed)
{
    bool destructed = rc__destruct_white(collector, destructors);
    uint64_t decided_ns = rc__clock_ns();
    size_t nodes = rc__collect_white(collector, destructed);
    collector->free_ns += rc__clock_ns() - decided_ns;
    collector->runs++;
    collector->minor_runs += collector->scope == RC_SCOPE_YOUNG;
    collector->visited += rc__nodes_seen(&collector->findings);
    collector->collected += nodes;
    *freed += nodes;
    if (collector->logs) {
        log_pass(collector, nodes + collector->sliced_freed);
    }
    return destructed;
}

/* Marks, scans and collects once. A heap whose buffer has overflowed makes everything a candidate.
   Says whether there was anything to be destructed. */
static bool pass(struct rc_collector *collector, enum rc_scope scope,
                 enum rc_destructors destructors, size_t *freed)
{
    if (!rc__has_candidates(&collector->heap, scope)) {
        return false;
    }
    rc__pass_begin(collector, scope);
    find_white(collector);
    return finish_pass(collector, destructors, freed);
}

/* The second pass, once, over what destructors reached and dropped, destructors of garbage born in
   the first one included. */
static size_t second_pass(struct rc_collector *collector, enum rc_scope scope)
{
    size_t freed = drain_between_passes(collector);
    pass(collector, scope, RC_DESTRUCTORS_RUN, &freed);
    return freed;
}

/* One pass; if it ran destructors a second one. If even so candidates found no room, a last one
   over everything, without destructors. */
static size_t passes(struct rc_collector *collector, enum rc_scope scope)
{
    struct gc_heap *heap = &collector->heap;
    size_t freed = 0;
    if (heap->quiet) {
        collector->kept_doomed |= pass(collector, scope, RC_DESTRUCTORS_HOLD_BACK, &freed);
        heap->put_off |= collector->kept_doomed;
    } else if (pass(collector, scope, RC_DESTRUCTORS_RUN, &freed)) {
        freed += second_pass(collector, scope == RC_SCOPE_HEAP ? RC_SCOPE_ROOTS : scope);
    }
    if (heap->overflowed && !heap->quiet) {
        freed += drain_between_passes(collector);
        pass(collector, RC_SCOPE_HEAP, RC_DESTRUCTORS_HOLD_BACK, &freed);
    }
    return freed;
}

size_t rc__passes_finish(struct rc_collector *collector)
{
    size_t freed = 0;
    bool destructed = finish_pass(collector, RC_DESTRUCTORS_RUN, &freed);
    if (destructed && collector->heap.generational) {
        freed += second_pass(collector, RC_SCOPE_YOUNG);
    }
    return freed;
}

/* ---- a pause ------------------------------------------------------------ */

struct rc_pause rc__pause_begin(struct rc_collector *collector, enum gc_pause_kind kind)
{
    struct gc_heap *heap = &collector->heap;
    rc__pause_tell(collector, &(struct gc_pause){.kind = kind});
    struct rc_pause pause = {kind, rc__clock_ns(), heap->releasing, {{NULL, NULL, NULL}, NULL}};
    if (pause.was_releasing) {
        pause.released = rc__dead_set_aside(heap);
    }
    heap->releasing = true; /* what dies by counting in a pass waits until it is over */
    heap->collecting = true;
    return pause;
}

/* The nodes that go by that count as collected, unless a release had let them die. */
size_t rc__run_put_off(struct rc_collector *collector, uint64_t budget_ns)
{
    uint64_t before = uncounted_acyclic(collector);
    bool were_released = collector->holds_released;
    collector->heap.put_off = collector->kept_doomed;
    rc__release_waiting(&collector->heap, budget_ns);
    collector->holds_released &= collector->heap.waiting != NULL;
    if (were_released) {
        collector->counted_acyclic += uncounted_acyclic(collector) - before;
        return 0;
    }
    return count_acyclic_since(collector, before);
}

size_t rc__collect_quietly(struct rc_collector *collector, enum rc_scope scope)
{
    collector->heap.quiet = true;
    size_t freed = rc__collect(collector, scope);
    collector->heap.quiet = false;
    return freed;
}

/* A quiet one does not begin another. */
bool rc__is_busy(const struct rc_collector *collector)
{
    return collector->heap.collecting || collector->draining_quietly;
}

size_t rc__pause_end(struct rc_collector *collector, struct rc_pause pause, size_t freed)
{
    struct gc_heap *heap = &collector->heap;
    heap->left_full = rc__roots_full(&heap->roots);
    heap->turned_away = 0;
    heap->collecting = false;
    heap->releasing = pause.was_releasing;
    if (pause.was_releasing) {
        rc__dead_put_back(heap, pause.released);
    }
    collector->draining_quietly = heap->quiet;
    collector->settling = true;
    freed += drain(collector);
    collector->settling = false;
    collector->draining_quietly = false;
    rc__limit_follow(collector);
    rc__space_trim_idle(&heap->space);
    uint64_t pause_ns = rc__clock_ns() - pause.began_ns;
    rc__pause_keep(collector, pause_ns);
    rc__pause_tell(collector, &(struct gc_pause){pause.kind, true, freed, pause_ns});
    return freed;
}

size_t rc__collect(struct rc_collector *collector, enum rc_scope scope)
{
    struct gc_heap *heap = &collector->heap;
    size_t freed = 0;
    if (rc__is_busy(collector)) {
        return 0;
    }
    if (heap->put_off && !heap->quiet) {
        scope = scope == RC_SCOPE_YOUNG && collector->kept_doomed ? RC_SCOPE_ROOTS : scope;
        collector->kept_doomed = false;
        freed = rc__run_put_off(collector, heap->release_budget_ns);
    }
    rc__slices_give_up(collector);
    collector->visited = 0;
    collector->sliced_freed = 0;
    if (rc__has_candidates(heap, scope)) {
        bool is_young = scope == RC_SCOPE_YOUNG;
        struct rc_pause pause =
            rc__pause_begin(collector, is_young ? GC_PAUSE_YOUNG_RUN : GC_PAUSE_FULL_RUN);
        freed += rc__pause_end(collector, pause, passes(collector, scope));
    }
    rc__schedule_next(collector, scope, freed);
    return freed;
}

size_t rc__collect_on_request(struct rc_collector *collector, enum rc_scope scope)
{
    struct gc_heap *heap = &collector->heap;
    bool cuts_releases = heap->cuts_releases;
    heap->cuts_releases = false;
    if (rc__release_is_pending(heap) && !rc__is_busy(collector)) {
        uint64_t began_ns = rc__clock_ns();
        rc__dead_drain_all(heap);
        rc__release_parted(heap, rc__clock_ns() - began_ns);
    }
    size_t freed = rc__collect(collector, scope);
    heap->cuts_releases = cuts_releases;
    return freed;
}

/* ---- the public calls --------------------------------------------------- */

static size_t collect_current(enum rc_scope scope)
{
    struct gc_heap *heap = rc__heap_current();
    return heap == NULL ? 0 : rc__collect_on_request(rc__collector_of(heap), scope);
}

bool gc_step(uint64_t budget_ns)
{
    struct gc_heap *heap = rc__heap_current();
    if (heap == NULL) {
        return true;
    }
    uint64_t began_ns = rc__clock_ns();
    if (!rc__release_go_on(rc__collector_of(heap), budget_ns)) {
        return false;
    }
    uint64_t gone_ns = rc__clock_ns() - began_ns;
    return rc__step(rc__collector_of(heap), budget_ns > gone_ns ? budget_ns - gone_ns : 0);
}

void gc_safepoint(void)
{
    struct gc_heap *heap = rc__heap_current();
    if (heap == NULL) {
        return;
    }
    struct rc_collector *collector = rc__collector_of(heap);
    rc__release_go_on(collector, heap->release_budget_ns);
    if (!collector->schedule.is_due || !heap->enabled || rc__is_busy(collector)) {
        return;
    }
    if (collector->kept_doomed) {
        collector->schedule.is_due = false;
        rc__collect(collector, RC_SCOPE_ROOTS);
    } else {
        rc__run_automatically(collector);
    }
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
