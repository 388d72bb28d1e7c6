/*
 * Objects and own structs whose destructors are counted and do what the test
 * wants.
 */
#ifndef RCYCLE_TESTS_DYING_H
#define RCYCLE_TESTS_DYING_H

#include "fixture.h"

/* Destructors run so far, those of structs included. */
extern int dying_count;

/* What they do besides; NULL: nothing. */
extern void (*dying_act)(zval *self);

/* A class with the declared properties "a" and "b", to be reached by position 0 and 1 too. */
extern const struct zval_class dying_class;

/* The same as a struct. Its destructor acts upon a zval of it; its free hook is counted. */
struct dying_node {
    struct gc_object gc;
    struct dying_node *a;
    struct dying_node *b;
    zval value;
};

extern const struct gc_type dying_node_type;
extern int dying_freed;

struct dying_node *dying_node_new(void);

/* A new object, and one that holds itself by "a". */
zval dying_new(void);
zval dying_self_new(void);

/* $object = new Dying; $object->a = $object; unset($object): a cycle of one, a possible root. */
void dying_drop_self(void);

/* As fixture_begin() and fixture_begin_small(); nothing has died, and nothing is to be done. */
int dying_begin(void **state);
int dying_begin_small(void **state);

#define dying_test(function) cmocka_unit_test_setup_teardown(function, dying_begin, fixture_end)
#define dying_test_small(function) \
    cmocka_unit_test_setup_teardown(function, dying_begin_small, fixture_end)

#endif
