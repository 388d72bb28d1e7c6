/*
 * The registry of weak references: who is to be told when an object goes.
 *
 * A hash table from objects to their record. An object that has one has its
 * `weak` bit set, so all others die without a look at it. A record holds the
 * one handle that all weak references to the object share, and the object's
 * entries in weak maps. A weak map holds its entries as a list; looking up a
 * key goes through the key's record.
 *
 * Invariants, checked by the heap verifier:
 *   W1  an object has its weak bit set exactly if it has a record; a record has
 *       a handle or an entry.
 *   W2  an entry is in its key's record and in its map's list.
 */
#ifndef RCYCLE_CORE_WEAK_REGISTRY_H
#define RCYCLE_CORE_WEAK_REGISTRY_H

#include "core/layout.h"
#include "heap/space.h"

/* The handle behind zval_weakref() and gc_weak_new(): a leaf. */
struct gc_weak {
    uint32_t refcount;
    uint32_t info;
    struct gc_object *target; /* NULL: gone */
};

struct rc_weakmap;

struct rc_weak_entry {
    struct gc_object *key;  /* not counted */
    struct rc_weakmap *map; /* not counted */
    zval value;             /* counted */
    struct rc_weak_entry *next_of_key;
    struct rc_weak_entry *next;
    struct rc_weak_entry *previous;
    uint64_t serial;   /* rises in the order of insertion */
    uint64_t counting; /* the last one that has counted the reference to the value */
};

struct rc_weakmap {
    struct gc_object header;
    struct rc_weak_entry *first;
    struct rc_weak_entry *last;
    size_t count;
    uint64_t last_serial;
    uint64_t cursor_serial;             /* what the last cursor returned last, ... */
    struct rc_weak_entry *cursor_entry; /* ... and what it returns next; NULL: the end */
};

struct rc_weak_record {
    struct gc_object *object; /* NULL: vacant */
    struct gc_weak *handle;
    struct rc_weak_entry *entries;
};

struct rc_weak_registry {
    struct rc_weak_record *records;
    size_t capacity;
    size_t count;
};

/* An object's record; NULL: none. */
struct rc_weak_record *rc__weak_record(const struct rc_weak_registry *registry,
                                       const struct gc_object *object);

/* The object's handle, shared or new, owned by the caller. NULL: no memory. */
struct gc_weak *rc__weak_handle(struct rc_space *space, struct rc_weak_registry *registry,
                                struct gc_object *object);

/* The last owner has given a handle up. */
void rc__weak_handle_end(struct rc_weak_registry *registry, struct gc_weak *handle);

/* The entry of `key` in a map; NULL: none. */
struct rc_weak_entry *rc__weak_find(const struct rc_weak_registry *registry,
                                    const struct rc_weakmap *map, const struct gc_object *key);

/* A new entry, its value null. NULL: no memory, nothing changed. */
struct rc_weak_entry *rc__weak_add(struct rc_space *space, struct rc_weak_registry *registry,
                                   struct rc_weakmap *map, struct gc_object *key);

/* Takes an entry out of its map and its key's record; returns its value, owned. */
zval rc__weak_remove(struct rc_weak_registry *registry, struct rc_weak_entry *entry);

/*
 * The object goes: its handle answers no more, and its entries leave their maps
 * and join the `orphans`, linked by next_of_key, their values still owned.
 */
void rc__weak_detach(struct rc_weak_registry *registry, struct gc_object *object,
                     struct rc_weak_entry **orphans);

/* The map goes: its entries leave their keys and join the `orphans`. */
void rc__weak_detach_map(struct rc_weak_registry *registry, struct rc_weakmap *map,
                         struct rc_weak_entry **orphans);

/* Ends the first of the orphans; returns its value, owned. */
zval rc__weak_take_orphan(struct rc_weak_entry **orphans);

#endif
