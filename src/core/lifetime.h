/*
 * Making counted objects, and letting go of them.
 */
#ifndef RCYCLE_CORE_LIFETIME_H
#define RCYCLE_CORE_LIFETIME_H

#include "core/current.h"
#include "core/layout.h"
#include <rcycle/result.h>

/*
 * An object of `bytes` with count 1, its header filled in and nothing else. If
 * `traced`, the collector looks into it. An array is made not rootable, since it
 * holds nothing yet. NULL: no memory.
 */
RC_INLINE struct gc_object *rc__object_new(struct gc_heap *heap, size_t bytes, enum rc_kind kind,
                                           bool traced)
{
    struct gc_object *object =
        rc__space_allocate(&heap->space, bytes, traced ? RC_PAGE_TRACED : RC_PAGE_ACYCLIC);
    if (RC_UNLIKELY(object == NULL)) {
        return NULL;
    }
    bool rootable = traced && kind != RC_KIND_ARRAY;
    object->refcount = 1;
    object->info = (uint32_t)kind | RC_INFO_DESTRUCTED | (rootable ? RC_INFO_ROOTABLE : 0);
    object->type = NULL;
    heap->live_nodes += kind != RC_KIND_REFERENCE;
    return object;
}

#define RC_SMALL_BYTES 128

/*
 * The same for a traced object of at most RC_SMALL_BYTES that is no array and has nothing about it
 * but references, if its page has room for more than that. NULL: ask rc__object_new().
 */
RC_INLINE struct gc_object *rc__object_new_small(struct gc_heap *heap, size_t bytes,
                                                 enum rc_kind kind, const struct gc_type *type)
{
    struct gc_object *object = rc__space_take_small(&heap->space, bytes, RC_PAGE_TRACED);
    if (RC_LIKELY(object != NULL)) {
        *object =
            (struct gc_object){1, (uint32_t)kind | RC_INFO_DESTRUCTED | RC_INFO_ROOTABLE, type};
        heap->live_nodes++;
    }
    return object;
}

/*
 * A call has failed and left everything as it was: whether to try again, since
 * it failed for the limit's sake and there may be room now. Code of the program
 * may have run in between, so it looks at its arguments anew. If it is not to be
 * tried again the result says why.
 */
RC_INLINE bool rc__try_again(struct gc_heap *heap, enum gc_result *result)
{
    if (RC_LIKELY(*result != GC_ENOMEM) || heap->space.wanted_bytes == 0) {
        return false;
    }
    if (rc__upcalls.relieve(heap)) {
        return true;
    }
    *result = GC_ELIMIT;
    return false;
}

/* The same for a call that says NULL when it fails. */
RC_INLINE bool rc__try_again_for(const void *made, struct gc_heap *heap)
{
    return RC_UNLIKELY(made == NULL) && heap->space.wanted_bytes != 0 && rc__upcalls.relieve(heap);
}

/* A counted thing that holds no references, in a page of its kind. NULL: no memory. */
void *rc__leaf_new(struct gc_heap *heap, size_t bytes, enum rc_kind kind);

/* The memory of an object or leaf goes. */
static inline void rc__object_free(struct gc_object *object)
{
    rc__space_free(rc__page_of(object), object);
}

/* Storage without a header, in the same heap as `owner`. NULL: no memory. */
void *rc__storage_new(const struct gc_object *owner, size_t bytes);
void rc__storage_free(void *storage);

/* A leaf's count has gone down to zero, or has been at the top. */
void rc__leaf_end(struct gc_object *leaf);

/* One reference fewer to a string or weak reference. */
RC_INLINE void rc__leaf_release(struct gc_object *leaf)
{
    uint32_t left = --leaf->refcount;
    if (left - 1u >= GC_REFCOUNT_TOP - 1u) {
        rc__leaf_end(leaf);
    }
}

/* Lets a table's memory go, its elements having been released. */
void rc__table_free_storage(struct rc_table *table);

/* What an object owns besides counted references goes: storage, and what its type's hook gives
   back. Called once its references have been given up; the slot itself stays. */
void rc__object_dismantle(struct gc_object *object);

/* Whether rc__object_dismantle() has anything to do. */
RC_INLINE bool rc__needs_dismantling(const struct gc_object *object)
{
    switch (rc__kind_of(object)) {
    case RC_KIND_ARRAY:
        return ((const struct rc_array *)(const void *)object)->table.elements != NULL;
    case RC_KIND_INSTANCE:
        return ((const struct rc_instance *)(const void *)object)->added != NULL;
    case RC_KIND_NATIVE:
        return object->type->free != NULL;
    case RC_KIND_WEAKMAP:
        return true;
    default:
        return false;
    }
}

/* Whether a destructor is to run before the object goes. */
RC_INLINE bool rc__awaits_destructor(const struct gc_object *object)
{
    return (object->info & RC_INFO_DESTRUCTED) == 0;
}

/* Says that the new object has a destructor. */
RC_INLINE void rc__expect_destructor(struct gc_object *object)
{
    object->info &= ~RC_INFO_DESTRUCTED;
}

/* A rootable object is a possible root: into the buffer, or remembered. If there is no room, or the
   heap has grown, the passes run, and may free it. */
void rc__record(struct gc_heap *heap, struct gc_object *object);

/* Runs the destructor, the object being held meanwhile. It may end at a count of zero, and be
   alive all the same: that is for the caller to decide. False: the destructor has released what
   was not its own, and the object is gone. */
bool rc__object_destruct(struct gc_heap *heap, struct gc_object *object);

/* The count is zero: the destructor runs, unless it has, and if it rescues nothing the object
   goes. */
void rc__object_end(struct gc_heap *heap, struct gc_object *object);

/* The dying object lives on until its destructor may run, held by the list of those that wait for
   that. False: there is no memory for it. */
bool rc__put_off(struct gc_heap *heap, struct gc_object *object);

/* Gives up the objects whose destructors were held back, if releases are cut for about so long; or
   only forgets that they were. */
void rc__release_waiting(struct gc_heap *heap, uint64_t budget_ns);
void rc__forget_waiting(struct gc_heap *heap);

/* The program is about to get hold of an object through a weak reference or weak map. */
RC_INLINE void rc__reach_weakly(struct gc_object *object)
{
    struct gc_heap *heap = rc__heap_of_page(rc__page_of(object));
    if (RC_UNLIKELY(heap->collecting)) {
        rc__upcalls.weakly_reached(heap, object);
    }
}

/* Puts a dead object into the list of those to be taken apart. Its references are still its own. */
void rc__object_bury(struct gc_heap *heap, struct gc_object *object);

/* Takes apart what is in the list, and releases what orphaned entries held, unless somebody up the
   stack is at it. With a budget for releases: what died last, and a part of what waits. */
void rc__dead_drain(struct gc_heap *heap);

/* The same without that part: nothing goes but what has died since. */
void rc__dead_drain_new(struct gc_heap *heap);

/* A run begins in the middle of a release: what that has let die is set aside, so that the run
   takes apart nothing but what it lets die itself. What is left of that goes on with the rest. */
struct rc_set_aside rc__dead_set_aside(struct gc_heap *heap);
void rc__dead_put_back(struct gc_heap *heap, struct rc_set_aside aside);

/* All of it, what is left of an object that is taken apart part by part included. */
void rc__dead_drain_all(struct gc_heap *heap);

/* For about so long. */
void rc__dead_drain_slice(struct gc_heap *heap, uint64_t budget_ns);

#endif
