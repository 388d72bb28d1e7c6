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
/* What destructors keep. */
struct oracle_place oracle_kept(struct oracle_world *world, size_t index);
/* One of the temporaries of the level. */
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

/* ---- weak references and weak maps (oracle_calls_weak.c) ----------------- */

/* Nothing is made if it has no identity. */
void oracle_make_weakref(struct oracle_world *world, size_t temp, struct oracle_view view);
/* What the weak reference leads to; null if that is gone. */
void oracle_weakref_get(struct oracle_world *world, size_t temp, struct oracle_view weakref);
/* A weak reference of C's leads to the struct in the view, or, if there is none, nowhere. */
void oracle_watch(struct oracle_world *world, size_t watch, struct oracle_view view);
void oracle_watched_get(struct oracle_world *world, size_t temp, size_t watch);

void oracle_make_weakmap(struct oracle_world *world, size_t temp);
void oracle_weakmap_put(struct oracle_world *world, struct oracle_place map, struct oracle_view key,
                        size_t temp);
/* The entry for writing, until it goes. */
struct oracle_place oracle_weakmap_slot(struct oracle_world *world, struct oracle_place map,
                                        struct oracle_view key);
void oracle_weakmap_remove(struct oracle_world *world, struct oracle_place map,
                           struct oracle_view key);
struct oracle_view oracle_weakmap_get(struct oracle_world *world, struct oracle_view map,
                                      const struct model_slot *slot);

/* The program has got hold of something in one of these ways: it is alive. */
void oracle_found_weakly(struct oracle_world *world, struct model_node *node);

/* ---- for calls ---------------------------------------------------------- */

/* The value in a place, which is empty then. */
zval oracle_take(struct oracle_place place);
/* A new node in the temporary. */
struct model_node *oracle_put_new(struct oracle_world *world, size_t temp, enum model_kind kind,
                                  size_t fixed);
/* Says where it is. */
void oracle_map(struct oracle_world *world, struct model_node *node, void *real);
/* Whether the handles reach it. */
bool oracle_is_reached(struct oracle_world *world, const struct model_node *node);
/* In the model: a reference takes the place, anything else is written through one. */
void oracle_put_into(struct oracle_world *world, struct model_value *slot, struct model_value item);
void oracle_expect_result(struct oracle_world *world, enum gc_result result,
                          enum gc_result expected);
/* An undefined item is what a failed constructor returns. */
enum gc_result oracle_expected_with_item(enum gc_result expected, struct oracle_place item);

#endif
