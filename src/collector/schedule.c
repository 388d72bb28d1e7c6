/*
 * When to run, and what to look at.
 *
 * classic: when a candidate finds the buffer full; always everything that the
 * possible roots reach.
 *
 * generational: a *young run* when the buffer is full, or the heap has grown by
 * `young_bytes` since the last run. A *full run* in its place when the heap has
 * grown, since the last full one, by `full_run_bytes` and by a share of what
 * that left alive: so the cost of full runs is a constant for each byte
 * allocated, and what they leave waiting is at most a share of what is alive.
 *
 * Runs that find little are made less often. A program that only builds makes
 * possible roots by the million and no garbage: after a young run that frees
 * less than an eighth of what it visits, the next ones are left out, twice as
 * many each time, and their possible roots become old ones unseen. After such a
 * full run the share is doubled.
 */
#include "collector/collector.h"

#define IDLE_ROUNDS_MAX      64u
#define GROWTH_PERCENT_FIRST 50u
#define GROWTH_PERCENT_MAX   800u
#define PRODUCTIVE_ONE_IN    8u

static size_t add_up_to_maximum(size_t bytes, size_t growth_bytes)
{
    return growth_bytes > SIZE_MAX - bytes ? SIZE_MAX : bytes + growth_bytes;
}

static void wait_for_growth(struct rc_collector *collector)
{
    struct gc_heap *heap = &collector->heap;
    const struct rc_schedule *schedule = &collector->schedule;
    size_t young_at = add_up_to_maximum(heap->space.live_bytes, schedule->young_bytes);
    heap->run_at_bytes = young_at < schedule->full_at_bytes ? young_at : schedule->full_at_bytes;
}

static void wait_for_full_run(struct rc_collector *collector)
{
    struct rc_schedule *schedule = &collector->schedule;
    size_t live_bytes = collector->heap.space.live_bytes;
    size_t growth_bytes = live_bytes / 100 * schedule->growth_percent;
    growth_bytes =
        growth_bytes > schedule->full_run_bytes ? growth_bytes : schedule->full_run_bytes;
    schedule->full_at_bytes = add_up_to_maximum(live_bytes, growth_bytes);
}

void rc__schedule_begin(struct rc_collector *collector, const struct gc_options *options)
{
    struct gc_heap *heap = &collector->heap;
    heap->generational = options->policy == GC_POLICY_GENERATIONAL;
    heap->run_at_bytes = SIZE_MAX;
    heap->run_at_roots = UINT32_MAX;
    if (heap->generational) {
        heap->run_at_roots = heap->roots.capacity;
        collector->schedule.young_bytes = options->young_bytes;
        collector->schedule.full_run_bytes = options->full_run_bytes;
        collector->schedule.growth_percent = GROWTH_PERCENT_FIRST;
        wait_for_full_run(collector);
        wait_for_growth(collector);
    }
}

static void judge_young_run(struct rc_schedule *schedule, bool was_productive)
{
    if (was_productive) {
        schedule->idle_next = 0;
    } else if (schedule->idle_next < IDLE_ROUNDS_MAX) {
        schedule->idle_next = schedule->idle_next * 2 + 1;
    }
    schedule->idle_rounds = schedule->idle_next;
}

static void judge_full_run(struct rc_schedule *schedule, bool was_productive)
{
    if (was_productive) {
        schedule->growth_percent = GROWTH_PERCENT_FIRST;
    } else if (schedule->growth_percent < GROWTH_PERCENT_MAX) {
        schedule->growth_percent *= 2;
    }
}

void rc__schedule_next(struct rc_collector *collector, enum rc_scope scope, size_t freed)
{
    bool was_productive = (uint64_t)freed * PRODUCTIVE_ONE_IN >= collector->visited;
    if (!collector->heap.generational) {
        return;
    }
    if (scope == RC_SCOPE_YOUNG) {
        judge_young_run(&collector->schedule, was_productive);
    } else {
        judge_full_run(&collector->schedule, was_productive);
        wait_for_full_run(collector);
    }
    wait_for_growth(collector);
}

/* The possible roots become old ones without a look at what they reach. */
static void leave_out_young_run(struct rc_collector *collector)
{
    collector->schedule.idle_rounds--;
    rc__roots_remember_all(&collector->heap.roots);
    wait_for_growth(collector);
}

void rc__run_automatically(struct rc_collector *collector)
{
    const struct gc_heap *heap = &collector->heap;
    if (!heap->generational) {
        rc__collect(collector, RC_SCOPE_ROOTS);
    } else if (heap->overflowed || heap->space.live_bytes >= collector->schedule.full_at_bytes) {
        rc__collect(collector, RC_SCOPE_ROOTS);
    } else if (collector->schedule.idle_rounds > 0) {
        leave_out_young_run(collector);
    } else {
        rc__collect(collector, RC_SCOPE_YOUNG);
    }
}
