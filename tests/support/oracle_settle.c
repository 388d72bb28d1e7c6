/*
 * Agreement after every call: who died, how many nodes are alive, when a
 * collection ran, what it collected, and how many possible roots there are.
 *
 * Without a collection in a call all of it is known exactly. With one, some of
 * what became garbage in that same call may have been too late for it; then the
 * oracle collects once more, after which all garbage must be gone.
 */
#include "oracle_forms.h"

#include <inttypes.h>

static struct gc_status status_of(struct oracle_world *world)
{
    struct gc_heap *before = gc_heap_use(world->heap);
    struct gc_status status = gc_status();
    gc_heap_use(before);
    return status;
}

/* A candidate was not recorded, and may have been the only one of some garbage. */
static bool is_dirty(const struct oracle_world *world, const struct gc_status *status)
{
    return status->dropped_roots != world->dropped_seen;
}

void oracle_before(struct oracle_world *world)
{
    world->status = status_of(world);
    world->model.decrements = 0;
}

void oracle_after(struct oracle_world *world)
{
    struct gc_status now = status_of(world);
    world->ran = now.runs != world->status.runs;
    world->model.unsure = world->ran || now.dropped_roots != world->status.dropped_roots;
    world->doomed = 0;
    if (world->ran) {
        bool misses_nothing = !is_dirty(world, &world->status);
        world->doomed = misses_nothing ? model_count_white(&world->model) : 0;
        model_forget_candidates(&world->model);
    }
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

static size_t reap(struct oracle_world *world)
{
    size_t hooks = 0;
    size_t nodes = 0;
    struct model_node *node;
    while ((node = model_reap(&world->model)) != NULL) {
        bool hooked = has_free_hook(node);
        hooks += hooked;
        nodes += node->kind != MODEL_STRING && node->kind != MODEL_REFERENCE;
        oracle_expect(world, !hooked || node->freed,
                      "struct #%" PRIu64 " has no reference left, and is not freed", node->number);
    }
    if (hooks != world->freed) {
        find_freed_too_early(world);
        oracle_fail(world, "%zu structs were freed, expected %zu", world->freed, hooks);
    }
    world->freed = 0;
    return nodes;
}

/* ---- possible roots ----------------------------------------------------- */

/* A run whose free hooks leave the buffer full is not repeated at once: some candidates are turned
   away, and the next run looks at everything. */
static void doubt_what_was_turned_away(struct oracle_world *world)
{
    size_t candidates = world->status.roots + world->model.decrements;
    if (world->oracle->profile->opaque && candidates > world->capacity) {
        model_doubt_candidates(&world->model);
    }
}

static void check_roots(struct oracle_world *world, const struct gc_status *now)
{
    const struct model *model = &world->model;
    doubt_what_was_turned_away(world);
    oracle_expect(world, now->roots <= world->capacity, "%zu roots in a buffer of %zu", now->roots,
                  world->capacity);
    oracle_expect(world, now->roots <= model->maybe_candidates, "%zu roots, expected at most %zu",
                  now->roots, model->maybe_candidates);
    oracle_expect(world, now->roots >= model->sure_candidates, "%zu roots, expected at least %zu",
                  now->roots, model->sure_candidates);
    oracle_expect(world, now->full == (now->roots == world->capacity), "full is %d with %zu roots",
                  now->full, now->roots);
    oracle_expect(world, !now->running, "running outside of a run");
}

static void check_reason_of_run(struct oracle_world *world)
{
    oracle_expect(world, !world->disabled, "a collection ran while that was disabled");
    size_t candidates = world->status.roots + world->model.decrements;
    oracle_expect(world, candidates > world->capacity,
                  "a collection ran with at most %zu candidates for a buffer of %zu", candidates,
                  world->capacity);
}

/* ---- settling ----------------------------------------------------------- */

/* Everything unreachable goes from the model. Returns how many nodes. */
static size_t drop_all_garbage(struct oracle_world *world, size_t reached)
{
    size_t collected = 0;
    size_t nodes;
    while ((nodes = model_collect(&world->model)) > 0) {
        collected += nodes;
    }
    oracle_expect(world, world->model.live_nodes == reached,
                  "the program itself leaks: %zu nodes instead of %zu", world->model.live_nodes,
                  reached);
    return collected;
}

/* Collects until nothing is found. One time is enough, unless garbage hid behind something that
   the collector does not look into. */
static void collect_the_rest(struct oracle_world *world, struct gc_status *now, size_t reached)
{
    struct gc_heap *before = gc_heap_use(world->heap);
    uint64_t dropped = now->dropped_roots;
    bool heap = is_dirty(world, now);
    size_t times = 0;
    while ((heap ? gc_collect_heap() : gc_collect_cycles()) > 0) {
        times++;
        heap |= gc_status().dropped_roots != dropped;
        if (world->model.opaque == 0 && gc_status().live_nodes != reached) {
            break;
        }
    }
    *now = gc_status();
    gc_heap_use(before);
    oracle_note(world, "(collected %zu times more)", times);
}

static void settle_after_run(struct oracle_world *world, struct gc_status *now)
{
    size_t most = world->model.live_nodes - world->doomed;
    size_t reached = model_count_reached(&world->model);
    oracle_expect(world, now->live_nodes <= most,
                  "%" PRIu64 " nodes alive after a run, expected at most %zu: %zu were garbage",
                  now->live_nodes, most, world->doomed);
    oracle_expect(world, now->live_nodes >= reached,
                  "%" PRIu64 " nodes alive after a run, expected %zu", now->live_nodes, reached);
    if (now->live_nodes != reached) {
        collect_the_rest(world, now, reached);
        model_forget_candidates(&world->model);
    }
    oracle_expect(world, now->live_nodes == reached,
                  "%" PRIu64 " nodes alive after collecting, expected %zu", now->live_nodes,
                  reached);
    size_t collected_at_most = drop_all_garbage(world, reached) + reap(world);
    uint64_t collected = now->collected - world->status.collected;
    oracle_expect(world, collected >= world->doomed && collected <= collected_at_most,
                  "runs collected %" PRIu64 ", expected %zu to %zu", collected, world->doomed,
                  collected_at_most);
    world->dropped_seen = now->dropped_roots;
}

static void agree(struct oracle_world *world, struct gc_status now)
{
    if (world->ran) {
        settle_after_run(world, &now);
    }
    oracle_expect(world, now.live_nodes == world->model.live_nodes,
                  "%" PRIu64 " nodes alive, expected %zu", now.live_nodes, world->model.live_nodes);
    reap(world);
    check_roots(world, &now);
}

void oracle_settle(struct oracle_world *world)
{
    struct gc_status now = status_of(world);
    if (world->ran) {
        check_reason_of_run(world);
    }
    oracle_expect(world, world->ran || now.collected == world->status.collected,
                  "%" PRIu64 " nodes collected without a run",
                  now.collected - world->status.collected);
    agree(world, now);
}

/* ---- collecting on request ---------------------------------------------- */

/* One for the call; more only if free hooks released what hidden references held, and filled the
   buffer by that. */
static void check_runs(struct oracle_world *world, bool heap, const struct gc_status *now)
{
    uint64_t runs = now->runs - world->status.runs;
    uint64_t expected = heap || world->status.roots > 0 ? 1 : 0;
    bool right = runs == expected || (runs > expected && world->oracle->profile->opaque);
    oracle_expect(world, right, "%" PRIu64 " runs, expected %" PRIu64, runs, expected);
}

/* All that is white goes, and is counted with the acyclic ones that only it held. */
static void collect_exactly(struct oracle_world *world, const char *call, size_t collected)
{
    size_t acyclic_before = world->model.acyclic_dead;
    size_t expected = model_collect(&world->model);
    expected += world->model.acyclic_dead - acyclic_before;
    oracle_expect(world, collected == expected, "%s returned %zu, expected %zu", call, collected,
                  expected);
}

void oracle_collect(struct oracle_world *world, bool heap)
{
    struct model *model = &world->model;
    oracle_before(world);
    gc_heap_use(world->heap);
    size_t collected = heap ? gc_collect_heap() : gc_collect_cycles();
    struct gc_status now = gc_status();
    check_runs(world, heap, &now);
    oracle_expect(world, now.collected - world->status.collected >= collected,
                  "%zu nodes collected, and status says %" PRIu64, collected,
                  now.collected - world->status.collected);
    bool misses_nothing = heap || !is_dirty(world, &world->status);
    world->ran = !misses_nothing || now.runs > world->status.runs + 1;
    world->doomed = misses_nothing ? model_count_white(model) : 0;
    model->unsure = world->ran || now.dropped_roots != world->status.dropped_roots;
    model_forget_candidates(model);
    if (heap) {
        world->dropped_seen = world->status.dropped_roots;
    }
    if (!world->ran) {
        collect_exactly(world, heap ? "gc_collect_heap" : "gc_collect_cycles", collected);
    }
    agree(world, now);
}
