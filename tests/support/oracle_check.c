/*
 * Comparison of everything: what the library's calls say about each node that
 * the model knows, garbage that has not been found yet included.
 */
#include "core/heap_state.h"
#include "core/layout.h"
#include "oracle_forms.h"

#include <inttypes.h>
#include <string.h>

static const void *payload_of(const zval *value)
{
    return value->payload.counted;
}

static enum zval_type expected_type(const struct model_value *shadow)
{
    static const enum zval_type plain[] = {ZVAL_UNDEF, ZVAL_NULL, ZVAL_BOOL, ZVAL_INT, ZVAL_DOUBLE};
    static const enum zval_type nodes[] = {ZVAL_STRING,    ZVAL_ARRAY,   ZVAL_OBJECT, ZVAL_NATIVE,
                                           ZVAL_REFERENCE, ZVAL_WEAKREF, ZVAL_WEAKMAP};
    return shadow->type == MODEL_NODE ? nodes[shadow->as.node->kind] : plain[shadow->type];
}

static bool has_same_scalar(const zval *real, const struct model_value *shadow)
{
    switch (shadow->type) {
    case MODEL_BOOL:
        return zval_to_bool(real) == (shadow->as.integer != 0);
    case MODEL_INT:
        return zval_to_int(real) == shadow->as.integer;
    case MODEL_DOUBLE: {
        double number = zval_to_double(real);
        return memcmp(&number, &shadow->as.number, sizeof number) == 0;
    }
    default:
        return true;
    }
}

static void expect_count(struct oracle_world *world, const struct model_node *node, uint32_t count)
{
    oracle_expect(world, count == node->count || !oracle_is_calm(world),
                  "#%" PRIu64 " has a count of %u, expected %u", node->number, count, node->count);
}

void oracle_expect_same(struct oracle_world *world, const zval *real,
                        const struct model_value *shadow)
{
    oracle_expect(world, real != NULL, "nothing there, expected a value");
    struct model_node *reference = model_node_in(shadow, MODEL_REFERENCE);
    oracle_expect(world, zval_is_reference(real) == (reference != NULL), "%s, expected %s",
                  zval_is_reference(real) ? "a reference" : "no reference",
                  reference != NULL ? "one" : "none");
    if (reference != NULL) {
        oracle_expect(world, payload_of(real) == reference->real,
                      "reference %p, expected #%" PRIu64 " at %p", payload_of(real),
                      reference->number, reference->real);
        expect_count(world, reference, zval_reference_count(real));
        return;
    }
    oracle_expect(world, zval_type_of(real) == expected_type(shadow), "type %d, expected %d",
                  zval_type_of(real), expected_type(shadow));
    oracle_expect(world, has_same_scalar(real, shadow), "another scalar");
    if (shadow->type == MODEL_NODE && shadow->as.node->real != NULL) {
        const struct model_node *node = shadow->as.node;
        oracle_expect(world, payload_of(real) == node->real, "%p, expected #%" PRIu64 " at %p",
                      payload_of(real), node->number, node->real);
        expect_count(world, node, zval_refcount(real));
    }
}

/* ---- nodes -------------------------------------------------------------- */

zval oracle_lent(const struct model_node *node)
{
    static const uint32_t tags[] = {RC_TAG_STRING,
                                    RC_TAG_OF_NODE(ZVAL_ARRAY),
                                    RC_TAG_OF_NODE(ZVAL_OBJECT),
                                    RC_TAG_OF_NODE(ZVAL_NATIVE),
                                    RC_TAG_OF_NODE(ZVAL_REFERENCE),
                                    RC_TAG(ZVAL_WEAKREF) | RC_TAG_COUNTED,
                                    RC_TAG_OF_NODE(ZVAL_WEAKMAP)};
    zval value = zval_undef();
    value.payload.counted = node->real;
    value.tag = tags[node->kind];
    return value;
}

static void check_string(struct oracle_world *world, const struct model_node *node)
{
    const struct oracle_name *text = node->form;
    zval value = oracle_lent(node);
    size_t length;
    const char *bytes = zval_string_bytes(&value, &length);
    oracle_expect(world, length == text->length && memcmp(bytes, text->bytes, length + 1) == 0,
                  "string #%" PRIu64 " has other bytes", node->number);
}

static bool is_key(const zval *real, struct model_key key)
{
    if (key.name < 0) {
        return zval_type_of(real) == ZVAL_INT && zval_to_int(real) == key.integer;
    }
    size_t length;
    const char *bytes = zval_string_bytes(real, &length);
    const struct oracle_name *name = &oracle_names[key.name];
    return bytes != NULL && length == name->length && memcmp(bytes, name->bytes, length) == 0;
}

static const zval *element_at(const zval *array, struct model_key key)
{
    if (key.name < 0) {
        return zval_array_get_at(array, key.integer);
    }
    const struct oracle_name *name = &oracle_names[key.name];
    return zval_array_get_bytes(array, name->bytes, name->length);
}

static void check_array(struct oracle_world *world, const struct model_node *node)
{
    zval array = oracle_lent(node);
    struct zval_array_cursor cursor = {0};
    zval key;
    const zval *item;
    size_t index = 0;
    for (; zval_array_next(&array, &cursor, &key, &item); index++) {
        const struct model_slot *slot = &node->slots[index];
        oracle_expect(world, index < node->slot_count && is_key(&key, slot->key),
                      "array #%" PRIu64 " has another key at position %zu", node->number, index);
        oracle_expect(world, item == element_at(&array, slot->key),
                      "array #%" PRIu64 " finds another element by key at position %zu",
                      node->number, index);
        oracle_expect_same(world, item, &slot->value);
    }
    oracle_expect(world, index == node->slot_count && index == zval_array_count(&array),
                  "array #%" PRIu64 " has %zu elements and counts %zu, expected %zu", node->number,
                  index, zval_array_count(&array), node->slot_count);
    struct model_key absent = model_index_key(1000000);
    oracle_expect(world, element_at(&array, absent) == NULL,
                  "array #%" PRIu64 " finds a key that it has not", node->number);
}

/* A declared property that is undefined has been removed; any other may be undefined and there. */
static const struct model_slot *next_defined(const struct model_node *node, size_t *index)
{
    while (*index < node->fixed && node->slots[*index].value.type == MODEL_UNDEF) {
        (*index)++;
    }
    return *index < node->slot_count ? &node->slots[(*index)++] : NULL;
}

static void check_object(struct oracle_world *world, const struct model_node *node)
{
    zval object = oracle_lent(node);
    struct zval_property_cursor cursor = {0};
    const char *name;
    const zval *value;
    size_t index = 0;
    size_t count = 0;
    for (; zval_property_next(&object, &cursor, &name, &value); count++) {
        const struct model_slot *slot = next_defined(node, &index);
        oracle_expect(world, slot != NULL && strcmp(name, oracle_names[slot->key.name].bytes) == 0,
                      "object #%" PRIu64 " has another property %s", node->number, name);
        oracle_expect(world, value == zval_property_get(&object, name),
                      "object #%" PRIu64 " finds another property %s", node->number, name);
        oracle_expect_same(world, value, &slot->value);
    }
    oracle_expect(world,
                  next_defined(node, &index) == NULL && count == zval_property_count(&object),
                  "object #%" PRIu64 " has %zu properties and counts %zu, expected more",
                  node->number, count, zval_property_count(&object));
    oracle_expect(world, zval_class_of(&object) == node->form,
                  "object #%" PRIu64 " has another class", node->number);
}

static void check_struct(struct oracle_world *world, const struct model_node *node)
{
    const struct oracle_head *head = node->real;
    const struct oracle_form *form = node->form;
    oracle_expect(world, head->shadow == node && head->gc.type == form->type,
                  "struct #%" PRIu64 " has another type", node->number);
    for (size_t i = 0; i < node->slot_count; i++) {
        struct oracle_field field = oracle_field_at(node, i);
        const struct model_value *shadow = &node->slots[i].value;
        if (field.value != NULL) {
            oracle_expect_same(world, field.value, shadow);
        } else {
            const void *expected = shadow->type == MODEL_NODE ? shadow->as.node->real : NULL;
            oracle_expect(world, *field.pointer == expected,
                          "struct #%" PRIu64 " points to %p in slot %zu, expected %p", node->number,
                          *field.pointer, i, expected);
        }
    }
}

/* What the handle says by itself: a call would make the object a possible root. */
static void check_weakref(struct oracle_world *world, const struct model_node *node)
{
    const struct gc_weak *weak = node->real;
    const void *expected = node->target == NULL ? NULL : node->target->real;
    oracle_expect(world, weak->target == expected || !oracle_is_calm(world),
                  "weak reference #%" PRIu64 " leads to %p, expected %p", node->number,
                  (void *)weak->target, expected);
}

static void check_entry(struct oracle_world *world, const struct model_node *map,
                        const struct model_slot *slot, const zval *item)
{
    zval value = oracle_lent(map);
    zval key = oracle_lent(slot->key.object);
    oracle_expect(world, item == zval_weakmap_get(&value, &key),
                  "weak map #%" PRIu64 " finds another entry for #%" PRIu64, map->number,
                  slot->key.object->number);
    oracle_expect_same(world, item, &slot->value);
}

/* Which keys are still alive is known only if the counts are. During a collection an iteration
   would spare what it comes to. */
static void check_weakmap(struct oracle_world *world, const struct model_node *node)
{
    zval map = oracle_lent(node);
    struct zval_weakmap_cursor cursor = {0};
    size_t index = 0;
    size_t count = 0;
    zval key;
    const zval *item;
    if (!oracle_is_calm(world) || gc_status().running) {
        return;
    }
    for (; zval_weakmap_next(&map, &cursor, &key, &item); index++, count++) {
        const struct model_slot *slot = &node->slots[index];
        oracle_expect(world, index < node->slot_count && payload_of(&key) == slot->key.object->real,
                      "weak map #%" PRIu64 " has another key at position %zu", node->number, index);
        check_entry(world, node, slot, item);
    }
    oracle_expect(world, count == node->slot_count && count == zval_weakmap_count(&map),
                  "weak map #%" PRIu64 " has %zu entries and counts %zu, expected %zu",
                  node->number, count, zval_weakmap_count(&map), node->slot_count);
}

static void check_contents(struct oracle_world *world, const struct model_node *node)
{
    switch (node->kind) {
    case MODEL_STRING:
        check_string(world, node);
        break;
    case MODEL_ARRAY:
        check_array(world, node);
        break;
    case MODEL_OBJECT:
        check_object(world, node);
        break;
    case MODEL_STRUCT:
        check_struct(world, node);
        break;
    case MODEL_WEAKREF:
        check_weakref(world, node);
        break;
    case MODEL_WEAKMAP:
        check_weakmap(world, node);
        break;
    case MODEL_REFERENCE: {
        const struct rc_reference *reference = node->real;
        oracle_expect_same(world, &reference->value, &node->slots[0].value);
        break;
    }
    }
}

static bool is_page_of(const struct gc_heap *heap, const struct rc_page *wanted)
{
    struct rc_page *page = NULL;
    do {
        page = rc__space_next_page(&heap->space, page);
    } while (page != NULL && page != wanted);
    return page != NULL;
}

static const enum rc_kind kinds[] = {RC_KIND_STRING, RC_KIND_ARRAY,     RC_KIND_INSTANCE,
                                     RC_KIND_NATIVE, RC_KIND_REFERENCE, RC_KIND_WEAKREF,
                                     RC_KIND_WEAKMAP};

/* A page may have been emptied as a whole, its slots as they were. */
bool oracle_is_there(struct oracle_world *world, const struct model_node *node)
{
    const struct gc_object *header = node->real;
    const struct rc_page *page = rc__page_of(header);
    if (!is_page_of(world->heap, page) || page->kind <= RC_PAGE_LEAF) {
        return false;
    }
    uint32_t slot = rc__page_slot_of(page, header);
    return slot < page->fresh && rc__page_slot(page, slot) == header && rc__is_alive(header) &&
           rc__kind_of(header) == kinds[node->kind];
}

void oracle_check_node(struct oracle_world *world, const struct model_node *node)
{
    const struct gc_object *header = node->real;
    if (header == NULL) {
        return;
    }
    oracle_expect(world, rc__is_alive(header) && rc__kind_of(header) == kinds[node->kind],
                  "#%" PRIu64 " at %p is gone, and has %u references", node->number, node->real,
                  node->count);
    expect_count(world, node, gc_refcount(header));
    check_contents(world, node);
}

/* ---- all of it ---------------------------------------------------------- */

static void check_pointers(struct oracle_world *world, const void *const *pointers, size_t count,
                           const struct model_value *shadows)
{
    for (size_t i = 0; i < count; i++) {
        const void *expected = shadows[i].type == MODEL_NODE ? shadows[i].as.node->real : NULL;
        oracle_expect(world, pointers[i] == expected, "pointer %zu is %p, expected %p", i,
                      pointers[i], expected);
    }
}

static void check_handles(struct oracle_world *world)
{
    const struct model_value *shadows = world->model.handles;
    for (size_t i = 0; i < ORACLE_PLACES; i++) {
        oracle_expect_same(world, &world->variables[i], &shadows[i]);
    }
    check_pointers(world, (const void *const *)world->holds, ORACLE_HOLDS, shadows + ORACLE_PLACES);
    check_pointers(world, (const void *const *)world->watches, ORACLE_WATCHES,
                   shadows + ORACLE_PLACES + ORACLE_HOLDS);
}

/* A run in progress is given up by that, so it is seldom done then. */
static void verify(struct oracle_world *world)
{
    size_t faults = gc_heap_verify(world->heap, stderr);
    bool is_busy = gc_status().running;
    oracle_expect(world, faults == (is_busy ? SIZE_MAX : 0), "gc_heap_verify() found %zu faults",
                  faults);
    if (!is_busy) {
        oracle_slices_given_up(world);
    }
}

void oracle_checkpoint(struct oracle_world *world)
{
    check_handles(world);
    for (const struct model_node *node = world->model.alive; node != NULL; node = node->next) {
        oracle_check_node(world, node);
    }
    if (!gc_status().in_progress || oracle_percent(world, 5)) {
        verify(world);
    }
}
