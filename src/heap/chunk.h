/*
 * Chunks: whole pages from the system, and back.
 *
 * Owns a space's chunks. A chunk with free pages is in the roomy list, one
 * without in the full list; a mapping for a single block counts as full. One
 * empty chunk is kept for the next need, further ones go back to the system.
 */
#ifndef RCYCLE_HEAP_CHUNK_H
#define RCYCLE_HEAP_CHUNK_H

#include "heap/page.h"
#include <stdbool.h>

struct rc_chunks {
    struct rc_chunk *roomy;
    struct rc_chunk *full;
    struct rc_chunk *full_last;
    size_t count;
    size_t empty_count;
    size_t system_bytes; /* committed pages, descriptors included */
    size_t system_peak_bytes;
    uint32_t tick; /* numbers the looks at idle memory */
};

/* What was given back to the system. */
struct rc_trimmed {
    size_t bytes;          /* of the pages */
    size_t resident_bytes; /* of these: that were in physical memory */
};

/* Ticks wrap round. */
RC_INLINE bool rc__tick_is_before(uint32_t tick, uint32_t other)
{
    return (int32_t)(tick - other) < 0;
}

/* A run of `pages` (1 to 63) pages, the descriptor of its first; NULL: no memory. */
struct rc_page *rc__chunks_take(struct rc_chunks *chunks, unsigned pages);

/* A mapping for one block of `bytes`; NULL: no memory. */
struct rc_page *rc__chunks_take_mapping(struct rc_chunks *chunks, size_t bytes);

/* Gives a run or mapping back, idle since the tick that its descriptor says; that is void else. */
void rc__chunks_give(struct rc_chunks *chunks, struct rc_page *page);

/* Returns to the system what is committed, and idle since before the tick. */
struct rc_trimmed rc__chunks_trim(struct rc_chunks *chunks, uint32_t before_tick);

/* What is committed and idle. */
size_t rc__chunks_idle_bytes(const struct rc_chunks *chunks);

/* Ends all chunks, in use or not. */
void rc__chunks_end(struct rc_chunks *chunks);

/* The first page in use behind `page` (NULL: at all) that begins a run; NULL: no more. Those of
   full chunks come first, in the order in which they have been filled. */
struct rc_page *rc__chunks_next_page(const struct rc_chunks *chunks, const struct rc_page *page);

#endif
