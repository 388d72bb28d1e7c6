/*
 * The counted header: how its info word is divided.
 *
 * Everything counted begins with a refcount and an info word:
 *
 *     bit  0-3    kind
 *     bit  4      rootable: a release to something else than zero takes the slow path
 *     bit  5      dead: the count was zero; waits to be taken apart
 *     bit  6      destructed: the destructor has been run, or there is none
 *     bit  7      weak: somebody holds a weak reference, or it is a key of a weak map
 *     bit  8      spared: a collection keeps it for its next pass, over destructors
 *     bit  9      hooked: an own struct whose type has a free hook
 *     bit 10-31   the object's entry in the root buffer, 0: none
 *
 * Invariants, checked by the heap verifier:
 *   C1  an object that is in the root buffer is not rootable, so it is recorded once.
 *   C2  a free slot has an info word of 0.
 *   C3  a count is at least the number of references found in the objects of its heap.
 *
 * The life of a counted object, and who makes each transition:
 *
 *     alive --- last release ------------ rc__object_end() ------> dead
 *     alive --- last release, rescued --- rc__object_end() ------> alive
 *     alive --- found white ------------- rc__collect_white() ---> dead
 *     dead ---- its turn ---------------- finish_object() -------> slot free
 *     dead ---- its turn, part by part -- give_up_places() ------> slot free
 *
 * A dead object's refcount and entry bits hold the link of the list it waits
 * in, so that taking apart any number of objects needs no memory. The top bit
 * of its refcount and the rootable bit are set: both inline operations on it
 * take their slow path, where the misuse shows.
 */
#ifndef RCYCLE_CORE_COUNTED_H
#define RCYCLE_CORE_COUNTED_H

#include "heap/page.h"
#include <rcycle/object.h>

enum rc_kind {
    RC_KIND_FREE, /* no object */
    RC_KIND_STRING,
    RC_KIND_ARRAY,
    RC_KIND_INSTANCE, /* a zval object */
    RC_KIND_REFERENCE,
    RC_KIND_NATIVE, /* an own struct */
    RC_KIND_WEAKREF,
    RC_KIND_WEAKMAP
};

#define RC_INFO_KIND        0xfu
#define RC_INFO_ROOTABLE    GC_INFO_ROOTABLE
#define RC_INFO_DEAD        0x20u
#define RC_INFO_DESTRUCTED  0x40u
#define RC_INFO_WEAK        0x80u
#define RC_INFO_SPARED      0x100u
#define RC_INFO_HOOKED      0x200u
#define RC_INFO_FLAGS       0x3ffu
#define RC_INFO_ENTRY_SHIFT 10
#define RC_INFO_ENTRY_MAX   ((1u << (32 - RC_INFO_ENTRY_SHIFT)) - 1)

/* Where a saturated count stays: far from both zero and overflow. */
#define RC_REFCOUNT_SATURATED 0xc0000000u

RC_INLINE enum rc_kind rc__kind_of(const struct gc_object *object)
{
    return (enum rc_kind)(object->info & RC_INFO_KIND);
}

RC_INLINE uint32_t rc__entry_of(const struct gc_object *object)
{
    return object->info >> RC_INFO_ENTRY_SHIFT;
}

/* Whether it counts in `collected` and `live_nodes`. */
RC_INLINE bool rc__is_node(const struct gc_object *object)
{
    return rc__kind_of(object) != RC_KIND_REFERENCE;
}

/* What tells a plain object: one with nothing about it but references. It has no destructor to run,
   no free hook, and no weak reference to it, and it has not died. Most are such. */
#define RC_INFO_TELLING \
    (RC_INFO_KIND | RC_INFO_DEAD | RC_INFO_DESTRUCTED | RC_INFO_WEAK | RC_INFO_HOOKED)

/* The kind of a plain object. Any other one gives no kind that there is. */
RC_INLINE enum rc_kind rc__plain_kind_of(const struct gc_object *object)
{
    return (enum rc_kind)((object->info & RC_INFO_TELLING) ^ RC_INFO_DESTRUCTED);
}

/* The same of one that was plain until it died. */
RC_INLINE enum rc_kind rc__plain_kind_of_dead(const struct gc_object *object)
{
    return (enum rc_kind)((object->info & RC_INFO_TELLING) ^ (RC_INFO_DESTRUCTED | RC_INFO_DEAD));
}

/* A plain object that is an own struct or a zval object: it dies without further ado. */
RC_INLINE bool rc__is_plain(const struct gc_object *object)
{
    enum rc_kind kind = rc__plain_kind_of(object);
    return kind == RC_KIND_NATIVE || kind == RC_KIND_INSTANCE;
}

/* Whether a slot of a page of objects holds one that has not died. */
RC_INLINE bool rc__is_alive(const struct gc_object *slot)
{
    return slot->info != 0 && (slot->info & RC_INFO_DEAD) == 0;
}

/* A rootable object becomes one that is recorded in `entry`, and back. */
RC_INLINE void rc__set_entry(struct gc_object *object, uint32_t entry)
{
    object->info = (object->info & RC_INFO_FLAGS & ~RC_INFO_ROOTABLE) | entry
                                                                            << RC_INFO_ENTRY_SHIFT;
}

RC_INLINE void rc__clear_entry(struct gc_object *object)
{
    object->info = (object->info & RC_INFO_FLAGS) | RC_INFO_ROOTABLE;
}

/* It is dead, and the last of its list. */
RC_INLINE void rc__bury(struct gc_object *object)
{
    object->refcount = GC_REFCOUNT_TOP;
    object->info = (object->info & RC_INFO_FLAGS) | RC_INFO_DEAD | RC_INFO_ROOTABLE;
}

/* Links the last of a list of the dead to what comes behind it. */
RC_INLINE void rc__link_dead(struct gc_object *last, const struct gc_object *next)
{
    uint64_t link = (uint64_t)(uintptr_t)next >> 4;
    last->refcount |= (uint32_t)link & ~GC_REFCOUNT_TOP;
    last->info |= (uint32_t)(link >> 31) << RC_INFO_ENTRY_SHIFT;
}

RC_INLINE struct gc_object *rc__next_dead(const struct gc_object *object)
{
    uint64_t link = (uint64_t)rc__entry_of(object) << 31 | (object->refcount & ~GC_REFCOUNT_TOP);
    return (struct gc_object *)(uintptr_t)(link << 4);
}

#endif
