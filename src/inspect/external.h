/*
 * External memory: what own structs hold elsewhere, by their types.
 *
 * Invariant:
 *   X1  the sum over the types is the space's external_bytes.
 */
#ifndef RCYCLE_INSPECT_EXTERNAL_H
#define RCYCLE_INSPECT_EXTERNAL_H

#include "core/heap_state.h"

struct rc_external_type {
    const struct gc_type *type;
    size_t bytes;
};

struct rc_external {
    struct rc_attachment attachment; /* first */
    struct rc_external_type *types;
    size_t count;
    size_t capacity;
};

/* The heap's; NULL: nothing has been reported yet. */
const struct rc_external *rc__external_of(const struct gc_heap *heap);

#endif
