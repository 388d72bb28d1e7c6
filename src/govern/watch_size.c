/*
 * What an entry takes is its place in the container, and what goes when it goes:
 * the things that nothing else holds, which a count of 1 says, and what only
 * they hold in turn. That is looked at for a few entries, and for a few things of
 * each, so it takes constant time and no memory.
 */
#include "govern/watch_size.h"

#include "core/walk.h"
#include "inspect/objects.h"
#include "values/array.h"
#include "values/instance.h"

#define ENTRIES_LOOKED_AT 16
#define THINGS_LOOKED_AT  64

struct weighing {
    struct gc_visitor visitor; /* first */
    size_t bytes;
    size_t waiting;
    size_t seen;
    struct gc_object *things[THINGS_LOOKED_AT]; /* found, and from `seen` on not yet looked into */
};

static void weigh_leaf(struct gc_visitor *visitor, struct gc_object *leaf)
{
    if (leaf->refcount == 1) {
        ((struct weighing *)(void *)visitor)->bytes += rc__block_bytes(leaf);
    }
}

static void weigh_object(struct gc_visitor *visitor, struct gc_object *object)
{
    struct weighing *weighing = (struct weighing *)(void *)visitor;
    if (object->refcount == 1 && weighing->waiting < THINGS_LOOKED_AT) {
        weighing->things[weighing->waiting++] = object;
    }
}

/* What goes with an entry. A thing with a count of 1 is found once. */
static size_t weigh(const zval *entry, struct gc_object *name)
{
    struct weighing weighing = {.visitor = {weigh_object, weigh_leaf}};
    struct gc_visitor *visitor = &weighing.visitor;
    rc__walk_zval(entry, visitor, weigh_object, weigh_leaf);
    if (name != NULL) {
        weigh_leaf(visitor, name);
    }
    while (weighing.seen < weighing.waiting) {
        struct gc_object *object = weighing.things[weighing.seen++];
        weighing.bytes += rc__bytes_with_storage(object);
        rc__walk(object, visitor, weigh_object, weigh_leaf);
    }
    return weighing.bytes;
}

static void skip_object(struct gc_visitor *visitor, struct gc_object *object)
{
    (void)visitor;
    (void)object;
}

size_t rc__bytes_of_object(struct gc_object *object)
{
    struct weighing weighing = {.visitor = {skip_object, weigh_leaf}};
    rc__walk(object, &weighing.visitor, skip_object, weigh_leaf);
    return weighing.bytes + rc__bytes_with_storage(object);
}

static double weigh_table(const struct rc_table *table)
{
    size_t bytes = 0;
    size_t count = 0;
    for (uint32_t i = table->used; i-- > 0 && count < ENTRIES_LOOKED_AT;) {
        struct rc_bucket element = rc__table_element(table, i);
        if (!rc__is_hole(&element.value)) {
            bytes += weigh(&element.value, (struct gc_object *)(void *)element.name);
            count++;
        }
    }
    size_t place = table->hashed ? sizeof(struct rc_bucket) + sizeof(uint32_t) : sizeof(zval);
    return count == 0 ? 0 : (double)bytes / (double)count + (double)place;
}

static double weigh_map(const struct rc_weakmap *map)
{
    size_t bytes = 0;
    size_t count = 0;
    const struct rc_weak_entry *entry = map->last;
    for (; entry != NULL && count < ENTRIES_LOOKED_AT; entry = entry->previous) {
        bytes += weigh(&entry->value, NULL) + rc__block_bytes(entry);
        count++;
    }
    return count == 0 ? 0 : (double)bytes / (double)count;
}

double rc__bytes_per_entry(const zval *value)
{
    value = rc__look_through(value);
    const struct rc_array *array = rc__array_in(value);
    const struct rc_instance *instance = rc__instance_in(value);
    if (array != NULL) {
        return weigh_table(&array->table);
    }
    if (instance != NULL) {
        return instance->added == NULL ? 0 : weigh_table(instance->added);
    }
    switch (zval_type_of(value)) {
    case ZVAL_WEAKMAP:
        return weigh_map(value->payload.counted);
    case ZVAL_STRING:
        return 1;
    default:
        return 0;
    }
}
