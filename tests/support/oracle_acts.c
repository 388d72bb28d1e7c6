/*
 * What destructors do, by chance: rescue, link, break, drop, make more of their
 * kind, look through weak references, collect.
 *
 * What the program holds may be in use up the stack, by the call that the
 * destructor runs in. So it is only added to where nothing was: nothing that the
 * program can see goes. What nobody holds but the destructor is changed in every
 * way.
 */
#include "oracle_ops.h"

#include <inttypes.h>

static struct oracle_view view_of(struct model_node *node)
{
    return (struct oracle_view){oracle_lent(node), model_of(node)};
}

static struct model_node *node_in(struct oracle_view *view)
{
    struct model_value *value = model_through(&view->shadow);
    return value->type == MODEL_NODE ? value->as.node : NULL;
}

static bool is_own(struct oracle_world *world, const struct model_node *node)
{
    oracle_mark_foreign(world);
    return !model_is_marked(&world->model, node);
}

/* ---- what is the program's ---------------------------------------------- */

/* Fills an undefined place in the node, if there is one. */
static bool fill_struct(struct oracle_world *world, struct model_node *node, size_t temp)
{
    bool is_struct = oracle_node_at(oracle_temp(world, temp), MODEL_STRUCT) != NULL;
    for (size_t i = 0; i < node->slot_count; i++) {
        const struct model_slot *slot = &node->slots[i];
        bool is_pointer = oracle_field_at(node, i).pointer != NULL;
        if (slot->value.type == MODEL_NODE || slot->hidden || (is_pointer && !is_struct)) {
            continue;
        }
        if (is_pointer) {
            oracle_point(world, node, i, temp);
        } else {
            oracle_assign(world, oracle_field(node, i), temp);
        }
        return true;
    }
    return false;
}

static bool fill_object(struct oracle_world *world, struct oracle_view object, size_t temp)
{
    struct oracle_place place = {&object.lent, &object.shadow};
    const struct model_node *node = oracle_node_at(place, MODEL_OBJECT);
    for (size_t i = 0; i < node->fixed; i++) {
        if (node->slots[i].value.type != MODEL_NODE) {
            oracle_assign(world, oracle_property_at(world, place, i), temp);
            return true;
        }
    }
    return false;
}

static bool fill_somewhere(struct oracle_world *world, size_t temp)
{
    for (int attempt = 0; attempt < 4; attempt++) {
        struct oracle_view view = oracle_some_view(world);
        struct model_node *node = node_in(&view);
        if (node == NULL || node->acyclic || node->real == NULL) {
            continue;
        }
        if ((node->kind == MODEL_STRUCT && fill_struct(world, node, temp)) ||
            (node->kind == MODEL_OBJECT && fill_object(world, view, temp))) {
            return true;
        }
    }
    return false;
}

/* Puts what is in the temporary where it stays; it is lost if there is no place. */
static void keep(struct oracle_world *world, size_t temp)
{
    struct oracle_place kept = oracle_kept(world, oracle_below(world, ORACLE_KEPT));
    if (oracle_temp(world, temp).shadow->type == MODEL_UNDEF) {
        return;
    }
    if (oracle_percent(world, 30) && fill_somewhere(world, temp)) {
        return;
    }
    if (kept.shadow->type == MODEL_NODE) {
        oracle_release(world, oracle_temp(world, temp));
    } else {
        oracle_rebind(world, kept, temp);
    }
}

/* ---- what is the destructor's own --------------------------------------- */

/* Something that only dying objects hold: the object itself, or what it leads to. */
static struct oracle_view some_own(struct oracle_world *world, struct model_node *self)
{
    struct oracle_view own = view_of(self);
    oracle_mark_foreign(world);
    for (size_t steps = oracle_below(world, 4); steps > 0; steps--) {
        struct oracle_view view = own;
        const struct model_node *node = oracle_step_down(world, &view) ? node_in(&view) : NULL;
        bool is_own = node != NULL && !model_is_marked(&world->model, node) &&
                      (node->kind == MODEL_OBJECT || node->kind == MODEL_STRUCT);
        if (is_own && !node->acyclic) {
            own = view;
        }
    }
    return own;
}

/* A write may have to separate the array, and for that its counts must be known. */
static bool may_write(struct oracle_world *world, struct oracle_place place)
{
    const struct model_node *array = oracle_node_at(place, MODEL_ARRAY);
    if (array == NULL || array->real == NULL || !is_own(world, array)) {
        return false;
    }
    return oracle_is_calm(world) || (array->count == 1 && gc_refcount(array->real) == 1);
}

/* Puts what is in the temporary into the place, or into the array that is there. */
static void write_to(struct oracle_world *world, struct oracle_place place, size_t temp)
{
    if (oracle_percent(world, 50) && may_write(world, place)) {
        struct model_key key = oracle_some_key(world, oracle_node_at(place, MODEL_ARRAY));
        if (oracle_percent(world, 30)) {
            oracle_array_remove(world, place, key);
        } else {
            oracle_array_put(world, place, &key, temp);
        }
    } else if (oracle_percent(world, 50)) {
        oracle_rebind(world, place, temp);
    } else {
        oracle_assign(world, place, temp);
    }
}

static void write_struct(struct oracle_world *world, struct model_node *node, size_t temp)
{
    size_t slot = node->slot_count == 0 ? 0 : oracle_below(world, node->slot_count);
    if (node->slot_count == 0 || node->slots[slot].hidden) {
        return;
    }
    bool is_struct = model_node_in(oracle_temp(world, temp).shadow, MODEL_STRUCT) != NULL;
    if (oracle_field_at(node, slot).pointer == NULL) {
        write_to(world, oracle_field(node, slot), temp);
    } else if (is_struct || oracle_temp(world, temp).shadow->type == MODEL_UNDEF) {
        oracle_point(world, node, slot, temp);
    }
}

static void write_object(struct oracle_world *world, struct oracle_view object, size_t temp)
{
    struct oracle_place place = {&object.lent, &object.shadow};
    const struct model_node *node = oracle_node_at(place, MODEL_OBJECT);
    if (node->fixed > 0 && oracle_percent(world, 60)) {
        size_t index = oracle_below(world, node->fixed);
        write_to(world, oracle_property_at(world, place, index), temp);
    } else if (oracle_percent(world, 40)) {
        oracle_property_remove(world, place, oracle_some_property(world, node));
    } else if (oracle_temp(world, temp).shadow->type != MODEL_UNDEF) {
        oracle_property_put(world, place, oracle_some_property(world, node), temp);
    }
}

/* Nothing but scalars goes into what the collector does not look into. */
static void write_own(struct oracle_world *world, struct model_node *self, size_t temp)
{
    struct oracle_view own = some_own(world, self);
    struct model_node *node = node_in(&own);
    bool is_scalar = model_through(oracle_temp(world, temp).shadow)->type != MODEL_NODE;
    if ((node->acyclic && !is_scalar) || !is_own(world, node)) {
        return;
    }
    if (node->kind == MODEL_STRUCT) {
        write_struct(world, node, temp);
    } else if (node->kind == MODEL_OBJECT) {
        write_object(world, own, temp);
    }
}

/* ---- acts --------------------------------------------------------------- */

static void rescue(struct oracle_world *world, struct model_node *self)
{
    struct oracle_view view = view_of(self);
    for (size_t steps = oracle_below(world, 4); steps > 0; steps--) {
        oracle_step_down(world, &view);
    }
    struct model_node *node = node_in(&view);
    if (node != NULL && node->real != NULL) {
        oracle_note(world, "rescue #%" PRIu64, node->number);
        oracle_copy(world, 0, view);
        keep(world, 0);
    }
}

static void break_link(struct oracle_world *world, struct model_node *self)
{
    oracle_note(world, "break a link");
    write_own(world, self, 0);
}

static void make_link(struct oracle_world *world, struct model_node *self)
{
    oracle_note(world, "make a link");
    oracle_some_item(world, 0);
    write_own(world, self, 0);
}

/* Links something of what dies to something else of it. */
static void relink(struct oracle_world *world, struct model_node *self)
{
    oracle_note(world, "change a link");
    oracle_copy(world, 0, some_own(world, self));
    write_own(world, self, 0);
}

/* Another object of the kind, held by nothing but itself, by this one, or by something for good. */
static void make_kin(struct oracle_world *world, struct model_node *self)
{
    if (oracle_is_full(world) || self->acyclic) {
        return;
    }
    oracle_note(world, "make one more of the kind");
    if (self->kind == MODEL_STRUCT) {
        oracle_make_struct(world, 0, self->form);
    } else {
        oracle_make_object(world, 0, self->form);
    }
    struct oracle_view kin = oracle_view_of(oracle_temp(world, 0));
    oracle_copy(world, 1, oracle_percent(world, 50) ? kin : view_of(self));
    write_own(world, node_in(&kin), 1);
    if (oracle_percent(world, 30)) {
        keep(world, 0);
    } else if (oracle_percent(world, 50)) {
        write_own(world, self, 0);
    }
}

static void look_weakly(struct oracle_world *world, struct model_node *self)
{
    (void)self;
    oracle_find_weakly(world, 0);
    struct model_node *found = oracle_temp(world, 0).shadow->type == MODEL_NODE
                                   ? oracle_temp(world, 0).shadow->as.node
                                   : NULL;
    oracle_note(world, "look through a weak reference: #%" PRIu64,
                found == NULL ? 0 : found->number);
    if (oracle_percent(world, 40)) {
        keep(world, 0);
    }
}

static void be_known_weakly(struct oracle_world *world, struct model_node *self)
{
    oracle_note(world, "make a weak reference");
    if (oracle_percent(world, 50)) {
        oracle_watch(world, oracle_below(world, ORACLE_WATCHES), view_of(self));
    } else {
        oracle_make_weakref(world, 0, some_own(world, self));
        keep(world, 0);
    }
}

/* Becomes a key. In a map of the program's nothing may be overwritten. */
static void be_a_key(struct oracle_world *world, struct model_node *self)
{
    struct oracle_view key = some_own(world, self);
    struct oracle_view view = oracle_some_view(world);
    struct oracle_place map = {&view.lent, &view.shadow};
    struct model_node *node = oracle_node_at(map, MODEL_WEAKMAP);
    if (node == NULL || node->real == NULL) {
        return;
    }
    bool has = model_slot_find(node, model_object_key(node_in(&key))) != NULL;
    if (!has || is_own(world, node)) {
        oracle_note(world, "become a key of #%" PRIu64, node->number);
        oracle_copy(world, 0, oracle_percent(world, 60) ? some_own(world, self) : view);
        if (oracle_may_enter(world, &key, 0)) {
            oracle_weakmap_put(world, map, key, 0);
        }
    }
}

/* Nobody owns what an iteration returns: if it is to die it does. */
static void see(struct oracle_world *world, struct model_node *node)
{
    oracle_expect(world, !node->gone && !node->freed, "#%" PRIu64 " is seen, and is gone",
                  node->number);
    if (!node->dead) {
        oracle_reached_weakly(world, node);
    }
}

/* What an iteration returns is alive. Keys that nothing reaches may be missing by now, if the world
   is not calm. */
static const struct model_slot *expect_entry(struct oracle_world *world,
                                             const struct model_node *map, const zval *key,
                                             const zval *item, size_t *index)
{
    while (*index < map->slot_count &&
           map->slots[*index].key.object->real != key->payload.counted && !oracle_is_calm(world) &&
           !oracle_is_reached(world, map->slots[*index].key.object)) {
        ++*index;
    }
    oracle_expect(world, *index < map->slot_count, "weak map #%" PRIu64 " has one key too many",
                  map->number);
    const struct model_slot *slot = &map->slots[(*index)++];
    oracle_expect(world, slot->key.object->real == key->payload.counted,
                  "weak map #%" PRIu64 " has another key than #%" PRIu64, map->number,
                  slot->key.object->number);
    see(world, slot->key.object);
    if (slot->value.type == MODEL_NODE) {
        see(world, slot->value.as.node);
    }
    oracle_expect_same(world, item, &slot->value);
    return slot;
}

/* What was dead in the model lives again by that. */
static void keep_entry(struct oracle_world *world, const struct model_slot *slot, zval key,
                       zval item)
{
    struct oracle_view view = {key, model_of(slot->key.object)};
    if (oracle_percent(world, 50)) {
        view = (struct oracle_view){item, slot->value};
    }
    if (view.shadow.type == MODEL_NODE) {
        oracle_found_weakly(world, view.shadow.as.node);
    }
    oracle_note(world, "keep what the map had");
    oracle_copy(world, 0, view);
    keep(world, 0);
}

static bool is_map(struct oracle_view *view)
{
    return model_node_in(model_through(&view->shadow), MODEL_WEAKMAP) != NULL;
}

static void walk_map(struct oracle_world *world, struct model_node *self)
{
    (void)self;
    struct oracle_view view = oracle_some_view(world);
    for (int attempt = 0; attempt < 8 && !is_map(&view); attempt++) {
        view = oracle_some_view(world);
    }
    const struct model_node *map = model_node_in(model_through(&view.shadow), MODEL_WEAKMAP);
    struct zval_weakmap_cursor cursor = {0};
    size_t index = 0;
    zval key;
    const zval *item;
    if (map == NULL || map->real == NULL) {
        return;
    }
    oracle_note(world, "walk #%" PRIu64, map->number);
    while (zval_weakmap_next(&view.lent, &cursor, &key, &item)) {
        const struct model_slot *slot = expect_entry(world, map, &key, item, &index);
        if (oracle_percent(world, 20)) {
            keep_entry(world, slot, key, *item);
            return;
        }
    }
    oracle_expect(world, !oracle_is_calm(world) || index == map->slot_count,
                  "weak map #%" PRIu64 " has %zu entries, expected %zu", map->number, index,
                  map->slot_count);
}

static void collect(struct oracle_world *world, struct model_node *self)
{
    (void)self;
    if (world->oracle->profile->manner.sliced && oracle_percent(world, 60)) {
        oracle_note(world, "step");
        if (oracle_percent(world, 80)) {
            oracle_step(world);
        } else {
            oracle_safepoint(world);
        }
        return;
    }
    oracle_note(world, "collect");
    oracle_collect(world, oracle_percent(world, 30));
}

static void switch_off_and_on(struct oracle_world *world, struct model_node *self)
{
    (void)self;
    gc_disable();
    gc_enable();
    if (world->disabled) {
        gc_disable();
    }
    gc_mem_caches();
}

static void check_all(struct oracle_world *world, struct model_node *self)
{
    (void)self;
    if (oracle_is_calm(world)) {
        oracle_checkpoint(world);
    }
}

static const struct {
    void (*act)(struct oracle_world *world, struct model_node *self);
    unsigned weight;
} acts[] = {
    {rescue, 16},  {break_link, 16},  {make_link, 12},        {relink, 10},
    {make_kin, 8}, {look_weakly, 14}, {be_known_weakly, 6},   {be_a_key, 6},
    {walk_map, 4}, {collect, 4},      {switch_off_and_on, 2}, {check_all, 2},
};

void oracle_act(struct oracle_world *world, struct model_node *self)
{
    static const struct oracle_op op = {"destructor", NULL};
    world->oracle->op = &op;
    for (size_t count = oracle_below(world, 5); count > 0; count--) {
        size_t chance = oracle_below(world, 100);
        size_t index = 0;
        while (chance >= acts[index].weight) {
            chance -= acts[index++].weight;
        }
        acts[index].act(world, self);
        for (size_t i = 0; i < ORACLE_TEMPS; i++) {
            if (oracle_temp(world, i).shadow->type != MODEL_UNDEF) {
                oracle_release(world, oracle_temp(world, i));
            }
        }
    }
}
