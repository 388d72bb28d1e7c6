#include "core/weak_registry.h"

#include <string.h>

#define CAPACITY_MINIMUM 16

/* ---- the hash table: open addressing, linear probing --------------------- */

static size_t home_of(const struct rc_weak_registry *registry, const struct gc_object *object)
{
    uint64_t hash = ((uint64_t)(uintptr_t)object >> 4) * 0x9e3779b97f4a7c15u;
    return (size_t)(hash >> 32) & (registry->capacity - 1);
}

/* The object's slot, or the vacant one where it belongs. */
static struct rc_weak_record *slot_of(const struct rc_weak_registry *registry,
                                      const struct gc_object *object)
{
    size_t i = home_of(registry, object);
    while (registry->records[i].object != NULL && registry->records[i].object != object) {
        i = (i + 1) & (registry->capacity - 1);
    }
    return &registry->records[i];
}

struct rc_weak_record *rc__weak_record(const struct rc_weak_registry *registry,
                                       const struct gc_object *object)
{
    return (object->info & RC_INFO_WEAK) == 0 ? NULL : slot_of(registry, object);
}

static void free_block(void *block)
{
    rc__space_free(rc__page_of(block), block);
}

static bool grow(struct rc_space *space, struct rc_weak_registry *registry)
{
    struct rc_weak_registry grown = *registry;
    grown.capacity = registry->capacity == 0 ? CAPACITY_MINIMUM : registry->capacity * 2;
    size_t bytes = grown.capacity * sizeof *grown.records;
    grown.records = rc__space_allocate(space, bytes, RC_PAGE_STORAGE);
    if (grown.records == NULL) {
        return false;
    }
    memset(grown.records, 0, bytes);
    for (size_t i = 0; i < registry->capacity; i++) {
        if (registry->records[i].object != NULL) {
            *slot_of(&grown, registry->records[i].object) = registry->records[i];
        }
    }
    if (registry->records != NULL) {
        free_block(registry->records);
    }
    *registry = grown;
    return true;
}

static struct rc_weak_record *make_record(struct rc_space *space, struct rc_weak_registry *registry,
                                          struct gc_object *object)
{
    struct rc_weak_record *record = rc__weak_record(registry, object);
    if (record != NULL) {
        return record;
    }
    if (registry->count >= registry->capacity / 2 && !grow(space, registry)) {
        return NULL;
    }
    registry->count++;
    object->info |= RC_INFO_WEAK;
    record = slot_of(registry, object);
    record->object = object;
    return record;
}

/* Moves later records of the run back into the gap, so that no search ends too early. */
static void close_gap(struct rc_weak_registry *registry, size_t gap)
{
    size_t mask = registry->capacity - 1;
    for (size_t i = (gap + 1) & mask; registry->records[i].object != NULL; i = (i + 1) & mask) {
        size_t home = home_of(registry, registry->records[i].object);
        if (((i - home) & mask) >= ((i - gap) & mask)) {
            registry->records[gap] = registry->records[i];
            gap = i;
        }
    }
    memset(&registry->records[gap], 0, sizeof *registry->records);
}

static void end_record(struct rc_weak_registry *registry, struct rc_weak_record *record)
{
    record->object->info &= ~RC_INFO_WEAK;
    close_gap(registry, (size_t)(record - registry->records));
    if (--registry->count == 0) {
        free_block(registry->records);
        memset(registry, 0, sizeof *registry);
    }
}

static void end_record_if_empty(struct rc_weak_registry *registry, struct rc_weak_record *record)
{
    if (record->handle == NULL && record->entries == NULL) {
        end_record(registry, record);
    }
}

/* ---- handles ------------------------------------------------------------ */

static struct gc_weak *make_handle(struct rc_space *space, struct rc_weak_registry *registry,
                                   struct gc_object *object)
{
    struct gc_weak *handle = rc__space_allocate(space, sizeof *handle, RC_PAGE_LEAF);
    if (handle == NULL) {
        return NULL;
    }
    struct rc_weak_record *record = make_record(space, registry, object);
    if (record == NULL) {
        free_block(handle);
        return NULL;
    }
    *handle = (struct gc_weak){1, RC_KIND_WEAKREF, object};
    record->handle = handle;
    return handle;
}

struct gc_weak *rc__weak_handle(struct rc_space *space, struct rc_weak_registry *registry,
                                struct gc_object *object)
{
    const struct rc_weak_record *record = rc__weak_record(registry, object);
    if (record != NULL && record->handle != NULL) {
        return gc_retain(record->handle);
    }
    return make_handle(space, registry, object);
}

void rc__weak_handle_end(struct rc_weak_registry *registry, struct gc_weak *handle)
{
    if (handle->target != NULL) {
        struct rc_weak_record *record = rc__weak_record(registry, handle->target);
        record->handle = NULL;
        end_record_if_empty(registry, record);
    }
    free_block(handle);
}

/* ---- entries of maps ---------------------------------------------------- */

struct rc_weak_entry *rc__weak_find(const struct rc_weak_registry *registry,
                                    const struct rc_weakmap *map, const struct gc_object *key)
{
    const struct rc_weak_record *record = rc__weak_record(registry, key);
    struct rc_weak_entry *entry = record == NULL ? NULL : record->entries;
    while (entry != NULL && entry->map != map) {
        entry = entry->next_of_key;
    }
    return entry;
}

static void link_to_map(struct rc_weakmap *map, struct rc_weak_entry *entry)
{
    entry->map = map;
    entry->serial = ++map->last_serial;
    entry->next = NULL;
    entry->previous = map->last;
    if (map->last != NULL) {
        map->last->next = entry;
    } else {
        map->first = entry;
    }
    map->last = entry;
    map->count++;
    if (map->cursor_entry == NULL) {
        map->cursor_entry = entry;
    }
}

static void unlink_from_map(struct rc_weak_entry *entry)
{
    struct rc_weakmap *map = entry->map;
    if (map->cursor_entry == entry) {
        map->cursor_entry = entry->next;
    }
    if (entry->previous != NULL) {
        entry->previous->next = entry->next;
    } else {
        map->first = entry->next;
    }
    if (entry->next != NULL) {
        entry->next->previous = entry->previous;
    } else {
        map->last = entry->previous;
    }
    map->count--;
}

struct rc_weak_entry *rc__weak_add(struct rc_space *space, struct rc_weak_registry *registry,
                                   struct rc_weakmap *map, struct gc_object *key)
{
    struct rc_weak_entry *entry = rc__space_allocate(space, sizeof *entry, RC_PAGE_STORAGE);
    if (entry == NULL) {
        return NULL;
    }
    struct rc_weak_record *record = make_record(space, registry, key);
    if (record == NULL) {
        free_block(entry);
        return NULL;
    }
    entry->key = key;
    entry->value = zval_null();
    entry->counting = 0;
    entry->next_of_key = record->entries;
    record->entries = entry;
    link_to_map(map, entry);
    return entry;
}

static void unlink_from_key(struct rc_weak_registry *registry, struct rc_weak_entry *entry)
{
    struct rc_weak_record *record = rc__weak_record(registry, entry->key);
    struct rc_weak_entry **link = &record->entries;
    while (*link != entry) {
        link = &(*link)->next_of_key;
    }
    *link = entry->next_of_key;
    end_record_if_empty(registry, record);
}

static zval end_entry(struct rc_weak_entry *entry)
{
    zval value = entry->value;
    free_block(entry);
    return value;
}

zval rc__weak_remove(struct rc_weak_registry *registry, struct rc_weak_entry *entry)
{
    unlink_from_key(registry, entry);
    unlink_from_map(entry);
    return end_entry(entry);
}

/* ---- the end of objects and maps ---------------------------------------- */

static void join(struct rc_weak_entry **orphans, struct rc_weak_entry *entry)
{
    entry->next_of_key = *orphans;
    *orphans = entry;
}

void rc__weak_detach(struct rc_weak_registry *registry, struct gc_object *object,
                     struct rc_weak_entry **orphans)
{
    struct rc_weak_record *record = rc__weak_record(registry, object);
    if (record == NULL) {
        return;
    }
    if (record->handle != NULL) {
        record->handle->target = NULL;
    }
    struct rc_weak_entry *entry = record->entries;
    end_record(registry, record);
    while (entry != NULL) {
        struct rc_weak_entry *next = entry->next_of_key;
        unlink_from_map(entry);
        join(orphans, entry);
        entry = next;
    }
}

void rc__weak_detach_map(struct rc_weak_registry *registry, struct rc_weakmap *map,
                         struct rc_weak_entry **orphans)
{
    while (map->first != NULL) {
        struct rc_weak_entry *entry = map->first;
        unlink_from_key(registry, entry);
        unlink_from_map(entry);
        join(orphans, entry);
    }
}

zval rc__weak_take_orphan(struct rc_weak_entry **orphans)
{
    struct rc_weak_entry *entry = *orphans;
    *orphans = entry->next_of_key;
    return end_entry(entry);
}
