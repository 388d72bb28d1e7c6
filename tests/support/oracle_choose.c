#include "oracle_ops.h"

#define ARRAY_ELEMENTS_WANTED 40

bool oracle_is_full(const struct oracle_world *world)
{
    return world->model.live_nodes >= world->oracle->profile->nodes;
}

bool oracle_may_shrink(struct oracle_world *world)
{
    size_t wanted = world->oracle->profile->nodes;
    if (world->model.live_nodes >= wanted) {
        world->shrinks = true;
    } else if (world->model.live_nodes < wanted / 3) {
        world->shrinks = false;
    }
    return world->shrinks || oracle_percent(world, 4);
}

/* What hangs below an acyclic node, or in a hidden slot, is never seen again by the program, lest a
   cycle went through there that nothing can find. A node that is not mapped yet is being made by
   the call that a destructor runs in. */
static struct model_node *open_node(struct model_value *value)
{
    value = model_through(value);
    bool is_open =
        value->type == MODEL_NODE && !value->as.node->acyclic && value->as.node->real != NULL;
    return is_open ? value->as.node : NULL;
}

/* ---- looking ------------------------------------------------------------ */

/* Which keys are still there is known only in a calm world. During a collection an iteration is the
   way to come by them. */
static bool step_into_entry(struct oracle_world *world, struct oracle_view *view,
                            const struct model_slot *slot)
{
    if (!oracle_is_calm(world) || gc_status().running) {
        return false;
    }
    *view = oracle_weakmap_get(world, *view, slot);
    return true;
}

bool oracle_step_down(struct oracle_world *world, struct oracle_view *view)
{
    struct model_node *node = open_node(&view->shadow);
    if (node == NULL || node->slot_count == 0) {
        return false;
    }
    size_t index = oracle_below(world, node->slot_count);
    const struct model_slot *slot = &node->slots[index];
    if (slot->hidden) {
        return false;
    }
    switch (node->kind) {
    case MODEL_ARRAY:
        *view = oracle_array_get(world, *view, slot);
        return true;
    case MODEL_OBJECT:
        *view = oracle_property_get(world, *view, slot);
        return true;
    case MODEL_STRUCT:
        *view = oracle_field_get(node, index);
        return true;
    case MODEL_WEAKMAP:
        return step_into_entry(world, view, slot);
    default:
        return false;
    }
}

struct oracle_view oracle_some_view(struct oracle_world *world)
{
    size_t variables = ORACLE_VARIABLES + (oracle_percent(world, 30) ? ORACLE_KEPT : 0);
    size_t index = oracle_below(world, variables + ORACLE_HOLDS);
    struct oracle_view view = index < variables ? oracle_view_of(oracle_variable(world, index))
                                                : oracle_held(world, index - variables);
    size_t steps = oracle_below(world, 6);
    while (steps > 0 && oracle_step_down(world, &view)) {
        steps--;
    }
    return view;
}

struct model_node *oracle_some_struct(struct oracle_world *world)
{
    for (int attempt = 0; attempt < 6; attempt++) {
        struct oracle_view view = oracle_some_view(world);
        struct model_node *node = open_node(&view.shadow);
        if (node != NULL && node->kind == MODEL_STRUCT) {
            return node;
        }
    }
    return NULL;
}

/* ---- slots of structs --------------------------------------------------- */

static bool some_slot(struct oracle_world *world, const struct model_node *node, bool pointer,
                      size_t *slot)
{
    for (int attempt = 0; attempt < 5 && node->slot_count > 0; attempt++) {
        *slot = oracle_below(world, node->slot_count);
        bool is_pointer = oracle_field_at(node, *slot).pointer != NULL;
        if (is_pointer == pointer && !node->slots[*slot].hidden) {
            return true;
        }
    }
    return false;
}

static bool is_spare(struct oracle_world *world, const struct model_value *value)
{
    return value->type != MODEL_NODE || oracle_may_shrink(world);
}

static bool spare_slot(struct oracle_world *world, const struct model_node *node, bool pointer,
                       size_t *slot)
{
    for (int attempt = 0; attempt < 3; attempt++) {
        if (some_slot(world, node, pointer, slot) && is_spare(world, &node->slots[*slot].value)) {
            return true;
        }
    }
    return false;
}

bool oracle_spare_pointer(struct oracle_world *world, const struct model_node *node, size_t *slot)
{
    return spare_slot(world, node, true, slot);
}

bool oracle_spare_field(struct oracle_world *world, const struct model_node *node, size_t *slot)
{
    return spare_slot(world, node, false, slot);
}

/* ---- writing ------------------------------------------------------------ */

struct model_key oracle_some_key(struct oracle_world *world, const struct model_node *array)
{
    bool has_many = array != NULL && array->slot_count >= ARRAY_ELEMENTS_WANTED;
    bool existing = has_many || oracle_percent(world, oracle_may_shrink(world) ? 60 : 30);
    if (array != NULL && array->slot_count > 0 && existing) {
        return array->slots[oracle_below(world, array->slot_count)].key;
    }
    struct model_key key = model_index_key((int64_t)oracle_below(world, 10));
    if (oracle_percent(world, 40)) {
        key.name = (int)oracle_below(world, oracle_name_count);
    } else if (oracle_percent(world, 10)) {
        static const int64_t odd[] = {-1, -7, 1 << 20, INT64_MIN, INT64_MAX};
        key.integer = odd[oracle_below(world, oracle_percent(world, 10) ? 5 : 4)];
    }
    return key;
}

int oracle_some_property(struct oracle_world *world, const struct model_node *object)
{
    bool existing = oracle_percent(world, oracle_may_shrink(world) ? 60 : 30);
    if (object != NULL && object->slot_count > 0 && existing) {
        return object->slots[oracle_below(world, object->slot_count)].key.name;
    }
    return (int)oracle_below(world, oracle_property_names);
}

struct oracle_place oracle_some_variable(struct oracle_world *world)
{
    return oracle_variable(world, oracle_below(world, ORACLE_VARIABLES));
}

bool oracle_spare_variable(struct oracle_world *world, struct oracle_place *place)
{
    for (int attempt = 0; attempt < 6; attempt++) {
        *place = oracle_some_variable(world);
        if (is_spare(world, place->shadow)) {
            return true;
        }
    }
    return false;
}

bool oracle_spare_hold(struct oracle_world *world, size_t *hold)
{
    for (int attempt = 0; attempt < 6; attempt++) {
        *hold = oracle_below(world, ORACLE_HOLDS);
        struct oracle_view held = oracle_held(world, *hold);
        if (is_spare(world, &held.shadow)) {
            return true;
        }
    }
    return false;
}

static bool store_in_struct(struct oracle_world *world, size_t temp)
{
    bool is_struct = model_node_in(oracle_temp(world, temp).shadow, MODEL_STRUCT) != NULL;
    struct model_node *node = oracle_some_struct(world);
    size_t slot;
    if (node == NULL) {
        return false;
    }
    if (is_struct && oracle_spare_pointer(world, node, &slot)) {
        oracle_point(world, node, slot, temp);
        return true;
    }
    if (oracle_spare_field(world, node, &slot)) {
        oracle_rebind(world, oracle_field(node, slot), temp);
        return true;
    }
    return false;
}

void oracle_store(struct oracle_world *world, size_t temp)
{
    bool is_struct = model_node_in(oracle_temp(world, temp).shadow, MODEL_STRUCT) != NULL;
    struct oracle_place place;
    size_t hold;
    if (oracle_temp(world, temp).shadow->type == MODEL_UNDEF) {
        return;
    }
    if (oracle_percent(world, 50) && store_in_struct(world, temp)) {
        return;
    }
    if (is_struct && oracle_spare_hold(world, &hold)) {
        oracle_hold(world, hold, temp);
        return;
    }
    if (oracle_spare_variable(world, &place)) {
        oracle_rebind(world, place, temp);
        return;
    }
    place = oracle_some_place(world);
    if (is_spare(world, place.shadow)) {
        oracle_assign(world, place, temp);
    } else {
        oracle_release(world, oracle_temp(world, temp));
    }
}

/* A value in the struct, or in one that its pointers lead to; the place itself if there is none. */
static struct oracle_place place_in_struct(struct oracle_world *world, struct oracle_place place,
                                           struct model_node *node)
{
    for (int hops = 0; hops < 3 && node != NULL && node->kind == MODEL_STRUCT; hops++) {
        size_t slot;
        if (some_slot(world, node, false, &slot)) {
            return oracle_field(node, slot);
        }
        if (!some_slot(world, node, true, &slot)) {
            break;
        }
        node = open_node(&node->slots[slot].value);
    }
    return place;
}

static struct oracle_place descend(struct oracle_world *world, struct oracle_place place)
{
    struct model_node *node = open_node(place.shadow);
    if (node == NULL) {
        return place;
    }
    switch (node->kind) {
    case MODEL_ARRAY:
        return oracle_array_slot(world, place, oracle_some_key(world, node));
    case MODEL_OBJECT:
        if (node->fixed > 0 && oracle_percent(world, 50)) {
            return oracle_property_at(world, place, oracle_below(world, node->fixed));
        }
        return oracle_property_slot(world, place, oracle_some_property(world, node));
    case MODEL_STRUCT:
        return place_in_struct(world, place, node);
    default:
        return place;
    }
}

struct oracle_place oracle_some_place(struct oracle_world *world)
{
    struct oracle_place place = oracle_some_variable(world);
    if (oracle_percent(world, 20)) {
        place = place_in_struct(world, place, oracle_some_struct(world));
    }
    for (size_t steps = oracle_below(world, 4); steps > 0; steps--) {
        place = descend(world, place);
    }
    for (int more = 0; more < 4 && open_node(place.shadow) != NULL; more++) {
        if (oracle_may_shrink(world)) {
            break;
        }
        place = descend(world, place);
    }
    return place;
}

struct oracle_place oracle_some_variable_with(struct oracle_world *world, enum model_kind kind)
{
    struct oracle_place place = oracle_some_variable(world);
    for (int attempt = 0; attempt < 8 && oracle_node_at(place, kind) == NULL; attempt++) {
        place = oracle_some_variable(world);
    }
    return place;
}

struct oracle_place oracle_some_place_with(struct oracle_world *world, enum model_kind kind)
{
    struct oracle_place place = oracle_some_place(world);
    for (int attempt = 0; attempt < 6; attempt++) {
        struct model_node *node = open_node(place.shadow);
        if (node != NULL && node->kind == kind) {
            break;
        }
        place = oracle_percent(world, 50) ? oracle_some_variable(world) : oracle_some_place(world);
    }
    return place;
}

/* ---- items -------------------------------------------------------------- */

void oracle_some_scalar(struct oracle_world *world, size_t temp)
{
    struct model_value plain = model_plain(MODEL_INT, (int64_t)oracle_below(world, 1000) - 500);
    switch (oracle_below(world, 6)) {
    case 0:
        plain = model_plain(MODEL_NULL, 0);
        break;
    case 1:
        plain = model_plain(MODEL_BOOL, oracle_percent(world, 50));
        break;
    case 2:
        plain.type = MODEL_DOUBLE;
        plain.as.number = (double)oracle_below(world, 1000) / 7;
        break;
    case 3:
    case 4:
        oracle_make_string(world, temp, &oracle_texts[oracle_below(world, oracle_text_count)]);
        return;
    default:
        break;
    }
    oracle_make_plain(world, temp, plain);
}

void oracle_push_scalars(struct oracle_world *world, struct oracle_place variable, size_t count)
{
    for (; count > 0; count--) {
        oracle_some_scalar(world, 0);
        oracle_array_put(world, variable, NULL, 0);
    }
}

void oracle_new_struct(struct oracle_world *world, size_t temp)
{
    size_t forms = oracle_common_form_count;
    if (oracle_percent(world, world->oracle->profile->willed)) {
        bool opaque = world->oracle->profile->opaque && oracle_percent(world, 30);
        forms = opaque ? oracle_willed_form_count : oracle_plain_willed_form_count;
        oracle_make_struct(world, temp, &oracle_willed_forms[oracle_below(world, forms)]);
        return;
    }
    if (oracle_percent(world, 1)) {
        forms = oracle_plain_form_count;
    } else if (world->oracle->profile->opaque && oracle_percent(world, 40)) {
        forms = oracle_form_count;
    }
    oracle_make_struct(world, temp, &oracle_forms[oracle_below(world, forms)]);
}

static void new_object(struct oracle_world *world, size_t temp)
{
    const struct oracle_profile *profile = world->oracle->profile;
    size_t classes = profile->opaque ? oracle_class_count : oracle_plain_class_count;
    const struct zval_class *const *from = oracle_classes;
    if (oracle_percent(world, profile->willed)) {
        from = oracle_willed_classes;
        classes = oracle_willed_class_count;
    }
    oracle_make_object(world, temp, from[oracle_below(world, classes)]);
}

static void new_node(struct oracle_world *world, size_t temp)
{
    const struct oracle_profile *profile = world->oracle->profile;
    unsigned chance = (unsigned)oracle_below(world, 100);
    if (chance < profile->structs) {
        oracle_new_struct(world, temp);
    } else if (chance < profile->structs + profile->objects) {
        new_object(world, temp);
    } else if (oracle_percent(world, profile->weak)) {
        oracle_make_weakmap(world, temp);
    } else {
        oracle_make_array(world, temp);
    }
}

void oracle_some_item(struct oracle_world *world, size_t temp)
{
    size_t chance = oracle_below(world, 100);
    if (chance >= (world->shrinks ? 70 : 45) && !oracle_is_full(world)) {
        new_node(world, temp);
        return;
    }
    struct oracle_view view = oracle_some_view(world);
    bool is_undefined = model_through(&view.shadow)->type == MODEL_UNDEF;
    if (chance < 15 || (is_undefined && oracle_percent(world, 90))) {
        oracle_some_scalar(world, temp);
    } else if (oracle_percent(world, world->oracle->profile->weak)) {
        oracle_make_weakref(world, temp, view);
    } else {
        oracle_copy(world, temp, view);
    }
}

void oracle_some_target(struct oracle_world *world, size_t temp)
{
    if (oracle_percent(world, 15)) {
        return;
    }
    if (oracle_percent(world, 30) && !oracle_is_full(world)) {
        oracle_new_struct(world, temp);
        return;
    }
    for (int attempt = 0; attempt < 4; attempt++) {
        struct oracle_view view = oracle_some_view(world);
        if (model_node_in(model_through(&view.shadow), MODEL_STRUCT) != NULL) {
            oracle_copy(world, temp, view);
            return;
        }
    }
}
