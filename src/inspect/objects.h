/*
 * What looking into a heap needs: its objects in turn, and what each one is.
 */
#ifndef RCYCLE_INSPECT_OBJECTS_H
#define RCYCLE_INSPECT_OBJECTS_H

#include "core/heap_state.h"

typedef void (*rc_object_action)(void *context, struct gc_object *object);

/* Each object that is alive, references included, in the order of addresses within a chunk. The
   action makes and frees none. */
void rc__for_each_object(const struct gc_heap *heap, rc_object_action action, void *context);

/* The class or type of an object; NULL: it is of another kind. */
const void *rc__type_of_object(const struct gc_object *object);

/* Of a block of the heap; NULL has none. */
size_t rc__block_bytes(const void *block);

/* Of an object, and of the storage that belongs to it: elements of arrays, added properties,
   entries of weak maps. */
size_t rc__bytes_with_storage(const struct gc_object *object);

/* What an object is, for people: the name of its class or type, or what kind of value it is. */
const char *rc__name_of_object(const struct gc_object *object);

#endif
