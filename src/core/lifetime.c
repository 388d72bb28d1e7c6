#include "core/lifetime.h"

#include <string.h>

void *rc__leaf_new(struct gc_heap *heap, size_t bytes, enum rc_kind kind)
{
    struct gc_object *leaf = rc__space_allocate(&heap->space, bytes, RC_PAGE_LEAF);
    if (RC_LIKELY(leaf != NULL)) {
        leaf->refcount = 1;
        leaf->info = (uint32_t)kind;
    }
    return leaf;
}

void *rc__storage_new(const struct gc_object *owner, size_t bytes)
{
    return rc__space_allocate(rc__page_of(owner)->space, bytes, RC_PAGE_STORAGE);
}

void rc__storage_free(void *storage)
{
    if (storage != NULL) {
        rc__space_free(rc__page_of(storage), storage);
    }
}

void rc__table_free_storage(struct rc_table *table)
{
    rc__storage_free(rc__table_block(table));
    table->elements = NULL;
    table->used = table->count = 0;
}

/* ---- own structs -------------------------------------------------------- */

/* Nothing in it can refer to anything, or its author vouches that no cycle runs through it. */
static bool is_acyclic(const struct gc_type *type)
{
    bool has_references = type->field_count > 0 || type->trace != NULL;
    return !has_references || (type->flags & GC_TYPE_ACYCLIC) != 0;
}

void *gc_new(const struct gc_type *type)
{
    if (RC_UNLIKELY(type == NULL || type->size < sizeof(struct gc_object))) {
        return NULL;
    }
    struct gc_heap *heap = rc__heap_current();
    if (RC_UNLIKELY(heap == NULL)) {
        return NULL;
    }
    struct gc_object *object;
    do {
        object = rc__object_new(heap, type->size, RC_KIND_NATIVE, !is_acyclic(type));
    } while (rc__try_again_for(object, heap));
    if (RC_UNLIKELY(object == NULL)) {
        return NULL;
    }
    object->type = type;
    if (type->destructor != NULL) {
        rc__expect_destructor(object);
    }
    if (type->free != NULL) {
        object->info |= RC_INFO_HOOKED;
    }
    memset(object + 1, 0, type->size - sizeof *object);
    return object;
}
