/*
 * Iterating while the array or object changes.
 */
#include "oracle_ops.h"

#include <inttypes.h>
#include <string.h>

/* A write through an element that is the variable's own reference would put something else into
   the variable, and there would be nothing to iterate over any more. */
static bool is_own_reference(struct oracle_place variable, const struct model_slot *slot)
{
    const struct model_node *own = model_node_in(variable.shadow, MODEL_REFERENCE);
    return slot != NULL && own != NULL && model_node_in(&slot->value, MODEL_REFERENCE) == own;
}

/* ---- arrays ------------------------------------------------------------- */

/* Where one of several iterations stands. */
struct stand {
    struct zval_array_cursor cursor;
    uint64_t last; /* serial of the element visited last */
    bool ended;
};

#define STANDS 2

struct iteration {
    struct oracle_place variable;
    struct stand stands[STANDS];
    size_t stand_count;
};

static const struct model_slot *first_behind(const struct model_node *array, uint64_t serial)
{
    for (size_t i = 0; i < array->slot_count; i++) {
        if (array->slots[i].serial > serial) {
            return &array->slots[i];
        }
    }
    return NULL;
}

static void step(struct oracle_world *world, struct oracle_place variable, struct stand *stand)
{
    const struct model_slot *expected =
        first_behind(oracle_node_at(variable, MODEL_ARRAY), stand->last);
    zval key = zval_undef();
    const zval *item = NULL;
    bool found = zval_array_next(variable.real, &stand->cursor, &key, &item);
    oracle_expect(world, found == (expected != NULL), "iteration %s, expected it %s",
                  found ? "goes on" : "ends", found ? "to end" : "to go on");
    stand->ended = !found;
    if (!found) {
        return;
    }
    bool is_integer = zval_type_of(&key) == ZVAL_INT;
    oracle_expect(world,
                  is_integer == (expected->key.name < 0) &&
                      (!is_integer || zval_to_int(&key) == expected->key.integer),
                  "iteration at key %" PRId64 ", expected %" PRId64 " or name %d",
                  zval_to_int(&key), expected->key.integer, expected->key.name);
    oracle_expect_same(world, item, &expected->value);
    stand->last = expected->serial;
}

/* With several cursors, an element that one of them stands at must not go. */
static bool may_remove(const struct iteration *iteration, struct model_key key)
{
    const struct model_node *array = oracle_node_at(iteration->variable, MODEL_ARRAY);
    const struct model_slot *slot = model_slot_find(array, key);
    bool may = true;
    for (size_t i = 0; slot != NULL && iteration->stand_count > 1 && i < STANDS; i++) {
        may &= iteration->stands[i].last != slot->serial;
    }
    return may;
}

/* Some keys are those of the element visited last. */
static struct model_key key_to_change(struct oracle_world *world, const struct iteration *iteration,
                                      const struct stand *stand)
{
    struct model_node *array = oracle_node_at(iteration->variable, MODEL_ARRAY);
    for (size_t i = 0; i < array->slot_count && oracle_percent(world, 40); i++) {
        if (array->slots[i].serial == stand->last) {
            return array->slots[i].key;
        }
    }
    return oracle_some_key(world, array);
}

static void change_array(struct oracle_world *world, const struct iteration *iteration,
                         const struct stand *stand)
{
    struct oracle_place variable = iteration->variable;
    struct model_key key = key_to_change(world, iteration, stand);
    const struct model_slot *slot = model_slot_find(oracle_node_at(variable, MODEL_ARRAY), key);
    size_t chance = oracle_below(world, 10);
    if (chance < 4) {
        if (may_remove(iteration, key)) {
            oracle_array_remove(world, variable, key);
        }
    } else if (chance < 6) {
        if (!is_own_reference(variable, slot)) {
            oracle_some_scalar(world, 0);
            oracle_array_put(world, variable, &key, 0);
        }
    } else if (chance < 8) {
        oracle_push_scalars(world, variable, 1 + oracle_below(world, 4));
    } else {
        /* The next write separates. */
        oracle_release(world, oracle_temp(world, 1));
        oracle_copy(world, 1, oracle_view_of(variable));
    }
}

static void iterate_array(struct oracle_world *world)
{
    struct iteration iteration = {.variable = oracle_some_variable_with(world, MODEL_ARRAY)};
    iteration.stand_count = 1 + oracle_below(world, STANDS);
    unsigned changes = 20;
    oracle_note(world, "iterate with %zu cursors", iteration.stand_count);
    for (;;) {
        struct stand *stand = &iteration.stands[oracle_below(world, iteration.stand_count)];
        if (oracle_node_at(iteration.variable, MODEL_ARRAY) == NULL || stand->ended) {
            break;
        }
        step(world, iteration.variable, stand);
        if (changes > 0 && oracle_percent(world, 60)) {
            changes--;
            change_array(world, &iteration, stand);
        }
    }
    oracle_release(world, oracle_temp(world, 1));
}
const struct oracle_op oracle_op_iterate_array = {"iterate array", iterate_array};

/* ---- objects ------------------------------------------------------------ */

/* Declared properties first, by their position, then added ones by their age. */
static const struct model_slot *next_property(const struct model_node *object, size_t *declared,
                                              uint64_t *last)
{
    for (; *declared < object->fixed; (*declared)++) {
        if (object->slots[*declared].value.type != MODEL_UNDEF) {
            return &object->slots[(*declared)++];
        }
    }
    for (size_t i = object->fixed; i < object->slot_count; i++) {
        if (object->slots[i].serial > *last) {
            *last = object->slots[i].serial;
            return &object->slots[i];
        }
    }
    return NULL;
}

static void change_object(struct oracle_world *world, struct oracle_place variable, int current)
{
    const struct model_node *object = oracle_node_at(variable, MODEL_OBJECT);
    int name = oracle_percent(world, 40) ? current : oracle_some_property(world, object);
    struct model_key key = model_name_key(name);
    if (oracle_percent(world, 50)) {
        oracle_property_remove(world, variable, name);
    } else if (!is_own_reference(variable, model_slot_find(object, key))) {
        oracle_some_scalar(world, 0);
        oracle_property_put(world, variable, name, 0);
    }
}

static void iterate_object(struct oracle_world *world)
{
    struct oracle_place variable = oracle_some_variable_with(world, MODEL_OBJECT);
    struct zval_property_cursor cursor = {0};
    size_t declared = 0;
    uint64_t last = 0;
    unsigned changes = 12;
    oracle_note(world, "iterate over properties");
    while (oracle_node_at(variable, MODEL_OBJECT) != NULL) {
        const struct model_slot *expected =
            next_property(oracle_node_at(variable, MODEL_OBJECT), &declared, &last);
        const char *name = NULL;
        const zval *value = NULL;
        bool found = zval_property_next(variable.real, &cursor, &name, &value);
        oracle_expect(world, found == (expected != NULL), "iteration over properties %s",
                      found ? "goes on" : "ends");
        if (!found) {
            break;
        }
        const char *wanted = oracle_names[expected->key.name].bytes;
        oracle_expect(world, strcmp(name, wanted) == 0, "property %s, expected %s", name, wanted);
        oracle_expect_same(world, value, &expected->value);
        if (changes > 0 && oracle_percent(world, 50)) {
            changes--;
            change_object(world, variable, expected->key.name);
        }
    }
}
const struct oracle_op oracle_op_iterate_object = {"iterate object", iterate_object};
