/*
 * Weak references and weak maps.
 */
#include "oracle_calls.h"

#include <inttypes.h>

static struct model_node *identity_in(struct oracle_view *view)
{
    struct model_value *value = model_through(&view->shadow);
    bool has = value->type == MODEL_NODE && model_has_identity(value->as.node);
    return has ? value->as.node : NULL;
}

/* ---- weak references ---------------------------------------------------- */

/* Whether the handle may be gone by now: a dead one, or, while it is not known what a run has
   freed, one that only garbage holds. */
static bool may_be_gone(struct oracle_world *world, const struct model_node *weakref)
{
    return weakref->dead || (!oracle_is_calm(world) && !oracle_is_reached(world, weakref));
}

/* The library has made another handle than the node had before. */
static void forget_handle(struct oracle_world *world, struct model_node *weakref)
{
    weakref->target = NULL;
    if (!weakref->dead) {
        model_node_gone(&world->model, weakref);
    }
}

/* What is at the address is not the handle that the node had: that was elsewhere, or it is dead and
   something else was put there since. */
static bool is_another(struct oracle_world *world, const struct model_node *weakref,
                       const void *real)
{
    const struct model_node *there = model_node_at(&world->model, real);
    return weakref->real != real || (weakref->dead && there != NULL && there != weakref);
}

/* Another owner of the node's handle, which the library has put at an address. A dead one may
   still be there, and lives again. */
static struct model_node *share_handle(struct oracle_world *world, struct model_node *target,
                                       void *real)
{
    struct model_node *weakref = target->weakref;
    if (weakref != NULL && is_another(world, weakref, real) && may_be_gone(world, weakref)) {
        forget_handle(world, weakref);
        weakref = NULL;
    }
    if (weakref == NULL) {
        weakref = model_node_new(&world->model, MODEL_WEAKREF, 0);
        weakref->target = target;
        target->weakref = weakref;
        oracle_map(world, weakref, real);
        return weakref;
    }
    oracle_expect(world, model_revive(&world->model, weakref) && weakref->real == real,
                  "weak reference %p to #%" PRIu64 ", expected the same as before at %p", real,
                  target->number, weakref->real);
    weakref->count++;
    return weakref;
}

void oracle_make_weakref(struct oracle_world *world, size_t temp, struct oracle_view view)
{
    struct oracle_place place = oracle_temp(world, temp);
    struct model_node *target = identity_in(&view);
    *place.real = zval_weakref(&view.lent);
    if (target != NULL) {
        *place.shadow = model_of(share_handle(world, target, place.real->payload.counted));
    }
    oracle_expect_same(world, place.real, place.shadow);
}

/* If it had no owner in the model, the last one may let go of it in the library only now. */
void oracle_found_weakly(struct oracle_world *world, struct model_node *node)
{
    if (node->count == 0) {
        model_maybe_candidate(&world->model, node);
    }
    oracle_expect(world, !node->gone && model_revive(&world->model, node),
                  "#%" PRIu64 " is found weakly, and something of it is gone", node->number);
    oracle_reached_weakly(world, node);
}

/* What a weak reference to the node answers. The program has got hold of it then. */
static struct model_node *expect_answer(struct oracle_world *world, struct model_node *target,
                                        const void *answer)
{
    bool is_known = target == NULL || target->gone || oracle_is_calm(world);
    bool is_alive = target != NULL && !target->gone && !target->dead;
    if (!is_known && !(is_alive && oracle_is_reached(world, target))) {
        is_alive = answer != NULL;
    }
    const void *expected = is_alive ? target->real : NULL;
    oracle_expect(world, answer == expected, "a weak reference to #%" PRIu64 " answers %p, not %p",
                  target == NULL ? 0 : target->number, answer, expected);
    if (!is_alive) {
        if (target != NULL) {
            model_node_gone(&world->model, target);
        }
        return NULL;
    }
    oracle_found_weakly(world, target);
    target->count++;
    return target;
}

static void put_answer(struct oracle_world *world, size_t temp, struct model_node *target)
{
    struct oracle_place place = oracle_temp(world, temp);
    *place.shadow = target == NULL ? model_plain(MODEL_NULL, 0) : model_of(target);
    oracle_expect_same(world, place.real, place.shadow);
}

void oracle_weakref_get(struct oracle_world *world, size_t temp, struct oracle_view weakref)
{
    struct oracle_place place = oracle_temp(world, temp);
    struct model_node *handle = model_node_in(model_through(&weakref.shadow), MODEL_WEAKREF);
    *place.real = zval_weakref_get(&weakref.lent);
    const void *answer = zval_type_of(place.real) == ZVAL_NULL ? NULL : place.real->payload.counted;
    put_answer(world, temp, expect_answer(world, handle->target, answer));
}

void oracle_watched_get(struct oracle_world *world, size_t temp, size_t watch)
{
    const struct model_value *shadow = &world->model.handles[ORACLE_PLACES + ORACLE_HOLDS + watch];
    struct model_node *target = shadow->type == MODEL_NODE ? shadow->as.node->target : NULL;
    void *answer = gc_weak_get(world->watches[watch]);
    *oracle_temp(world, temp).real = answer == NULL ? zval_null() : zval_native(answer);
    put_answer(world, temp, expect_answer(world, target, answer));
}

void oracle_watch(struct oracle_world *world, size_t watch, struct oracle_view view)
{
    struct model_value *shadow = &world->model.handles[ORACLE_PLACES + ORACLE_HOLDS + watch];
    struct model_value shadow_before = *shadow;
    struct gc_weak *before = world->watches[watch];
    struct model_node *target = model_node_in(model_through(&view.shadow), MODEL_STRUCT);
    world->watches[watch] = gc_weak_new(zval_to_native(&view.lent));
    oracle_expect(world, (world->watches[watch] != NULL) == (target != NULL),
                  "a weak reference to no struct, or none to one");
    *shadow = model_plain(MODEL_UNDEF, 0);
    if (target != NULL) {
        *shadow = model_of(share_handle(world, target, world->watches[watch]));
    }
    oracle_begin(world);
    model_release(&world->model, shadow_before);
    gc_weak_release(before);
    oracle_settle(world);
}

/* ---- weak maps ---------------------------------------------------------- */

void oracle_make_weakmap(struct oracle_world *world, size_t temp)
{
    struct oracle_place place = oracle_temp(world, temp);
    *place.real = zval_weakmap();
    oracle_map(world, oracle_put_new(world, temp, MODEL_WEAKMAP, 0), place.real->payload.counted);
}

static enum gc_result expected_of_map(struct oracle_place map, struct oracle_view *key)
{
    if (model_through(map.shadow)->type == MODEL_UNDEF ||
        model_through(&key->shadow)->type == MODEL_UNDEF) {
        return GC_ENOMEM;
    }
    bool fits = oracle_node_at(map, MODEL_WEAKMAP) != NULL && identity_in(key) != NULL;
    return fits ? GC_OK : GC_ETYPE;
}

void oracle_weakmap_put(struct oracle_world *world, struct oracle_place map, struct oracle_view key,
                        size_t temp)
{
    struct oracle_place from = oracle_temp(world, temp);
    enum gc_result expected = oracle_expected_with_item(expected_of_map(map, &key), from);
    oracle_begin(world);
    struct model_value item = model_take(from.shadow);
    if (expected != GC_OK) {
        model_release(&world->model, item);
    } else {
        struct model_slot *slot = model_slot_get(&world->model, oracle_node_at(map, MODEL_WEAKMAP),
                                                 model_object_key(identity_in(&key)));
        oracle_put_into(world, &slot->value, item);
    }
    oracle_expect_result(world, zval_weakmap_set(map.real, &key.lent, oracle_take(from)), expected);
    oracle_settle(world);
}

struct oracle_place oracle_weakmap_slot(struct oracle_world *world, struct oracle_place map,
                                        struct oracle_view key)
{
    bool fits = expected_of_map(map, &key) == GC_OK;
    struct oracle_place slot = {zval_weakmap_slot(map.real, &key.lent), NULL};
    oracle_expect(world, (slot.real != NULL) == fits, "a slot of no weak map");
    if (fits) {
        slot.shadow = &model_slot_get(&world->model, oracle_node_at(map, MODEL_WEAKMAP),
                                      model_object_key(identity_in(&key)))
                           ->value;
        oracle_expect_same(world, slot.real, slot.shadow);
    }
    return slot;
}

void oracle_weakmap_remove(struct oracle_world *world, struct oracle_place map,
                           struct oracle_view key)
{
    enum gc_result expected = expected_of_map(map, &key);
    struct model_slot *slot = NULL;
    struct model_node *node = oracle_node_at(map, MODEL_WEAKMAP);
    if (expected == GC_OK) {
        slot = model_slot_find(node, model_object_key(identity_in(&key)));
        expected = slot == NULL ? GC_ENOKEY : GC_OK;
    }
    oracle_begin(world);
    if (slot != NULL) {
        model_release(&world->model, model_slot_remove(node, slot));
    }
    oracle_expect_result(world, zval_weakmap_remove(map.real, &key.lent), expected);
    oracle_settle(world);
}

struct oracle_view oracle_weakmap_get(struct oracle_world *world, struct oracle_view map,
                                      const struct model_slot *slot)
{
    zval key = oracle_lent(slot->key.object);
    const zval *item = zval_weakmap_get(&map.lent, &key);
    oracle_expect_same(world, item, &slot->value);
    return (struct oracle_view){*item, slot->value};
}
