#include "inspect/external.h"

#include "base/misuse.h"
#include "core/lifetime.h"
#include <rcycle/memory.h>
#include <stdlib.h>

static void end_external(struct rc_attachment *attachment)
{
    struct rc_external *external = (struct rc_external *)(void *)attachment;
    free(external->types);
    free(external);
}

const struct rc_external *rc__external_of(const struct gc_heap *heap)
{
    return (const struct rc_external *)(const void *)rc__attachment_of(heap, end_external);
}

static struct rc_external_type *find(const struct rc_external *external, const struct gc_type *type)
{
    for (size_t i = 0; external != NULL && i < external->count; i++) {
        if (external->types[i].type == type) {
            return &external->types[i];
        }
    }
    return NULL;
}

static bool grow(struct rc_external *external)
{
    size_t capacity = external->capacity == 0 ? 8 : external->capacity * 2;
    struct rc_external_type *types = realloc(external->types, capacity * sizeof *types);
    if (types == NULL) {
        return false;
    }
    external->types = types;
    external->capacity = capacity;
    return true;
}

/* The type's entry, made if there is none; NULL: no memory. */
static struct rc_external_type *entry_of(struct gc_heap *heap, const struct gc_type *type)
{
    struct rc_external *external =
        (struct rc_external *)(void *)rc__attach(heap, sizeof *external, end_external);
    struct rc_external_type *entry = find(external, type);
    if (external == NULL || entry != NULL) {
        return entry;
    }
    if (external->count == external->capacity && !grow(external)) {
        return NULL;
    }
    entry = &external->types[external->count++];
    *entry = (struct rc_external_type){type, 0};
    return entry;
}

static bool is_own_struct(const struct gc_object *object)
{
    return object != NULL && rc__kind_of(object) == RC_KIND_NATIVE;
}

enum gc_result gc_memory_external_add(const void *object, size_t bytes)
{
    const struct gc_object *header = object;
    if (!is_own_struct(header)) {
        return GC_EINVAL;
    }
    if (bytes > RC_EXTERNAL_MAX_BYTES) {
        return GC_ERANGE;
    }
    struct gc_heap *heap = rc__heap_of_page(rc__page_of(header));
    const struct gc_type *type = header->type;
    if (entry_of(heap, type) == NULL) {
        return GC_ENOMEM;
    }
    enum gc_result result;
    do {
        result = rc__space_take_external(&heap->space, bytes) ? GC_OK : GC_ENOMEM;
    } while (rc__try_again(heap, &result));
    if (result == GC_OK) {
        entry_of(heap, type)->bytes += bytes;
    }
    return result;
}

void gc_memory_external_remove(const void *object, size_t bytes)
{
    const struct gc_object *header = object;
    if (!is_own_struct(header)) {
        return;
    }
    struct gc_heap *heap = rc__heap_of_page(rc__page_of(header));
    struct rc_external_type *entry = find(rc__external_of(heap), header->type);
    size_t counted = entry == NULL ? 0 : entry->bytes;
    (void)RC_MISUSE(bytes > counted, "more external memory removed than there is");
    bytes = bytes < counted ? bytes : counted;
    if (entry != NULL) {
        entry->bytes -= bytes;
        rc__space_give_external(&heap->space, bytes);
    }
}
