/*
 * Runs in slices: how long a slice is, what a step promises, and which garbage a
 * run that has come to its end must have found.
 *
 * A run begins in some call, and takes what is a candidate then. Before it ends
 * it may free some garbage; else nothing of it is to be seen but that it has
 * taken them. When it ends, in whatever call that is, all is gone that was
 * garbage before the call in which it began.
 *
 * Slices end after a number of objects, by chance, and not by the clock, so that
 * a seed decides everything; the tests' own switch of the collector does that.
 */
#include "oracle.h"

#include "collector/collector.h"

/* ---- where they end ----------------------------------------------------- */

void oracle_cut(struct oracle_world *world)
{
    static const uint32_t lengths[] = {4, 4, 60, 60, 600, 4000};
    uint32_t most = lengths[oracle_below(world, sizeof lengths / sizeof lengths[0])];
    struct rc_schedule *schedule = &rc__collector_of(world->heap)->schedule;
    schedule->slice_objects = 1 + (uint32_t)oracle_below(world, most);
    rc__collector_of(world->heap)->part_places = 1 + (uint32_t)oracle_below(world, 12);
}

/* Growth that has not been: the next step begins a full run, the next possible root a run or the
   next slice. */
static void hasten(struct oracle_world *world)
{
    struct rc_collector *collector = rc__collector_of(world->heap);
    if (oracle_percent(world, 50)) {
        collector->schedule.idle_at_bytes = 0;
    }
    if (oracle_percent(world, 20)) {
        collector->schedule.full_at_bytes = 0;
    }
    if (collector->phase != RC_PHASE_REST || collector->heap.generational) {
        collector->heap.run_at_bytes = oracle_percent(world, 30) ? 0 : collector->heap.run_at_bytes;
    }
}

/* ---- where a run stands ------------------------------------------------- */

static uint64_t full_runs_of(const struct gc_status *status)
{
    return status->runs - status->minor_runs;
}

bool oracle_has_run_fully(const struct oracle_call *call, const struct gc_status *now)
{
    return full_runs_of(now) > full_runs_of(&call->status);
}

bool oracle_has_begun(const struct oracle_world *world, const struct gc_status *now)
{
    return now->in_progress && world->slices_began == 0;
}

uint64_t oracle_run_begun_in(const struct oracle_world *world, const struct oracle_call *call)
{
    return world->slices_began != 0 ? world->slices_began : call->number;
}

/* The model may be ahead in calls around this one. So it is the outermost one that counts. */
void oracle_follow_slices(struct oracle_world *world, const struct oracle_call *call,
                          const struct gc_status *now)
{
    bool has_ended = oracle_has_run_fully(call, now);
    world->oracle->slices_ended += has_ended && world->slices_began != 0;
    if (!now->in_progress) {
        world->slices_began = 0;
    } else if (world->slices_began == 0 || has_ended) {
        world->slices_began = world->calls[0].number;
    }
}

void oracle_slices_given_up(struct oracle_world *world)
{
    if (world->slices_began != 0) {
        world->slices_began = 0;
        world->may_overflow = true;
    }
}

/* ---- steps -------------------------------------------------------------- */

/* What the step let go of may have begun another run. */
static void expect_step(struct oracle_world *world, const struct oracle_call *call, bool was_late,
                        bool is_over)
{
    const struct oracle_profile *profile = world->oracle->profile;
    struct gc_status now = gc_status();
    bool may_go_on = profile->opaque || profile->willed > 0;
    bool is_left = now.in_progress || now.release_pending || world->heap->waiting != NULL;
    oracle_expect(world, is_over || is_left, "a step says that something is left, and nothing is");
    oracle_expect(world, !is_over || !now.in_progress || may_go_on,
                  "a step says that no run is left, and one is");
    oracle_expect(world, now.slices > call->status.slices || !call->status.in_progress || was_late,
                  "a step has done nothing");
}

bool oracle_step(struct oracle_world *world)
{
    if (gc_status().running) {
        oracle_expect(world, !gc_step(0), "a step within a collection says that it is over");
        return false;
    }
    bool was_late = oracle_is_late(world);
    oracle_begin(world);
    oracle_cut(world);
    hasten(world);
    bool is_over = gc_step(0);
    expect_step(world, &world->calls[world->call_count - 1], was_late, is_over);
    world->has_asked = true;
    oracle_settle(world);
    if (was_late && world->level == 0) {
        oracle_expect_progress(world, is_over);
    }
    return is_over;
}

void oracle_safepoint(struct oracle_world *world)
{
    bool was_late = oracle_is_late(world) && world->level == 0;
    oracle_begin(world);
    gc_safepoint();
    world->has_asked |= !world->disabled;
    oracle_settle(world);
    if (was_late) {
        oracle_expect_progress(world, false);
    }
}
