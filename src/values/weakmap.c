/*
 * Weak maps: tables from objects to values, whose keys are not kept by them.
 */
#include "values/value.h"
#include "values/weak_values.h"
#include <rcycle/weak.h>
#include <string.h>

static struct rc_weakmap *map_in(const zval *value)
{
    value = rc__look_through(value);
    return value != NULL && value->tag == RC_TAG_WEAKMAP ? value->payload.counted : NULL;
}

static struct gc_heap *heap_of(const struct rc_weakmap *map)
{
    return rc__heap_of_page(rc__page_of(map));
}

zval zval_weakmap(void)
{
    struct gc_heap *heap = rc__heap_current();
    if (heap == NULL) {
        return zval_undef();
    }
    struct rc_weakmap *map;
    do {
        map = (void *)rc__object_new(heap, sizeof *map, RC_KIND_WEAKMAP, true);
    } while (rc__try_again_for(map, heap));
    if (map == NULL) {
        return zval_undef();
    }
    memset(&map->header + 1, 0, sizeof *map - sizeof map->header);
    return rc__value_of(RC_TAG_WEAKMAP, map);
}

/* The map and the key that a call was given, or what is wrong with them. */
static enum gc_result check(const zval *map_value, const zval *object, struct rc_weakmap **map,
                            struct gc_object **key)
{
    if (map_value == NULL || object == NULL) {
        return GC_EINVAL;
    }
    *map = map_in(map_value);
    *key = rc__identity_in(object);
    if (zval_type_of(map_value) == ZVAL_UNDEF || zval_type_of(object) == ZVAL_UNDEF) {
        return GC_ENOMEM;
    }
    if (*map == NULL || *key == NULL) {
        return GC_ETYPE;
    }
    bool same_heap = rc__page_of(*map)->space == rc__page_of(*key)->space;
    return same_heap && rc__is_alive(*key) ? GC_OK : GC_EINVAL;
}

static struct rc_weak_entry *find(const zval *map_value, const zval *object)
{
    struct rc_weakmap *map;
    struct gc_object *key;
    if (check(map_value, object, &map, &key) != GC_OK) {
        return NULL;
    }
    return rc__weak_find(&heap_of(map)->weak, map, key);
}

static struct rc_weak_entry *find_or_add(const zval *map_value, const zval *object,
                                         enum gc_result *result)
{
    struct gc_heap *heap;
    struct rc_weak_entry *entry;
    do {
        struct rc_weakmap *map;
        struct gc_object *key;
        *result = check(map_value, object, &map, &key);
        if (*result != GC_OK) {
            return NULL;
        }
        heap = heap_of(map);
        entry = rc__weak_find(&heap->weak, map, key);
        if (entry == NULL) {
            entry = rc__weak_add(&heap->space, &heap->weak, map, key);
            *result = entry == NULL ? GC_ENOMEM : GC_OK;
        }
    } while (rc__try_again(heap, result));
    return entry;
}

enum gc_result zval_weakmap_set(zval *map, const zval *object, zval value)
{
    enum gc_result result = GC_ENOMEM;
    struct rc_weak_entry *entry = rc__is_undef(&value) ? NULL : find_or_add(map, object, &result);
    if (entry != NULL) {
        value = rc__put(&entry->value, value);
    }
    rc__let_go(value);
    return result;
}

zval *zval_weakmap_slot(zval *map, const zval *object)
{
    enum gc_result result;
    struct rc_weak_entry *entry = find_or_add(map, object, &result);
    return entry == NULL ? NULL : &entry->value;
}

const zval *zval_weakmap_get(const zval *map, const zval *object)
{
    const struct rc_weak_entry *entry = find(map, object);
    return entry == NULL ? NULL : &entry->value;
}

enum gc_result zval_weakmap_remove(zval *map_value, const zval *object)
{
    struct rc_weakmap *map;
    struct gc_object *key;
    enum gc_result result = check(map_value, object, &map, &key);
    if (result != GC_OK) {
        return result;
    }
    struct rc_weak_registry *registry = &heap_of(map)->weak;
    struct rc_weak_entry *entry = rc__weak_find(registry, map, key);
    if (entry == NULL) {
        return GC_ENOKEY;
    }
    rc__let_go(rc__weak_remove(registry, entry));
    return GC_OK;
}

size_t zval_weakmap_count(const zval *value)
{
    const struct rc_weakmap *map = map_in(value);
    return map == NULL ? 0 : map->count;
}

/* ---- iterating ---------------------------------------------------------- */

/* The first entry that came after the one with this serial number. The map knows it for the cursor
   that was moved last. */
static struct rc_weak_entry *entry_behind(const struct rc_weakmap *map, uint64_t serial)
{
    if (serial != 0 && serial == map->cursor_serial) {
        return map->cursor_entry;
    }
    struct rc_weak_entry *entry = map->first;
    while (entry != NULL && entry->serial <= serial) {
        entry = entry->next;
    }
    return entry;
}

bool zval_weakmap_next(const zval *value, struct zval_weakmap_cursor *cursor, zval *key,
                       const zval **item)
{
    struct rc_weakmap *map = map_in(value);
    if (map == NULL || cursor == NULL) {
        return false;
    }
    struct rc_weak_entry *entry = entry_behind(map, cursor->serial);
    if (entry == NULL) {
        return false;
    }
    rc__reach_weakly(entry->key);
    if ((entry->value.tag & RC_TAG_OBJECT) != 0) {
        rc__reach_weakly(entry->value.payload.counted);
    }
    cursor->serial = entry->serial;
    map->cursor_serial = entry->serial;
    map->cursor_entry = entry->next;
    if (key != NULL) {
        *key = rc__value_of_identity(entry->key);
    }
    if (item != NULL) {
        *item = &entry->value;
    }
    return true;
}
