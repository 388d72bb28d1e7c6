/*
 * The longest chain of dependencies: each package needs the next. A cycle on
 * the way counts as one link, as it could be gone round for ever.
 */
#ifndef PACKAGE_CHAIN_H
#define PACKAGE_CHAIN_H

#include "package_cycles.h"

/* An array of numbers, the first needing the second and so on. Undefined: no memory. */
zval chain_longest(const struct package_graph *graph, const struct cycles *cycles);

#endif
