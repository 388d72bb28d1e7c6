/*
 * Our side's variables, and its classes: the same as in interp.php.
 */
#ifndef RCYCLE_TESTS_WORLD_H
#define RCYCLE_TESTS_WORLD_H

#include <rcycle/rcycle.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define WORLD_VARIABLES 6
#define WORLD_GLOBALS   4
#define WORLD_WEAK      4
#define WORLD_MAPS      2

struct world {
    zval variables[WORLD_VARIABLES];
    zval globals[WORLD_GLOBALS];
    zval weak[WORLD_WEAK];
    zval maps[WORLD_MAPS];
    zval kept; /* by destructors, at their objects' ids */
    FILE *trace;
    unsigned destructed;
    bool collecting;   /* in one of the scenario's own collections */
    long direct;       /* the object that the operation itself lets go of; 0: none */
    bool roots_known;  /* PHP's buffer holds what ours holds: README.md, "Roots" */
    bool runs_known;   /* each collection until now was with roots_known */
    bool roots_differ; /* and will never again: there is an array that held scalars only */
};

/* One for the process: destructors are told of nothing but their object. */
extern struct world the_world;

void world_begin(FILE *trace);

/* Lets go of everything in the order in which PHP's side does, and says if anything is left. */
void world_end(void);

/* A new object, at the address that is reserved for its id. */
zval world_object(const char *class_name, long id);

/* gc_collect_cycles(), noted as under way. */
size_t world_collect(void);

/* Six times, as much as chains of destructors can need. */
void world_settle(void);

/* The id of an object; 0: it has none yet. */
long world_id(const zval *object);

/* The int, or the id of the object, in text. */
void world_name(const zval *value, char *text, size_t size);

extern const struct zval_class *const world_classes[];

#endif
