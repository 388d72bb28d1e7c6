/*
 * The root buffer: possible roots, purple, each recorded once.
 *
 * Fixed in size from the start, so recording one needs no memory. An object
 * knows its entry, so it leaves at once when it is freed; the entry goes into
 * a list of its own for the next.
 *
 * Under the generational policy an old possible root is not put into the buffer
 * but remembered: its info names the entry RC_ENTRY_REMEMBERED, which does not
 * exist, and its page says that it has one. The next full run finds it there.
 *
 * Invariants, checked by the heap verifier:
 *   R1  an entry holds an object that is alive and whose info names that entry.
 *   R2  an object whose info names an entry stands there.
 *   R3  count entries hold objects; count <= used <= capacity.
 *   R4  a remembered object is old, and `remembered` counts it. A page that has such says that it
 *       remembers, and one that says so has its old bits in order.
 */
#ifndef RCYCLE_CORE_ROOTS_H
#define RCYCLE_CORE_ROOTS_H

#include "core/counted.h"

#define RC_ROOTS_CAPACITY_MAX 4000000u
#define RC_ENTRY_REMEMBERED   RC_INFO_ENTRY_MAX

_Static_assert(RC_ROOTS_CAPACITY_MAX < RC_ENTRY_REMEMBERED, "an object can name any entry");

/* Whoever goes through the entries may read so many behind the last one, to ask for what is there.
 */
#define RC_ROOTS_AHEAD 4u

struct rc_roots {
    uintptr_t *entries; /* from 1 on: an object, or an odd number: 1 + 2 * the next vacant entry */
    uint32_t capacity;
    uint32_t used;   /* entries from used + 1 on have not been used since the last run */
    uint32_t vacant; /* the first vacant entry below that; 0: none */
    uint32_t count;
    uint64_t remembered;
};

/* False: no memory. */
bool rc__roots_begin(struct rc_roots *roots, size_t capacity);
void rc__roots_end(struct rc_roots *roots);

static inline bool rc__roots_full(const struct rc_roots *roots)
{
    return roots->count == roots->capacity;
}

/* Records a rootable object; the buffer must not be full. */
RC_INLINE void rc__roots_add(struct rc_roots *roots, struct gc_object *object)
{
    uint32_t entry = roots->vacant;
    if (entry == 0) {
        entry = ++roots->used;
    } else {
        roots->vacant = (uint32_t)(roots->entries[entry] >> 1);
    }
    roots->entries[entry] = (uintptr_t)object;
    roots->count++;
    rc__set_entry(object, entry);
}

/* The page's first remembered object is about to come. */
void rc__page_begin_remembering(struct rc_page *page);

/* Makes a rootable object old, and a possible root of the next full run. */
RC_INLINE void rc__roots_remember_at(struct rc_roots *roots, struct gc_object *object,
                                     struct rc_page *page)
{
    if (RC_UNLIKELY(!page->remembers)) {
        rc__page_begin_remembering(page);
    }
    uint32_t place = rc__page_place_of(page, object);
    rc__colours_of(page, place)->old |= rc__place_bit(place);
    roots->remembered++;
    rc__set_entry(object, RC_ENTRY_REMEMBERED);
}

RC_INLINE void rc__roots_remember(struct rc_roots *roots, struct gc_object *object)
{
    struct rc_page *page = rc__page_of(object);
    rc__roots_remember_at(roots, object, page);
}

/* The same for all that are in the buffer, which is empty then. */
void rc__roots_remember_all(struct rc_roots *roots);

/* The same backwards: it is not remembered any more, but stays old. */
RC_INLINE void rc__roots_forget(struct rc_roots *roots, struct gc_object *object)
{
    roots->remembered--;
    rc__clear_entry(object);
}

/* Takes a recorded or remembered object out. */
void rc__roots_remove(struct rc_roots *roots, struct gc_object *object);

RC_INLINE bool rc__root_is_vacant(uintptr_t content)
{
    return (content & 1) != 0;
}

/* The object recorded in entry 1 to used; NULL: the entry is vacant. */
static inline struct gc_object *rc__roots_at(const struct rc_roots *roots, uint32_t entry)
{
    uintptr_t content = roots->entries[entry];
    return rc__root_is_vacant(content) ? NULL : (struct gc_object *)content;
}

/* Forgets all entries; the caller has told their objects. */
static inline void rc__roots_clear(struct rc_roots *roots)
{
    roots->used = roots->vacant = roots->count = 0;
}

#endif
