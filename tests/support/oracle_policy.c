/*
 * What depends on when collections run, and on what they look at. The rest of
 * the oracle asks here, and expects the same of every policy.
 *
 * Classic: a run begins when one candidate more than fits in the buffer is
 * found, and looks at all that its candidates reach.
 *
 * Generational: a run begins when the buffer is full or the heap has grown. A
 * young one may leave old garbage, and what that holds, for later. Old candidates
 * are not in the buffer. A full run finds everything.
 *
 * In slices: what was garbage before the call in which the run began is gone when
 * it has ended; the rest is for later.
 */
#include "oracle.h"

#include <inttypes.h>

/* So long that it never decides: parts end after so many objects (oracle_releases.c). */
#define RELEASE_BUDGET_NS ((uint64_t)1 << 50)

/* Candidates that turned up in the call, at most. */
static size_t candidates_of(const struct oracle_world *world, const struct oracle_call *call)
{
    return call->status.roots + world->model.decrements - call->decrements;
}

static bool is_generational(const struct oracle_world *world)
{
    return world->oracle->profile->manner.policy == GC_POLICY_GENERATIONAL;
}

static bool is_sliced(const struct oracle_world *world)
{
    return world->oracle->profile->manner.sliced;
}

void oracle_set_policy(const struct oracle_world *world, struct gc_options *options)
{
    const struct oracle_manner *manner = &world->oracle->profile->manner;
    options->policy = manner->policy;
    options->young_bytes = 512 * world->capacity;
    options->full_run_bytes = 16 * 1024;
    options->collect_at_safepoints_only = manner->at_safepoints;
    options->release_budget_ns = manner->cuts ? RELEASE_BUDGET_NS : 0;
}

/* Free hooks or destructors may release possible roots during a run. */
static bool runs_have_candidates(const struct oracle_world *world)
{
    const struct oracle_profile *profile = world->oracle->profile;
    return profile->opaque || profile->willed > 0 || profile->manner.cuts;
}

bool oracle_run_finds_all(const struct oracle_world *world, const struct gc_status *status)
{
    return is_generational(world) || status->dropped_roots == world->dropped_seen;
}

/* A full run that begins in the call may do so while a young one's dead are taken apart: what these
   held is for later. What a request takes apart first may have found no room in the buffer. */
uint64_t oracle_garbage_gone_from(const struct oracle_world *world, const struct oracle_call *call,
                                  const struct gc_status *now)
{
    bool is_first = world->slices_began != 0 || now->minor_runs == call->status.minor_runs;
    bool finds_all = oracle_run_finds_all(world, &call->status) &&
                     (oracle_run_finds_all(world, now) || !world->oracle->profile->manner.cuts);
    return finds_all && is_first && oracle_has_run_fully(call, now)
               ? oracle_run_begun_in(world, call)
               : 0;
}

/* In the destructors of a call the model is ahead: what has died there already may still lose
   references here, and become a candidate by that. */
void oracle_check_reason_of_run(struct oracle_world *world, const struct oracle_call *call)
{
    bool is_exact = call->destructors == world->oracle->destructors && !is_generational(world) &&
                    !is_sliced(world);
    oracle_expect(world, !world->disabled, "a collection ran while that was disabled");
    oracle_expect(world, !world->oracle->profile->manner.at_safepoints,
                  "a collection ran at no safe point");
    oracle_expect(world, candidates_of(world, call) > world->capacity || !is_exact,
                  "a collection ran with at most %zu candidates for a buffer of %zu",
                  candidates_of(world, call), world->capacity);
}

/* The first pass does, and the second one, if the first one did. More would be without an end. But
   a full buffer may start a run after the last one; and any pass may free what holds the last
   reference to an object. */
bool oracle_pass_destructs(struct oracle_world *world, const struct model_node *node)
{
    bool is_owned = gc_refcount(node->real) > 1;
    const struct oracle_collection *collection = world->collection;
    bool destructs = collection->passes == 0 || (collection->passes == 1 && collection->destructed);
    oracle_expect(world, destructs || !is_owned || !world->disabled,
                  "pass %" PRIu64 " runs a destructor", collection->passes + 1);
    return destructs;
}

/* One, or two if it ran destructors and anything is left of what these could reach. One more if
   candidates found no room meanwhile; how many there were is not known if the model has not
   followed the passes. */
void oracle_check_passes(struct oracle_world *world, const struct oracle_collection *collection,
                         bool heap, const struct gc_status *now)
{
    const struct oracle_call *call = collection->call;
    uint64_t passes = now->runs - call->status.runs;
    bool has_candidates = call->status.roots > 0 || call->status.in_progress;
    uint64_t expected = heap || has_candidates ? 1 : 0;
    bool overflows = candidates_of(world, call) > world->capacity || world->is_vague;
    bool may_be_more = world->may_overflow || (runs_have_candidates(world) && overflows);
    if (is_generational(world) && expected == 0 && passes > 0) {
        expected = 1; /* of old candidates */
    }
    expected += collection->destructed;
    if (collection->destructed && passes + 1 == expected) {
        expected -= model_count_white(&world->model) == 0;
    }
    oracle_expect(world, passes == expected || (may_be_more && passes > expected),
                  "%" PRIu64 " runs, expected %" PRIu64, passes, expected);
    world->may_overflow = may_be_more && now->full;
}

/* A run that leaves the buffer full is not repeated at once: some candidates are turned away, and
   the next run looks at everything. The same happens while a run is in progress, and before a safe
   point. */
static void doubt_what_was_turned_away(struct oracle_world *world, const struct oracle_call *call)
{
    bool may_be_turned_away = runs_have_candidates(world) || is_sliced(world);
    if (may_be_turned_away && candidates_of(world, call) > world->capacity) {
        model_doubt_candidates_since(&world->model, 0);
        world->may_overflow = true;
    }
}

void oracle_check_roots(struct oracle_world *world, const struct oracle_call *call,
                        const struct gc_status *now)
{
    const struct model *model = &world->model;
    doubt_what_was_turned_away(world, call);
    oracle_expect(world, now->roots <= world->capacity, "%zu roots in a buffer of %zu", now->roots,
                  world->capacity);
    oracle_expect(world, now->roots <= model->maybe_candidates, "%zu roots, expected at most %zu",
                  now->roots, model->maybe_candidates);
    oracle_expect(world, now->roots >= model->sure_candidates || is_generational(world),
                  "%zu roots, expected at least %zu", now->roots, model->sure_candidates);
    oracle_expect(world, now->full == (now->roots == world->capacity), "full is %d with %zu roots",
                  now->full, now->roots);
}
