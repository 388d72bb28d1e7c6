/*
 * Large objects that are taken apart part by part: which one is open, how far it
 * has got, and what has died by that.
 *
 * In the model an open object is late like all else that waits, and the slots that
 * have been given up are empty. Of arrays the places are elements and holes, in
 * the order of the slots; of own structs they are the slots, those that only a
 * callback reports being the last. So it is the first slots that are empty.
 *
 * What is large is decided by chance, and small enough for what the programs make.
 */
#include "oracle_inside.h"
#include "oracle_forms.h"

#include "core/heap_state.h"
#include "core/walk.h"
#include <inttypes.h>

/* So many count as an object in a part of a release; and so many make one large if nothing else is
   said. */
#define PLACES_TO_AN_OBJECT 8
#define LARGE_PLACES        1024

void oracle_cut_objects(struct oracle_world *world)
{
    bool are_large = oracle_percent(world, 75);
    world->heap->release_places = are_large ? 1 + (uint32_t)oracle_below(world, 12) : 0;
}

size_t oracle_large_places(const struct oracle_world *world)
{
    size_t places = world->heap->release_places;
    return places == 0 ? LARGE_PLACES : places;
}

bool oracle_is_large(const struct oracle_world *world, void *real)
{
    return rc__walk_extent(real) > oracle_large_places(world);
}

/* Of an array it is not known how many holes it had. */
bool oracle_may_have_been_large(const struct oracle_world *world, const struct model_node *node)
{
    bool is_long = node->kind == MODEL_STRUCT && node->slot_count > oracle_large_places(world);
    return is_long || node->kind == MODEL_ARRAY;
}

bool oracle_was_large(const struct oracle_world *world, const struct model_node *node)
{
    const struct oracle_form *form = node->kind == MODEL_STRUCT ? node->form : NULL;
    bool is_open = form != NULL && form->type->trace == NULL && !form->hides_last;
    return (is_open || node->kind == MODEL_ARRAY) && node->slot_count > oracle_large_places(world);
}

/* ---- its slots ---------------------------------------------------------- */

/* What was in those that have been given up in the call; if there were more, in some of them. */
#define GIVEN_UP 256

static struct {
    const struct model_node *nodes[GIVEN_UP];
    size_t count;
} given_up;

static bool is_hole(const struct rc_table *table, size_t place)
{
    return rc__is_hole(table->hashed ? &rc__table_buckets(table)[place].value
                                     : &rc__table_items(table)[place]);
}

static size_t elements_before(const struct model_node *array, size_t place)
{
    const struct rc_table *table = &((const struct rc_array *)array->real)->table;
    size_t count = 0;
    for (size_t i = 0; i < place; i++) {
        count += !is_hole(table, i);
    }
    return count;
}

static void note_given_up(const struct model_node *node, size_t slots)
{
    for (size_t i = 0; i < slots; i++) {
        const struct model_value *value = &node->slots[i].value;
        if (value->type == MODEL_NODE && given_up.count < GIVEN_UP) {
            given_up.nodes[given_up.count++] = value->as.node;
        }
    }
}

void oracle_give_up_slots(struct oracle_world *world, struct model_node *node)
{
    size_t done = world->heap->open.done;
    size_t slots = node->kind == MODEL_ARRAY ? elements_before(node, done) : done;
    oracle_expect(world, node->kind == MODEL_ARRAY || node->kind == MODEL_STRUCT,
                  "#%" PRIu64 " is open, and is of a kind that has no parts", node->number);
    oracle_expect(world, slots <= node->slot_count, "#%" PRIu64 " has given up %zu slots of %zu",
                  node->number, slots, node->slot_count);
    note_given_up(node, slots);
    model_give_up_slots(&world->model, node, slots);
}

/* ---- what is open ------------------------------------------------------- */

static bool is_same(const struct oracle_world *world, const struct model_node *node)
{
    return node != NULL && world->open == node->number;
}

void oracle_leave_inside(struct oracle_world *world, const struct model_node *node)
{
    if (is_same(world, node)) {
        world->open = 0;
        world->open_done = 0;
        world->has_closed = true;
    }
}

bool oracle_went_on_inside(const struct oracle_world *world, const struct model_node *node)
{
    bool went_on = is_same(world, node) && world->heap->open.done > world->open_done;
    return world->has_closed || went_on;
}

static bool died_inside(const struct oracle_world *world, const void *real)
{
    const struct gc_object *object = world->heap->open.first;
    while (object != NULL && object != real) {
        object = rc__next_dead(object);
    }
    return object != NULL;
}

/* One at a time, and what has died by it comes after it. */
static void expect_same(struct oracle_world *world, const struct model_node *node)
{
    oracle_expect(world, is_same(world, node),
                  "#%" PRIu64 " was open, and waits, and is open no more", world->open);
    oracle_expect(world, world->heap->open.done >= world->open_done,
                  "#%" PRIu64 " had given up %zu places, and now %zu", node->number,
                  world->open_done, world->heap->open.done);
    size_t gone = world->inside;
    for (const struct model_node *late = world->model.late; late != NULL; late = late->chain) {
        gone -= late->inside;
        oracle_expect(world, !late->inside || late == node || died_inside(world, late->real),
                      "#%" PRIu64 " has died inside of #%" PRIu64 ", and is not behind it",
                      late->number, node->number);
    }
    oracle_expect(world, gone == 0, "%zu objects have died inside of #%" PRIu64 ", and went before",
                  gone, node->number);
}

/* While it is open nothing else goes; so what has died by this call's places waits behind it. */
static void expect_behind(struct oracle_world *world, const struct model_node *node)
{
    for (size_t i = 0; i < given_up.count; i++) {
        const struct model_node *child = given_up.nodes[i];
        bool leaves = child->kind == MODEL_STRING || child->kind == MODEL_WEAKREF;
        oracle_expect(
            world, !child->dead || leaves || child->real == NULL || died_inside(world, child->real),
            "#%" PRIu64 " has died by #%" PRIu64 ", which is open, and is not behind it",
            child->number, node->number);
    }
}

static void expect_begun(struct oracle_world *world, const struct model_node *node)
{
    size_t done = world->heap->open.done;
    size_t extent = rc__walk_extent(node->real);
    oracle_expect(world, extent > oracle_large_places(world),
                  "#%" PRIu64 " is open with %zu places, and is not large", node->number, extent);
    oracle_expect(world, done > 0, "#%" PRIu64 " is open, and nothing of it has gone",
                  node->number);
}

static void note_inside(struct oracle_world *world, const struct model_node *node)
{
    world->inside = 0;
    for (struct model_node *late = world->model.late; late != NULL; late = late->chain) {
        late->inside = node != NULL && (late == node || died_inside(world, late->real));
        world->inside += late->inside;
    }
    world->open = node == NULL ? 0 : node->number;
    world->open_done = node == NULL ? 0 : world->heap->open.done;
    world->has_closed = false;
}

void oracle_settle_inside(struct oracle_world *world, struct model_node *node, size_t places,
                          bool is_simple)
{
    size_t done = world->heap->open.done;
    size_t done_before = is_same(world, node) ? world->open_done : 0;
    if (world->open != 0) {
        expect_same(world, node);
    } else if (node != NULL) {
        expect_begun(world, node);
    }
    if (node != NULL) {
        size_t extent = rc__walk_extent(node->real);
        oracle_expect(world, done < extent, "#%" PRIu64 " is open, and all %zu places have gone",
                      node->number, extent);
        oracle_expect(world, places >= done - done_before,
                      "%zu places have been given up, %zu of them of #%" PRIu64, places,
                      done - done_before, node->number);
        if (is_simple) {
            expect_behind(world, node);
        }
    }
    given_up.count = 0;
    note_inside(world, node);
}

/* ---- what it costs ------------------------------------------------------ */

/* Each part but the last one of an object gives up as many places as make one large, and an object
   has more than those: so there are at most twice as many parts as if all did, and one more for the
   object that was open before, and for the one that is. */
size_t oracle_cost_inside(const struct oracle_world *world, size_t places)
{
    size_t large = oracle_large_places(world);
    size_t parts = places == 0 ? 0 : 2 * places / large + 2;
    return parts * (1 + large / PLACES_TO_AN_OBJECT);
}

void oracle_expect_places(struct oracle_world *world, size_t places, size_t gone, size_t objects)
{
    size_t most = objects * PLACES_TO_AN_OBJECT;
    oracle_expect(world, places <= most, "%zu places have been given up in a part of %zu", places,
                  most);
    oracle_expect(world, places >= gone, "%zu places have been given up of %zu", places, gone);
}
