#include "inspect/objects.h"

#include "values/instance.h"

void rc__for_each_object(const struct gc_heap *heap, rc_object_action action, void *context)
{
    struct rc_page *page = NULL;
    while ((page = rc__space_next_page(&heap->space, page)) != NULL) {
        for (uint32_t slot = 0; page->kind > RC_PAGE_LEAF && slot < page->fresh; slot++) {
            struct gc_object *object = rc__page_slot(page, slot);
            if (rc__is_alive(object)) {
                action(context, object);
            }
        }
    }
}

const void *rc__type_of_object(const struct gc_object *object)
{
    const struct zval_class *class_;
    switch (rc__kind_of(object)) {
    case RC_KIND_INSTANCE:
        class_ = ((const struct rc_instance *)(const void *)object)->class_;
        return class_ == &rc__no_class ? NULL : class_;
    case RC_KIND_NATIVE:
        return object->type;
    default:
        return NULL;
    }
}

size_t rc__block_bytes(const void *block)
{
    return block == NULL ? 0 : rc__page_of(block)->slot_bytes;
}

static size_t entry_bytes(const struct rc_weakmap *map)
{
    size_t bytes = 0;
    for (const struct rc_weak_entry *entry = map->first; entry != NULL; entry = entry->next) {
        bytes += rc__block_bytes(entry);
    }
    return bytes;
}

size_t rc__bytes_with_storage(const struct gc_object *object)
{
    size_t bytes = rc__block_bytes(object);
    const void *layout = object;
    switch (rc__kind_of(object)) {
    case RC_KIND_ARRAY:
        return bytes + rc__block_bytes(rc__table_block(&((const struct rc_array *)layout)->table));
    case RC_KIND_INSTANCE: {
        const struct rc_table *added = ((const struct rc_instance *)layout)->added;
        return added == NULL
                   ? bytes
                   : bytes + rc__block_bytes(added) + rc__block_bytes(rc__table_block(added));
    }
    case RC_KIND_WEAKMAP:
        return bytes + entry_bytes(layout);
    default:
        return bytes;
    }
}

const char *rc__name_of_object(const struct gc_object *object)
{
    const char *name;
    switch (rc__kind_of(object)) {
    case RC_KIND_ARRAY:
        return "array";
    case RC_KIND_WEAKMAP:
        return "weakmap";
    case RC_KIND_REFERENCE:
        return "reference";
    case RC_KIND_INSTANCE:
        name = ((const struct rc_instance *)(const void *)object)->class_->name;
        return name == NULL ? "object" : name;
    case RC_KIND_NATIVE:
        name = object->type->name;
        return name == NULL ? "struct" : name;
    case RC_KIND_STRING:
        return "string";
    case RC_KIND_WEAKREF:
        return "weakref";
    default:
        return "nothing";
    }
}
