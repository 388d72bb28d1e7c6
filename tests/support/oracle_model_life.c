/*
 * Releasing and dying.
 */
#include "oracle_model_nodes.h"

/* ---- releasing ---------------------------------------------------------- */

void model_defer(struct model *model, struct model_value value)
{
    if (value.type != MODEL_NODE) {
        return;
    }
    if (model->pending_count == model->pending_capacity) {
        model->pending =
            model_grow(model->pending, &model->pending_capacity, sizeof *model->pending);
    }
    model->pending[model->pending_count++] = value;
}

static bool holds_objects(const struct model_node *node)
{
    for (size_t i = 0; i < node->slot_count; i++) {
        const struct model_value *value = &node->slots[i].value;
        if (value->type == MODEL_NODE && value->as.node->kind != MODEL_STRING &&
            value->as.node->kind != MODEL_WEAKREF) {
            return true;
        }
    }
    return false;
}

/* The node that becomes a possible root when that one is decremented; NULL: none. */
static struct model_node *candidate_of(struct model_node *node)
{
    if (node->kind == MODEL_REFERENCE) {
        const struct model_value *inner = &node->slots[0].value;
        if (inner->type != MODEL_NODE) {
            return NULL;
        }
        node = inner->as.node;
    }
    return model_is_counted(node) && !node->acyclic ? node : NULL;
}

void model_note_candidate(struct model *model, struct model_node *node, bool sure)
{
    node = candidate_of(node);
    if (node == NULL) {
        return;
    }
    model->decrements++;
    sure = sure && !model->doubts && (node->kind != MODEL_ARRAY || holds_objects(node));
    model_set_candidate(model, node, true, sure || node->sure_candidate);
    node->noted = model->calls;
}

void model_doubt_candidate(struct model *model, struct model_node *node)
{
    node = candidate_of(node);
    if (node != NULL) {
        model_set_candidate(model, node, node->maybe_candidate, false);
    }
}

static void wait_for_destructor(struct model *model, struct model_node *node)
{
    if (model->waiting_count == model->waiting_capacity) {
        model->waiting = model_grow(model->waiting, &model->waiting_capacity, sizeof(void *));
    }
    model->waiting[model->waiting_count++] = node;
}

struct model_node *model_waiting(struct model *model)
{
    while (model->waiting_count > 0) {
        struct model_node *node = model->waiting[model->waiting_count - 1];
        if (!node->dead && node->awaits && node->count == 0) {
            return node;
        }
        model->waiting_count--;
    }
    return NULL;
}

/* The value of an entry may be garbage already, and becomes a possible root all the same. A
   collection under way spares it. */
static void defer_owned(struct model *model, struct model_node *owner,
                        const struct model_slot *slot)
{
    (void)owner;
    if (slot->key.object != NULL && slot->value.type == MODEL_NODE) {
        slot->value.as.node->released = model->calls;
        if (slot->value.as.node->condemned) {
            model_spare(model, slot->value.as.node);
        }
    }
    model_defer(model, slot->value);
}

void model_release_pending(struct model *model)
{
    while (model->pending_count > 0) {
        struct model_node *node = model->pending[--model->pending_count].as.node;
        if (node->late) { /* on trial something seemed to hold it */
            node->count--;
            continue;
        }
        model_require(!node->dead && node->count > 0, "released what was gone");
        if (--node->count > 0) {
            model_note_candidate(model, node, true);
        } else if (node->awaits) {
            wait_for_destructor(model, node);
        } else if (!node->lingers) {
            model_for_each_owned(model, node, defer_owned);
            model_bury(model, node);
        }
    }
}

void model_release(struct model *model, struct model_value value)
{
    if (value.type == MODEL_NODE) {
        value.as.node->released = model->calls;
        model->releases++;
    }
    model_defer(model, value);
    model_release_pending(model);
}

/* ---- the dead ----------------------------------------------------------- */

static void drop_entries_of(struct model *model, const struct model_node *key)
{
    for (struct model_node *map = model->alive; map != NULL; map = map->next) {
        for (size_t i = map->kind == MODEL_WEAKMAP ? map->slot_count : 0; i > 0; i--) {
            if (map->slots[i - 1].key.object == key) {
                model_slot_remove(map, &map->slots[i - 1]);
            }
        }
    }
}

void model_forget_weakly(struct model *model, struct model_node *node)
{
    if (node->weakref != NULL) {
        node->weakref->target = NULL;
        node->weakref = NULL;
    }
    if (node->target != NULL && node->target->weakref == node) {
        node->target->weakref = NULL;
    }
    for (size_t i = 0; node->kind == MODEL_WEAKMAP && i < node->slot_count; i++) {
        node->slots[i].key.object->keyed--;
    }
    if (node->keyed > 0) {
        drop_entries_of(model, node);
    }
}

struct model_node *model_reap(struct model *model)
{
    struct model_node *node = model->dead;
    if (node != NULL) {
        model_forget_weakly(model, node);
        model->dead = node->chain;
        node->chain = model->spare;
        model->spare = node;
    }
    return node;
}
