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
 * many each time, and their possible roots become old ones at once, unseen. The
 * share after a full run is the larger the less that one found.
 *
 * With a pause budget full runs are made in slices: while one is in progress,
 * each growth by a step does a slice. The steps are such that the heap has
 * grown by a quarter when the run is over, and no young runs are made: what
 * becomes a possible root waits for the next run.
 */
#include "collector/collector.h"

#define IDLE_ROUNDS_MAX    64u
#define GROWTH_PERCENT_MIN 50u
#define GROWTH_PERCENT_MAX 800u
#define PRODUCTIVE_ONE_IN  8u

/* A full run that finds little, when young ones did, too, tells as much as so many. */
#define FULL_RUN_SAYS 3u

/* What a full run in slices may let the heap grow, and what it is expected to cost. */
#define SLICED_GROWTH_ONE_IN 4u
#define EXPECTED_NODE_NS     60u
#define EXPECTED_BYTE_NS     2u
#define STEP_BYTES_MIN       16384u

/* ---- thresholds --------------------------------------------------------- */

static size_t add_up_to_maximum(size_t bytes, size_t growth_bytes)
{
    return growth_bytes > SIZE_MAX - bytes ? SIZE_MAX : bytes + growth_bytes;
}

/* A run that steps have begun goes on with their budget. */
static uint64_t slice_ns(const struct rc_schedule *schedule)
{
    return schedule->budget_ns != 0 ? schedule->budget_ns : schedule->step_ns;
}

/* Growth from one slice to the next. */
static size_t step_bytes(const struct rc_collector *collector)
{
    const struct gc_heap *heap = &collector->heap;
    uint64_t expected_ns = heap->live_nodes * EXPECTED_NODE_NS;
    uint64_t slices = 1 + expected_ns / (slice_ns(&collector->schedule) + 1);
    size_t bytes = heap->space.live_bytes / SLICED_GROWTH_ONE_IN / slices;
    return bytes > STEP_BYTES_MIN ? bytes : STEP_BYTES_MIN;
}

static void wait_for_growth(struct rc_collector *collector)
{
    struct gc_heap *heap = &collector->heap;
    const struct rc_schedule *schedule = &collector->schedule;
    size_t live_bytes = heap->space.live_bytes;
    if (collector->phase != RC_PHASE_REST) {
        heap->run_at_bytes = add_up_to_maximum(live_bytes, step_bytes(collector));
    } else if (!heap->generational) {
        heap->run_at_bytes = SIZE_MAX;
    } else {
        size_t rounds = heap->idle ? schedule->idle_rounds : 1;
        size_t young_at = add_up_to_maximum(live_bytes, rounds * schedule->young_bytes);
        bool is_sooner = young_at < schedule->full_at_bytes;
        heap->run_at_bytes = is_sooner ? young_at : schedule->full_at_bytes;
    }
}

static size_t full_run_growth_bytes(const struct rc_collector *collector)
{
    const struct rc_schedule *schedule = &collector->schedule;
    size_t bytes = collector->heap.space.live_bytes / 100 * schedule->growth_percent;
    return bytes > schedule->full_run_bytes ? bytes : schedule->full_run_bytes;
}

static void wait_for_full_run(struct rc_collector *collector)
{
    size_t live_bytes = collector->heap.space.live_bytes;
    size_t growth_bytes = full_run_growth_bytes(collector);
    collector->schedule.full_at_bytes = add_up_to_maximum(live_bytes, growth_bytes);
    collector->schedule.idle_at_bytes = add_up_to_maximum(live_bytes, growth_bytes / 2);
}

/* A young run is not cut, so what it may have to look at is. */
static size_t young_bytes_within(size_t young_bytes, uint64_t budget_ns)
{
    size_t most = budget_ns == 0 ? SIZE_MAX : (size_t)(budget_ns / EXPECTED_BYTE_NS);
    return young_bytes < most ? young_bytes : most;
}

void rc__schedule_begin(struct rc_collector *collector, const struct gc_options *options)
{
    struct gc_heap *heap = &collector->heap;
    struct rc_schedule *schedule = &collector->schedule;
    collector->part_places = RC_PART_PLACES;
    collector->turns_least = RC_TURNS_LEAST;
    schedule->young_bytes = young_bytes_within(options->young_bytes, options->pause_budget_ns);
    schedule->full_run_bytes = options->full_run_bytes;
    schedule->growth_percent = GROWTH_PERCENT_MIN;
    schedule->budget_ns = options->pause_budget_ns;
    schedule->at_safepoints_only = options->collect_at_safepoints_only;
    heap->generational = options->policy == GC_POLICY_GENERATIONAL;
    heap->run_at_roots = heap->generational ? heap->roots.capacity : UINT32_MAX;
    wait_for_full_run(collector);
    wait_for_growth(collector);
}

/* ---- what a run has found ----------------------------------------------- */

static bool is_productive(uint64_t visited, uint64_t freed)
{
    return freed * PRODUCTIVE_ONE_IN >= visited;
}

/* Doubles the number of young runs that are left out, and adds one, so many times. */
static void leave_more_out(struct rc_schedule *schedule, unsigned times)
{
    for (; times > 0 && schedule->idle_rounds < IDLE_ROUNDS_MAX; times--) {
        schedule->idle_rounds = schedule->idle_rounds * 2 + 1;
    }
}

static void judge_young_run(struct rc_schedule *schedule, uint64_t visited, uint64_t freed)
{
    if (is_productive(visited, freed)) {
        schedule->idle_rounds = 0;
    } else {
        leave_more_out(schedule, 1);
    }
}

static void judge_full_run(struct rc_schedule *schedule, uint64_t visited, uint64_t freed)
{
    uint64_t percent = GROWTH_PERCENT_MAX;
    if (freed > 0) {
        percent = GROWTH_PERCENT_MIN * (visited / PRODUCTIVE_ONE_IN) / freed;
        percent = percent > GROWTH_PERCENT_MIN ? percent : GROWTH_PERCENT_MIN;
    }
    schedule->growth_percent =
        percent < GROWTH_PERCENT_MAX ? (unsigned)percent : GROWTH_PERCENT_MAX;
    if (schedule->idle_rounds > 0 && !is_productive(visited, freed)) {
        leave_more_out(schedule, FULL_RUN_SAYS);
    }
}

void rc__schedule_next(struct rc_collector *collector, enum rc_scope scope, size_t freed)
{
    struct rc_schedule *schedule = &collector->schedule;
    uint64_t visited = collector->visited;
    bool is_young = scope == RC_SCOPE_YOUNG;
    if (visited == 0) {
        /* It says nothing. */
    } else if (is_young) {
        judge_young_run(schedule, visited, freed);
    } else {
        judge_full_run(schedule, visited, freed);
    }
    bool may_be_idle = is_young || !is_productive(visited, freed);
    collector->heap.idle = may_be_idle && schedule->idle_rounds > 0;
    if (!is_young) {
        wait_for_full_run(collector);
    }
    wait_for_growth(collector);
}

/* ---- what is to be done ------------------------------------------------- */

static struct rc_budget budget_of(const struct rc_schedule *schedule, uint64_t budget_ns)
{
    if (schedule->slice_objects != 0) {
        return rc__budget_of_objects(schedule->slice_objects);
    }
    return rc__budget_of_ns(budget_ns);
}

/* The possible roots become old ones without a look at what they reach. */
static void age_roots(struct rc_collector *collector)
{
    if (collector->heap.generational) {
        rc__roots_remember_all(&collector->heap.roots);
    }
}

static void run_slice(struct rc_collector *collector)
{
    const struct rc_schedule *schedule = &collector->schedule;
    rc__slice(collector, budget_of(schedule, slice_ns(schedule)));
    if (collector->phase != RC_PHASE_REST && rc__roots_full(&collector->heap.roots)) {
        age_roots(collector);
    }
    wait_for_growth(collector);
}

static void run_full(struct rc_collector *collector)
{
    const struct rc_schedule *schedule = &collector->schedule;
    bool in_slices = schedule->budget_ns != 0 || schedule->slice_objects != 0;
    if (collector->phase != RC_PHASE_REST || (in_slices && rc__slices_begin(collector))) {
        run_slice(collector);
    } else {
        rc__collect(collector, RC_SCOPE_ROOTS);
    }
}

static void run_young(struct rc_collector *collector)
{
    if (collector->heap.idle) {
        collector->heap.idle = false;
        wait_for_growth(collector);
    } else {
        rc__collect(collector, RC_SCOPE_YOUNG);
    }
}

void rc__run_automatically(struct rc_collector *collector)
{
    const struct gc_heap *heap = &collector->heap;
    bool is_full_due = !heap->generational || heap->overflowed ||
                       heap->space.live_bytes >= collector->schedule.full_at_bytes;
    collector->schedule.is_due = false;
    if (is_full_due || collector->phase != RC_PHASE_REST) {
        run_full(collector);
    } else {
        run_young(collector);
    }
}

void rc__run_when_due(struct rc_collector *collector)
{
    if (!collector->schedule.at_safepoints_only) {
        rc__run_automatically(collector);
        return;
    }
    collector->schedule.is_due = true;
    if (rc__roots_full(&collector->heap.roots)) {
        age_roots(collector);
    }
    wait_for_growth(collector);
}

static bool is_worth_a_full_run(const struct rc_collector *collector)
{
    const struct gc_heap *heap = &collector->heap;
    return !heap->generational || heap->overflowed ||
           heap->space.live_bytes >= collector->schedule.idle_at_bytes;
}

bool rc__step(struct rc_collector *collector, uint64_t budget_ns)
{
    if (rc__is_busy(collector)) {
        return false;
    }
    if (collector->phase == RC_PHASE_REST && !is_worth_a_full_run(collector)) {
        rc__collect(collector, RC_SCOPE_YOUNG);
    } else {
        rc__slices_begin(collector);
        collector->schedule.step_ns = budget_ns;
        rc__slice(collector, budget_of(&collector->schedule, budget_ns));
        wait_for_growth(collector);
    }
    return collector->phase == RC_PHASE_REST; /* what went may have begun another run */
}
