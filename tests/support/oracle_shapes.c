/*
 * Operations of many calls: shapes that chance alone would seldom make.
 */
#include "oracle_ops.h"

#include <inttypes.h>

/* ---- arrays ------------------------------------------------------------- */

static void fill_array(struct oracle_world *world)
{
    struct oracle_place place = oracle_some_variable_with(world, MODEL_ARRAY);
    struct model_node *array = oracle_node_at(place, MODEL_ARRAY);
    size_t count = 2 + oracle_below(world, oracle_percent(world, 5) ? 200 : 20);
    oracle_note(world, "fill: %zu elements", count);
    if (array == NULL || array->slot_count > 50) {
        return;
    }
    oracle_push_scalars(world, place, count);
}
const struct oracle_op oracle_op_fill_array = {"fill array", fill_array};

static void clear_array(struct oracle_world *world)
{
    struct oracle_place place = oracle_some_variable_with(world, MODEL_ARRAY);
    struct model_node *array;
    oracle_note(world, "clear an array");
    if (!oracle_may_shrink(world)) {
        return;
    }
    while ((array = oracle_node_at(place, MODEL_ARRAY)) != NULL && array->slot_count > 0) {
        size_t index = oracle_percent(world, 80) ? 0 : oracle_below(world, array->slot_count);
        oracle_array_remove(world, place, array->slots[index].key);
    }
}
const struct oracle_op oracle_op_clear_array = {"clear array", clear_array};

/* ---- cycles ------------------------------------------------------------- */

/* Leaves in the temporary an array whose first element is a reference to it. Uses the next two. */
static void make_self_array(struct oracle_world *world, size_t temp)
{
    struct oracle_place variable = oracle_temp(world, temp + 1);
    oracle_make_array(world, temp + 1);
    oracle_reference(world, temp + 2, variable);
    oracle_array_put(world, variable, NULL, temp + 2);
    oracle_copy(world, temp, oracle_view_of(variable));
    oracle_release(world, variable);
}

static void self_array(struct oracle_world *world)
{
    oracle_note(world, "make an array that contains itself");
    make_self_array(world, 0);
    if (oracle_percent(world, 30)) {
        oracle_some_item(world, 1);
        oracle_array_put(world, oracle_temp(world, 0), NULL, 1);
    }
    oracle_store(world, 0);
}
const struct oracle_op oracle_op_self_array = {"self array", self_array};

static void self_object(struct oracle_world *world)
{
    oracle_note(world, "make an object that contains itself");
    oracle_make_object(world, 0, oracle_classes[oracle_below(world, oracle_plain_class_count)]);
    oracle_copy(world, 1, oracle_view_of(oracle_temp(world, 0)));
    oracle_property_put(world, oracle_temp(world, 0), oracle_some_property(world, NULL), 1);
    oracle_store(world, 0);
}
const struct oracle_op oracle_op_self_object = {"self object", self_object};

/* Temporary 0 gets a struct without a hook that points to the one that was there before. */
static void make_link(struct oracle_world *world, size_t back_slot)
{
    oracle_make_struct(world, 1, &oracle_forms[0]);
    struct model_node *link = oracle_node_at(oracle_temp(world, 1), MODEL_STRUCT);
    struct model_node *before = oracle_node_at(oracle_temp(world, 0), MODEL_STRUCT);
    if (before != NULL && back_slot > 0) {
        oracle_copy(world, 2, oracle_view_of(oracle_temp(world, 1)));
        oracle_point(world, before, back_slot, 2);
    }
    oracle_point(world, link, 0, 0);
    oracle_rebind(world, oracle_temp(world, 0), 1);
}

/* Links of a ring or of a doubly linked list, held by one pointer. */
static void ring(struct oracle_world *world)
{
    size_t length = 1 + oracle_below(world, 12);
    bool doubly = oracle_percent(world, 40);
    oracle_note(world, "make a ring of %zu", length);
    make_link(world, 0);
    struct model_node *first = oracle_node_at(oracle_temp(world, 0), MODEL_STRUCT);
    for (size_t i = 1; i < length; i++) {
        make_link(world, doubly ? 1 : 0);
    }
    if (!doubly || oracle_percent(world, 50)) {
        oracle_copy(world, 1, oracle_view_of(oracle_temp(world, 0)));
        oracle_point(world, first, 0, 1);
    }
    oracle_store(world, 0);
}
const struct oracle_op oracle_op_ring = {"ring", ring};

/* Garbage in quantity, to fill a large buffer. */
static void flood(struct oracle_world *world)
{
    size_t count = 50 + oracle_below(world, 300);
    oracle_note(world, "drop %zu cycles", count);
    for (size_t i = 0; i < count; i++) {
        if (oracle_percent(world, 30)) {
            make_self_array(world, 0);
        } else {
            oracle_make_struct(world, 0, &oracle_forms[oracle_below(world, 2)]);
            oracle_copy(world, 1, oracle_view_of(oracle_temp(world, 0)));
            oracle_point(world, oracle_node_at(oracle_temp(world, 0), MODEL_STRUCT), 0, 1);
        }
        oracle_release(world, oracle_temp(world, 0));
    }
}
const struct oracle_op oracle_op_flood = {"flood", flood};

/* A long list, alive, each of its members a possible root. */
static void chain(struct oracle_world *world)
{
    size_t count = oracle_is_full(world) ? 1 : 20 + oracle_below(world, 400);
    size_t hold = oracle_below(world, ORACLE_HOLDS);
    oracle_note(world, "lengthen a list by %zu", count);
    struct oracle_view head = oracle_held(world, hold);
    if (head.shadow.type == MODEL_NODE) {
        oracle_copy(world, 0, head);
    }
    for (size_t i = 0; i < count; i++) {
        make_link(world, 0);
        oracle_copy(world, 1, oracle_view_of(oracle_temp(world, 0)));
        oracle_release(world, oracle_temp(world, 1));
    }
    oracle_hold(world, hold, 0);
}
const struct oracle_op oracle_op_chain = {"chain", chain};

/* ---- what the collector does not look into ------------------------------ */

/* A cycle that nothing else ever refers to, and perhaps a possible root. */
static void make_private(struct oracle_world *world, bool is_struct)
{
    if (!is_struct) {
        make_self_array(world, 0);
        return;
    }
    make_link(world, 0);
    oracle_copy(world, 1, oracle_view_of(oracle_temp(world, 0)));
    oracle_point(world, oracle_node_at(oracle_temp(world, 0), MODEL_STRUCT), 0, 1);
    if (oracle_percent(world, 50)) {
        oracle_copy(world, 1, oracle_view_of(oracle_temp(world, 0)));
        oracle_release(world, oracle_temp(world, 1));
    }
}

static bool is_secluded(const struct model_node *node, size_t slot)
{
    return node->acyclic || node->slots[slot].hidden;
}

static void seclude_in(struct oracle_world *world, struct oracle_view *view,
                       struct model_node *node)
{
    size_t slot = oracle_below(world, node->fixed);
    if (!is_secluded(node, slot)) {
        return;
    }
    bool is_pointer = node->kind == MODEL_STRUCT && oracle_field_at(node, slot).pointer != NULL;
    if (is_pointer || oracle_percent(world, 50)) {
        make_private(world, is_pointer);
    } else {
        oracle_some_scalar(world, 0);
    }
    oracle_note(world, "hide something in #%" PRIu64 ", slot %zu", node->number, slot);
    if (is_pointer) {
        oracle_point(world, node, slot, 0);
    } else if (node->kind == MODEL_STRUCT) {
        oracle_assign(world, oracle_field(node, slot), 0);
    } else {
        struct oracle_place place = {&view->lent, &view->shadow};
        oracle_property_put(world, place, node->slots[slot].key.name, 0);
    }
}

static void seclude(struct oracle_world *world)
{
    for (int attempt = 0; attempt < 6; attempt++) {
        struct oracle_view view = oracle_some_view(world);
        struct model_value *value = model_through(&view.shadow);
        struct model_node *node = value->type == MODEL_NODE ? value->as.node : NULL;
        if (node != NULL && node->fixed > 0 && (node->kind == MODEL_STRUCT || node->acyclic) &&
            node->kind != MODEL_REFERENCE) {
            seclude_in(world, &view, node);
            return;
        }
    }
}
const struct oracle_op oracle_op_seclude = {"seclude", seclude};

/* Structs in a ring, each with a hidden cycle: when they are collected, their free hooks release
   that many possible roots. */
static void keepers(struct oracle_world *world)
{
    size_t length = 1 + oracle_below(world, 5);
    oracle_note(world, "make a ring of %zu that hide something", length);
    oracle_make_struct(world, 3, oracle_keeper_form);
    struct model_node *first = oracle_node_at(oracle_temp(world, 3), MODEL_STRUCT);
    for (struct model_node *keeper = first; length > 0; length--) {
        make_private(world, true);
        oracle_point(world, keeper, 1, 0);
        if (length > 1) {
            oracle_make_struct(world, 0, oracle_keeper_form);
            struct model_node *next = oracle_node_at(oracle_temp(world, 0), MODEL_STRUCT);
            oracle_point(world, keeper, 0, 0);
            keeper = next;
        } else {
            oracle_copy(world, 0, oracle_view_of(oracle_temp(world, 3)));
            oracle_point(world, keeper, 0, 0);
        }
    }
    oracle_copy(world, 0, oracle_view_of(oracle_temp(world, 3)));
    oracle_release(world, oracle_temp(world, 3));
    oracle_store(world, 0);
}
const struct oracle_op oracle_op_keepers = {"keepers", keepers};
