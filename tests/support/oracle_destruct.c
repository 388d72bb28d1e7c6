/*
 * A destructor begins and ends: whether it was due, and what the model makes of
 * it. In between it acts (oracle_acts.c).
 */
#include "oracle_calls.h"

#include <inttypes.h>

/* ---- where the collection stands ---------------------------------------- */

/* Nothing is doomed any more, so the pass is freeing what it has condemned. */
static void execute_pass(struct oracle_world *world)
{
    struct oracle_collection *collection = world->collection;
    world->model.unproven = true;
    collection->collected += model_execute(&world->model);
    world->model.unproven = false;
}

/* From now on anything may be destructed that nobody holds. */
static void become_vague(struct oracle_world *world)
{
    world->is_vague = true;
    model_doom(&world->model);
}

/* More than destructors explain: the last one held them back, and this is another run. */
static bool has_held_back(const struct oracle_collection *collection, uint64_t passes)
{
    return passes > (collection->destructed ? 2 : 1);
}

/* An object without an owner dies by counting. Any other one is doomed by the pass under way, or
   only what that frees holds it. If no pass of this collection is to run destructors any more, then
   what it has freed last has started another run. */
static void follow_pass(struct oracle_world *world, const struct model_node *node,
                        const struct gc_status *now)
{
    struct oracle_collection *collection = world->collection;
    uint64_t passes = now->runs - collection->call->status.runs;
    if (has_held_back(collection, passes)) {
        world->collection = NULL;
        become_vague(world);
        return;
    }
    oracle_follow_passes(world, passes);
    collection->disturbed = true;
    if (!now->running) {
        world->collection = NULL;
    } else if (node->count > 0 && !oracle_pass_destructs(world, node)) {
        world->collection = NULL;
        become_vague(world);
    } else if (node->count > 0) {
        oracle_decide_pass(world);
        collection->destructed |= node->doomed && collection->passes == 0;
        if (!node->doomed && model_doomed(&world->model) == NULL) {
            execute_pass(world);
        }
    }
}

static bool has_run(const struct oracle_call *call, const struct gc_status *now)
{
    return now->runs != call->status.runs || now->collected != call->status.collected;
}

/* Any other run is one that a full buffer has started, and it may be over by now; or one in slices,
   which may have freed something. */
static void follow(struct oracle_world *world, const struct oracle_call *call,
                   const struct model_node *node)
{
    struct gc_status now = gc_status();
    if (world->collection != NULL) {
        follow_pass(world, node, &now);
    } else if (now.running || (call != NULL && has_run(call, &now))) {
        become_vague(world);
    }
}

void oracle_reached_weakly(struct oracle_world *world, struct model_node *node)
{
    if (gc_status().running) {
        model_maybe_candidate(&world->model, node);
    }
    if (world->collection != NULL) {
        model_spare(&world->model, node);
    }
}

/* ---- levels ------------------------------------------------------------- */

static bool is_foreign(const void *context, size_t handle)
{
    const struct oracle_world *world = context;
    size_t temps = ORACLE_VARIABLES + ORACLE_KEPT + world->level * ORACLE_TEMPS;
    bool is_temp = handle >= temps && handle < temps + ORACLE_TEMPS;
    return !is_temp && handle != ORACLE_SELVES + world->level;
}

void oracle_mark_foreign(struct oracle_world *world)
{
    model_mark(&world->model, is_foreign, world);
}

static void release_temps(struct oracle_world *world)
{
    for (size_t i = 0; i < ORACLE_TEMPS; i++) {
        if (oracle_temp(world, i).shadow->type != MODEL_UNDEF) {
            oracle_release(world, oracle_temp(world, i));
        }
    }
}

/* The object is whole: it is there, and what it holds. */
static void check_whole(struct oracle_world *world, const struct model_node *node)
{
    oracle_check_node(world, node);
    for (size_t i = 0; i < node->slot_count; i++) {
        const struct model_value *value = &node->slots[i].value;
        if (value->type == MODEL_NODE && model_slot_is_on(&node->slots[i])) {
            oracle_check_node(world, value->as.node);
        }
    }
}

static void act_on_level(struct oracle_world *world, struct model_node *node, bool is_unclear)
{
    const struct oracle_op *op = world->oracle->op;
    world->level++;
    world->unclear += is_unclear;
    world->model.handles[ORACLE_SELVES + world->level] = model_of(node);
    oracle_note(world, "%zu> destructor of #%" PRIu64 "%s", world->level, node->number,
                oracle_is_calm(world) ? "" : ", not calm");
    check_whole(world, node);
    oracle_act(world, node);
    release_temps(world);
    oracle_note(world, "%zu< destructor of #%" PRIu64, world->level, node->number);
    model_take(&world->model.handles[ORACLE_SELVES + world->level]);
    world->unclear -= is_unclear;
    world->level--;
    world->oracle->op = op;
}

/* ---- a destructor ------------------------------------------------------- */

static void expect_due(struct oracle_world *world, const struct model_node *node)
{
    oracle_expect(world, node->awaits, "the destructor of #%" PRIu64 " runs twice", node->number);
    oracle_expect(world, !node->freed && !node->gone, "#%" PRIu64 " is destructed after its end",
                  node->number);
    oracle_expect(world, node->doomed || world->ends || !oracle_is_reached(world, node),
                  "#%" PRIu64 " is destructed, and the program holds it", node->number);
}

/* What a collection destructs stays for the next pass, even if its last owner has gone meanwhile.
   It becomes a candidate when all destructors have run. */
static void let_go(struct oracle_world *world, struct model_node *node, bool by_run)
{
    if (by_run) {
        node->count--;
        model_maybe_candidate(&world->model, node);
    } else {
        model_release(&world->model, model_of(node));
    }
}

/* Not one whose last owner has gone: the model knows that, or, if it does not follow the run, the
   object, which is held while its destructor runs. */
static bool is_destructed_by_run(const struct oracle_world *world, const struct model_node *node)
{
    bool has_owner = world->collection != NULL ? node->count > 0 : gc_refcount(node->real) > 1;
    return node->doomed && has_owner;
}

void oracle_destruct(struct oracle_world *world, struct model_node *node)
{
    struct model *model = &world->model;
    struct oracle_call *call = world->call_count > 0 ? &world->calls[world->call_count - 1] : NULL;
    size_t releases = model->releases;
    bool is_unclear = (call != NULL && releases - call->releases > 1) || oracle_is_late(world);
    follow(world, call, node);
    expect_due(world, node);
    bool by_run = is_destructed_by_run(world, node);
    world->oracle->destructors++;
    node->awaits = false;
    node->doomed = false;
    node->destructed = model->calls;
    node->count++;
    if (world->level + 1 < ORACLE_LEVELS && !world->tame) {
        act_on_level(world, node, is_unclear);
    }
    let_go(world, node, by_run);
    if (call != NULL) {
        call->releases += model->releases - releases;
    }
}
