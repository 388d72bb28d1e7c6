#include "core/roots.h"

#include "base/os_memory.h"
#include "heap/space.h"
#include <string.h>

static size_t bytes_for(uint32_t capacity)
{
    return ((size_t)capacity + 1 + RC_ROOTS_AHEAD) * sizeof(uintptr_t);
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

void rc__page_begin_remembering(struct rc_page *page)
{
    if (!page->has_old) {
        rc__page_begin_old(page);
    }
    rc__page_remember(page);
}

void rc__roots_remember_all(struct rc_roots *roots)
{
    for (uint32_t entry = 1; entry <= roots->used; entry++) {
        struct gc_object *object = rc__roots_at(roots, entry);
        if (object != NULL) {
            rc__roots_remember(roots, object);
        }
    }
    rc__roots_clear(roots);
}

void rc__roots_remove(struct rc_roots *roots, struct gc_object *object)
{
    uint32_t entry = rc__entry_of(object);
    if (entry == RC_ENTRY_REMEMBERED) {
        rc__roots_forget(roots, object);
        return;
    }
    roots->entries[entry] = (uintptr_t)roots->vacant << 1 | 1;
    roots->vacant = entry;
    roots->count--;
    rc__clear_entry(object);
}
