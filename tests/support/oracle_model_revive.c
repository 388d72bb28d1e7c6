/*
 * Dead nodes that live again.
 *
 * In a call the model is ahead: what it has let die the library may still have,
 * and the program find through a weak reference. Then it has not died, nor has
 * what it holds.
 *
 * An entry of a weak map has gone with the one of map and key that died first. If
 * that one lives again so does the entry, and with it what holds itself through
 * it: two maps, say, each of which is the value of the other one's entry for the
 * key. No owner leads to such a cycle. So the other one of map and key lives too,
 * on trial: with an owner that is none, and without it again once all counts are
 * right.
 */
#include "oracle_model_nodes.h"

/* ---- who it is ---------------------------------------------------------- */

static void exhume(struct model *model, struct model_node *node)
{
    model_exhume(model, node);
    node->gone = node->gone || node->freed || !model_node_map(model, node, node->real);
    node->revives = true;
    node->prompt = false;
    node->work = NULL;
    *model->revived_end = node;
    model->revived_end = &node->work;
}

static void exhume_owned(struct model *model, struct model_node *owner,
                         const struct model_slot *slot)
{
    (void)owner;
    struct model_node *child = slot->value.type == MODEL_NODE ? slot->value.as.node : NULL;
    if (child != NULL && child->late) {
        model->holds_late = true;
    } else if (child != NULL && child->dead) {
        exhume(model, child);
    }
}

static void put_on_trial(struct model *model, struct model_node *node)
{
    bool may_be_there =
        node->dead && !node->gone && !node->freed && model_node_at(model, node->real) == NULL;
    if (may_be_there) {
        exhume(model, node);
        node->on_trial = true;
        node->count++;
    }
}

static void try_keys_of(struct model *model, struct model_node *map)
{
    for (size_t i = 0; i < map->slot_count; i++) {
        put_on_trial(model, map->slots[i].key.object);
    }
}

static bool has_entry_of(const struct model_node *map, const struct model_node *key)
{
    size_t i = 0;
    while (i < map->slot_count && map->slots[i].key.object != key) {
        i++;
    }
    return map->kind == MODEL_WEAKMAP && i < map->slot_count;
}

static void try_maps_of(struct model *model, struct model_node *key)
{
    struct model_node *next;
    for (struct model_node *node = model->dead; node != NULL; node = next) {
        next = node->chain;
        if (has_entry_of(node, key)) {
            put_on_trial(model, node);
        }
    }
}

/* False: something of it is gone. */
static bool exhume_all_owned(struct model *model)
{
    bool is_there = true;
    model->holds_late = false;
    for (struct model_node *node = model->revived; node != NULL; node = node->work) {
        model_for_each_owned(model, node, exhume_owned);
        is_there &= !node->gone;
    }
    return is_there && !model->holds_late;
}

static void exhume_tried(struct model *model)
{
    for (struct model_node *node = model->revived; node != NULL; node = node->work) {
        model_for_each_owned(model, node, exhume_owned);
        if (node->kind == MODEL_WEAKMAP) {
            try_keys_of(model, node);
        }
        if (node->keyed > 0) {
            try_maps_of(model, node);
        }
    }
}

/* ---- its counts --------------------------------------------------------- */

/* What has come back with its owner: all of a revived node, and entries of revived keys. What is in
   it may have become a candidate by what has not happened now. */
static void own_again(struct model *model, const struct model_node *owner)
{
    for (size_t i = 0; i < owner->slot_count; i++) {
        const struct model_slot *slot = &owner->slots[i];
        const struct model_node *key = slot->key.object;
        bool is_back = owner->revives || (key != NULL && key->revives);
        if (is_back && slot->value.type == MODEL_NODE && model_slot_is_on(slot)) {
            slot->value.as.node->count++;
            model_doubt_candidate(model, slot->value.as.node);
        }
    }
}

static void count_again(struct model *model)
{
    for (const struct model_node *node = model->alive; node != NULL; node = node->next) {
        if (node->revives || node->kind == MODEL_WEAKMAP) {
            own_again(model, node);
        }
    }
}

/* Whether the library has released what such a node held is not known. */
static void end_trial(struct model *model, struct model_node *node)
{
    node->on_trial = false;
    if (node->count > 1) {
        node->count--;
        return;
    }
    model->doubts = true;
    model_defer(model, model_of(node));
    model_release_pending(model);
    model->doubts = false;
}

/* The owner that the model has taken from it may do so in the library only now. */
static void end_trials(struct model *model)
{
    for (struct model_node *node = model->revived; node != NULL; node = node->work) {
        node->revives = false;
        model_note_candidate(model, node, false);
    }
    for (struct model_node *node = model->revived; node != NULL; node = node->work) {
        if (node->on_trial) {
            end_trial(model, node);
        }
    }
}

bool model_revive(struct model *model, struct model_node *node)
{
    if (!node->dead) {
        return true;
    }
    model->revived = NULL;
    model->revived_end = &model->revived;
    exhume(model, node);
    bool is_there = exhume_all_owned(model);
    exhume_tried(model);
    count_again(model);
    node->count++;
    end_trials(model);
    node->count--;
    return is_there;
}
