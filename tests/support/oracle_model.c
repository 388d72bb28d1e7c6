#include "oracle_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The test's own fault: there is nothing to go on with. */
static void require(bool condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "oracle: the model is wrong: %s\n", what);
        abort();
    }
}

static void *grow(void *items, size_t *capacity, size_t item_bytes)
{
    *capacity = *capacity == 0 ? 8 : *capacity * 2;
    void *grown = realloc(items, *capacity * item_bytes);
    require(grown != NULL, "no memory");
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
    free_nodes(model->spare, false);
    free(model->pending);
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

static bool is_counted(const struct model_node *node)
{
    return node->kind != MODEL_STRING && node->kind != MODEL_REFERENCE;
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
        node->slots = grow(node->slots, &node->slot_capacity, sizeof *node->slots);
    }
    struct model_slot *slot = &node->slots[node->slot_count++];
    *slot = (struct model_slot){key, ++model->serials, model_plain(type, 0), false};
    return slot;
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
        require(node != NULL, "no memory");
    }
    node->kind = kind;
    node->count = 1;
    node->number = ++model->numbers;
    node->fixed = fixed;
    for (size_t i = 0; i < fixed; i++) {
        append_slot(model, node, (struct model_key){MODEL_NO_NAME, (int64_t)i}, MODEL_UNDEF);
    }
    node->next = model->alive;
    if (node->next != NULL) {
        node->next->previous = node;
    }
    model->alive = node;
    model->live_nodes += is_counted(node);
    return node;
}

static struct model_node **map_head(struct model *model, const void *real)
{
    uint64_t hash = ((uint64_t)(uintptr_t)real >> 4) * 0x9e3779b97f4a7c15u;
    return &model->map[hash >> 51];
}

bool model_node_map(struct model *model, struct model_node *node, void *real)
{
    struct model_node **head = map_head(model, real);
    for (struct model_node *other = *head; other != NULL; other = other->chain) {
        if (other->real == real) {
            return false;
        }
    }
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
    while (*link != node) {
        link = &(*link)->chain;
    }
    *link = node->chain;
    model->opaque -= is_opaque(node);
}

static void set_candidate(struct model *model, struct model_node *node, bool maybe, bool sure)
{
    model->maybe_candidates += maybe;
    model->maybe_candidates -= node->maybe_candidate;
    model->sure_candidates += sure;
    model->sure_candidates -= node->sure_candidate;
    node->maybe_candidate = maybe;
    node->sure_candidate = sure;
}

static void bury(struct model *model, struct model_node *node)
{
    unmap(model, node);
    set_candidate(model, node, false, false);
    if (node->previous != NULL) {
        node->previous->next = node->next;
    } else {
        model->alive = node->next;
    }
    if (node->next != NULL) {
        node->next->previous = node->previous;
    }
    node->dead = true;
    node->chain = model->dead;
    model->dead = node;
    model->live_nodes -= is_counted(node);
    model->acyclic_dead += node->acyclic;
}

struct model_node *model_reap(struct model *model)
{
    struct model_node *node = model->dead;
    if (node != NULL) {
        model->dead = node->chain;
        node->chain = model->spare;
        model->spare = node;
    }
    return node;
}

/* ---- slots -------------------------------------------------------------- */

struct model_slot *model_slot_find(const struct model_node *node, struct model_key key)
{
    for (size_t i = 0; i < node->slot_count; i++) {
        const struct model_key *other = &node->slots[i].key;
        if (other->name == key.name && (key.name >= 0 || other->integer == key.integer)) {
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
    size_t behind = node->slot_count - (size_t)(slot - node->slots) - 1;
    memmove(slot, slot + 1, behind * sizeof *slot);
    node->slot_count--;
    return value;
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

/* ---- releasing ---------------------------------------------------------- */

static void defer(struct model *model, struct model_value value)
{
    if (model->pending_count == model->pending_capacity) {
        model->pending = grow(model->pending, &model->pending_capacity, sizeof *model->pending);
    }
    model->pending[model->pending_count++] = value;
}

static bool holds_objects(const struct model_node *node)
{
    for (size_t i = 0; i < node->slot_count; i++) {
        const struct model_value *value = &node->slots[i].value;
        if (value->type == MODEL_NODE && value->as.node->kind != MODEL_STRING) {
            return true;
        }
    }
    return false;
}

/* What is released to something else than nothing; of a reference, what is in it. An array
   without objects may be left out, since it is in no cycle. */
static void note_candidate(struct model *model, struct model_node *node)
{
    if (node->kind == MODEL_REFERENCE) {
        const struct model_value *inner = &node->slots[0].value;
        if (inner->type != MODEL_NODE) {
            return;
        }
        node = inner->as.node;
    }
    if (node->kind == MODEL_STRING || node->acyclic) {
        return;
    }
    model->decrements++;
    bool sure = !model->unsure && (node->kind != MODEL_ARRAY || holds_objects(node));
    set_candidate(model, node, true, sure || node->sure_candidate);
}

static void release_pending(struct model *model)
{
    while (model->pending_count > 0) {
        struct model_value value = model->pending[--model->pending_count];
        if (value.type != MODEL_NODE) {
            continue;
        }
        struct model_node *node = value.as.node;
        require(!node->dead && node->count > 0, "released what was gone");
        if (--node->count > 0) {
            note_candidate(model, node);
            continue;
        }
        for (size_t i = 0; i < node->slot_count; i++) {
            defer(model, node->slots[i].value);
        }
        bury(model, node);
    }
}

void model_release(struct model *model, struct model_value value)
{
    defer(model, value);
    release_pending(model);
}

/* ---- what the handles reach --------------------------------------------- */

static void reach_node(struct model *model, struct model_node *node)
{
    if (node->mark != model->mark) {
        node->mark = model->mark;
        node->work = model->work;
        model->work = node;
    }
}

static void reach(struct model *model, const struct model_value *value)
{
    if (value->type == MODEL_NODE) {
        reach_node(model, value->as.node);
    }
}

/* Returns how many nodes have been reached. */
static size_t reach_all(struct model *model)
{
    size_t nodes = 0;
    while (model->work != NULL) {
        struct model_node *node = model->work;
        model->work = node->work;
        nodes += is_counted(node);
        for (size_t i = 0; i < node->slot_count; i++) {
            reach(model, &node->slots[i].value);
        }
    }
    return nodes;
}

static void reach_handles(struct model *model)
{
    model->mark++;
    for (size_t i = 0; i < MODEL_HANDLES; i++) {
        reach(model, &model->handles[i]);
    }
}

size_t model_count_reached(struct model *model)
{
    reach_handles(model);
    return reach_all(model);
}

static void reach_hidden(struct model *model, const struct model_node *node)
{
    for (size_t i = 0; i < node->fixed; i++) {
        if (node->slots[i].hidden) {
            reach(model, &node->slots[i].value);
        }
    }
}

size_t model_count_white(struct model *model)
{
    reach_handles(model);
    for (struct model_node *node = model->alive; node != NULL; node = node->next) {
        if (node->acyclic) {
            reach_node(model, node);
        } else {
            reach_hidden(model, node);
        }
    }
    return model->live_nodes - reach_all(model);
}

static bool is_white(const struct model *model, const struct model_node *node)
{
    return node->mark != model->mark && node->kind != MODEL_STRING;
}

/* What a white node held: other white ones go with it, what stays was proven to be held by
   others too, and all else is released as at any time. If the run was in the middle of a call,
   the others may have been first, and the white node's reference the one that counted. */
static void give_up(struct model *model, const struct model_slot *slot)
{
    if (slot->value.type != MODEL_NODE) {
        return;
    }
    struct model_node *child = slot->value.as.node;
    if (slot->hidden || child->kind == MODEL_STRING || child->acyclic) {
        defer(model, slot->value);
    } else if (!is_white(model, child)) {
        require(child->count > 1, "a live node was held by garbage alone");
        child->count--;
        if (model->unsure) {
            note_candidate(model, child);
        }
    }
}

size_t model_collect(struct model *model)
{
    size_t nodes = model_count_white(model);
    struct model_node *next;
    for (struct model_node *node = model->alive; node != NULL; node = next) {
        next = node->next;
        if (is_white(model, node)) {
            for (size_t i = 0; i < node->slot_count; i++) {
                give_up(model, &node->slots[i]);
            }
            bury(model, node);
        }
    }
    release_pending(model);
    return nodes;
}

void model_forget_candidates(struct model *model)
{
    for (struct model_node *node = model->alive; node != NULL; node = node->next) {
        set_candidate(model, node, false, false);
    }
}

void model_doubt_candidates(struct model *model)
{
    for (struct model_node *node = model->alive; node != NULL; node = node->next) {
        set_candidate(model, node, node->maybe_candidate, false);
    }
}
