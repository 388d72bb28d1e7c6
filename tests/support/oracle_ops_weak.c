/*
 * Weak references and weak maps: operations, and shapes of ephemerons.
 */
#include "oracle_ops.h"

#include <inttypes.h>

static uint64_t number_in(const struct model_value *value)
{
    return value->type == MODEL_NODE ? value->as.node->number : 0;
}

static struct oracle_place place_of(struct oracle_view *view)
{
    return (struct oracle_place){&view->lent, &view->shadow};
}

/* ---- weak references ---------------------------------------------------- */

static void weaken(struct oracle_world *world)
{
    struct oracle_view view = oracle_some_view(world);
    oracle_note(world, "weak reference to #%" PRIu64, number_in(&view.shadow));
    oracle_make_weakref(world, 0, view);
    oracle_store(world, 0);
}
const struct oracle_op oracle_op_weaken = {"weaken", weaken};

static void watch(struct oracle_world *world)
{
    struct model_node *node = oracle_some_struct(world);
    struct oracle_view view = {zval_undef(), model_plain(MODEL_UNDEF, 0)};
    if (node != NULL) {
        view = (struct oracle_view){oracle_lent(node), model_of(node)};
    }
    oracle_note(world, "watch #%" PRIu64, number_in(&view.shadow));
    oracle_watch(world, oracle_below(world, ORACLE_WATCHES), view);
}
const struct oracle_op oracle_op_watch = {"watch", watch};

void oracle_find_weakly(struct oracle_world *world, size_t temp)
{
    for (int attempt = 0; attempt < 4; attempt++) {
        struct oracle_view view = oracle_some_view(world);
        if (model_node_in(model_through(&view.shadow), MODEL_WEAKREF) != NULL) {
            oracle_weakref_get(world, temp, view);
            return;
        }
    }
    oracle_watched_get(world, temp, oracle_below(world, ORACLE_WATCHES));
}

static void strengthen(struct oracle_world *world)
{
    oracle_find_weakly(world, 0);
    oracle_note(world, "weak reference answers #%" PRIu64, number_in(oracle_temp(world, 0).shadow));
    if (oracle_percent(world, 40)) {
        oracle_store(world, 0);
    } else {
        oracle_release(world, oracle_temp(world, 0));
    }
}
const struct oracle_op oracle_op_strengthen = {"strengthen", strengthen};

/* ---- weak maps ---------------------------------------------------------- */

static bool find_map(struct oracle_world *world, struct oracle_view *map)
{
    for (int attempt = 0; attempt < 8; attempt++) {
        *map = oracle_some_view(world);
        if (model_node_in(model_through(&map->shadow), MODEL_WEAKMAP) != NULL) {
            return true;
        }
    }
    return oracle_percent(world, 5); /* of some other type */
}

/* A key that the map has, or anything. */
static struct oracle_view some_key(struct oracle_world *world, struct oracle_view map)
{
    const struct model_node *node = model_node_in(model_through(&map.shadow), MODEL_WEAKMAP);
    if (node == NULL || node->slot_count == 0 || oracle_percent(world, 60)) {
        return oracle_some_view(world);
    }
    struct model_node *key = node->slots[oracle_below(world, node->slot_count)].key.object;
    return (struct oracle_view){oracle_lent(key), model_of(key)};
}

/* A cycle through a key that the collector does not look into would never be found. */
bool oracle_may_enter(struct oracle_world *world, const struct oracle_view *key, size_t temp)
{
    const struct model_node *node = key->shadow.type == MODEL_NODE ? key->shadow.as.node : NULL;
    const struct model_value *item = oracle_temp(world, temp).shadow;
    if (node != NULL && node->kind == MODEL_REFERENCE) {
        const struct model_value *inner = &node->slots[0].value;
        node = inner->type == MODEL_NODE ? inner->as.node : NULL;
    }
    return node == NULL || !node->acyclic || item->type != MODEL_NODE;
}

/* A map, an item in temporary 0 and a key for it. */
static bool find_entry(struct oracle_world *world, struct oracle_view *map, struct oracle_view *key)
{
    oracle_some_item(world, 0);
    if (find_map(world, map)) {
        *key = some_key(world, *map);
        if (oracle_may_enter(world, key, 0)) {
            return true;
        }
    }
    oracle_store(world, 0);
    return false;
}

static void map_put(struct oracle_world *world)
{
    struct oracle_view map;
    struct oracle_view key;
    if (!find_entry(world, &map, &key)) {
        return;
    }
    oracle_note(world, "entry in #%" PRIu64 " for #%" PRIu64 " with #%" PRIu64,
                number_in(&map.shadow), number_in(&key.shadow),
                number_in(oracle_temp(world, 0).shadow));
    oracle_weakmap_put(world, place_of(&map), key, 0);
}
const struct oracle_op oracle_op_map_put = {"map put", map_put};

static void map_slot(struct oracle_world *world)
{
    struct oracle_view map;
    struct oracle_view key;
    if (!find_entry(world, &map, &key)) {
        return;
    }
    oracle_note(world, "slot in #%" PRIu64 " for #%" PRIu64, number_in(&map.shadow),
                number_in(&key.shadow));
    struct oracle_place slot = oracle_weakmap_slot(world, place_of(&map), key);
    if (slot.real != NULL) {
        oracle_assign(world, slot, 0);
    } else {
        oracle_store(world, 0);
    }
}
const struct oracle_op oracle_op_map_slot = {"map slot", map_slot};

static void map_remove(struct oracle_world *world)
{
    struct oracle_view map;
    if (find_map(world, &map)) {
        struct oracle_view key = some_key(world, map);
        oracle_note(world, "remove entry in #%" PRIu64 " for #%" PRIu64, number_in(&map.shadow),
                    number_in(&key.shadow));
        oracle_weakmap_remove(world, place_of(&map), key);
    }
}
const struct oracle_op oracle_op_map_remove = {"map remove", map_remove};

/* ---- iterating while keys go -------------------------------------------- */

static const struct model_slot *first_behind(const struct model_node *map, uint64_t serial)
{
    for (size_t i = 0; i < map->slot_count; i++) {
        if (map->slots[i].serial > serial) {
            return &map->slots[i];
        }
    }
    return NULL;
}

/* Anything may happen to the map meanwhile; temporary 0 holds it. */
static void change_map(struct oracle_world *world, struct model_node *key)
{
    struct oracle_place map = oracle_temp(world, 0);
    struct oracle_view view = oracle_view_of(map);
    switch (oracle_below(world, 4)) {
    case 0:
        if (key != NULL) {
            struct oracle_view own = {oracle_lent(key), model_of(key)};
            oracle_weakmap_remove(world, map, own);
        }
        break;
    case 1:
        oracle_some_scalar(world, 1);
        oracle_weakmap_put(world, map, some_key(world, view), 1);
        break;
    case 2:
        oracle_new_struct(world, 2);
        oracle_some_scalar(world, 1);
        oracle_weakmap_put(world, map, oracle_view_of(oracle_temp(world, 2)), 1);
        oracle_store(world, 2);
        break;
    default:
        oracle_release(world, oracle_some_variable(world));
        break;
    }
}

static bool step(struct oracle_world *world, struct zval_weakmap_cursor *cursor, uint64_t *last,
                 struct model_node **key_shadow)
{
    struct oracle_place map = oracle_temp(world, 0);
    const struct model_slot *expected = first_behind(oracle_node_at(map, MODEL_WEAKMAP), *last);
    zval key = zval_undef();
    const zval *item = NULL;
    bool found = zval_weakmap_next(map.real, cursor, &key, &item);
    oracle_expect(world, found == (expected != NULL), "iteration over a weak map %s",
                  found ? "goes on" : "ends");
    if (!found) {
        return false;
    }
    oracle_expect(world, key.payload.counted == expected->key.object->real,
                  "iteration at key %p, expected #%" PRIu64, key.payload.counted,
                  expected->key.object->number);
    oracle_expect_same(world, item, &expected->value);
    *last = expected->serial;
    *key_shadow = expected->key.object;
    return true;
}

static void iterate_map(struct oracle_world *world)
{
    struct oracle_view map;
    if (!find_map(world, &map) ||
        model_node_in(model_through(&map.shadow), MODEL_WEAKMAP) == NULL) {
        return;
    }
    oracle_note(world, "iterate over #%" PRIu64, number_in(&map.shadow));
    oracle_copy(world, 0, map);
    struct zval_weakmap_cursor cursors[2] = {{0}, {0}};
    uint64_t lasts[2] = {0, 0};
    unsigned changes = oracle_may_shrink(world) ? 8 : 2;
    struct model_node *key;
    for (;;) {
        size_t which = oracle_percent(world, 20);
        if (!step(world, &cursors[which], &lasts[which], &key)) {
            break;
        }
        if (changes > 0 && oracle_percent(world, 50)) {
            changes--;
            change_map(world, key);
        }
    }
    oracle_release(world, oracle_temp(world, 0));
}
const struct oracle_op oracle_op_iterate_map = {"iterate map", iterate_map};

/* ---- shapes ------------------------------------------------------------- */

/* Puts what is in a temporary into the map in temporary 0, under what is in another one. */
static void enter(struct oracle_world *world, size_t key, size_t item)
{
    struct oracle_view view = oracle_view_of(oracle_temp(world, key));
    if (oracle_may_enter(world, &view, item)) {
        oracle_weakmap_put(world, oracle_temp(world, 0), view, item);
    } else {
        oracle_release(world, oracle_temp(world, item));
    }
}

/* A map that is a key or value of itself, or of one that is a key or value of it. */
static void map_cycle(struct oracle_world *world)
{
    bool two = oracle_percent(world, 50);
    oracle_note(world, "make a cycle of %d weak maps", two ? 2 : 1);
    oracle_make_weakmap(world, 0);
    oracle_copy(world, 1, oracle_view_of(oracle_temp(world, 0)));
    if (two) {
        oracle_make_weakmap(world, 2);
        oracle_copy(world, 3, oracle_view_of(oracle_temp(world, 2)));
        oracle_weakmap_put(world, oracle_temp(world, 2), oracle_view_of(oracle_temp(world, 0)), 1);
        enter(world, 2, 3);
        oracle_store(world, 2);
    } else if (oracle_percent(world, 50)) {
        enter(world, 0, 1);
    } else {
        oracle_new_struct(world, 2);
        enter(world, 2, 1);
        oracle_store(world, 2);
    }
    oracle_store(world, 0);
}
const struct oracle_op oracle_op_map_cycle = {"map cycle", map_cycle};

/* Keys that only the values of other entries lead to, and the last of these is held by the first
   one's value, or by nothing but itself. */
static void ephemeron(struct oracle_world *world)
{
    size_t length = 1 + oracle_below(world, 4);
    oracle_note(world, "make %zu ephemerons in a row", length);
    oracle_make_weakmap(world, 0);
    oracle_make_object(world, 1, NULL);
    for (; length > 0; length--) {
        oracle_make_object(world, 2, oracle_percent(world, 30) ? oracle_willed_classes[0] : NULL);
        oracle_copy(world, 3,
                    oracle_view_of(oracle_temp(world, oracle_percent(world, 50) ? 1 : 2)));
        oracle_property_put(world, oracle_temp(world, 2), 0, 3);
        oracle_copy(world, 3, oracle_view_of(oracle_temp(world, 2)));
        enter(world, 1, 3);
        if (oracle_percent(world, 50)) {
            oracle_store(world, 1);
        } else {
            oracle_release(world, oracle_temp(world, 1));
        }
        oracle_rebind(world, oracle_temp(world, 1), 2);
    }
    oracle_release(world, oracle_temp(world, 1));
    oracle_store(world, 0);
}
const struct oracle_op oracle_op_ephemeron = {"ephemeron", ephemeron};

/* One key in two maps, each the value of the other's entry or of its own. */
static void shared_key(struct oracle_world *world)
{
    oracle_note(world, "make two weak maps with a key in common");
    oracle_new_struct(world, 1);
    oracle_make_weakmap(world, 0);
    oracle_make_weakmap(world, 2);
    oracle_copy(world, 3, oracle_view_of(oracle_temp(world, 2)));
    enter(world, 1, 3);
    oracle_copy(world, 3, oracle_view_of(oracle_temp(world, oracle_percent(world, 50) ? 0 : 2)));
    struct oracle_view key = oracle_view_of(oracle_temp(world, 1));
    if (oracle_may_enter(world, &key, 3)) {
        oracle_weakmap_put(world, oracle_temp(world, 2), key, 3);
    } else {
        oracle_release(world, oracle_temp(world, 3));
    }
    oracle_store(world, 2);
    oracle_store(world, 1);
    oracle_store(world, 0);
}
const struct oracle_op oracle_op_shared_key = {"shared key", shared_key};

/* A map that only itself holds, with a key that only an object with a destructor holds, and a value
   that only itself holds. If the destructor lets the key go, the entry ends before its map. */
static void orphan(struct oracle_world *world)
{
    oracle_note(world, "make an entry that may be orphaned");
    oracle_make_weakmap(world, 0);
    oracle_make_object(world, 1, NULL);
    oracle_make_object(world, 2, NULL);
    oracle_copy(world, 3, oracle_view_of(oracle_temp(world, 2)));
    oracle_property_put(world, oracle_temp(world, 2), 0, 3);
    enter(world, 1, 2);
    oracle_copy(world, 3, oracle_view_of(oracle_temp(world, 0)));
    enter(world, 0, 3);
    oracle_make_object(world, 2, oracle_willed_classes[0]);
    oracle_property_put(world, oracle_temp(world, 2), 0, 1);
    oracle_copy(world, 3, oracle_view_of(oracle_temp(world, 2)));
    oracle_property_put(world, oracle_temp(world, 2), 1, 3);
    oracle_release(world, oracle_temp(world, 0));
    if (oracle_percent(world, 50)) {
        oracle_store(world, 2);
    } else {
        oracle_release(world, oracle_temp(world, 2));
    }
}
const struct oracle_op oracle_op_orphan = {"orphan", orphan};

/* What destructors have kept goes. */
static void forget(struct oracle_world *world)
{
    struct oracle_place place = oracle_kept(world, oracle_below(world, ORACLE_KEPT));
    oracle_note(world, "forget #%" PRIu64, number_in(place.shadow));
    oracle_release(world, place);
}
const struct oracle_op oracle_op_forget = {"forget", forget};
