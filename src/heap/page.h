/*
 * Pages and chunks: where a block is, and what is known of it.
 *
 * The system gives chunks of 4 MiB, aligned to their size. A chunk is 64 pages
 * of 64 KiB; page 0 holds the descriptors of the other 63, one KiB each, and in
 * place of its own the chunk's. So everything about a block is found from its
 * address by masks, and the descriptors lie side by side instead of all at
 * multiples of 64 KiB, where they would fight for the same cache sets.
 *
 * A page holds slots of one size and of one kind. A block too large for slots
 * has a run of pages of its own (or, past a chunk, a mapping of its own that
 * begins like a chunk); it always begins in the first page of the run, whose
 * descriptor speaks for all.
 *
 * Invariants, checked by the heap verifier:
 *   P1  used <= fresh <= slot_count; slots from `fresh` on have never been used.
 *   P2  the free list holds fresh - used slots, all below `fresh`.
 *   P3  a page with room (used < slot_count) is in its space's room list, a full one is not.
 *   P4  in a page of objects or leaves a free slot has info 0, and one in use has not.
 *   P5  at rest no page is queued and pending_words is 0.
 *   P6  an old place holds an object.
 *   P7  at rest all trial counts are RC_TRIAL_UNSEEN. During a collection those are that for which
 *       no object is seen.
 */
#ifndef RCYCLE_HEAP_PAGE_H
#define RCYCLE_HEAP_PAGE_H

#include "base/compiler.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RC_PAGE_SHIFT     16
#define RC_PAGE_BYTES     ((size_t)1 << RC_PAGE_SHIFT)
#define RC_CHUNK_BYTES    ((size_t)4 << 20)
#define RC_CHUNK_PAGES    64
#define RC_COLOUR_WORDS   28
#define RC_TRACED_MINIMUM 32

struct rc_space;
struct rc_chunk;

enum rc_page_kind {
    RC_PAGE_FREE,    /* in no use, or not the first of its run */
    RC_PAGE_STORAGE, /* what belongs to something else and has no header: elements of arrays */
    RC_PAGE_LEAF,    /* strings and handles of weak references: never visited */
    RC_PAGE_ACYCLIC, /* objects that are in no cycle: not visited by collections */
    RC_PAGE_TRACED,  /* objects that the collector looks into */
    RC_PAGE_KINDS
};

/*
 * The colours of 64 places, one bit each, together in one cache line. The colour
 * of a traced object in the collection numbered `epoch`:
 *
 *   seen  live   colour                                  made so by
 *    0     -     black: not reached from a root          rc__page_open()
 *    1     0     grey, and white once the scan is over   rc__mark_grey()
 *    1     1     black again: held from outside          rc__scan()
 *
 * What destructors can reach is blackened too, by rc__destruct_white().
 * `pending` says that the object has taken its colour but its children have not
 * been visited yet. Old ones begin a young run black again, and so stay out of
 * it: they count as outside.
 */
struct rc_colours {
    uint64_t seen;
    uint64_t live;
    uint64_t pending;
    uint64_t old; /* survived a run; meaningful while the page's `has_old` */
};

struct rc_page {
    /* What the passes of a collection need of a page, in one cache line. The collector's notes
       are meaningful while `epoch` is the running collection's. */
    uint64_t epoch;
    uintptr_t colours_base; /* where the colours of place 0 are, or would be */
    char *data;             /* the page itself: trial counts first, if traced, then the slots */
    size_t slot_bytes;
    struct rc_page *queue_next;
    struct rc_page *touched_next;
    uint32_t reciprocal;    /* 2^32 / slot_bytes, rounded up; 0: a single block with its own run */
    uint32_t pending_words; /* bit w: among places 64 * w to 64 * w + 63 one is pending */
    uint32_t first_offset;
    uint8_t kind;
    uint8_t shift; /* of a traced page: a place has 2^shift bytes */
    bool queued;
    bool teardown; /* an object seen here must be visited once more when it is freed */

    /* What allocating needs. */
    struct rc_space *space;
    void *free_slots;     /* linked through their second word */
    struct rc_page *next; /* in the room list */
    struct rc_page *previous;
    struct rc_page *remembering_next; /* in the list of pages that remember */
    struct rc_page *remembering_previous;
    uint16_t slot_count;
    uint16_t fresh;
    uint16_t used;
    uint16_t page_span; /* pages in the run; 0: a mapping of its own */
    uint32_t idle_tick; /* of its chunks, when it was emptied last */
    bool spares; /* an object seen here may be spared: it has a destructor that has not run */
    bool has_old;
    bool remembers; /* a possible root here is remembered; see core/roots.h */
    uint8_t size_class;

    _Alignas(32) struct rc_colours colours[RC_COLOUR_WORDS];
};

struct rc_chunk {
    struct rc_chunk *next;
    struct rc_chunk *previous;
    size_t bytes;             /* of the mapping */
    uint64_t free_pages;      /* bit i: page i is in no use */
    uint64_t committed_pages; /* bit i: page i has been in use since the system gave it */
};

union rc_chunk_head {
    struct rc_chunk chunk;
    struct rc_page pages[RC_CHUNK_PAGES]; /* pages[0] is overlaid by the chunk */
};

_Static_assert(sizeof(struct rc_page) == 1024, "64 descriptors fill one page");
_Static_assert(sizeof(union rc_chunk_head) == RC_PAGE_BYTES, "64 descriptors fill one page");

RC_INLINE struct rc_chunk *rc__chunk_of(const void *block)
{
    return (struct rc_chunk *)((uintptr_t)block & ~(uintptr_t)(RC_CHUNK_BYTES - 1));
}

RC_INLINE struct rc_page *rc__page_of(const void *block)
{
    union rc_chunk_head *head = (union rc_chunk_head *)(void *)rc__chunk_of(block);
    return &head->pages[((uintptr_t)block >> RC_PAGE_SHIFT) & (RC_CHUNK_PAGES - 1)];
}

RC_INLINE uint32_t rc__page_slot_of(const struct rc_page *page, const void *block)
{
    uint64_t offset = ((uintptr_t)block & (RC_PAGE_BYTES - 1)) - page->first_offset;
    return (uint32_t)((offset * page->reciprocal) >> 32);
}

RC_INLINE void *rc__page_slot(const struct rc_page *page, uint32_t slot)
{
    return page->data + page->first_offset + slot * page->slot_bytes;
}

/*
 * Places. A traced page is divided into places of 2^shift bytes, the largest power of two that is
 * not larger than a slot; so in each place one slot begins at the most. That of an object follows
 * from its address by a shift, and by it its colours and its trial count are found.
 */
RC_INLINE uint32_t rc__page_place_of(const struct rc_page *page, const void *object)
{
    return (uint32_t)(((uintptr_t)object & (RC_PAGE_BYTES - 1)) >> page->shift);
}

/* Whether each slot begins where a place does. */
RC_INLINE bool rc__page_is_exact(const struct rc_page *page)
{
    size_t place_bytes = (size_t)1 << page->shift;
    return page->slot_bytes == place_bytes && (page->first_offset & (place_bytes - 1)) == 0;
}

/* The object that begins in a place; there must be one. A place that begins before the first slot
   is by less than a slot too early. */
RC_INLINE void *rc__page_object(const struct rc_page *page, uint32_t place)
{
    uint64_t beyond = ((size_t)place << page->shift) + page->slot_bytes - 1 - page->first_offset;
    return rc__page_slot(page, (uint32_t)((beyond * page->reciprocal) >> 32));
}

/* Of places 64 * word to 64 * word + 63. */
RC_INLINE struct rc_colours *rc__page_colours(const struct rc_page *page, uint32_t word)
{
    return (struct rc_colours *)(page->colours_base + word * sizeof(struct rc_colours));
}

RC_INLINE struct rc_colours *rc__colours_of(const struct rc_page *page, uint32_t place)
{
    return rc__page_colours(page, place >> 6);
}

/* The first place with an object, and the last, divided by 64; their colours and those between them
   speak of the page's slots. */
RC_INLINE uint32_t rc__page_first_word(const struct rc_page *page)
{
    return (page->first_offset >> page->shift) / 64;
}

RC_INLINE uint32_t rc__page_last_word(const struct rc_page *page)
{
    return rc__page_place_of(page, rc__page_slot(page, page->slot_count - 1u)) / 64;
}

RC_INLINE uint32_t rc__page_words(const struct rc_page *page)
{
    return rc__page_last_word(page) - rc__page_first_word(page) + 1;
}

/* For each `word` of places that speaks of the page's slots. */
#define RC_EACH_WORD(word, page)                                                            \
    for (uint32_t word = rc__page_first_word(page), word##_last = rc__page_last_word(page); \
         word <= word##_last; word++)

RC_INLINE uint64_t rc__place_bit(uint32_t place)
{
    return (uint64_t)1 << (place & 63);
}

/* The place's bit in the word that speaks of it. */
RC_INLINE bool rc__bit(uint64_t word, uint32_t place)
{
    return ((word >> (place & 63)) & 1) != 0;
}

/* The children of the object are not to be visited any more. */
RC_INLINE void rc__place_unpend(struct rc_page *page, uint32_t place)
{
    struct rc_colours *colours = rc__colours_of(page, place);
    colours->pending &= ~rc__place_bit(place);
    if (colours->pending == 0) {
        page->pending_words &= ~((uint32_t)1 << (place >> 6));
    }
}

RC_INLINE bool rc__is_old(const struct rc_page *page, const void *object)
{
    uint32_t place = rc__page_place_of(page, object);
    return RC_UNLIKELY(page->has_old) && rc__bit(rc__colours_of(page, place)->old, place);
}

/* Lets the page have old slots; it has none yet. */
void rc__page_begin_old(struct rc_page *page);

/*
 * Trial counts. A traced page begins with a table of them, one for each place. Each tells also
 * whether the object has been seen, without a look at the page's descriptor or colours.
 *
 *   RC_TRIAL_UNSEEN      not seen in this collection, or no object
 *   RC_TRIAL_BLACK       live, and the scan has come to it by a reference; of others `live` tells
 *   RC_TRIAL_SEEN + n    seen; n references found, less the object's count once it has had its turn
 *
 * During the scan n of a white object is 0, or what a scout has noted (collector/scouts.c); that of
 * a black one may be anything.
 * n can wrap round, of objects with 2^31 references: then `seen` is what tells.
 */
#define RC_TRIAL_UNSEEN 0u
#define RC_TRIAL_BLACK  1u
#define RC_TRIAL_SEEN   0x80000000u

/* How far the table of a traced page reaches. */
RC_INLINE size_t rc__trial_bytes(unsigned shift)
{
    return (RC_PAGE_BYTES >> shift) * sizeof(uint32_t);
}

RC_INLINE uint32_t *rc__trial_at(const void *object, unsigned shift)
{
    uintptr_t offset = (uintptr_t)object & (RC_PAGE_BYTES - 1);
    return (uint32_t *)((uintptr_t)object - offset) + (offset >> shift);
}

RC_INLINE uint32_t *rc__page_trial(const struct rc_page *page)
{
    return (uint32_t *)(void *)page->data;
}

/* Whose it is. */
RC_INLINE uint32_t rc__place_of_trial(const uint32_t *trial)
{
    return (uint32_t)(((uintptr_t)trial & (RC_PAGE_BYTES - 1)) / sizeof *trial);
}

RC_INLINE uint32_t *rc__trial_of(const struct rc_page *page, const void *object)
{
    return rc__trial_at(object, page->shift);
}

#endif
