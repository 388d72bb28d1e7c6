/*
 * What a package needs, directly and by way of others.
 */
#ifndef PACKAGE_CLOSURE_H
#define PACKAGE_CLOSURE_H

#include "package_model.h"

/* Several walks may be made with the same one. */
struct closure {
    const struct package_graph *graph;
    zval walked;  /* number -> the last walk that came there; 0: none did */
    zval waiting; /* numbers of packages found whose links have not been followed */
    int64_t walk;
};

struct closure_weight {
    int64_t packages; /* the one that the walk began at included */
    int64_t kib;
};

/* False: no memory. To be ended all the same. */
bool closure_begin(struct closure *closure, const struct package_graph *graph);
void closure_end(struct closure *closure);

struct closure_weight closure_walk(struct closure *closure, int64_t start);

/* Whether the last walk, or any walk, came to the package. */
bool closure_holds(const struct closure *closure, int64_t number);
bool closure_ever_held(const struct closure *closure, int64_t number);

#endif
