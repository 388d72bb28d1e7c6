/*
 * A space: all the blocks of one heap.
 *
 * Owns the pages and hands out their slots. Knows how many bytes are in use
 * and how many were at the most, and refuses what would go beyond a limit.
 *
 * The limit is for live bytes and external ones, which own structs hold
 * elsewhere. Below it there is a step: an allocation beyond that is refused
 * too, once, so that somebody looks at the pressure and moves the step on. A
 * block of a page of slots is measured only if live_bytes has reached the
 * watermark, which is such that it cannot go beyond the step before.
 *
 * Invariants, checked by the heap verifier:
 *   S1  live_bytes is the sum over all pages of used * slot_bytes.
 *   S2  a page in room[kind][class] has that kind and class (P3 finds one that has not).
 *   S3  a page whose epoch is open_epoch stays a page of its kind: a collection
 *       holds it. A slot freed in it loses its colour and its trial count.
 *   S4  live_bytes + external_bytes <= step_bytes <= limit_bytes, but where a limit
 *       was set, or a step moved down, below what was in use already.
 *   S5  a page that remembers is in the list `remembering`, any other is not.
 */
#ifndef RCYCLE_HEAP_SPACE_H
#define RCYCLE_HEAP_SPACE_H

#include "heap/chunk.h"
#include "heap/size_class.h"

#define RC_NO_EPOCH           UINT64_MAX
#define RC_NEVER_OPEN         0u /* the epoch of a page that no run has open */
#define RC_EXTERNAL_MAX_BYTES (SIZE_MAX / 4)

struct rc_space {
    struct rc_page *room[RC_PAGE_KINDS][RC_SIZE_CLASSES];
    size_t live_bytes;
    size_t peak_bytes;      /* as of the last free; see rc__space_peak_bytes() */
    size_t watermark_bytes; /* an allocation from here on is looked at more closely */
    size_t step_bytes;      /* what live and external bytes may come to until somebody looks */
    size_t limit_bytes;     /* ... and at all; SIZE_MAX: no limit */
    size_t external_bytes;
    size_t wanted_bytes; /* what the last allocation that was refused for step or limit would have
                            brought them to; 0: it was refused for another reason */
    struct rc_chunks chunks;
    struct rc_page *remembering; /* the one that began to first; it is a list */
    struct rc_page *remembering_last;
    uint64_t open_epoch;     /* the running collection's; RC_NO_EPOCH: none runs */
    bool failing;            /* on purpose */
    uint64_t successes_left; /* while failing: allocations that still succeed */
    uint64_t failures;       /* while failing: those that did not */
    uint64_t idle_ns;        /* memory idle for so long goes back to the system; 0: it stays */
    uint64_t looked_ns;      /* when that was looked at last */
};

void rc__space_begin(struct rc_space *space);

/* Gives everything back to the system. */
void rc__space_end(struct rc_space *space);

/* A free slot stands where an object had its header. The count is such that both inline operations
   on what is no object any more take their slow path, where the misuse shows. */
struct rc_free_slot {
    uint32_t count;
    uint32_t info; /* 0: no object */
    void *next;
};

/* The page is full: it leaves its room list. */
void rc__space_take_room(struct rc_space *space, struct rc_page *page);

/* Takes a slot that is not counted yet; there must be one. */
RC_INLINE void *rc__page_pop_slot(struct rc_page *page)
{
    void *block = page->free_slots;
    if (block == NULL) {
        return rc__page_slot(page, page->fresh++);
    }
    page->free_slots = ((struct rc_free_slot *)block)->next;
    return block;
}

/* A slot of a page with room. */
RC_INLINE void *rc__page_take_slot(struct rc_space *space, struct rc_page *page)
{
    void *block = rc__page_pop_slot(page);
    if (RC_UNLIKELY(++page->used == page->slot_count)) {
        rc__space_take_room(space, page);
    }
    space->live_bytes += page->slot_bytes;
    return block;
}

void *rc__space_allocate_slow(struct rc_space *space, size_t bytes, enum rc_page_kind kind);

/* A block of at least `bytes` (not 0) in a page of `kind`, contents undefined; NULL: no memory. */
RC_INLINE void *rc__space_allocate(struct rc_space *space, size_t bytes, enum rc_page_kind kind)
{
    if (kind == RC_PAGE_TRACED && bytes < RC_TRACED_MINIMUM) {
        bytes = RC_TRACED_MINIMUM;
    }
    if (RC_LIKELY(bytes <= RC_SIZE_CLASS_MAXIMUM && space->live_bytes < space->watermark_bytes)) {
        struct rc_page *page = space->room[kind][rc__size_class(bytes)];
        if (RC_LIKELY(page != NULL)) {
            return rc__page_take_slot(space, page);
        }
    }
    return rc__space_allocate_slow(space, bytes, kind);
}

/* The same for at most 128 bytes, if there is a page with room for more than that block. NULL: ask
   rc__space_allocate(). */
RC_INLINE void *rc__space_take_small(struct rc_space *space, size_t bytes, enum rc_page_kind kind)
{
    struct rc_page *page = space->room[kind][(bytes - 1) >> 4];
    if (RC_UNLIKELY(page == NULL || space->live_bytes >= space->watermark_bytes ||
                    page->used + 1 == page->slot_count)) {
        return NULL;
    }
    page->used++;
    space->live_bytes += page->slot_bytes;
    return rc__page_pop_slot(page);
}

/* Ends a block of `page`; the memory may be used again at once. */
void rc__space_free(struct rc_page *page, void *block);

/* Ends all blocks of a page of slots at once. */
void rc__space_free_all(struct rc_page *page);

/* The page has a possible root that is remembered, or has none any more. */
void rc__page_remember(struct rc_page *page);
void rc__page_forget(struct rc_page *page);

/* Gives idle pages back to the system; says how many bytes. */
struct rc_trimmed rc__space_trim(struct rc_space *space);

/* The same for pages that have been idle for `idle_ns` at least and twice that at most, if it is
   time for that. */
void rc__space_trim_idle(struct rc_space *space);

/* Bytes of free slots and idle pages: held from the system and in no use. */
size_t rc__space_reusable_bytes(const struct rc_space *space);

/* ---- limit -------------------------------------------------------------- */

RC_INLINE size_t rc__space_used_bytes(const struct rc_space *space)
{
    return space->live_bytes + space->external_bytes;
}

/* SIZE_MAX: none. Takes the step along. */
void rc__space_set_limit(struct rc_space *space, size_t limit_bytes);
void rc__space_set_step(struct rc_space *space, size_t step_bytes);

/* Counts external bytes if they fit, as an allocation would. */
bool rc__space_take_external(struct rc_space *space, size_t bytes);

/* As many as there are at most. Returns whether there were so many. */
bool rc__space_give_external(struct rc_space *space, size_t bytes);

/* ---- figures ------------------------------------------------------------ */

size_t rc__space_peak_bytes(const struct rc_space *space);
void rc__space_reset_peak(struct rc_space *space);

/* Testing aid; see gc_memory_fail_after(). */
void rc__space_fail_after(struct rc_space *space, uint64_t successes);
uint64_t rc__space_fail_never(struct rc_space *space);

/* Goes through the pages in use; begin with NULL. */
static inline struct rc_page *rc__space_next_page(const struct rc_space *space,
                                                  const struct rc_page *page)
{
    return rc__chunks_next_page(&space->chunks, page);
}

#endif
