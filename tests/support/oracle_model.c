#include "oracle_model_nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void model_require(bool condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "oracle: the model is wrong: %s\n", what);
        abort();
    }
}

void *model_grow(void *items, size_t *capacity, size_t item_bytes)
{
    *capacity = *capacity == 0 ? 8 : *capacity * 2;
    void *grown = realloc(items, *capacity * item_bytes);
    model_require(grown != NULL, "no memory");
    return grown;
}

void model_begin(struct model *model)
{
    memset(model, 0, sizeof *model);
}

static void free_nodes(struct model_node *node, bool alive)
{
    while (node != NULL) {
        struct model_node *next = alive ? node->next : node->chain;
        free(node->slots);
        free(node);
        node = next;
    }
}

void model_end(struct model *model)
{
    free_nodes(model->alive, true);
    free_nodes(model->dead, false);
    free_nodes(model->late, false);
    free_nodes(model->spare, false);
    free(model->orphans);
    free(model->pending);
    free(model->waiting);
}

/* ---- keys --------------------------------------------------------------- */

struct model_key model_index_key(int64_t index)
{
    return (struct model_key){MODEL_NO_NAME, index, NULL};
}

struct model_key model_name_key(int name)
{
    return (struct model_key){name, 0, NULL};
}

struct model_key model_object_key(struct model_node *object)
{
    return (struct model_key){MODEL_NO_NAME, 0, object};
}

/* ---- values ------------------------------------------------------------- */

struct model_value model_plain(enum model_type type, int64_t integer)
{
    struct model_value value;
    value.type = type;
    value.as.integer = integer;
    return value;
}

struct model_value model_of(struct model_node *node)
{
    struct model_value value;
    value.type = MODEL_NODE;
    value.as.node = node;
    return value;
}

struct model_node *model_node_in(const struct model_value *value, enum model_kind kind)
{
    return value->type == MODEL_NODE && value->as.node->kind == kind ? value->as.node : NULL;
}

struct model_value *model_through(struct model_value *value)
{
    struct model_node *reference = model_node_in(value, MODEL_REFERENCE);
    return reference == NULL ? value : &reference->slots[0].value;
}

struct model_value model_share(const struct model_value *value)
{
    if (value->type == MODEL_NODE) {
        value->as.node->count++;
    }
    return *value;
}

struct model_value model_take(struct model_value *place)
{
    struct model_value value = *place;
    *place = model_plain(MODEL_UNDEF, 0);
    return value;
}

/* ---- nodes -------------------------------------------------------------- */

bool model_is_counted(const struct model_node *node)
{
    return node->kind != MODEL_STRING && node->kind != MODEL_REFERENCE &&
           node->kind != MODEL_WEAKREF;
}

bool model_has_identity(const struct model_node *node)
{
    return model_is_counted(node) && node->kind != MODEL_ARRAY;
}

static bool hides_a_slot(const struct model_node *node)
{
    bool hides = false;
    for (size_t i = 0; i < node->fixed; i++) {
        hides |= node->slots[i].hidden;
    }
    return hides;
}

static bool is_opaque(const struct model_node *node)
{
    return (node->acyclic && node->fixed > 0) || hides_a_slot(node);
}

static struct model_slot *append_slot(struct model *model, struct model_node *node,
                                      struct model_key key, enum model_type type)
{
    if (node->slot_count == node->slot_capacity) {
        node->slots = model_grow(node->slots, &node->slot_capacity, sizeof *node->slots);
    }
    struct model_slot *slot = &node->slots[node->slot_count++];
    *slot = (struct model_slot){key, ++model->serials, model_plain(type, 0), false};
    return slot;
}

/* Into the list of the alive. */
static void enter_alive(struct model *model, struct model_node *node)
{
    node->previous = NULL;
    node->next = model->alive;
    if (node->next != NULL) {
        node->next->previous = node;
    }
    model->alive = node;
    model->live_nodes += model_is_counted(node);
    model->weakmaps += node->kind == MODEL_WEAKMAP;
}

static void leave_alive(struct model *model, struct model_node *node)
{
    if (node->previous != NULL) {
        node->previous->next = node->next;
    } else {
        model->alive = node->next;
    }
    if (node->next != NULL) {
        node->next->previous = node->previous;
    }
    model->live_nodes -= model_is_counted(node);
    model->weakmaps -= node->kind == MODEL_WEAKMAP;
}

struct model_node *model_node_new(struct model *model, enum model_kind kind, size_t fixed)
{
    struct model_node *node = model->spare;
    if (node != NULL) {
        model->spare = node->chain;
        struct model_slot *slots = node->slots;
        size_t capacity = node->slot_capacity;
        *node = (struct model_node){.slots = slots, .slot_capacity = capacity};
    } else {
        node = calloc(1, sizeof *node);
        model_require(node != NULL, "no memory");
    }
    node->kind = kind;
    node->count = 1;
    node->number = ++model->numbers;
    node->fixed = fixed;
    for (size_t i = 0; i < fixed; i++) {
        append_slot(model, node, model_index_key((int64_t)i), MODEL_UNDEF);
    }
    node->born = model->calls;
    enter_alive(model, node);
    return node;
}

static struct model_node **map_head(struct model *model, const void *real)
{
    uint64_t hash = ((uint64_t)(uintptr_t)real >> 4) * 0x9e3779b97f4a7c15u;
    return &model->map[hash >> 51];
}

struct model_node *model_node_at(struct model *model, const void *real)
{
    struct model_node *node = *map_head(model, real);
    while (node != NULL && node->real != real) {
        node = node->chain;
    }
    return node;
}

bool model_node_map(struct model *model, struct model_node *node, void *real)
{
    if (model_node_at(model, real) != NULL) {
        return false;
    }
    struct model_node **head = map_head(model, real);
    node->real = real;
    node->chain = *head;
    *head = node;
    model->opaque += is_opaque(node);
    return true;
}

static void unmap(struct model *model, struct model_node *node)
{
    if (node->real == NULL) {
        return;
    }
    struct model_node **link = map_head(model, node->real);
    while (*link != NULL && *link != node) {
        link = &(*link)->chain;
    }
    if (*link == node) {
        *link = node->chain;
        model->opaque -= is_opaque(node);
    }
}

void model_set_candidate(struct model *model, struct model_node *node, bool maybe, bool sure)
{
    model->maybe_candidates += maybe;
    model->maybe_candidates -= node->maybe_candidate;
    model->sure_candidates += sure;
    model->sure_candidates -= node->sure_candidate;
    node->maybe_candidate = maybe;
    node->sure_candidate = sure;
}

void model_bury(struct model *model, struct model_node *node)
{
    unmap(model, node);
    model_set_candidate(model, node, false, false);
    leave_alive(model, node);
    node->dead = true;
    node->chain = model->dead;
    model->dead = node;
    model->acyclic_dead += node->acyclic;
    model->deaths += model_is_counted(node);
}

void model_exhume(struct model *model, struct model_node *node)
{
    struct model_node **link = &model->dead;
    while (*link != node) {
        link = &(*link)->chain;
    }
    *link = node->chain;
    node->dead = false;
    model->acyclic_dead -= node->acyclic;
    model->deaths -= model_is_counted(node);
    enter_alive(model, node);
}

void model_node_gone(struct model *model, struct model_node *node)
{
    node->gone = true;
    unmap(model, node);
}

/* ---- slots -------------------------------------------------------------- */

struct model_slot *model_slot_find(const struct model_node *node, struct model_key key)
{
    for (size_t i = 0; i < node->slot_count; i++) {
        const struct model_key *other = &node->slots[i].key;
        if (other->name == key.name && other->object == key.object &&
            (key.name >= 0 || other->integer == key.integer)) {
            return &node->slots[i];
        }
    }
    return NULL;
}

struct model_slot *model_slot_get(struct model *model, struct model_node *node,
                                  struct model_key key)
{
    struct model_slot *slot = model_slot_find(node, key);
    if (slot == NULL) {
        slot = append_slot(model, node, key, MODEL_NULL);
        if (key.object != NULL) {
            key.object->keyed++;
        }
        if (key.name < 0 && node->next_key >= 0 && key.integer >= node->next_key) {
            node->next_key = key.integer == INT64_MAX ? -1 : key.integer + 1;
        }
    } else if ((size_t)(slot - node->slots) < node->fixed && slot->value.type == MODEL_UNDEF) {
        slot->value = model_plain(MODEL_NULL, 0);
    }
    return slot;
}

struct model_value model_slot_remove(struct model_node *node, struct model_slot *slot)
{
    struct model_value value = slot->value;
    if (slot->key.object != NULL) {
        slot->key.object->keyed--;
    }
    size_t behind = node->slot_count - (size_t)(slot - node->slots) - 1;
    memmove(slot, slot + 1, behind * sizeof *slot);
    node->slot_count--;
    return value;
}

bool model_slot_is_on(const struct model_slot *slot)
{
    return slot->key.object == NULL || !slot->key.object->dead;
}

size_t model_slots_on(const struct model_node *node)
{
    size_t count = 0;
    for (size_t i = 0; i < node->slot_count; i++) {
        count += model_slot_is_on(&node->slots[i]);
    }
    return count;
}

static void for_each_entry_of(struct model *model, struct model_node *key, model_own own)
{
    for (struct model_node *map = model->alive; map != NULL; map = map->next) {
        for (size_t i = 0; map->kind == MODEL_WEAKMAP && map != key && i < map->slot_count; i++) {
            if (map->slots[i].key.object == key) {
                own(model, key, &map->slots[i]);
            }
        }
    }
}

void model_for_each_owned(struct model *model, struct model_node *node, model_own own)
{
    for (size_t i = 0; i < node->slot_count; i++) {
        if (model_slot_is_on(&node->slots[i])) {
            own(model, node, &node->slots[i]);
        }
    }
    if (node->keyed > 0 && model->weakmaps > 0) {
        for_each_entry_of(model, node, own);
    }
}

struct model_node *model_array_copy(struct model *model, struct model_node *source)
{
    struct model_node *copy = model_node_new(model, MODEL_ARRAY, 0);
    copy->next_key = source->next_key;
    for (size_t i = 0; i < source->slot_count; i++) {
        const struct model_slot *from = &source->slots[i];
        const struct model_value *value = &from->value;
        struct model_node *reference = model_node_in(value, MODEL_REFERENCE);
        if (reference != NULL && reference->count == 1 &&
            model_node_in(&reference->slots[0].value, MODEL_ARRAY) != source) {
            value = &reference->slots[0].value;
        }
        struct model_slot *to = append_slot(model, copy, from->key, MODEL_NULL);
        to->serial = from->serial;
        to->value = model_share(value);
    }
    return copy;
}
