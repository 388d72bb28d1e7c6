#include "oracle_calls.h"

#include "core/layout.h"
#include <inttypes.h>

zval oracle_take(struct oracle_place place)
{
    zval value = *place.real;
    *place.real = zval_undef();
    return value;
}

/* Where garbage was that a run under way has freed, something new may be. */
static void vacate(struct oracle_world *world, const void *real)
{
    struct model_node *before = model_node_at(&world->model, real);
    if (before != NULL && !oracle_is_calm(world) && !oracle_is_reached(world, before)) {
        model_node_gone(&world->model, before);
    }
}

void oracle_map(struct oracle_world *world, struct model_node *node, void *real)
{
    oracle_expect(world, real != NULL, "a constructor returned nothing");
    vacate(world, real);
    oracle_expect(world, model_node_map(&world->model, node, real),
                  "#%" PRIu64 " was made at %p, where another one is alive", node->number, real);
}

/* The place itself, or the inside of the reference in it. */
static const zval *variable_of(const zval *place)
{
    const struct rc_reference *reference = place->payload.counted;
    return zval_is_reference(place) ? &reference->value : place;
}

void oracle_expect_result(struct oracle_world *world, enum gc_result result,
                          enum gc_result expected)
{
    oracle_expect(world, result == expected, "%s, expected %s", gc_result_text(result),
                  gc_result_text(expected));
}

/* ---- places and views --------------------------------------------------- */

struct oracle_place oracle_variable(struct oracle_world *world, size_t index)
{
    return (struct oracle_place){&world->variables[index], &world->model.handles[index]};
}

struct oracle_place oracle_kept(struct oracle_world *world, size_t index)
{
    return oracle_variable(world, ORACLE_VARIABLES + index);
}

struct oracle_place oracle_temp(struct oracle_world *world, size_t index)
{
    size_t first = ORACLE_VARIABLES + ORACLE_KEPT + world->level * ORACLE_TEMPS;
    return oracle_variable(world, first + index);
}

bool oracle_is_reached(struct oracle_world *world, const struct model_node *node)
{
    model_count_reached(&world->model);
    return model_is_marked(&world->model, node);
}

struct oracle_view oracle_view_of(struct oracle_place place)
{
    return (struct oracle_view){*place.real, *place.shadow};
}

struct model_node *oracle_node_at(struct oracle_place place, enum model_kind kind)
{
    return model_node_in(model_through(place.shadow), kind);
}

/* ---- making values ------------------------------------------------------ */

static zval real_of(struct model_value plain)
{
    switch (plain.type) {
    case MODEL_NULL:
        return zval_null();
    case MODEL_BOOL:
        return zval_bool(plain.as.integer != 0);
    case MODEL_INT:
        return zval_int(plain.as.integer);
    case MODEL_DOUBLE:
        return zval_double(plain.as.number);
    default:
        return zval_undef();
    }
}

void oracle_make_plain(struct oracle_world *world, size_t temp, struct model_value plain)
{
    struct oracle_place place = oracle_temp(world, temp);
    *place.real = real_of(plain);
    *place.shadow = plain;
}

struct model_node *oracle_put_new(struct oracle_world *world, size_t temp, enum model_kind kind,
                                  size_t fixed)
{
    struct model_node *node = model_node_new(&world->model, kind, fixed);
    *oracle_temp(world, temp).shadow = model_of(node);
    return node;
}

void oracle_make_string(struct oracle_world *world, size_t temp, const struct oracle_name *text)
{
    struct oracle_place place = oracle_temp(world, temp);
    *place.real = zval_string(text->bytes, text->length);
    struct model_node *node = oracle_put_new(world, temp, MODEL_STRING, 0);
    node->form = text;
    oracle_map(world, node, place.real->payload.counted);
}

void oracle_make_array(struct oracle_world *world, size_t temp)
{
    struct oracle_place place = oracle_temp(world, temp);
    *place.real = zval_array();
    oracle_map(world, oracle_put_new(world, temp, MODEL_ARRAY, 0), place.real->payload.counted);
}

void oracle_make_object(struct oracle_world *world, size_t temp, const struct zval_class *class_)
{
    struct oracle_place place = oracle_temp(world, temp);
    *place.real = zval_object(class_);
    size_t count = class_ == NULL ? 0 : class_->property_count;
    struct model_node *node = oracle_put_new(world, temp, MODEL_OBJECT, count);
    node->form = class_;
    node->awaits = class_ != NULL && class_->destructor != NULL;
    node->acyclic = class_ != NULL && (class_->flags & ZVAL_CLASS_ACYCLIC) != 0;
    for (size_t i = 0; i < count; i++) {
        node->slots[i].key.name = oracle_name_of(class_->properties[i]);
        node->slots[i].value = model_plain(MODEL_NULL, 0);
    }
    oracle_map(world, node, place.real->payload.counted);
}

void oracle_make_struct(struct oracle_world *world, size_t temp, const struct oracle_form *form)
{
    struct oracle_head *head = gc_new(form->type);
    size_t slots = form->pointers + form->values;
    struct model_node *node = oracle_put_new(world, temp, MODEL_STRUCT, slots);
    node->form = form;
    node->awaits = form->type->destructor != NULL;
    node->acyclic = (form->type->flags & GC_TYPE_ACYCLIC) != 0 ||
                    (form->type->field_count == 0 && form->type->trace == NULL);
    if (form->hides_last) {
        node->slots[slots - 1].hidden = true;
    }
    oracle_map(world, node, head);
    head->shadow = node;
    head->world = world;
    *oracle_temp(world, temp).real = zval_native(head);
}

void oracle_copy(struct oracle_world *world, size_t temp, struct oracle_view view)
{
    struct oracle_place place = oracle_temp(world, temp);
    *place.real = zval_copy(&view.lent);
    *place.shadow = model_share(model_through(&view.shadow));
    oracle_expect_same(world, place.real, place.shadow);
}

void oracle_reference(struct oracle_world *world, size_t temp, struct oracle_place place)
{
    struct oracle_place handle = oracle_temp(world, temp);
    *handle.real = zval_reference(place.real);
    if (model_node_in(place.shadow, MODEL_REFERENCE) == NULL) {
        struct model_node *reference = model_node_new(&world->model, MODEL_REFERENCE, 1);
        bool undefined = place.shadow->type == MODEL_UNDEF;
        reference->slots[0].value = undefined ? model_plain(MODEL_NULL, 0) : *place.shadow;
        *place.shadow = model_of(reference);
        oracle_map(world, reference, place.real->payload.counted);
    }
    *handle.shadow = model_share(place.shadow);
    oracle_expect_same(world, handle.real, handle.shadow);
    oracle_expect_same(world, place.real, place.shadow);
}

/* ---- variables ---------------------------------------------------------- */

/* The value takes the place of another, in the variable or in the reference that is there. Where
   the model is ahead it may have released that reference already, and the library does so only now:
   then what is in it by now becomes a candidate. */
static void overwrite(struct oracle_world *world, const struct model_value *variable,
                      struct model_value *target, struct model_value value)
{
    bool is_ahead = !world->calls[world->call_count - 1].is_calm;
    struct model_value before = *target;
    *target = value;
    if (is_ahead && target != variable && value.type == MODEL_NODE) {
        model_maybe_candidate(&world->model, value.as.node);
    }
    model_release(&world->model, before);
}

void oracle_assign(struct oracle_world *world, struct oracle_place place, size_t temp)
{
    struct oracle_place from = oracle_temp(world, temp);
    oracle_begin(world);
    struct model_value item = model_take(from.shadow);
    bool is_handle = model_node_in(&item, MODEL_REFERENCE) != NULL;
    struct model_value *target = model_through(place.shadow);
    overwrite(world, place.shadow, target, is_handle ? model_share(model_through(&item)) : item);
    if (is_handle) {
        model_release(&world->model, item);
    }
    zval_assign(place.real, oracle_take(from));
    oracle_settle(world);
}

void oracle_release(struct oracle_world *world, struct oracle_place place)
{
    oracle_begin(world);
    model_release(&world->model, model_take(place.shadow));
    zval_release(place.real);
    oracle_settle(world);
}

void oracle_rebind(struct oracle_world *world, struct oracle_place place, size_t temp)
{
    struct oracle_place from = oracle_temp(world, temp);
    oracle_begin(world);
    struct model_value shadow_before = *place.shadow;
    *place.shadow = model_take(from.shadow);
    model_release(&world->model, shadow_before);
    zval before = *place.real;
    *place.real = oracle_take(from);
    zval_release(&before);
    oracle_settle(world);
}

/* ---- arrays ------------------------------------------------------------- */

/* The array in a place, ready to be written. A separated one is mapped by settle_array(). */
static struct model_node *writable(struct oracle_world *world, struct oracle_place place)
{
    struct model_value *variable = model_through(place.shadow);
    struct model_node *array = variable->as.node;
    if (array->count > 1) {
        struct model_node *copy = model_array_copy(&world->model, array);
        variable->as.node = copy;
        model_release(&world->model, model_of(array));
        array = copy;
    }
    return array;
}

/* If the array is still alive, so is the variable that it was found in; perhaps not the place, if
   that was a handle to a reference. If it is not, another node may be where it was in the model. */
static void settle_array(struct oracle_world *world, const zval *variable, struct model_node *array,
                         uint64_t number)
{
    if (array != NULL && !array->dead && array->number == number) {
        void *real = variable->payload.counted;
        if (array->real == NULL) {
            oracle_map(world, array, real);
        }
        oracle_expect(world, real == array->real,
                      "array #%" PRIu64 " is at %p, expected %p: wrongly separated or not",
                      array->number, real, array->real);
    }
    oracle_settle(world);
}

/* An undefined item is what a failed constructor returns. */
enum gc_result oracle_expected_with_item(enum gc_result expected, struct oracle_place item)
{
    return item.shadow->type == MODEL_UNDEF ? GC_ENOMEM : expected;
}

static enum gc_result real_put(zval *array, const struct model_key *key, zval item)
{
    if (key == NULL) {
        return zval_array_push(array, item);
    }
    if (key->name < 0) {
        return zval_array_set_at(array, key->integer, item);
    }
    const struct oracle_name *name = &oracle_names[key->name];
    return zval_array_set_bytes(array, name->bytes, name->length, item);
}

static enum gc_result expected_of_array(struct oracle_place place, bool pushes)
{
    const struct model_value *value = model_through(place.shadow);
    if (value->type == MODEL_UNDEF) {
        return GC_ENOMEM;
    }
    const struct model_node *array = model_node_in(value, MODEL_ARRAY);
    if (array == NULL) {
        return GC_ETYPE;
    }
    return pushes && array->next_key < 0 ? GC_ERANGE : GC_OK;
}

/* A reference takes the place, anything else is written through one. */
void oracle_put_into(struct oracle_world *world, struct model_value *slot, struct model_value item)
{
    bool rebinds = model_node_in(&item, MODEL_REFERENCE) != NULL;
    overwrite(world, slot, rebinds ? slot : model_through(slot), item);
}

void oracle_array_put(struct oracle_world *world, struct oracle_place place,
                      const struct model_key *key, size_t temp)
{
    struct oracle_place from = oracle_temp(world, temp);
    enum gc_result expected =
        oracle_expected_with_item(expected_of_array(place, key == NULL), from);
    const zval *variable = variable_of(place.real);
    oracle_begin(world);
    struct model_value item = model_take(from.shadow);
    struct model_node *array = NULL;
    uint64_t number = 0;
    if (expected != GC_OK) {
        model_release(&world->model, item);
    } else {
        array = writable(world, place);
        number = array->number;
        struct model_key next = model_index_key(array->next_key);
        struct model_slot *slot = model_slot_get(&world->model, array, key == NULL ? next : *key);
        oracle_put_into(world, &slot->value, item);
    }
    oracle_expect_result(world, real_put(place.real, key, oracle_take(from)), expected);
    settle_array(world, variable, array, number);
}

static zval *real_slot(zval *array, struct model_key key)
{
    if (key.name < 0) {
        return zval_array_slot_at(array, key.integer);
    }
    const struct oracle_name *name = &oracle_names[key.name];
    return zval_array_slot_bytes(array, name->bytes, name->length);
}

struct oracle_place oracle_array_slot(struct oracle_world *world, struct oracle_place place,
                                      struct model_key key)
{
    enum gc_result expected = expected_of_array(place, false);
    const zval *variable = variable_of(place.real);
    struct oracle_place slot = {NULL, NULL};
    struct model_node *array = NULL;
    uint64_t number = 0;
    oracle_begin(world);
    if (expected == GC_OK) {
        array = writable(world, place);
        number = array->number;
        slot.shadow = &model_slot_get(&world->model, array, key)->value;
    }
    slot.real = real_slot(place.real, key);
    oracle_expect(world, (slot.real != NULL) == (expected == GC_OK), "a slot of no array");
    settle_array(world, variable, array, number);
    return slot;
}

static enum gc_result real_remove(zval *array, struct model_key key)
{
    if (key.name < 0) {
        return zval_array_remove_at(array, key.integer);
    }
    const struct oracle_name *name = &oracle_names[key.name];
    return zval_array_remove_bytes(array, name->bytes, name->length);
}

void oracle_array_remove(struct oracle_world *world, struct oracle_place place,
                         struct model_key key)
{
    enum gc_result expected = expected_of_array(place, false);
    const zval *variable = variable_of(place.real);
    if (expected == GC_OK && model_slot_find(oracle_node_at(place, MODEL_ARRAY), key) == NULL) {
        expected = GC_ENOKEY;
    }
    oracle_begin(world);
    struct model_node *array = NULL;
    uint64_t number = 0;
    if (expected == GC_OK) {
        array = writable(world, place);
        number = array->number;
        struct model_slot *slot = model_slot_find(array, key);
        model_release(&world->model, model_slot_remove(array, slot));
    }
    oracle_expect_result(world, real_remove(place.real, key), expected);
    settle_array(world, variable, array, number);
}

struct oracle_view oracle_array_get(struct oracle_world *world, struct oracle_view array,
                                    const struct model_slot *slot)
{
    const struct oracle_name *name = slot->key.name < 0 ? NULL : &oracle_names[slot->key.name];
    const zval *item = name == NULL ? zval_array_get_at(&array.lent, slot->key.integer)
                                    : zval_array_get_bytes(&array.lent, name->bytes, name->length);
    oracle_expect_same(world, item, &slot->value);
    return (struct oracle_view){*item, slot->value};
}

/* ---- objects ------------------------------------------------------------ */

static enum gc_result expected_of_object(struct oracle_place place)
{
    if (model_through(place.shadow)->type == MODEL_UNDEF) {
        return GC_ENOMEM;
    }
    return oracle_node_at(place, MODEL_OBJECT) == NULL ? GC_ETYPE : GC_OK;
}

void oracle_property_put(struct oracle_world *world, struct oracle_place place, int name,
                         size_t temp)
{
    struct oracle_place from = oracle_temp(world, temp);
    enum gc_result expected = oracle_expected_with_item(expected_of_object(place), from);
    oracle_begin(world);
    struct model_value item = model_take(from.shadow);
    if (expected != GC_OK) {
        model_release(&world->model, item);
    } else {
        struct model_node *object = oracle_node_at(place, MODEL_OBJECT);
        struct model_slot *slot = model_slot_get(&world->model, object, model_name_key(name));
        oracle_put_into(world, &slot->value, item);
    }
    oracle_expect_result(world,
                         zval_property_set(place.real, oracle_names[name].bytes, oracle_take(from)),
                         expected);
    oracle_settle(world);
}

struct oracle_place oracle_property_slot(struct oracle_world *world, struct oracle_place place,
                                         int name)
{
    struct model_node *object = oracle_node_at(place, MODEL_OBJECT);
    struct model_slot *shadow = model_slot_get(&world->model, object, model_name_key(name));
    struct oracle_place slot = {zval_property_slot(place.real, oracle_names[name].bytes),
                                &shadow->value};
    oracle_expect_same(world, slot.real, slot.shadow);
    return slot;
}

struct oracle_place oracle_property_at(struct oracle_world *world, struct oracle_place place,
                                       size_t index)
{
    struct model_node *object = oracle_node_at(place, MODEL_OBJECT);
    struct oracle_place slot = {zval_property_at(place.real, index), &object->slots[index].value};
    oracle_expect_same(world, slot.real, slot.shadow);
    return slot;
}

static bool is_declared(const struct model_node *object, const struct model_slot *slot)
{
    return (size_t)(slot - object->slots) < object->fixed;
}

/* NULL: there is none, or it is a declared one that has been removed. */
static struct model_slot *property_of(const struct model_node *object, int name)
{
    struct model_slot *slot = object == NULL ? NULL : model_slot_find(object, model_name_key(name));
    bool is_removed = slot != NULL && is_declared(object, slot) && slot->value.type == MODEL_UNDEF;
    return is_removed ? NULL : slot;
}

void oracle_property_remove(struct oracle_world *world, struct oracle_place place, int name)
{
    enum gc_result expected = expected_of_object(place);
    struct model_node *object = oracle_node_at(place, MODEL_OBJECT);
    struct model_slot *slot = property_of(object, name);
    if (expected == GC_OK && slot == NULL) {
        expected = GC_ENOKEY;
    }
    oracle_begin(world);
    if (expected == GC_OK) {
        model_release(&world->model, is_declared(object, slot) ? model_take(&slot->value)
                                                               : model_slot_remove(object, slot));
    }
    oracle_expect_result(world, zval_property_remove(place.real, oracle_names[name].bytes),
                         expected);
    oracle_settle(world);
}

struct oracle_view oracle_property_get(struct oracle_world *world, struct oracle_view object,
                                       const struct model_slot *slot)
{
    const zval *value = zval_property_get(&object.lent, oracle_names[slot->key.name].bytes);
    if (value == NULL && slot->value.type == MODEL_UNDEF) {
        return (struct oracle_view){zval_undef(), slot->value};
    }
    oracle_expect_same(world, value, &slot->value);
    return (struct oracle_view){*value, slot->value};
}
