#include "core/lifetime.h"

#include "base/size.h"
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

static RC_NOINLINE void *new_other(const struct gc_type *type)
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

/* Whether most of what new_other() asks need not be asked. */
RC_INLINE bool is_small_and_plain(const struct gc_type *type)
{
    size_t beyond = type->size - sizeof(struct gc_object) - 1;
    return beyond < RC_SMALL_BYTES - sizeof(struct gc_object) && type->field_count > 0 &&
           type->flags == 0 && type->destructor == NULL && type->free == NULL;
}

/* `bytes` are a multiple of 16, and at most 112; the stores overlap so that there are few cases. */
RC_INLINE void clear_small(void *block, size_t bytes)
{
    char *begin = block;
    char *end = begin + bytes;
    memset(begin, 0, 16);
    memset(end - 16, 0, 16);
    if (bytes > 32) {
        memset(begin + 16, 0, 16);
        memset(end - 32, 0, 16);
    }
    if (bytes > 64) {
        memset(begin + 32, 0, 32);
        memset(end - 64, 0, 32);
    }
}

/* Most objects are small, plain, and not the last one of their page. */
void *gc_new(const struct gc_type *type)
{
    struct gc_heap *heap = rc__current;
    if (RC_UNLIKELY(heap == NULL || type == NULL || !is_small_and_plain(type))) {
        return new_other(type);
    }
    struct gc_object *object = rc__object_new_small(heap, type->size, RC_KIND_NATIVE, type);
    if (RC_UNLIKELY(object == NULL)) {
        return new_other(type);
    }
    clear_small(object + 1, rc__size_round_up(type->size - sizeof *object, 16));
    return object;
}
