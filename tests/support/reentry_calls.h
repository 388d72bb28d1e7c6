/*
 * Every public call, to be made from places where the library is in the middle
 * of something. What is let go of in a free hook may wait until the hook has
 * returned, so nothing here relies on that.
 */
#ifndef RCYCLE_TESTS_REENTRY_CALLS_H
#define RCYCLE_TESTS_REENTRY_CALLS_H

#include "fixture.h"

/* Some values to make calls with. */
struct reentry_world {
    zval array;     /* [0, 1, ... 9], and "name" => "value" */
    zval shared;    /* another owner of it */
    zval object;    /* "number" => 7, and itself as "self" */
    zval reference; /* one of two handles; the other one is the object's property "handle" */
    zval map;       /* object => 1 */
    zval weak;      /* to the object */
    struct fixture_node *node;
    struct gc_weak *weak_node;
};

void reentry_world_make(struct reentry_world *world);

/* What is wrong with it; NULL: nothing. */
const char *reentry_world_fault(const struct reentry_world *world);

/* Leaves its object as garbage: it holds itself. */
void reentry_world_drop(struct reentry_world *world);

/* Makes the call, in good and bad ways, and leaves the world as it was. False: it did not do what
   it should have done. */
struct reentry_call {
    const char *name;
    bool (*make)(struct reentry_world *world);
};

extern const struct reentry_call reentry_calls[];
extern const size_t reentry_call_count;

#endif
