/*
 * What waits in the heap, of releases that were cut: for oracle_releases.c.
 */
#ifndef RCYCLE_TESTS_ORACLE_WAITS_H
#define RCYCLE_TESTS_ORACLE_WAITS_H

#include "oracle.h"

/* Addresses, the objects' in order, each with the last node that was there. */
struct oracle_waiting {
    void *real;
    struct model_node *node;
};

struct oracle_waits {
    struct oracle_waiting *items;
    size_t count;
    size_t capacity;
};

/* The objects, the one that is open and what has died by it included. */
void oracle_waits_objects(struct oracle_world *world, struct oracle_waits *list);

/* The values of entries, those that are counted. Returns how many there are. */
size_t oracle_waits_orphans(struct oracle_world *world, struct oracle_waits *list);

/* Of objects. NULL: none waits there. */
struct oracle_waiting *oracle_waits_find(const struct oracle_waits *list, void *real);

/* Whether nodes of the kind do. */
bool oracle_can_wait(const struct model_node *node);

/* Tries these nodes, dead or late ones; and those that are alive in the model, for what has died by
   a run is so. */
void oracle_waits_match(const struct oracle_waits *list, struct model_node *nodes);
void oracle_waits_match_alive(const struct oracle_waits *list, struct model *model);

/* All nodes have been tried. */
void oracle_waits_expect_known(struct oracle_world *world, const struct oracle_waits *list);

#endif
