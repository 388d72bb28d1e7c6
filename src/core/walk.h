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

/* Elements `from` to `to` of a table. */
RC_INLINE void rc__walk_table_part(const struct rc_table *table, size_t from, size_t to,
                                   struct gc_visitor *visitor, rc_visit object_child,
                                   rc_visit leaf_child)
{
    if (from == to) {
        return; /* there may be no storage */
    }
    if (!table->hashed) {
        rc__walk_zvals(rc__table_items(table) + from, to - from, visitor, object_child, leaf_child);
        return;
    }
    const struct rc_bucket *buckets = rc__table_buckets(table);
    for (size_t i = from; i < to; i++) {
        rc__walk_zval(&buckets[i].value, visitor, object_child, leaf_child);
        if (buckets[i].name != NULL) {
            leaf_child(visitor, (struct gc_object *)(void *)buckets[i].name);
        }
    }
}

RC_INLINE void rc__walk_table(const struct rc_table *table, struct gc_visitor *visitor,
                              rc_visit object_child, rc_visit leaf_child)
{
    rc__walk_table_part(table, 0, table->used, visitor, object_child, leaf_child);
}

/* Where a field's references are: in the struct itself, or in a list that it points to. */
struct rc_places {
    void *first;
    size_t count;
    bool are_zvals;
};

RC_INLINE struct rc_places rc__field_places(const struct gc_field *field, char *self)
{
    void *place = self + field->offset;
    if (RC_LIKELY(field->kind == GC_FIELD_KIND_OBJECTS || field->kind == GC_FIELD_KIND_ZVALS)) {
        return (struct rc_places){place, field->count, field->kind == GC_FIELD_KIND_ZVALS};
    }
    void *list = *(void **)place;
    size_t count = list == NULL ? 0 : *(size_t *)(void *)(self + field->count);
    return (struct rc_places){list, count, field->kind == GC_FIELD_KIND_ZVAL_LIST};
}

RC_INLINE void rc__walk_places(struct rc_places places, size_t from, size_t to,
                               struct gc_visitor *visitor, rc_visit object_child,
                               rc_visit leaf_child)
{
    if (places.are_zvals) {
        rc__walk_zvals((zval *)places.first + from, to - from, visitor, object_child, leaf_child);
    } else {
        rc__walk_pointers((struct gc_object **)places.first + from, to - from, visitor,
                          object_child);
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
        struct rc_places places = rc__field_places(&type->fields[i], (char *)object);
        rc__walk_places(places, 0, places.count, visitor, object_child, leaf_child);
    }
    if (type->trace != NULL) {
        type->trace(object, visitor);
    }
}

/* What has been looked up of an own struct's type, for the next object of that type: its references
   are pointers side by side, and nothing else. To be used only as long as no code of the program
   runs that could end a type. */
struct rc_links {
    const struct gc_type *type; /* NULL: none yet */
    size_t offset;
    size_t count;
};

/* False: the type has not only those. */
bool rc__links_look_up(struct rc_links *links, const struct gc_type *type);

RC_INLINE bool rc__links_of(struct rc_links *links, const struct gc_object *object)
{
    return RC_LIKELY(object->type == links->type) || rc__links_look_up(links, object->type);
}

RC_INLINE void rc__walk_links(struct gc_object *object, const struct rc_links *links,
                              struct gc_visitor *visitor, rc_visit object_child)
{
    rc__walk_pointers((void *)((char *)object + links->offset), links->count, visitor,
                      object_child);
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

/* ---- a part of an object ------------------------------------------------ */

/* Of the places from 0 on that follow `before` others: those between `from` and `to`. */
RC_INLINE size_t rc__clip(size_t place, size_t before, size_t count)
{
    size_t within = place > before ? place - before : 0;
    return within < count ? within : count;
}

RC_INLINE void rc__walk_native_part(struct gc_object *object, size_t from, size_t to,
                                    struct gc_visitor *visitor, rc_visit object_child,
                                    rc_visit leaf_child)
{
    const struct gc_type *type = object->type;
    size_t before = 0;
    for (size_t i = 0; i < type->field_count && before < to; i++) {
        struct rc_places places = rc__field_places(&type->fields[i], (char *)object);
        rc__walk_places(places, rc__clip(from, before, places.count),
                        rc__clip(to, before, places.count), visitor, object_child, leaf_child);
        before += places.count;
    }
    if (type->trace != NULL && from <= before && before < to) {
        type->trace(object, visitor);
    }
}

/* How many places for references an object has, a trace callback being one more: what
   rc__walk_part() divides it into. */
RC_INLINE size_t rc__walk_extent(struct gc_object *object)
{
    if (rc__kind_of(object) == RC_KIND_ARRAY) {
        return ((const struct rc_array *)(const void *)object)->table.used;
    }
    if (rc__kind_of(object) != RC_KIND_NATIVE) {
        return 1;
    }
    const struct gc_type *type = object->type;
    size_t extent = type->trace != NULL;
    for (size_t i = 0; i < type->field_count; i++) {
        extent += rc__field_places(&type->fields[i], (char *)object).count;
    }
    return extent;
}

/* Places `from` to `to` of an object. All parts of it make up rc__walk(). */
RC_INLINE void rc__walk_part(struct gc_object *object, size_t from, size_t to,
                             struct gc_visitor *visitor, rc_visit object_child, rc_visit leaf_child)
{
    if (rc__kind_of(object) == RC_KIND_ARRAY) {
        const struct rc_table *table = &((struct rc_array *)(void *)object)->table;
        rc__walk_table_part(table, rc__clip(from, 0, table->used), rc__clip(to, 0, table->used),
                            visitor, object_child, leaf_child);
    } else if (rc__kind_of(object) == RC_KIND_NATIVE) {
        rc__walk_native_part(object, from, to, visitor, object_child, leaf_child);
    } else if (from == 0) {
        rc__walk(object, visitor, object_child, leaf_child);
    }
}

#endif
