/*
 * Large objects that are taken apart part by part, in releases that are cut: for
 * oracle_releases.c.
 */
#ifndef RCYCLE_TESTS_ORACLE_INSIDE_H
#define RCYCLE_TESTS_ORACLE_INSIDE_H

#include "oracle.h"

/* Objects have to have more than so many places from now on, by chance. */
void oracle_cut_objects(struct oracle_world *world);

bool oracle_is_large(const struct oracle_world *world, void *real);
/* The same of what has gone, and is not there any more: whether it may have been; and whether it
   was for certain, with a slot for each place. */
bool oracle_may_have_been_large(const struct oracle_world *world, const struct model_node *node);
bool oracle_was_large(const struct oracle_world *world, const struct model_node *node);

/* The node is that of the object that is open: of its slots those are empty that have been given
   up. If it is late already, what was in them is released now. */
void oracle_give_up_slots(struct oracle_world *world, struct model_node *node);

/* The node is late no more. */
void oracle_leave_inside(struct oracle_world *world, const struct model_node *node);

/* The node that was open before the call has gone, or further places of it have, given that `node`
   is open now; NULL: none is. */
bool oracle_went_on_inside(const struct oracle_world *world, const struct model_node *node);

/* A calm call is over, in which so many places have been given up, and everything late is known. In
   a simple one no code of the program has run. */
void oracle_settle_inside(struct oracle_world *world, struct model_node *node, size_t places,
                          bool is_simple);

/* How many objects a part of a release may have been short of, since so many places count. */
size_t oracle_cost_inside(const struct oracle_world *world, size_t places);

/* So many have gone in a part of a release of so many objects, in which large ones have gone that
   had `gone` places. */
void oracle_expect_places(struct oracle_world *world, size_t places, size_t gone, size_t objects);

#endif
