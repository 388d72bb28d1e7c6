/**
 * @file
 * Weak references and weak maps: to know an object without keeping it.
 *
 * What can be held weakly has an identity: objects, own structs and weak maps.
 * Arrays and strings are values and cannot. A weak reference answers as long as
 * its object lives, inside its destructor too; an object that a destructor
 * rescues keeps its weak references.
 */
#ifndef RCYCLE_WEAK_H
#define RCYCLE_WEAK_H

#include <rcycle/export.h>
#include <rcycle/result.h>
#include <rcycle/zval.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- for own structs ---------------------------------------------------- */

/** A weak reference to an own struct. Must not be used after its heap has ended. */
struct gc_weak;

/**
 * A weak reference to @p object: the same one each time while it is held, one
 * owner more.
 * @return owned, to be given up by gc_weak_release(); NULL: no memory, or NULL given.
 */
RCYCLE_EXPORT struct gc_weak *gc_weak_new(void *object);

/** The object, retained; NULL once it is gone, or for NULL. O(1). */
RCYCLE_EXPORT void *gc_weak_get(struct gc_weak *weak);

/** Gives up one owner's hold on @p weak. NULL is allowed. */
RCYCLE_EXPORT void gc_weak_release(struct gc_weak *weak);

/* ---- for values --------------------------------------------------------- */

/**
 * A weak reference to an object, own struct or weak map: the same one each time
 * while it is held, so two of them are zval_identical() if their objects are.
 * @return owned; ::ZVAL_UNDEF: no memory, or @p object has no identity.
 */
RCYCLE_EXPORT zval zval_weakref(const zval *object);

/** The object, owned; null once it is gone; ::ZVAL_UNDEF if @p weakref is no weak reference. */
RCYCLE_EXPORT zval zval_weakref_get(const zval *weakref);

/* ---- weak maps ----------------------------------------------------------
 *
 * A table from objects to values. It does not keep its keys: when one goes, its
 * entry goes. A value is kept by its entry as long as both the map and the key
 * live (an ephemeron): a key that is reached only through its own value goes.
 * Collections do not look into acyclic objects: an acyclic key whose own value leads
 * back to it stays as long as the map.
 * A weak map is a handle, like an object: copies are the same map. It counts as
 * a node, and it can be a key, its own included.
 *
 * Calls that write fail as those on arrays do; GC_ETYPE: the map is none, or the
 * key has no identity; GC_EINVAL: the key is of another heap.
 */

/** An empty weak map. @return owned; ::ZVAL_UNDEF: no memory. */
RCYCLE_EXPORT zval zval_weakmap(void);
/** Sets the value at @p object, by the rules of an array element. O(maps that have this key). */
RCYCLE_EXPORT enum gc_result zval_weakmap_set(zval *map, const zval *object, zval value);
/** The value at @p object for writing, made null if missing; valid until the entry goes. */
RCYCLE_EXPORT zval *zval_weakmap_slot(zval *map, const zval *object);
/** The value at @p object, lent; NULL: no such key, no map. */
RCYCLE_EXPORT const zval *zval_weakmap_get(const zval *map, const zval *object);
/** Removes the entry of @p object. GC_ENOKEY: there is none. */
RCYCLE_EXPORT enum gc_result zval_weakmap_remove(zval *map, const zval *object);
/** How many entries; 0 if @p map is none. */
RCYCLE_EXPORT size_t zval_weakmap_count(const zval *map);

/** Where an iteration stands. Zero-initialise it to begin; it needs no end. */
struct zval_weakmap_cursor {
    uint64_t serial;
};

/**
 * Goes to the next entry, in the order of insertion. Anything may happen to the
 * map and its keys meanwhile: what goes is not visited, what comes is. O(1), or
 * O(entries) if several cursors are under way in the map.
 * @param key  may be NULL; set to the key, lent: do not release it.
 * @param item may be NULL; set to the value, lent.
 * @return false at the end, or if @p map is no weak map.
 */
RCYCLE_EXPORT bool zval_weakmap_next(const zval *map, struct zval_weakmap_cursor *cursor, zval *key,
                                     const zval **item);

#ifdef __cplusplus
}
#endif

#endif
