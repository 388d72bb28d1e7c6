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
    size_t count;
    size_t empty_count;
    size_t system_bytes; /* committed pages, descriptors included */
    size_t system_peak_bytes;
};

/* A run of `pages` (1 to 63) pages, the descriptor of its first; NULL: no memory. */
struct rc_page *rc__chunks_take(struct rc_chunks *chunks, unsigned pages);

/* A mapping for one block of `bytes`; NULL: no memory. */
struct rc_page *rc__chunks_take_mapping(struct rc_chunks *chunks, size_t bytes);

/* Gives a run or mapping back; its descriptor is void. */
void rc__chunks_give(struct rc_chunks *chunks, struct rc_page *page);

/* Returns to the system what is committed and idle; says how many bytes. */
size_t rc__chunks_trim(struct rc_chunks *chunks);

/* Ends all chunks, in use or not. */
void rc__chunks_end(struct rc_chunks *chunks);

/* The first page in use behind `page` (NULL: at all) that begins a run; NULL: no more. */
struct rc_page *rc__chunks_next_page(const struct rc_chunks *chunks, const struct rc_page *page);

#endif
