/*
 * Late nodes: releases that are cut.
 *
 * They have died, and have not been taken apart: nothing leads to them, not even
 * weakly, and they hold what they held. So a late node is an owner that is not
 * alive. There are two more of that kind: values of entries that have gone with
 * their map or key, and objects that are held back until their destructor may
 * run. Which there are is for the oracle to look up (oracle_releases.c).
 */
#include "oracle_model_nodes.h"

bool model_is_late(const struct model *model)
{
    return model->late != NULL || model->orphan_count > 0 || model->held_back > 0;
}

/* ---- they come ---------------------------------------------------------- */

void model_be_late(struct model *model, struct model_node *node)
{
    struct model_node **link = &model->dead;
    while (*link != node) {
        link = &(*link)->chain;
    }
    *link = node->chain;
    node->chain = model->late;
    model->late = node;
    model->late_nodes += model_is_counted(node);
    node->gone = true;
    node->late = true;
    node->hesitates = true;
}

static bool own_late(struct model *model, struct model_node *child)
{
    bool is_there = model_revive(model, child);
    child->count++;
    model_doubt_candidate(model, child);
    return is_there;
}

/* What is in a weak map has left it. */
static bool own_slots(struct model *model, struct model_node *node)
{
    bool is_there = true;
    for (size_t i = 0; node->kind != MODEL_WEAKMAP && i < node->slot_count; i++) {
        if (node->slots[i].value.type == MODEL_NODE) {
            is_there &= own_late(model, node->slots[i].value.as.node);
        }
    }
    return is_there;
}

const struct model_node *model_keep_late(struct model *model)
{
    const struct model_node *broken = NULL;
    for (struct model_node *node = model->late; node != NULL; node = node->chain) {
        if (node->hesitates && !own_slots(model, node)) {
            broken = node;
        }
    }
    return broken;
}

void model_give_up_slots(struct model *model, struct model_node *node, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct model_value value = model_take(&node->slots[i].value);
        if (node->late) {
            model_defer(model, value);
        }
    }
    model_release_pending(model);
}

void model_forget_late(struct model *model)
{
    for (struct model_node *node = model->late; node != NULL; node = node->chain) {
        if (node->hesitates || node->keyed > 0) {
            model_forget_weakly(model, node);
            node->slot_count = node->kind == MODEL_WEAKMAP ? 0 : node->slot_count;
            node->hesitates = false;
        }
    }
}

bool model_keep_orphan(struct model *model, struct model_node *node)
{
    if (model->orphan_count == model->orphan_capacity) {
        model->orphans = model_grow(model->orphans, &model->orphan_capacity, sizeof(void *));
    }
    model->orphans[model->orphan_count++] = node;
    return own_late(model, node);
}

void model_hold_back(struct model *model, struct model_node *node)
{
    node->held_back = true;
    node->count++;
    model->held_back++;
}

/* ---- they go ------------------------------------------------------------ */

void model_end_late(struct model *model, struct model_node *node)
{
    struct model_node **link = &model->late;
    while (*link != node) {
        link = &(*link)->chain;
    }
    *link = node->chain;
    node->chain = model->dead;
    model->dead = node;
    model->late_nodes -= model_is_counted(node);
    node->late = false;
    for (size_t i = 0; i < node->slot_count; i++) {
        model_defer(model, node->slots[i].value);
    }
    model_release_pending(model);
}

void model_end_orphan(struct model *model, size_t index)
{
    struct model_node *node = model->orphans[index];
    model->orphans[index] = model->orphans[--model->orphan_count];
    model_defer(model, model_of(node));
    model_release_pending(model);
}

void model_end_held_back(struct model *model, struct model_node *node)
{
    node->held_back = false;
    model->held_back--;
    model_defer(model, model_of(node));
    model_release_pending(model);
}

struct model_node *model_held_back(struct model *model, const struct model_node *behind)
{
    struct model_node *node = behind == NULL ? model->alive : behind->next;
    while (model->held_back > 0 && node != NULL && !node->held_back) {
        node = node->next;
    }
    return model->held_back == 0 ? NULL : node;
}

void model_end_all_late(struct model *model)
{
    while (model->late != NULL) {
        model_end_late(model, model->late);
    }
    while (model->orphan_count > 0) {
        model_end_orphan(model, 0);
    }
    struct model_node *node;
    while ((node = model_held_back(model, NULL)) != NULL) {
        model_end_held_back(model, node);
    }
}
