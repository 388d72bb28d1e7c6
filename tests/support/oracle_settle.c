/*
 * Agreement after every call: who died, how many nodes are alive, when a
 * collection ran, what it collected, and how many possible roots there are.
 *
 * Without a collection that the library has started by itself, or in slices, all
 * of it is known exactly. With one, it is not known which garbage that has found:
 * some may have been too late for it, some the policy may leave for later. Then
 * the oracle looks what is gone; that must have been garbage, all of it, and what
 * is left must be whole.
 */
#include "oracle_forms.h"

#include "core/heap_state.h"
#include <inttypes.h>

static struct gc_status status_of(struct oracle_world *world)
{
    struct gc_heap *before = gc_heap_use(world->heap);
    struct gc_status status = gc_status();
    gc_heap_use(before);
    return status;
}

bool oracle_is_calm(const struct oracle_world *world)
{
    return !world->is_vague && world->unclear == 0 && world->model.dead == NULL;
}

static struct oracle_call *push_call(struct oracle_world *world)
{
    struct model *model = &world->model;
    struct oracle_call *call = &world->calls[world->call_count++];
    *call = (struct oracle_call){.status = status_of(world),
                                 .number = ++model->calls,
                                 .decrements = model->decrements,
                                 .releases = model->releases,
                                 .deaths = model->deaths,
                                 .given_up_bytes = world->heap->given_up_bytes,
                                 .destructors = world->oracle->destructors,
                                 .is_calm = oracle_is_calm(world)};
    world->oracle->operations++;
    return call;
}

void oracle_begin(struct oracle_world *world)
{
    push_call(world);
}

/* ---- the dead ----------------------------------------------------------- */

static bool has_free_hook(const struct model_node *node)
{
    return node->kind == MODEL_STRUCT && ((const struct oracle_form *)node->form)->type->free;
}

static void find_freed_too_early(struct oracle_world *world)
{
    for (struct model_node *node = world->model.alive; node != NULL; node = node->next) {
        oracle_expect(world, !node->freed, "struct #%" PRIu64 " is freed, and has %u references",
                      node->number, node->count);
    }
}

static void reap(struct oracle_world *world)
{
    struct model_node *node;
    while ((node = model_reap(&world->model)) != NULL) {
        bool hooked = has_free_hook(node);
        world->freed -= hooked;
        oracle_expect(world, !hooked || node->freed,
                      "struct #%" PRIu64 " has no reference left, and is not freed", node->number);
        oracle_expect(world, !node->awaits, "#%" PRIu64 " went without its destructor",
                      node->number);
    }
}

static void expect_no_more_freed(struct oracle_world *world)
{
    if (world->freed != 0) {
        find_freed_too_early(world);
        oracle_fail(world, "%zu structs more were freed than have died", world->freed);
    }
}

static void expect_no_destructor_missing(struct oracle_world *world)
{
    const struct model_node *node = model_waiting(&world->model);
    oracle_expect(world, node == NULL,
                  "the last reference to #%" PRIu64 " went, and its destructor has not run",
                  node->number);
}

/* ---- after a run -------------------------------------------------------- */

static bool is_gone(struct oracle_world *world, const struct model_node *node)
{
    bool can_be_seen = model_is_counted(node) || node->kind == MODEL_REFERENCE;
    return can_be_seen && (node->gone || !oracle_is_there(world, node));
}

/* Finds the garbage that is gone, and the garbage that is not. */
static void condemn_gone(struct oracle_world *world)
{
    struct model *model = &world->model;
    model_count_reached(model);
    model_mark_late(model);
    for (struct model_node *node = model->alive; node != NULL; node = node->next) {
        bool is_garbage = !model_is_marked(model, node);
        node->doomed = false;
        node->condemned = is_garbage && is_gone(world, node);
        node->lingers = is_garbage && model_is_counted(node) && !node->condemned;
        oracle_expect(world, !node->condemned || !node->awaits,
                      "#%" PRIu64 " is gone, and its destructor has not run", node->number);
    }
}

static void expect_whole(struct oracle_world *world, const struct model_node *node)
{
    for (size_t i = 0; i < node->slot_count; i++) {
        const struct model_slot *slot = &node->slots[i];
        bool is_node = slot->value.type == MODEL_NODE;
        bool is_lost = is_node && (slot->value.as.node->condemned || slot->value.as.node->gone);
        bool has_key =
            slot->key.object == NULL || (model_slot_is_on(slot) && !slot->key.object->condemned);
        oracle_expect(world, !is_lost || !has_key,
                      "#%" PRIu64 " is there, and #%" PRIu64 ", which it holds, is gone",
                      node->number, slot->value.as.node->number);
    }
}

/* What was garbage before the run has been found, if the policy says so. */
static void expect_old_garbage_gone(struct oracle_world *world, const struct oracle_call *call,
                                    const struct gc_status *now)
{
    struct model *model = &world->model;
    uint64_t number = oracle_garbage_gone_from(world, call, now);
    if (number == 0) {
        return;
    }
    const struct model_node *missed = model_white_awaiting(model, number);
    oracle_expect(world, missed == NULL,
                  "#%" PRIu64 " was garbage before a run, and its destructor has not run",
                  missed->number);
    missed = model_white_left(model, number);
    oracle_expect(world, missed == NULL, "#%" PRIu64 " was garbage before a run, and is left",
                  missed->number);
}

/* What is left may have been spared, and is a candidate then. Only what a run has destructed may be
   there without an owner. */
static void keep_what_lingers(struct oracle_world *world)
{
    for (struct model_node *node = world->model.alive; node != NULL; node = node->next) {
        if (node->lingers) {
            oracle_expect(world, node->count > 0 || node->destructed > 0,
                          "#%" PRIu64 " has no owner, and is there", node->number);
            model_maybe_candidate(&world->model, node);
            node->lingers = false;
        }
    }
}

/* What garbage held may have become a candidate by that, or may not. */
static void settle_after_run(struct oracle_world *world, const struct oracle_call *call,
                             const struct gc_status *now)
{
    struct model *model = &world->model;
    condemn_gone(world);
    for (struct model_node *node = model->alive; node != NULL; node = node->next) {
        if (!node->condemned) {
            expect_whole(world, node);
        }
    }
    for (struct model_node *node = model->late; node != NULL; node = node->chain) {
        expect_whole(world, node);
    }
    expect_old_garbage_gone(world, call, now);
    model->unproven = true;
    model_execute(model);
    model->unproven = false;
    model_doubt_candidates_since(model, call->number);
    uint64_t collected = now->collected - call->status.collected;
    size_t died = model->deaths - call->deaths;
    oracle_expect(world, collected <= died, "runs collected %" PRIu64 ", expected at most %zu",
                  collected, died);
    world->is_vague = false;
}

/* ---- settling ----------------------------------------------------------- */

static void agree(struct oracle_world *world, const struct oracle_call *call, bool has_collected,
                  const struct gc_status *now)
{
    if (has_collected) {
        settle_after_run(world, call, now);
    }
    oracle_begin_late(world, now);
    if (has_collected) {
        keep_what_lingers(world);
    }
    expect_no_destructor_missing(world);
    size_t nodes = world->model.live_nodes + world->model.late_nodes;
    oracle_expect(world, now->live_nodes == nodes, "%" PRIu64 " nodes alive, expected %zu",
                  now->live_nodes, nodes);
    reap(world);
    expect_no_more_freed(world);
    oracle_check_roots(world, call, now);
    oracle_expect(world, world->call_count > 1 || world->told_freed == now->collected,
                  "pauses have freed %" PRIu64 " nodes as the hook says, and %" PRIu64
                  " as the status does",
                  world->told_freed, now->collected);
    oracle_expect(world, now->running == (world->collection != NULL || world->ends),
                  "running is %d", now->running);
}

static void settle_calm(struct oracle_world *world, const struct oracle_call *call,
                        const struct gc_status *now)
{
    oracle_end_late(world, call, now);
    bool ran = now->runs != call->status.runs || world->is_vague;
    if ((ran || now->slices != call->status.slices) && !world->has_asked) {
        oracle_check_reason_of_run(world, call);
    }
    world->has_asked = false;
    if (ran) {
        model_keep_candidates_since(&world->model, oracle_run_begun_in(world, call));
    } else if (oracle_has_begun(world, now)) {
        model_keep_candidates_since(&world->model, call->number);
    } else if (now->dropped_roots != call->status.dropped_roots) {
        model_doubt_candidates_since(&world->model, call->number);
    }
    bool has_collected = now->collected != call->status.collected;
    oracle_expect(world, ran || !has_collected || call->status.in_progress || now->in_progress,
                  "%" PRIu64 " nodes collected without a run",
                  now->collected - call->status.collected);
    agree(world, call, ran || has_collected, now);
}

/* To those around it a call has done nothing that they could see, now that it is settled. */
static void hide_from_outer_calls(struct oracle_world *world, const struct oracle_call *call,
                                  const struct gc_status *now)
{
    for (struct oracle_call *outer = world->calls; outer < call; outer++) {
        outer->status.runs += now->runs - call->status.runs;
        outer->status.minor_runs += now->minor_runs - call->status.minor_runs;
        outer->status.slices += now->slices - call->status.slices;
        outer->status.collected += now->collected - call->status.collected;
    }
}

static void pop_call(struct oracle_world *world, const struct oracle_call *call,
                     const struct gc_status *now)
{
    if (call->is_calm) {
        oracle_follow_slices(world, call, now);
        hide_from_outer_calls(world, call, now);
    } else if (now->runs != call->status.runs || now->collected != call->status.collected) {
        world->is_vague = true;
    }
    world->call_count--;
}

void oracle_settle(struct oracle_world *world)
{
    struct oracle_call *call = &world->calls[world->call_count - 1];
    struct gc_status now = status_of(world);
    if (call->is_calm) {
        settle_calm(world, call, &now);
    }
    pop_call(world, call, &now);
}

/* ---- collecting on request ---------------------------------------------- */

/* What died in the pass before is gone by now. A pass begins by emptying the buffer; but what the
   model has released in the one before may be released only after that. */
void oracle_decide_pass(struct oracle_world *world)
{
    struct oracle_collection *collection = world->collection;
    if (!collection->is_decided) {
        reap(world);
        model_keep_candidates_since(&world->model, collection->call->number);
        model_condemn(&world->model);
        collection->is_decided = true;
    }
}

void oracle_follow_passes(struct oracle_world *world, uint64_t passes)
{
    struct oracle_collection *collection = world->collection;
    while (collection->passes < passes) {
        oracle_decide_pass(world);
        const struct model_node *node = model_doomed(&world->model);
        oracle_expect(world, node == NULL,
                      "#%" PRIu64 " is garbage, and its destructor has not run", node->number);
        world->model.unproven = collection->disturbed;
        collection->collected += model_execute(&world->model);
        world->model.unproven = false;
        collection->is_decided = false;
        collection->passes++;
    }
}

/* All that is white goes, and is counted with the acyclic ones that only it held. When there were
   destructors, what died by counting may have been white, or held by that. */
static void expect_collected(struct oracle_world *world, size_t collected, size_t acyclic_dead)
{
    const struct oracle_collection *collection = world->collection;
    size_t least = collection->collected + (collection->disturbed ? 0 : acyclic_dead);
    size_t most = collection->disturbed ? world->model.deaths - collection->call->deaths : least;
    oracle_expect(world, collected >= least && collected <= most,
                  "a collection returned %zu, expected %zu to %zu", collected, least, most);
}

/* A pass is followed even if none was made: then there must be nothing to collect. If there were
   more of them than destructors explain, candidates found no room, and what is left is not known. A
   run in slices that has begun behind them may have freed some of that already. */
static void collect_exactly(struct oracle_world *world, struct oracle_call *call, bool heap)
{
    struct model *model = &world->model;
    struct oracle_collection collection = {.call = call};
    size_t acyclic_before = model->acyclic_dead;
    world->collection = &collection;
    oracle_decide_pass(world);
    size_t collected = heap ? gc_collect_heap() : gc_collect_cycles();
    struct gc_status now = gc_status();
    world->collection = &collection;
    uint64_t passes = now.runs - call->status.runs;
    world->is_vague |= passes > (collection.destructed ? 2 : 1);
    if (!world->is_vague) {
        oracle_follow_passes(world, passes == 0 ? 1 : passes);
        expect_collected(world, collected, model->acyclic_dead - acyclic_before);
    }
    oracle_check_passes(world, &collection, heap, &now);
    world->is_vague |= now.in_progress;
    if (collection.disturbed || passes > 1 || now.in_progress ||
        now.dropped_roots != call->status.dropped_roots) {
        model_doubt_candidates_since(model, call->number);
    }
    world->collection = NULL;
    oracle_end_late(world, call, &now);
    agree(world, call, world->is_vague, &now);
    oracle_expect_nothing_late(world);
}

/* Something may be left that was not found in time; or the model is not calm, and nothing is known
   for now. */
static void collect_vaguely(struct oracle_world *world, struct oracle_call *call, bool heap)
{
    bool was_vague = world->is_vague;
    world->is_vague = true;
    size_t collected = heap ? gc_collect_heap() : gc_collect_cycles();
    struct gc_status now = gc_status();
    oracle_expect(world, now.collected - call->status.collected >= collected,
                  "%zu nodes collected, and status says %" PRIu64, collected,
                  now.collected - call->status.collected);
    if (call->is_calm) {
        oracle_end_late(world, call, &now);
        model_keep_candidates_since(&world->model, call->number);
        agree(world, call, true, &now);
        oracle_expect_nothing_late(world);
    } else {
        world->is_vague = was_vague;
        world->has_asked = true;
    }
}

static void collect_while_running(struct oracle_world *world, bool heap)
{
    size_t collected = heap ? gc_collect_heap() : gc_collect_cycles();
    oracle_expect(world, collected == 0, "a collection within another one returned %zu", collected);
}

/* What waits goes first, completely. Then the run begins, so what that has let go of is garbage
   from before it. If another run has begun meanwhile, some may go in that, and is counted. */
static void let_go_of_late(struct oracle_world *world, struct oracle_call *call)
{
    for (const struct model_node *node = world->model.late; node != NULL; node = node->chain) {
        call->deaths -= node->acyclic;
    }
    model_end_all_late(&world->model);
    world->orphans = 0;
    world->open = 0;
    call->number = ++world->model.calls;
    world->slices_began = 0;
}

void oracle_collect(struct oracle_world *world, bool heap)
{
    gc_heap_use(world->heap);
    if (gc_status().running) {
        collect_while_running(world, heap);
        return;
    }
    struct oracle_call *call = push_call(world);
    bool waits = call->is_calm && oracle_is_late(world);
    if (waits) {
        let_go_of_late(world, call);
    }
    if (call->is_calm && !waits && (heap || oracle_run_finds_all(world, &call->status))) {
        collect_exactly(world, call, heap);
    } else {
        collect_vaguely(world, call, heap);
    }
    if (heap && call->is_calm) {
        world->dropped_seen = call->status.dropped_roots;
    }
    struct gc_status now = status_of(world);
    pop_call(world, call, &now);
}
