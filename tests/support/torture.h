/*
 * Torture: destructors and free hooks that do anything at all, within each
 * other and while memory fails (torture_test.c). What they work on is the
 * process's one torture.
 */
#ifndef RCYCLE_TESTS_TORTURE_H
#define RCYCLE_TESTS_TORTURE_H

#include <rcycle/rcycle.h>

#define TORTURE_VARIABLES 40
#define TORTURE_MAPS      4
#define TORTURE_DEPTH     4
#define TORTURE_WILLS     100000 /* objects that may have a destructor, in one run */

struct torture {
    uint64_t seed;
    uint64_t step;
    uint64_t random;
    zval variables[TORTURE_VARIABLES];
    zval weak[TORTURE_VARIABLES];
    zval maps[TORTURE_MAPS];
    int depth;   /* destructors and hooks that are acting */
    bool ending; /* hooks and destructors do nothing any more */
    uint64_t acts;
    uint32_t wills;
    uint32_t owed; /* destructors that have not run yet */
    uint32_t destructors;
    bool destructed[TORTURE_WILLS];
    const char *fault; /* NULL: none so far */
};

extern struct torture torture;

/* ---- chance ------------------------------------------------------------- */

unsigned torture_below(unsigned bound);
bool torture_one_in(unsigned chances);

zval *torture_variable(void);
zval *torture_weak(void);
zval *torture_map(void);

/* ---- what there is (torture_things.c) ----------------------------------- */

struct torture_node {
    struct gc_object gc;
    struct torture_node *left;
    struct torture_node *right;
    zval value;
    struct gc_weak *weak;
    uint32_t will;
};

/* An object, struct or weak map; null when there have been enough. */
zval torture_new(void);
/* Something that there is, or a scalar, or an array with something. */
zval torture_value(void);

/* The object itself, if links may be put into it; NULL: they may not. */
zval *torture_open_object(zval *value);
/* NULL: the value is none. */
struct torture_node *torture_node_in(const zval *value);

/* ---- acts (torture_acts.c) ---------------------------------------------- */

/* One of them, and then the heap is verified. */
void torture_act(void);
/* A destructor runs; `self` NULL: of an object that cannot be rescued. */
void torture_act_within(zval *self, uint32_t will);
/* Checks every invariant of the heap, if it is not collecting. */
void torture_verify(void);

/* The first fault is kept, and ends the run. */
void torture_fail(const char *fault);

#endif
