/*
 * The one walk over an object's children.
 *
 * Every pass of the collector, the release, the verifier and whatever else
 * looks into objects uses it: `object_child` is called for each reference to
 * something that can hold references, `leaf_child` for each to something that
 * cannot. Both are given as constants and are inlined, so that each pass is
 * compiled into a loop of its own.
 */
#ifndef RCYCLE_CORE_WALK_H
#define RCYCLE_CORE_WALK_H

#include "core/layout.h"
#include "core/weak_registry.h"

typedef void (*rc_visit)(struct gc_visitor *visitor, struct gc_object *child);

/* A pass embeds this first; a trace callback gets it and calls back through it. */
struct gc_visitor {
    rc_visit object_child;
    rc_visit leaf_child;
};

RC_INLINE void rc__walk_zval(const zval *value, struct gc_visitor *visitor, rc_visit object_child,
                             rc_visit leaf_child)
{
    if ((value->tag & RC_TAG_OBJECT) != 0) {
        object_child(visitor, value->payload.counted);
    } else if ((value->tag & RC_TAG_COUNTED) != 0) {
        leaf_child(visitor, value->payload.counted);
    }
}

RC_INLINE void rc__walk_zvals(const zval *values, size_t count, struct gc_visitor *visitor,
                              rc_visit object_child, rc_visit leaf_child)
{
    for (size_t i = 0; i < count; i++) {
        rc__walk_zval(&values[i], visitor, object_child, leaf_child);
    }
}

RC_INLINE void rc__walk_pointers(struct gc_object *const *pointers, size_t count,
                                 struct gc_visitor *visitor, rc_visit object_child)
{
    for (size_t i = 0; i < count; i++) {
        if (pointers[i] != NULL) {
            object_child(visitor, pointers[i]);
        }
    }
}

RC_INLINE void rc__walk_table(const struct rc_table *table, struct gc_visitor *visitor,
                              rc_visit object_child, rc_visit leaf_child)
{
    if (!table->hashed) {
        rc__walk_zvals(rc__table_items(table), table->used, visitor, object_child, leaf_child);
        return;
    }
    const struct rc_bucket *buckets = rc__table_buckets(table);
    for (uint32_t i = 0; i < table->used; i++) {
        rc__walk_zval(&buckets[i].value, visitor, object_child, leaf_child);
        if (buckets[i].name != NULL) {
            leaf_child(visitor, (struct gc_object *)(void *)buckets[i].name);
        }
    }
}

RC_INLINE void rc__walk_field(const struct gc_field *field, char *self, struct gc_visitor *visitor,
                              rc_visit object_child, rc_visit leaf_child)
{
    void *place = self + field->offset;
    if (RC_LIKELY(field->kind == GC_FIELD_KIND_OBJECTS)) {
        rc__walk_pointers(place, field->count, visitor, object_child);
        return;
    }
    if (field->kind == GC_FIELD_KIND_ZVALS) {
        rc__walk_zvals(place, field->count, visitor, object_child, leaf_child);
        return;
    }
    const void *list = *(void **)place;
    switch ((enum gc_field_kind)field->kind) {
    case GC_FIELD_KIND_OBJECTS:
    case GC_FIELD_KIND_ZVALS:
        break;
    case GC_FIELD_KIND_OBJECT_LIST:
        if (list != NULL) {
            rc__walk_pointers(list, *(size_t *)(void *)(self + field->count), visitor,
                              object_child);
        }
        break;
    case GC_FIELD_KIND_ZVAL_LIST:
        if (list != NULL) {
            rc__walk_zvals(list, *(size_t *)(void *)(self + field->count), visitor, object_child,
                           leaf_child);
        }
        break;
    }
}

RC_INLINE void rc__walk_native(struct gc_object *object, struct gc_visitor *visitor,
                               rc_visit object_child, rc_visit leaf_child)
{
    const struct gc_type *type = object->type;
    const struct gc_field *first = type->fields;
    if (RC_LIKELY(type->field_count == 1 && type->trace == NULL &&
                  first->kind == GC_FIELD_KIND_OBJECTS)) {
        rc__walk_pointers((void *)((char *)object + first->offset), first->count, visitor,
                          object_child);
        return;
    }
    for (size_t i = 0; i < type->field_count; i++) {
        rc__walk_field(&type->fields[i], (char *)object, visitor, object_child, leaf_child);
    }
    if (type->trace != NULL) {
        type->trace(object, visitor);
    }
}

/* Walks an object of a plain kind (core/counted.h), which has no more to it than its references;
   false: it may have, and the pass is to look into that first. */
RC_INLINE bool rc__walk_plain(struct gc_object *object, enum rc_kind kind,
                              struct gc_visitor *visitor, rc_visit object_child,
                              rc_visit leaf_child)
{
    if (RC_LIKELY(kind == RC_KIND_NATIVE)) {
        rc__walk_native(object, visitor, object_child, leaf_child);
        return true;
    }
    struct rc_instance *instance = (struct rc_instance *)(void *)object;
    if (kind == RC_KIND_INSTANCE && instance->added == NULL) {
        rc__walk_zvals(instance->properties, instance->class_->property_count, visitor,
                       object_child, leaf_child);
        return true;
    }
    return false;
}

/* Whether a pass that cares for objects only, and looks at weak maps in its own way, has anything
   to find in it. */
RC_INLINE bool rc__may_hold_objects(const struct gc_object *object)
{
    enum rc_kind kind = rc__kind_of(object);
    if (kind == RC_KIND_ARRAY) {
        return ((const struct rc_array *)(const void *)object)->table.may_hold_objects;
    }
    return kind != RC_KIND_WEAKMAP;
}

/* Calls back for every counted reference that `object` owns. */
RC_INLINE void rc__walk(struct gc_object *object, struct gc_visitor *visitor, rc_visit object_child,
                        rc_visit leaf_child)
{
    switch (rc__kind_of(object)) {
    case RC_KIND_NATIVE:
        rc__walk_native(object, visitor, object_child, leaf_child);
        break;
    case RC_KIND_INSTANCE: {
        struct rc_instance *instance = (struct rc_instance *)(void *)object;
        size_t declared = instance->class_->property_count;
        rc__walk_zvals(instance->properties, declared, visitor, object_child, leaf_child);
        if (instance->added != NULL) {
            rc__walk_table(instance->added, visitor, object_child, leaf_child);
        }
        break;
    }
    case RC_KIND_ARRAY:
        rc__walk_table(&((struct rc_array *)(void *)object)->table, visitor, object_child,
                       leaf_child);
        break;
    case RC_KIND_REFERENCE:
        rc__walk_zval(&((struct rc_reference *)(void *)object)->value, visitor, object_child,
                      leaf_child);
        break;
    case RC_KIND_WEAKMAP: {
        const struct rc_weak_entry *entry = ((struct rc_weakmap *)(void *)object)->first;
        for (; entry != NULL; entry = entry->next) {
            rc__walk_zval(&entry->value, visitor, object_child, leaf_child);
        }
        break;
    }
    case RC_KIND_FREE:
    case RC_KIND_STRING:
    case RC_KIND_WEAKREF:
        break;
    }
}

#endif
