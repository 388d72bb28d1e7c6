/*
 * What release.c and release_parts.c have of each other.
 */
#ifndef RCYCLE_CORE_RELEASE_H
#define RCYCLE_CORE_RELEASE_H

#include "core/heap_state.h"

/* Takes apart an object that is not in the list of the dead any more: gives up its references, and
   then what else it owns, and its slot. */
void rc__dead_finish(struct gc_heap *heap, struct gc_object *object);

/* The same in parts: gives up places `from` to `to`, see rc__walk_part(); and then the rest of it.
 */
void rc__dead_give_up(struct gc_heap *heap, struct gc_object *object, size_t from, size_t to);
void rc__dead_close(struct gc_heap *heap, struct gc_object *object);

/* Releases what the first of the orphaned entries held. */
void rc__orphan_release(struct gc_heap *heap);

/* Takes apart all that is left of an object that is open, if there is one. */
void rc__open_finish(struct gc_heap *heap);

/* rc__dead_drain() and rc__dead_drain_new() of a heap that has a budget for releases. */
void rc__dead_drain_part(struct gc_heap *heap);
void rc__dead_drain_new_part(struct gc_heap *heap);

#endif
