/*
 * Dependency cycles: packages that need each other, directly or by way of
 * others. In terms of graphs, the strongly connected components of Pre-Depends
 * and Depends.
 */
#ifndef PACKAGE_CYCLES_H
#define PACKAGE_CYCLES_H

#include "package_model.h"

struct cycles {
    zval component; /* number -> its component, from 1: each needs only itself and lower ones */
    zval order;     /* all numbers, in the order of their components */
    zval groups;    /* component -> array of its members' numbers, if it has more than one */
    int64_t components;
    size_t packages; /* that are on a cycle */
    size_t largest;  /* members */
};

/* False: no memory. To be released all the same. */
bool cycles_find(struct cycles *cycles, const struct package_graph *graph);
void cycles_release(struct cycles *cycles);

#endif
