/*
 * Releases that are cut: what may be late, and how late.
 *
 * The model lets everything die at once. With such releases the library does not:
 * when a call is over the oracle looks up what waits, and that is late in the
 * model too, with all that it holds. So all counts are known again, and everything
 * else must agree as ever. What waits must have died; what it holds must be there.
 *
 * At rest nothing is expected of which objects have been reached, but for simple
 * calls, in which one thing is let go of and no code of the program runs: these
 * take apart as many as a part has, no more and no fewer, and what they let die
 * comes before what has waited.
 *
 * A part ends after a number of objects, by chance, and not by the clock, so that
 * a seed decides everything; the library's own switch for tests does that.
 */
#include "oracle_calls.h"
#include "oracle_inside.h"
#include "oracle_waits.h"

#include "collector/collector.h"
#include "core/heap_state.h"
#include <inttypes.h>

/* What each later release takes along of what waits, at most. */
#define SHARE 32

/* As much goes at least when the heap has grown by a step, places that have been given up counting
   as well. */
#define GROWTH_BYTES ((size_t)2 << 16)

static bool cuts(const struct oracle_world *world)
{
    return world->oracle->profile->manner.cuts;
}

void oracle_cut_releases(struct oracle_world *world)
{
    static const uint32_t lengths[] = {3, 3, 12, 12, 60, 200};
    uint32_t most = lengths[oracle_below(world, sizeof lengths / sizeof lengths[0])];
    world->heap->release_objects = 1 + (uint32_t)oracle_below(world, most);
    oracle_cut_objects(world);
}

unsigned oracle_part(const struct oracle_world *world)
{
    return world->heap->release_objects;
}

/* Values that are not counted are the heap's only. */
bool oracle_is_late(const struct oracle_world *world)
{
    return model_is_late(&world->model) || world->orphans > 0;
}

/* What a call has come to. */
static struct {
    struct oracle_waits objects;
    struct oracle_waits orphans;
    size_t died;        /* by the call itself */
    size_t gone;        /* taken apart, values of weak maps included that were late before */
    size_t gone_late;   /* late before it, not inside of what was open, and taken apart now */
    size_t places;      /* given up, */
    size_t places_gone; /* and those of large objects that have died by the call, and gone */
    uint64_t let_go;    /* so many destructors have run, or need not any more */
    bool has_run;
    bool is_simple;
    bool has_maps;   /* values of entries may have been released */
    bool is_late;    /* of what has died by the call itself something waits */
    bool has_large;  /* of what has died by the call itself something is large */
    bool is_left;    /* of what was late before something is */
    bool holds_back; /* something is, though a possible root has been found */
} parting;

/* ---- what does not wait any more ---------------------------------------- */

static size_t count_dead(const struct model *model)
{
    size_t count = 0;
    for (const struct model_node *node = model->dead; node != NULL; node = node->chain) {
        count += oracle_can_wait(node);
    }
    return count;
}

/* Before what was late, or is, is looked at. What a run has destructed is there, even if that had
   its last reference. */
static void note_what_died(struct oracle_world *world, const struct oracle_call *call, bool has_run)
{
    parting.died = count_dead(&world->model);
    parting.has_maps = world->orphans > 0;
    for (struct model_node *node = world->model.dead; node != NULL; node = node->chain) {
        node->prompt = true;
    }
    for (struct model_node *node = world->model.alive; node != NULL; node = node->next) {
        node->lingers = has_run && node->destructed >= call->number && oracle_is_there(world, node);
    }
}

/* The node of the object that is open; NULL: none is. */
static struct model_node *open_node(const struct oracle_world *world)
{
    void *open = world->heap->open.object;
    return open == NULL ? NULL : oracle_waits_find(&parting.objects, open)->node;
}

/* Returns how many that were. What dies by it may be where another one was. */
static size_t end_objects(struct oracle_world *world)
{
    struct model *model = &world->model;
    struct model_node *next;
    size_t count = 0;
    oracle_waits_match(&parting.objects, model->dead);
    struct model_node *open = open_node(world);
    if (open != NULL && open->late) {
        oracle_give_up_slots(world, open);
    }
    for (struct model_node *node = model->late; node != NULL; node = next) {
        const struct oracle_waiting *waiting = oracle_waits_find(&parting.objects, node->real);
        next = node->chain;
        if (waiting == NULL || waiting->node != node) {
            count++;
            parting.gone_late += !node->inside;
            oracle_leave_inside(world, node);
            model_end_late(model, node);
        }
    }
    return count;
}

/* Each value that still waits is one of those in the list. */
static void end_orphans(struct model *model)
{
    const struct oracle_waits *list = &parting.orphans;
    for (size_t i = model->orphan_count; i > 0; i--) {
        struct model_node *value = model->orphans[i - 1];
        size_t at = 0;
        while (at < list->count &&
               (list->items[at].node != NULL || list->items[at].real != value->real)) {
            at++;
        }
        if (at < list->count) {
            list->items[at].node = value;
        } else {
            model_end_orphan(model, i - 1);
            parting.gone++;
        }
    }
}

/* Their destructor has run, so nothing holds them back. */
static void end_held_back(struct model *model)
{
    struct model_node *node = model_held_back(model, NULL);
    while (node != NULL) {
        bool is_over = !node->awaits;
        if (is_over) {
            model_end_held_back(model, node);
        }
        node = model_held_back(model, is_over ? NULL : node);
    }
}

/* ---- what waits from now on --------------------------------------------- */

/* As far as the model knows. */
static void keep_objects(struct oracle_world *world)
{
    for (size_t i = 0; i < parting.objects.count; i++) {
        struct model_node *node = parting.objects.items[i].node;
        if (!node->dead) {
            continue;
        }
        oracle_expect(world, !node->awaits && !node->freed,
                      "#%" PRIu64 " waits, and its destructor has not run, or its hook has",
                      node->number);
        if (!node->late) {
            if (node == open_node(world)) {
                oracle_give_up_slots(world, node);
            }
            node->waits = false;
            parting.is_late |= node->prompt;
            parting.has_large |= node->prompt && oracle_is_large(world, node->real);
            node->prompt = false;
            parting.has_maps |= node->kind == MODEL_WEAKMAP || node->keyed > 0;
            model_be_late(&world->model, node);
        }
    }
    const struct model_node *broken = model_keep_late(&world->model);
    oracle_expect(world, broken == NULL || parting.has_run,
                  "#%" PRIu64 " waits, and something that it holds is gone", broken->number);
}

static struct model_node *find_dead(const struct model *model, const void *real)
{
    struct model_node *found = NULL;
    for (struct model_node *node = model->dead; node != NULL; node = node->chain) {
        if (node->real == real && (found == NULL || found->number < node->number)) {
            found = node;
        }
    }
    return found;
}

static void keep_orphans(struct oracle_world *world)
{
    struct model *model = &world->model;
    for (size_t i = 0; i < parting.orphans.count; i++) {
        const void *real = parting.orphans.items[i].real;
        if (parting.orphans.items[i].node == NULL) {
            struct model_node *node = model_node_at(model, real);
            node = node == NULL ? find_dead(model, real) : node;
            bool is_there = node != NULL && model_keep_orphan(model, node);
            oracle_expect(world, is_there || (node != NULL && parting.has_run),
                          "the value %p of an entry that has gone waits, and is gone", real);
        }
    }
}

/* One thing has been let go of, and no code of the program has run. */
static bool is_simple(const struct oracle_world *world, const struct oracle_call *call,
                      const struct gc_status *now)
{
    return world->call_count == 1 && world->model.releases - call->releases == 1 &&
           call->destructors == world->oracle->destructors && now->runs == call->status.runs &&
           now->slices == call->status.slices && now->collected == call->status.collected;
}

static void look_up(struct oracle_world *world, const struct oracle_call *call,
                    const struct gc_status *now)
{
    struct model *model = &world->model;
    parting.has_run = world->is_vague || now->runs != call->status.runs ||
                      now->collected != call->status.collected;
    parting.is_simple = is_simple(world, call, now);
    parting.places = (world->heap->given_up_bytes - call->given_up_bytes) / sizeof(void *);
    parting.let_go = world->oracle->destructors - call->destructors;
    bool waits = model_is_late(model) || now->release_pending;
    note_what_died(world, call, parting.has_run && waits);
    oracle_waits_objects(world, &parting.objects);
    size_t orphans = oracle_waits_orphans(world, &parting.orphans);
    size_t scalars = orphans - parting.orphans.count;
    size_t scalars_before = world->orphans - model->orphan_count;
    parting.gone = scalars_before > scalars ? scalars_before - scalars : 0;
    world->orphans = orphans;
    oracle_waits_match_alive(&parting.objects, model);
    oracle_waits_match(&parting.objects, model->late);
}

void oracle_end_late(struct oracle_world *world, const struct oracle_call *call,
                     const struct gc_status *now)
{
    struct model *model = &world->model;
    if (!cuts(world)) {
        return;
    }
    look_up(world, call, now);
    parting.gone_late = 0;
    end_objects(world);
    end_orphans(model);
    end_held_back(model);
    parting.holds_back = model->held_back > 0 && world->heap->waiting != NULL &&
                         now->roots > call->status.roots &&
                         !world->oracle->profile->manner.at_safepoints;
    while (end_objects(world) > 0) {
    }
    oracle_waits_expect_known(world, &parting.objects);
    parting.is_left = model->late != NULL || world->heap->waiting != NULL;
    parting.is_late = parting.has_large = false;
    parting.places_gone = 0;
    keep_objects(world);
    keep_orphans(world);
    model_forget_late(model);
}

/* ---- what is held back -------------------------------------------------- */

/* Their last owner has gone in an allocation: they are alive, and what holds them is a list. */
static void hold_back(struct oracle_world *world)
{
    struct model_node *node;
    while (world->heap->waiting != NULL && (node = model_waiting(&world->model)) != NULL &&
           oracle_is_there(world, node) && gc_refcount(node->real) == 1) {
        model_hold_back(&world->model, node);
    }
}

/* The program has found it and keeps it, so the list has let go of it, and that was not its end. */
static void forgo(struct oracle_world *world)
{
    struct model *model = &world->model;
    struct model_node *node = model_held_back(model, NULL);
    while (node != NULL) {
        struct model_node *next = model_held_back(model, node);
        if (node->count > 1 && oracle_is_there(world, node) &&
            gc_refcount(node->real) == node->count - 1) {
            model_end_held_back(model, node);
            parting.let_go++;
        }
        node = next;
    }
}

/* ---- what is expected --------------------------------------------------- */

static void look_at_gone(const struct oracle_world *world)
{
    for (const struct model_node *node = world->model.dead; node != NULL; node = node->chain) {
        parting.has_maps |= node->kind == MODEL_WEAKMAP || node->keyed > 0;
        parting.has_large |= node->prompt && oracle_may_have_been_large(world, node);
        parting.places_gone += node->prompt && oracle_was_large(world, node) ? node->slot_count : 0;
    }
}

/* Only another large object has the one that is open go on before what has just died, and with that
   what has died inside. */
static void expect_order(struct oracle_world *world)
{
    bool went_on = oracle_went_on_inside(world, open_node(world));
    oracle_expect(world, !parting.is_late || parting.gone_late == 0,
                  "what has waited goes before what has just died");
    oracle_expect(world, !parting.is_late || !went_on || parting.has_large,
                  "what was open goes on before what has just died");
    oracle_expect(world, parting.gone <= parting.died + SHARE || (went_on && parting.has_large),
                  "%zu objects have gone with %zu that a release has let die", parting.gone,
                  parting.died);
    size_t most = parting.has_large ? world->heap->release_objects : SHARE;
    oracle_expect_places(world, parting.places, parting.places_gone, most);
}

static void expect_simple(struct oracle_world *world)
{
    size_t most = world->heap->release_objects;
    size_t gone = parting.gone;
    size_t cost = gone + oracle_cost_inside(world, parting.places);
    look_at_gone(world);
    expect_order(world);
    oracle_expect(world, gone <= most, "%zu objects have gone in a part of %zu", gone, most);
    oracle_expect(world, !parting.holds_back,
                  "a possible root has been found, and destructors are held back");
    bool is_full = cost >= most || cost > SHARE || world->model.late == NULL;
    oracle_expect(world, is_full || parting.died == 0 || parting.has_maps,
                  "only %zu objects have gone in a part of %zu, and %zu places", gone, most,
                  parting.places);
}

static void expect_dead(struct oracle_world *world)
{
    for (size_t i = 0; i < parting.objects.count; i++) {
        const struct model_node *node = parting.objects.items[i].node;
        oracle_expect(world, node->dead, "#%" PRIu64 " waits, and has %u references", node->number,
                      node->count);
    }
}

void oracle_begin_late(struct oracle_world *world, const struct gc_status *now)
{
    struct model *model = &world->model;
    if (!cuts(world)) {
        return;
    }
    expect_dead(world);
    keep_objects(world);
    model_forget_late(model);
    hold_back(world);
    forgo(world);
    oracle_expect(world, now->release_pending == (model->late != NULL || world->orphans > 0),
                  "release_pending is %d", now->release_pending);
    oracle_expect(world, world->level == 0 || !oracle_is_late(world),
                  "something waits of what a destructor has released");
    parting.gone += count_dead(model);
    if (parting.is_simple) {
        expect_simple(world);
    }
    oracle_settle_inside(world, open_node(world), parting.places, parting.is_simple);
    if (world->level == 0) {
        rc__space_set_step(&world->heap->space, SIZE_MAX);
    }
}

/* ---- where releases go on ----------------------------------------------- */

void oracle_expect_nothing_late(struct oracle_world *world)
{
    oracle_expect(world, !oracle_is_late(world) && world->heap->waiting == NULL,
                  "something waits behind what is to leave nothing");
}

void oracle_expect_progress(struct oracle_world *world, bool is_over)
{
    oracle_expect(world, !is_over || !parting.is_left,
                  "a step says that nothing is left, and something waits");
    oracle_expect(world, parting.gone > 0 || parting.places > 0 || parting.let_go > 0,
                  "something waits, and nothing of it has gone");
}

/* The heap seems to have grown by so much that all that waits has to go, but for destructors. */
void oracle_grow(struct oracle_world *world, size_t temp)
{
    struct rc_space *space = &world->heap->space;
    bool goes_on = gc_status().release_pending && rc__space_used_bytes(space) < GROWTH_BYTES;
    uint64_t destructors = world->oracle->destructors;
    oracle_begin(world);
    if (goes_on) {
        rc__space_set_step(space, rc__space_used_bytes(space));
    }
    world->unclear++; /* where something waited the new one may be */
    if (oracle_percent(world, 50)) {
        oracle_make_array(world, temp);
    } else {
        oracle_make_object(world, temp, NULL);
    }
    world->unclear--;
    oracle_expect(world, destructors == world->oracle->destructors,
                  "a destructor has run in an allocation");
    oracle_expect(world, !goes_on || !gc_status().release_pending,
                  "the heap grows, and something waits on");
    oracle_settle(world);
}
