/*
 * What is done between slices, besides all else: steps, and links that change
 * their places while no count changes.
 */
#include "oracle_ops.h"

#include <inttypes.h>

static void step(struct oracle_world *world)
{
    oracle_note(world, "step");
    oracle_step(world);
}
const struct oracle_op oracle_op_step = {"step", step};

/* A run at one go, in slices or not. */
static void steps(struct oracle_world *world)
{
    oracle_note(world, "step until nothing is left");
    while (!oracle_step(world)) {
    }
}
const struct oracle_op oracle_op_steps = {"steps", steps};

static void safepoint(struct oracle_world *world)
{
    oracle_note(world, "safe point");
    oracle_safepoint(world);
}
const struct oracle_op oracle_op_safepoint = {"safe point", safepoint};

static void check(struct oracle_world *world)
{
    oracle_note(world, "check everything");
    oracle_checkpoint(world);
}
const struct oracle_op oracle_op_check = {"check", check};

/* ---- links that move ---------------------------------------------------- */

static struct model_node *node_in(struct model_value *value)
{
    value = model_through(value);
    return value->type == MODEL_NODE ? value->as.node : NULL;
}

/* What has moved into something that only it holds is garbage, and no count has said so. The
   program has to tell: it takes what it had, and lets it go. */
static void take_if_lost(struct oracle_world *world, struct model_value value, size_t temp)
{
    struct model_node *node = node_in(&value);
    if (node != NULL && !oracle_is_reached(world, node)) {
        struct oracle_view view = {oracle_lent(node), model_of(node)};
        oracle_copy(world, temp, view);
    }
}

static void tell_if_lost(struct oracle_world *world, struct model_value first,
                         struct model_value second)
{
    take_if_lost(world, first, 0);
    take_if_lost(world, second, 1);
    oracle_release(world, oracle_temp(world, 0));
    oracle_release(world, oracle_temp(world, 1));
}

static void note_exchange(struct oracle_world *world, struct model_value *from,
                          struct model_value *to)
{
    const struct model_node *one = node_in(from);
    const struct model_node *other = node_in(to);
    oracle_note(world, "move #%" PRIu64 " to where #%" PRIu64 " is", one == NULL ? 0 : one->number,
                other == NULL ? 0 : other->number);
}

static void exchange_shadows(struct model_value *one, struct model_value *other)
{
    struct model_value value = *one;
    *one = *other;
    *other = value;
}

/* A variable, or a value in a struct. Nothing else moves while it is looked for. */
static struct oracle_place some_plain_place(struct oracle_world *world)
{
    struct model_node *node = oracle_percent(world, 60) ? oracle_some_struct(world) : NULL;
    for (size_t i = 0; node != NULL && i < node->slot_count; i++) {
        bool is_value = oracle_field_at(node, i).value != NULL;
        if (is_value && !node->slots[i].hidden && oracle_percent(world, 60)) {
            return oracle_field(node, i);
        }
    }
    return oracle_some_variable(world);
}

static void exchange_values(struct oracle_world *world)
{
    struct oracle_place from = some_plain_place(world);
    struct oracle_place to = some_plain_place(world);
    note_exchange(world, from.shadow, to.shadow);
    zval value = *from.real;
    *from.real = *to.real;
    *to.real = value;
    exchange_shadows(from.shadow, to.shadow);
    tell_if_lost(world, *from.shadow, *to.shadow);
}

/* Whether nothing leads to what is in the temporary once it has moved into that place. */
static bool would_be_lost(struct oracle_world *world, struct oracle_place to,
                          struct oracle_place temp)
{
    struct model_value *target = model_through(to.shadow);
    const struct model_node *node = node_in(temp.shadow);
    exchange_shadows(target, temp.shadow);
    struct model_value before = model_take(temp.shadow);
    bool is_lost = node != NULL && !oracle_is_reached(world, node);
    *temp.shadow = before;
    exchange_shadows(target, temp.shadow);
    return is_lost;
}

/* The place is looked for when the value is not there any more, so that it cannot be inside of it.
   But a key may move into the value of its own entry: then the program has to tell, too. */
static void move_inside(struct oracle_world *world)
{
    struct oracle_place from = some_plain_place(world);
    struct oracle_place temp = oracle_temp(world, 0);
    if (from.shadow->type == MODEL_UNDEF) {
        return;
    }
    *temp.real = oracle_take(from);
    *temp.shadow = model_take(from.shadow);
    struct oracle_place to = oracle_some_place(world);
    note_exchange(world, temp.shadow, to.shadow);
    if (would_be_lost(world, to, temp)) {
        oracle_copy(world, 1, oracle_view_of(temp));
    }
    oracle_assign(world, to, 0);
    oracle_release(world, oracle_temp(world, 1));
}

static void move_value(struct oracle_world *world)
{
    (oracle_percent(world, 50) ? exchange_values : move_inside)(world);
}
const struct oracle_op oracle_op_move_value = {"move value", move_value};

struct pointer {
    void **real;
    struct model_value *shadow;
};

/* A plain pointer of the program's, or one in a struct. */
static struct pointer some_pointer(struct oracle_world *world)
{
    struct model_node *node = oracle_percent(world, 70) ? oracle_some_struct(world) : NULL;
    for (size_t i = 0; node != NULL && i < node->slot_count; i++) {
        void **real = oracle_field_at(node, i).pointer;
        if (real != NULL && !node->slots[i].hidden && oracle_percent(world, 60)) {
            return (struct pointer){real, &node->slots[i].value};
        }
    }
    size_t hold = oracle_below(world, ORACLE_HOLDS);
    return (struct pointer){&world->holds[hold], &world->model.handles[ORACLE_PLACES + hold]};
}

static void move_pointer(struct oracle_world *world)
{
    struct pointer from = some_pointer(world);
    struct pointer to = some_pointer(world);
    note_exchange(world, from.shadow, to.shadow);
    void *pointer = *from.real;
    *from.real = *to.real;
    *to.real = pointer;
    exchange_shadows(from.shadow, to.shadow);
    tell_if_lost(world, *from.shadow, *to.shadow);
}
const struct oracle_op oracle_op_move_pointer = {"move pointer", move_pointer};
