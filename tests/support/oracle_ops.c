/*
 * Operations of one or two calls. The item is made first, the place chosen last.
 */
#include "oracle_ops.h"

#include <inttypes.h>

/* The numbers of what is in the place and in temporary 0; 0 for what is no node. */
static void note_item(struct oracle_world *world, const char *what, struct oracle_place place)
{
    const struct model_value *item = oracle_temp(world, 0).shadow;
    const struct model_value *target = model_through(place.shadow);
    uint64_t item_number = item->type == MODEL_NODE ? item->as.node->number : 0;
    uint64_t target_number = target->type == MODEL_NODE ? target->as.node->number : 0;
    oracle_note(world, "%s: #%" PRIu64 ", item #%" PRIu64, what, target_number, item_number);
}

/* ---- variables ---------------------------------------------------------- */

static void assign(struct oracle_world *world)
{
    oracle_some_item(world, 0);
    struct oracle_place place = oracle_some_place(world);
    note_item(world, "assign to place with", place);
    oracle_assign(world, place, 0);
}
const struct oracle_op oracle_op_assign = {"assign", assign};

static void assign_variable(struct oracle_world *world)
{
    oracle_some_item(world, 0);
    struct oracle_place place;
    if (!oracle_spare_variable(world, &place)) {
        place = oracle_some_place(world);
    }
    note_item(world, "assign to variable with", place);
    oracle_assign(world, place, 0);
}
const struct oracle_op oracle_op_assign_variable = {"assign variable", assign_variable};

static void release_variable(struct oracle_world *world)
{
    struct oracle_place place = oracle_some_variable(world);
    if (oracle_may_shrink(world)) {
        note_item(world, "release variable with", place);
        oracle_release(world, place);
    }
}
const struct oracle_op oracle_op_release_variable = {"release variable", release_variable};

/* ---- references --------------------------------------------------------- */

/* Puts the reference in temporary 0 somewhere, as `=&` does. */
static void bind_somewhere(struct oracle_world *world)
{
    struct oracle_place place = oracle_some_place(world);
    struct model_node *array = oracle_node_at(place, MODEL_ARRAY);
    struct model_node *object = oracle_node_at(place, MODEL_OBJECT);
    struct model_node *node = oracle_percent(world, 20) ? oracle_some_struct(world) : NULL;
    size_t slot;
    if (node != NULL && oracle_spare_field(world, node, &slot)) {
        note_item(world, "bind field with", oracle_field(node, slot));
        oracle_rebind(world, oracle_field(node, slot), 0);
    } else if (array != NULL) {
        struct model_key key = oracle_some_key(world, array);
        note_item(world, "bind element of", place);
        oracle_array_put(world, place, &key, 0);
    } else if (object != NULL && !object->acyclic) {
        note_item(world, "bind property of", place);
        oracle_property_put(world, place, oracle_some_property(world, object), 0);
    } else {
        note_item(world, "bind variable or field, instead of", place);
        oracle_store(world, 0);
    }
}

static void bind(struct oracle_world *world)
{
    oracle_reference(world, 0, oracle_some_place(world));
    bind_somewhere(world);
}
const struct oracle_op oracle_op_bind = {"bind", bind};

static void assign_reference(struct oracle_world *world)
{
    oracle_reference(world, 0, oracle_some_place(world));
    struct oracle_place place = oracle_some_place(world);
    note_item(world, "assign what a reference holds to place with", place);
    oracle_assign(world, place, 0);
}
const struct oracle_op oracle_op_assign_reference = {"assign reference", assign_reference};

/* ---- arrays ------------------------------------------------------------- */

static void array_put(struct oracle_world *world)
{
    oracle_some_item(world, 0);
    struct oracle_place place = oracle_some_place_with(world, MODEL_ARRAY);
    struct model_node *array = oracle_node_at(place, MODEL_ARRAY);
    struct model_key key = oracle_some_key(world, array);
    bool pushes = oracle_percent(world, 40) && (array == NULL || array->slot_count < 50);
    note_item(world, pushes ? "push to" : "set element of", place);
    oracle_array_put(world, place, pushes ? NULL : &key, 0);
}
const struct oracle_op oracle_op_array_put = {"array put", array_put};

static void array_slot(struct oracle_world *world)
{
    oracle_some_item(world, 0);
    struct oracle_place place = oracle_some_place_with(world, MODEL_ARRAY);
    struct model_key key = oracle_some_key(world, oracle_node_at(place, MODEL_ARRAY));
    note_item(world, "assign to slot of", place);
    struct oracle_place slot = oracle_array_slot(world, place, key);
    if (slot.real != NULL) {
        oracle_assign(world, slot, 0);
    } else {
        oracle_store(world, 0);
    }
}
const struct oracle_op oracle_op_array_slot = {"array slot", array_slot};

static void array_remove(struct oracle_world *world)
{
    struct oracle_place place = oracle_some_place_with(world, MODEL_ARRAY);
    struct model_key key = oracle_some_key(world, oracle_node_at(place, MODEL_ARRAY));
    note_item(world, "remove element of", place);
    oracle_array_remove(world, place, key);
}
const struct oracle_op oracle_op_array_remove = {"array remove", array_remove};

/* ---- objects ------------------------------------------------------------ */

static void property_put(struct oracle_world *world)
{
    oracle_some_item(world, 0);
    struct oracle_place place = oracle_some_place_with(world, MODEL_OBJECT);
    struct model_node *object = oracle_node_at(place, MODEL_OBJECT);
    if (object != NULL && object->acyclic) {
        place = oracle_temp(world, 1);
    }
    note_item(world, "set property of", place);
    oracle_property_put(world, place, oracle_some_property(world, object), 0);
}
const struct oracle_op oracle_op_property_put = {"property put", property_put};

static void property_remove(struct oracle_world *world)
{
    struct oracle_place place = oracle_some_place_with(world, MODEL_OBJECT);
    note_item(world, "remove property of", place);
    int name = oracle_some_property(world, oracle_node_at(place, MODEL_OBJECT));
    oracle_property_remove(world, place, name);
}
const struct oracle_op oracle_op_property_remove = {"property remove", property_remove};

/* ---- own structs -------------------------------------------------------- */

static void point(struct oracle_world *world)
{
    oracle_some_target(world, 0);
    struct model_node *node = oracle_some_struct(world);
    size_t slot;
    if (node != NULL && oracle_spare_pointer(world, node, &slot)) {
        oracle_note(world, "point from #%" PRIu64 ", slot %zu", node->number, slot);
        oracle_point(world, node, slot, 0);
    } else {
        oracle_store(world, 0);
    }
}
const struct oracle_op oracle_op_point = {"point", point};

static void hold(struct oracle_world *world)
{
    oracle_some_target(world, 0);
    note_item(world, "point from variable, at", oracle_temp(world, 0));
    size_t index;
    if (oracle_spare_hold(world, &index)) {
        oracle_hold(world, index, 0);
    } else {
        oracle_release(world, oracle_temp(world, 0));
    }
}
const struct oracle_op oracle_op_hold = {"hold", hold};

static void unhold(struct oracle_world *world)
{
    size_t index = oracle_below(world, ORACLE_HOLDS);
    if (oracle_may_shrink(world)) {
        oracle_note(world, "release pointer %zu", index);
        oracle_hold(world, index, 0);
    }
}
const struct oracle_op oracle_op_unhold = {"unhold", unhold};

static void release_field(struct oracle_world *world)
{
    struct model_node *node = oracle_some_struct(world);
    size_t slot;
    if (node != NULL && oracle_spare_field(world, node, &slot)) {
        oracle_note(world, "release field %zu of #%" PRIu64, slot, node->number);
        oracle_release(world, oracle_field(node, slot));
    }
}
const struct oracle_op oracle_op_release_field = {"release field", release_field};

static void resize_list(struct oracle_world *world)
{
    struct model_node *node = oracle_some_struct(world);
    const struct oracle_form *form = node == NULL ? NULL : node->form;
    if (form == NULL || form->list == ORACLE_NO_LIST) {
        return;
    }
    oracle_note(world, "resize list #%" PRIu64 " of %zu", node->number, node->slot_count);
    if (node->slot_count > 0 && (node->slot_count > 8 || oracle_percent(world, 35))) {
        oracle_list_shrink(world, node);
    } else {
        oracle_list_grow(world, node);
        oracle_list_grow(world, node);
    }
}
const struct oracle_op oracle_op_list = {"list", resize_list};
