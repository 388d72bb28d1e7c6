/*
 * The library's calls, each done in the real world and in the model, and their
 * results compared. A call that takes an item takes it out of a temporary.
 */
#ifndef RCYCLE_TESTS_ORACLE_CALLS_H
#define RCYCLE_TESTS_ORACLE_CALLS_H

#include "oracle_forms.h"

/* A variable, element, property or field, in both. Elements only until the array is written to. */
struct oracle_place {
    zval *real;
    struct model_value *shadow;
};

/* A value to be looked at, in both. */
struct oracle_view {
    zval lent;
    struct model_value shadow;
};

struct oracle_place oracle_variable(struct oracle_world *world, size_t index);
struct oracle_place oracle_temp(struct oracle_world *world, size_t index);
struct oracle_view oracle_view_of(struct oracle_place place);

/* The node in a place, looking through a reference; NULL: it is none of that kind. */
struct model_node *oracle_node_at(struct oracle_place place, enum model_kind kind);

/* ---- making values, into a temporary that is empty ---------------------- */

void oracle_make_plain(struct oracle_world *world, size_t temp, struct model_value plain);
void oracle_make_string(struct oracle_world *world, size_t temp, const struct oracle_name *text);
void oracle_make_array(struct oracle_world *world, size_t temp);
void oracle_make_object(struct oracle_world *world, size_t temp, const struct zval_class *class_);
void oracle_make_struct(struct oracle_world *world, size_t temp, const struct oracle_form *form);
void oracle_copy(struct oracle_world *world, size_t temp, struct oracle_view view);
/* Another handle to the reference that the place becomes. */
void oracle_reference(struct oracle_world *world, size_t temp, struct oracle_place place);

/* ---- variables ---------------------------------------------------------- */

void oracle_assign(struct oracle_world *world, struct oracle_place place, size_t temp);
void oracle_release(struct oracle_world *world, struct oracle_place place);
/* What was there goes, a handle to a reference included. For variables and fields. */
void oracle_rebind(struct oracle_world *world, struct oracle_place place, size_t temp);

/* ---- arrays; a NULL key appends ----------------------------------------- */

void oracle_array_put(struct oracle_world *world, struct oracle_place place,
                      const struct model_key *key, size_t temp);
struct oracle_place oracle_array_slot(struct oracle_world *world, struct oracle_place place,
                                      struct model_key key);
void oracle_array_remove(struct oracle_world *world, struct oracle_place place,
                         struct model_key key);
struct oracle_view oracle_array_get(struct oracle_world *world, struct oracle_view array,
                                    const struct model_slot *slot);

/* ---- objects ------------------------------------------------------------ */

void oracle_property_put(struct oracle_world *world, struct oracle_place place, int name,
                         size_t temp);
/* The place must hold an object. */
struct oracle_place oracle_property_slot(struct oracle_world *world, struct oracle_place place,
                                         int name);
struct oracle_place oracle_property_at(struct oracle_world *world, struct oracle_place place,
                                       size_t index);
void oracle_property_remove(struct oracle_world *world, struct oracle_place place, int name);
struct oracle_view oracle_property_get(struct oracle_world *world, struct oracle_view object,
                                       const struct model_slot *slot);

/* ---- own structs -------------------------------------------------------- */

/* A field with a value. */
struct oracle_place oracle_field(struct model_node *node, size_t slot);
/* A field with a pointer points to the struct in the temporary, or, if that is empty, nowhere. */
void oracle_point(struct oracle_world *world, struct model_node *node, size_t slot, size_t temp);
struct oracle_view oracle_field_get(const struct model_node *node, size_t slot);
void oracle_list_grow(struct oracle_world *world, struct model_node *node);
void oracle_list_shrink(struct oracle_world *world, struct model_node *node);
/* One of the plain pointers points to the struct in the temporary, or nowhere. */
void oracle_hold(struct oracle_world *world, size_t hold, size_t temp);
struct oracle_view oracle_held(struct oracle_world *world, size_t hold);

#endif
