/*
 * The questions that are asked of the graph. Answers name packages by number,
 * so that they keep none alive.
 */
#ifndef PACKAGE_ANSWERS_H
#define PACKAGE_ANSWERS_H

#include "package_closure.h"
#include "package_cycles.h"

#define ANSWERS_MOST_NEEDED 10

struct answers {
    zval most_needed; /* numbers, at most so many, the most needed first */
    int64_t heaviest; /* the package that takes the most room with all that it needs */
    struct closure_weight heaviest_weight;
    struct cycles cycles;
    zval chain;   /* see chain_longest() */
    zval closure; /* numbers of all that the package asked about needs, itself included */
    struct closure_weight closure_weight;
};

/* `asked` may be NULL. False: no memory. To be released all the same. */
bool answers_find(struct answers *answers, const struct package_graph *graph, const zval *asked);
void answers_release(struct answers *answers);

#endif
