/*
 * Own structs: what a program does with the fields of its own.
 */
#include "oracle_calls.h"

struct oracle_place oracle_field(struct model_node *node, size_t slot)
{
    return (struct oracle_place){oracle_field_at(node, slot).value, &node->slots[slot].value};
}

struct oracle_view oracle_field_get(const struct model_node *node, size_t slot)
{
    struct oracle_field field = oracle_field_at(node, slot);
    zval lent = field.value != NULL ? *field.value : zval_native(*field.pointer);
    return (struct oracle_view){lent, node->slots[slot].value};
}

/* A pointer is exchanged for the one in a temporary, and the one before released. */
static void exchange(struct oracle_world *world, void **pointer, struct model_value *shadow,
                     size_t temp)
{
    struct oracle_place from = oracle_temp(world, temp);
    oracle_begin(world);
    struct model_value shadow_before = *shadow;
    *shadow = model_take(from.shadow);
    model_release(&world->model, shadow_before);
    void *before = *pointer;
    *pointer = zval_to_native(from.real);
    *from.real = zval_undef();
    gc_release(before);
    oracle_settle(world);
}

void oracle_point(struct oracle_world *world, struct model_node *node, size_t slot, size_t temp)
{
    exchange(world, oracle_field_at(node, slot).pointer, &node->slots[slot].value, temp);
}

void oracle_hold(struct oracle_world *world, size_t hold, size_t temp)
{
    exchange(world, &world->holds[hold], &world->model.handles[ORACLE_PLACES + hold], temp);
}

struct oracle_view oracle_held(struct oracle_world *world, size_t hold)
{
    return (struct oracle_view){zval_native(world->holds[hold]),
                                world->model.handles[ORACLE_PLACES + hold]};
}

void oracle_list_grow(struct oracle_world *world, struct model_node *node)
{
    struct model_key key = model_index_key((int64_t)node->slot_count);
    model_slot_get(&world->model, node, key)->value = model_plain(MODEL_UNDEF, 0);
    oracle_list_resize(node, node->slot_count);
}

/* The last one leaves the list before it is released. */
void oracle_list_shrink(struct oracle_world *world, struct model_node *node)
{
    size_t last = node->slot_count - 1;
    struct oracle_field field = oracle_field_at(node, last);
    zval real = field.value != NULL ? *field.value : zval_native(*field.pointer);
    oracle_begin(world);
    model_release(&world->model, model_slot_remove(node, &node->slots[last]));
    oracle_list_resize(node, last);
    zval_release(&real);
    oracle_settle(world);
}
