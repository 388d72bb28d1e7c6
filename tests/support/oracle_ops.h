/*
 * The operations, and how they choose what to work on.
 */
#ifndef RCYCLE_TESTS_ORACLE_OPS_H
#define RCYCLE_TESTS_ORACLE_OPS_H

#include "oracle_calls.h"

/* ---- choosing (oracle_choose.c) ----------------------------------------- */

/* Whether the world has as many nodes as its profile wants. */
bool oracle_is_full(const struct oracle_world *world);

/* Whether to do something that makes graphs smaller: seldom while they are to grow. */
bool oracle_may_shrink(struct oracle_world *world);

/* Something that the handles reach. */
struct oracle_view oracle_some_view(struct oracle_world *world);

/* To something that the view leads to. False: there is nothing, and it stays where it is. */
bool oracle_step_down(struct oracle_world *world, struct oracle_view *view);

/* What some weak reference leads to, into an empty temporary; null if that is gone. */
void oracle_find_weakly(struct oracle_world *world, size_t temp);

/* Whether the item in the temporary may be the value of the key's entry in a weak map. */
bool oracle_may_enter(struct oracle_world *world, const struct oracle_view *key, size_t temp);

/* The same as oracle_some_view(), for writing: on the way down shared arrays are separated. */
struct oracle_place oracle_some_place(struct oracle_world *world);
struct oracle_place oracle_some_variable(struct oracle_world *world);

/* With a value of that kind, or, after some attempts, any. A variable stays where it is; a place in
   an array that contains itself is gone once that array grows. */
struct oracle_place oracle_some_variable_with(struct oracle_world *world, enum model_kind kind);

/* To be overwritten: while graphs are to grow, one that holds no node. False: none was found. */
bool oracle_spare_variable(struct oracle_world *world, struct oracle_place *place);
bool oracle_spare_hold(struct oracle_world *world, size_t *hold);

/* Puts what is in the temporary somewhere, by the same rule; it is lost if no place is found. */
void oracle_store(struct oracle_world *world, size_t temp);

/* One with a value of that kind, or, after some attempts, any. */
struct oracle_place oracle_some_place_with(struct oracle_world *world, enum model_kind kind);

/* A struct that may be written to; NULL: none was found. */
struct model_node *oracle_some_struct(struct oracle_world *world);

/* A slot of a struct with a declared pointer, or with a value, by the same rule. False: it has
   none. */
bool oracle_spare_pointer(struct oracle_world *world, const struct model_node *node, size_t *slot);
bool oracle_spare_field(struct oracle_world *world, const struct model_node *node, size_t *slot);

struct model_key oracle_some_key(struct oracle_world *world, const struct model_node *array);
int oracle_some_property(struct oracle_world *world, const struct model_node *object);

/* Fills an empty temporary with something new, or a copy of something. */
void oracle_some_item(struct oracle_world *world, size_t temp);
void oracle_some_scalar(struct oracle_world *world, size_t temp);
/* Only a struct, or nothing. */
void oracle_some_target(struct oracle_world *world, size_t temp);
/* Only a new struct. */
void oracle_new_struct(struct oracle_world *world, size_t temp);
/* Appends scalars, made in temporary 0, to the array in a variable. */
void oracle_push_scalars(struct oracle_world *world, struct oracle_place variable, size_t count);

/* ---- operations --------------------------------------------------------- */

/* oracle_ops.c */
extern const struct oracle_op oracle_op_assign;
extern const struct oracle_op oracle_op_assign_variable;
extern const struct oracle_op oracle_op_release_variable;
extern const struct oracle_op oracle_op_bind;
extern const struct oracle_op oracle_op_assign_reference;
extern const struct oracle_op oracle_op_array_put;
extern const struct oracle_op oracle_op_array_slot;
extern const struct oracle_op oracle_op_array_remove;
extern const struct oracle_op oracle_op_property_put;
extern const struct oracle_op oracle_op_property_remove;
extern const struct oracle_op oracle_op_point;
extern const struct oracle_op oracle_op_hold;
extern const struct oracle_op oracle_op_unhold;
extern const struct oracle_op oracle_op_release_field;
extern const struct oracle_op oracle_op_list;

/* oracle_shapes.c */
extern const struct oracle_op oracle_op_fill_array;
extern const struct oracle_op oracle_op_clear_array;
extern const struct oracle_op oracle_op_self_array;
extern const struct oracle_op oracle_op_self_object;
extern const struct oracle_op oracle_op_ring;
extern const struct oracle_op oracle_op_seclude;
extern const struct oracle_op oracle_op_keepers;
extern const struct oracle_op oracle_op_flood;
extern const struct oracle_op oracle_op_chain;

/* oracle_iterate.c */
extern const struct oracle_op oracle_op_iterate_array;
extern const struct oracle_op oracle_op_iterate_object;

/* oracle_ops_weak.c */
extern const struct oracle_op oracle_op_weaken;
extern const struct oracle_op oracle_op_watch;
extern const struct oracle_op oracle_op_strengthen;
extern const struct oracle_op oracle_op_map_put;
extern const struct oracle_op oracle_op_map_slot;
extern const struct oracle_op oracle_op_map_remove;
extern const struct oracle_op oracle_op_iterate_map;
extern const struct oracle_op oracle_op_map_cycle;
extern const struct oracle_op oracle_op_ephemeron;
extern const struct oracle_op oracle_op_shared_key;
extern const struct oracle_op oracle_op_orphan;
extern const struct oracle_op oracle_op_forget;

/* oracle_ops_slices.c */
extern const struct oracle_op oracle_op_step;
extern const struct oracle_op oracle_op_steps;
extern const struct oracle_op oracle_op_safepoint;
extern const struct oracle_op oracle_op_check;
extern const struct oracle_op oracle_op_move_value;
extern const struct oracle_op oracle_op_move_pointer;

/* oracle_ops_parts.c */
extern const struct oracle_op oracle_op_grow;
extern const struct oracle_op oracle_op_part;

/* oracle_ops_heap.c */
extern const struct oracle_op oracle_op_shed;
extern const struct oracle_op oracle_op_collect;
extern const struct oracle_op oracle_op_collect_heap;
extern const struct oracle_op oracle_op_enable;
extern const struct oracle_op oracle_op_disable;
extern const struct oracle_op oracle_op_caches;
extern const struct oracle_op oracle_op_elsewhere;

#endif
