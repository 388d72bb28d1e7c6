/*
 * What the handles reach, and what a collection does with the rest.
 */
#include "oracle_model_nodes.h"

/* ---- marking ------------------------------------------------------------ */

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

bool model_is_marked(const struct model *model, const struct model_node *node)
{
    return node->mark == model->mark;
}

/* Weak maps are kept for later: what their entries hold depends on what else is reached. */
static size_t reach_slots(struct model *model)
{
    size_t nodes = 0;
    while (model->work != NULL) {
        struct model_node *node = model->work;
        model->work = node->work;
        nodes += model_is_counted(node);
        if (node->kind == MODEL_WEAKMAP) {
            node->work = model->marked_maps;
            model->marked_maps = node;
            continue;
        }
        for (size_t i = 0; i < node->slot_count; i++) {
            reach(model, &node->slots[i].value);
        }
    }
    return nodes;
}

/* A value is reached once its map and its key are. */
static void reach_entries(struct model *model)
{
    for (struct model_node *map = model->marked_maps; map != NULL; map = map->work) {
        for (size_t i = 0; i < map->slot_count; i++) {
            if (model_is_marked(model, map->slots[i].key.object)) {
                reach(model, &map->slots[i].value);
            }
        }
    }
}

/* Returns how many nodes have been reached. */
static size_t reach_all(struct model *model)
{
    size_t nodes = reach_slots(model);
    for (;;) {
        reach_entries(model);
        if (model->work == NULL) {
            return nodes;
        }
        nodes += reach_slots(model);
    }
}

static void begin_marking(struct model *model)
{
    model->mark++;
    model->marked_maps = NULL;
}

size_t model_mark(struct model *model, model_handle_filter filter, const void *context)
{
    begin_marking(model);
    for (size_t i = 0; i < MODEL_HANDLES; i++) {
        if (filter == NULL || filter(context, i)) {
            reach(model, &model->handles[i]);
        }
    }
    return reach_all(model);
}

void model_mark_from(struct model *model, struct model_node *node)
{
    reach_node(model, node);
    reach_all(model);
}

static void reach_held(struct model *model, const struct model_node *node)
{
    for (size_t i = 0; node->kind != MODEL_WEAKMAP && i < node->slot_count; i++) {
        reach(model, &node->slots[i].value);
    }
}

void model_mark_late(struct model *model)
{
    for (const struct model_node *node = model->late; node != NULL; node = node->chain) {
        reach_held(model, node);
    }
    for (const struct model_node *node = model->alive; node != NULL; node = node->next) {
        if (node->waits) {
            reach_held(model, node);
        }
    }
    for (size_t i = 0; i < model->orphan_count; i++) {
        reach_node(model, model->orphans[i]);
    }
    struct model_node *node = NULL;
    while ((node = model_held_back(model, node)) != NULL) {
        reach_node(model, node);
    }
    reach_all(model);
}

size_t model_count_reached(struct model *model)
{
    return model_mark(model, NULL, NULL);
}

/* ---- what is white ------------------------------------------------------ */

static void reach_hidden(struct model *model, const struct model_node *node)
{
    for (size_t i = 0; i < node->fixed; i++) {
        if (node->slots[i].hidden) {
            reach(model, &node->slots[i].value);
        }
    }
}

static void reach_released(struct model *model, struct model_node *nodes, bool dead, uint64_t since)
{
    for (struct model_node *node = nodes; node != NULL; node = dead ? node->chain : node->next) {
        if (node->released >= since || node->noted >= since) {
            reach_node(model, node);
        }
    }
}

/* Marks all that a run cannot free. What calls have let go of since, dead or not, or has lost a
   reference by that, was held before them. */
static void mark_held(struct model *model, uint64_t before)
{
    model_mark(model, NULL, NULL);
    model_mark_late(model);
    if (before != MODEL_NOW) {
        reach_released(model, model->alive, false, before);
        reach_released(model, model->dead, true, before);
    }
    for (struct model_node *node = model->alive; node != NULL; node = node->next) {
        if (node->acyclic) {
            reach_node(model, node);
        } else {
            reach_hidden(model, node);
        }
    }
    reach_all(model);
}

static bool is_white(const struct model *model, const struct model_node *node)
{
    return node->mark != model->mark && node->kind != MODEL_STRING && node->kind != MODEL_WEAKREF;
}

/* Marks what white objects reach whose destructor has not run before. */
static void mark_spared(struct model *model, uint64_t before)
{
    struct model_node *doomed = NULL;
    for (struct model_node *node = model->dead; node != NULL; node = node->chain) {
        if (before != MODEL_NOW && node->destructed >= before) {
            reach_node(model, node);
        }
    }
    for (struct model_node *node = model->alive; node != NULL; node = node->next) {
        if (is_white(model, node) && (node->awaits || node->destructed >= before)) {
            node->work = doomed;
            doomed = node;
        }
    }
    while (doomed != NULL) {
        struct model_node *next = doomed->work;
        reach_node(model, doomed);
        doomed = next;
    }
    reach_all(model);
}

static bool is_older(const struct model_node *node, uint64_t call)
{
    return node->born < call;
}

size_t model_count_white(struct model *model)
{
    size_t nodes = 0;
    mark_held(model, MODEL_NOW);
    for (const struct model_node *node = model->alive; node != NULL; node = node->next) {
        nodes += model_is_counted(node) && is_white(model, node);
    }
    return nodes;
}

const struct model_node *model_white_left(struct model *model, uint64_t before)
{
    mark_held(model, before);
    mark_spared(model, before);
    const struct model_node *node = model->alive;
    while (node != NULL && (node->condemned || !is_white(model, node) || !is_older(node, before))) {
        node = node->next;
    }
    return node;
}

const struct model_node *model_white_awaiting(struct model *model, uint64_t before)
{
    mark_held(model, before);
    const struct model_node *node = model->alive;
    while (node != NULL && !(node->awaits && is_white(model, node) && is_older(node, before))) {
        node = node->next;
    }
    return node;
}

/* ---- a pass ------------------------------------------------------------- */

void model_doom(struct model *model)
{
    model_count_reached(model);
    for (struct model_node *node = model->alive; node != NULL; node = node->next) {
        node->doomed |= node->awaits && !model_is_marked(model, node);
    }
}

size_t model_condemn(struct model *model)
{
    size_t count = 0;
    mark_held(model, MODEL_NOW);
    for (struct model_node *node = model->alive; node != NULL; node = node->next) {
        node->doomed = node->awaits && is_white(model, node);
        count += node->doomed;
    }
    mark_spared(model, MODEL_NOW);
    for (struct model_node *node = model->alive; node != NULL; node = node->next) {
        node->condemned = is_white(model, node);
    }
    return count;
}

void model_spare(struct model *model, struct model_node *node)
{
    begin_marking(model);
    for (struct model_node *other = model->alive; other != NULL; other = other->next) {
        if (!other->condemned && other->kind == MODEL_WEAKMAP) {
            reach_node(model, other);
        } else if (!other->condemned && other != node) {
            other->mark = model->mark;
        }
    }
    reach_node(model, node);
    reach_all(model);
    for (struct model_node *other = model->alive; other != NULL; other = other->next) {
        other->condemned &= !model_is_marked(model, other);
    }
}

const struct model_node *model_doomed(const struct model *model)
{
    const struct model_node *node = model->alive;
    while (node != NULL && !(node->doomed && node->awaits)) {
        node = node->next;
    }
    return node;
}

/* What a condemned node held: other condemned ones go with it, what stays was proven to be held by
   others too, and all else is released as at any time. */
static void give_up(struct model *model, struct model_node *owner, const struct model_slot *slot)
{
    (void)owner;
    if (slot->value.type != MODEL_NODE || slot->value.as.node->condemned) {
        return;
    }
    struct model_node *child = slot->value.as.node;
    bool is_visited =
        child->kind != MODEL_STRING && child->kind != MODEL_WEAKREF && !child->acyclic;
    bool is_entry = slot->key.object != NULL;
    if (!is_visited || is_entry || slot->hidden || child->count == 1) {
        model_require(!is_visited || is_entry || slot->hidden || model->unproven,
                      "a live node was held by garbage alone");
        model_defer(model, slot->value);
    } else {
        child->count--;
        if (model->unproven) {
            model_note_candidate(model, child, false);
        }
    }
}

size_t model_execute(struct model *model)
{
    size_t nodes = 0;
    struct model_node *next;
    for (struct model_node *node = model->alive; node != NULL; node = next) {
        next = node->next;
        if (node->condemned) {
            nodes += model_is_counted(node);
            model_for_each_owned(model, node, give_up);
            model_bury(model, node);
            node->gone = true;
        }
    }
    model_release_pending(model);
    return nodes;
}

/* ---- candidates --------------------------------------------------------- */

void model_maybe_candidate(struct model *model, struct model_node *node)
{
    model_note_candidate(model, node, false);
}

void model_forget_candidates(struct model *model)
{
    for (struct model_node *node = model->alive; node != NULL; node = node->next) {
        model_set_candidate(model, node, false, false);
    }
}

void model_doubt_candidates_since(struct model *model, uint64_t call)
{
    for (struct model_node *node = model->alive; node != NULL; node = node->next) {
        bool sure = node->sure_candidate && node->noted < call;
        model_set_candidate(model, node, node->maybe_candidate, sure);
    }
}

void model_keep_candidates_since(struct model *model, uint64_t call)
{
    for (struct model_node *node = model->alive; node != NULL; node = node->next) {
        model_set_candidate(model, node, node->maybe_candidate && node->noted >= call, false);
    }
}
