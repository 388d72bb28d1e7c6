#include "core/roots.h"

#include "base/os_memory.h"
#include <string.h>

static size_t bytes_for(uint32_t capacity)
{
    return ((size_t)capacity + 1) * sizeof(uintptr_t);
}

bool rc__roots_begin(struct rc_roots *roots, size_t capacity)
{
    memset(roots, 0, sizeof *roots);
    roots->capacity = (uint32_t)capacity;
    roots->entries = rc__os_map(bytes_for(roots->capacity), 4096);
    return roots->entries != NULL;
}

void rc__roots_end(struct rc_roots *roots)
{
    rc__os_unmap(roots->entries, bytes_for(roots->capacity));
    roots->entries = NULL;
}

void rc__roots_add(struct rc_roots *roots, struct gc_object *object)
{
    uint32_t entry = roots->vacant;
    if (entry != 0) {
        roots->vacant = (uint32_t)(roots->entries[entry] >> 1);
    } else {
        entry = ++roots->used;
    }
    roots->entries[entry] = (uintptr_t)object;
    roots->count++;
    rc__set_entry(object, entry);
}

void rc__roots_remove(struct rc_roots *roots, struct gc_object *object)
{
    uint32_t entry = rc__entry_of(object);
    roots->entries[entry] = (uintptr_t)roots->vacant << 1 | 1;
    roots->vacant = entry;
    roots->count--;
    rc__clear_entry(object);
}
