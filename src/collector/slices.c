/*
 * A full run in slices, between which the program goes on.
 *
 *   rest --------------- roots taken from the buffer -- rc__slices_begin() --> take roots
 *   take roots --------- none is remembered any more -- advance() -----------> mark
 *   mark --------------- nothing is pending ----------- advance() -----------> find held
 *   find held ---------- all pages looked at ---------- advance() -----------> blacken
 *   blacken ------------ nothing is pending ----------- advance() -----------> find recorded
 *   find recorded ------ all pages looked at ---------- advance() -----------> blacken again
 *   blacken again ------ nothing is pending ----------- advance() -----------> clusters
 *   clusters ----------- all pages looked at ---------- advance() -----------> finish
 *   finish ------------- white is counted once more --- finish() ------------> rest
 *   any ---------------- a collect on request --------- rc__slices_give_up() > rest
 *
 * Nothing of what the program does in between is intercepted, so what the
 * slices find is but a suspicion: a link may have been moved after it was
 * counted, or before. What they find *garbage* is right all the same: what was
 * garbage when its possible root was taken cannot be changed by the program any
 * more, but through weak references, so its references are found and its counts
 * are what they were. Wrong can only be that something alive is suspected, and
 * that shows when the suspects alone are counted once more, in one go, which
 * costs in proportion to them and not to the heap. To have few of them, what
 * became a possible root meanwhile is blackened before that, with all that it
 * reaches: the program has had it in its hands. And what can be counted for
 * itself, a few objects at a time, goes before (clusters.c).
 *
 * What becomes garbage while the slices go on has a possible root that was
 * recorded after they began, and waits for the next run.
 *
 * A slot that is freed in between loses its colour, and one used again has none
 * (S3). Nothing else is remembered from one slice to the next, but for the
 * page's notes and where the run has got to.
 */
#include "collector/tracer.h"

bool rc__slices_begin(struct rc_collector *collector)
{
    if (collector->phase == RC_PHASE_REST && !rc__is_busy(collector) &&
        rc__has_candidates(&collector->heap, RC_SCOPE_ROOTS)) {
        collector->visited = 0;
        collector->sliced_freed = 0;
        rc__pass_begin(collector, RC_SCOPE_ROOTS);
        rc__roots_take(collector);
        collector->phase = RC_PHASE_TAKE_ROOTS;
    }
    return collector->phase != RC_PHASE_REST;
}

void rc__slices_give_up(struct rc_collector *collector)
{
    if (collector->phase != RC_PHASE_REST) {
        rc__epoch_give_up(collector);
        collector->phase = RC_PHASE_REST;
        collector->heap.overflowed = true;
    }
}

/* ---- one step of a phase ------------------------------------------------ */

typedef void (*page_action)(struct rc_collector *collector, struct rc_page *page);

static bool look_at_pages(struct rc_collector *collector, page_action action)
{
    while (collector->cursor != NULL) {
        if (rc__budget_is_spent(&collector->budget)) {
            return false;
        }
        action(collector, collector->cursor);
        collector->cursor = collector->cursor->touched_next;
    }
    return true;
}

static size_t finish(struct rc_collector *collector)
{
    collector->visited += rc__nodes_seen(&collector->findings);
    collector->budget = rc__budget_unlimited();
    rc__promote(collector);
    rc__recount_white(collector);
    rc__scan(collector);
    collector->phase = RC_PHASE_REST; /* a second pass is none of this run, and gives nothing up */
    return rc__passes_finish(collector);
}

/* False: the budget is spent before the phase is over. */
static bool work(struct rc_collector *collector, size_t *freed)
{
    switch (collector->phase) {
    case RC_PHASE_TAKE_ROOTS:
        return rc__roots_take_remembered(collector);
    case RC_PHASE_MARK:
        return rc__mark_grey(collector);
    case RC_PHASE_FIND_HELD:
        return look_at_pages(collector, rc__blacken_held);
    case RC_PHASE_FIND_RECORDED:
        return look_at_pages(collector, rc__blacken_recorded);
    case RC_PHASE_BLACKEN:
    case RC_PHASE_BLACKEN_AGAIN:
        return rc__trace_black(collector);
    case RC_PHASE_CLUSTERS:
        return rc__free_clusters(collector, freed);
    case RC_PHASE_FINISH:
        if (rc__budget_is_spent(&collector->budget)) {
            return false;
        }
        *freed += finish(collector);
        return true;
    case RC_PHASE_REST:
        break;
    }
    return true;
}

/* The next phase. False: the run is over. */
static bool advance(struct rc_collector *collector)
{
    if (collector->phase == RC_PHASE_REST) {
        return false;
    }
    collector->phase++;
    collector->cursor = collector->touched;
    collector->link = &collector->touched;
    return true;
}

bool rc__slice(struct rc_collector *collector, struct rc_budget budget)
{
    if (collector->phase == RC_PHASE_REST || rc__is_busy(collector)) {
        return collector->phase == RC_PHASE_REST;
    }
    size_t freed = 0;
    struct rc_pause pause = rc__pause_begin(collector, GC_PAUSE_SLICE);
    collector->budget = budget;
    while (work(collector, &freed) && advance(collector)) {
    }
    bool is_over = collector->phase == RC_PHASE_REST;
    freed = rc__pause_end(collector, pause, freed);
    collector->sliced_freed += freed;
    if (is_over) {
        rc__schedule_next(collector, RC_SCOPE_ROOTS, collector->sliced_freed);
    }
    return is_over;
}
