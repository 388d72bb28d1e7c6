#include "heap/chunk.h"

#include "base/os_memory.h"
#include "base/size.h"
#include <string.h>

/* All pages but the one with the descriptors. */
#define ALL_PAGES (~(uint64_t)1)

/* Huge pages pay once a heap is large; a small one would only grow by them. */
#define CHUNKS_BEFORE_HUGE_PAGES 2

static uint64_t run_bits(unsigned first, unsigned pages)
{
    return (pages == 64 ? ~(uint64_t)0 : ((uint64_t)1 << pages) - 1) << first;
}

static unsigned index_of(const struct rc_page *page)
{
    const union rc_chunk_head *head = (const void *)rc__chunk_of(page);
    return (unsigned)(page - head->pages);
}

static struct rc_page *page_at(struct rc_chunk *chunk, unsigned index)
{
    return &((union rc_chunk_head *)(void *)chunk)->pages[index];
}

static void link_chunk(struct rc_chunk **list, struct rc_chunk *chunk)
{
    chunk->previous = NULL;
    chunk->next = *list;
    if (*list != NULL) {
        (*list)->previous = chunk;
    }
    *list = chunk;
}

static void unlink_chunk(struct rc_chunk **list, struct rc_chunk *chunk)
{
    if (chunk->previous != NULL) {
        chunk->previous->next = chunk->next;
    } else {
        *list = chunk->next;
    }
    if (chunk->next != NULL) {
        chunk->next->previous = chunk->previous;
    }
}

/* Full ones in the order in which they have become so. */
static void link_full(struct rc_chunks *chunks, struct rc_chunk *chunk)
{
    chunk->previous = chunks->full_last;
    chunk->next = NULL;
    if (chunks->full_last != NULL) {
        chunks->full_last->next = chunk;
    } else {
        chunks->full = chunk;
    }
    chunks->full_last = chunk;
}

static void unlink_full(struct rc_chunks *chunks, struct rc_chunk *chunk)
{
    if (chunks->full_last == chunk) {
        chunks->full_last = chunk->previous;
    }
    unlink_chunk(&chunks->full, chunk);
}

static void count_committed(struct rc_chunks *chunks, size_t bytes)
{
    chunks->system_bytes += bytes;
    if (chunks->system_bytes > chunks->system_peak_bytes) {
        chunks->system_peak_bytes = chunks->system_bytes;
    }
}

static void unmap_chunk(struct rc_chunks *chunks, struct rc_chunk *chunk)
{
    unsigned pages = rc__count_bits(chunk->committed_pages);
    bool whole = chunk->bytes == RC_CHUNK_BYTES;
    chunks->system_bytes -= whole ? pages * RC_PAGE_BYTES : chunk->bytes;
    chunks->count--;
    rc__os_unmap(chunk, chunk->bytes);
}

static struct rc_chunk *map_chunk(struct rc_chunks *chunks, size_t bytes)
{
    struct rc_chunk *chunk = rc__os_map(bytes, RC_CHUNK_BYTES);
    if (chunk == NULL) {
        return NULL;
    }
    if (chunks->count >= CHUNKS_BEFORE_HUGE_PAGES) {
        rc__os_want_huge_pages(chunk, bytes);
    }
    chunks->count++;
    chunk->bytes = bytes;
    return chunk;
}

static struct rc_chunk *new_chunk(struct rc_chunks *chunks)
{
    struct rc_chunk *chunk = map_chunk(chunks, RC_CHUNK_BYTES);
    if (chunk != NULL) {
        chunk->free_pages = ALL_PAGES;
        chunk->committed_pages = 1;
        count_committed(chunks, RC_PAGE_BYTES);
        chunks->empty_count++;
        link_chunk(&chunks->roomy, chunk);
    }
    return chunk;
}

/* The first page of a free run, or 0, which is never free. */
static unsigned find_run(uint64_t free_pages, unsigned pages)
{
    uint64_t starts = free_pages;
    for (unsigned found = 1; found < pages && starts != 0; found++) {
        starts &= free_pages >> found;
    }
    return starts == 0 ? 0 : rc__lowest_bit(starts);
}

static struct rc_page *take_from(struct rc_chunks *chunks, struct rc_chunk *chunk, unsigned first,
                                 unsigned pages)
{
    uint64_t run = run_bits(first, pages);
    if (chunk->free_pages == ALL_PAGES) {
        chunks->empty_count--;
    }
    chunk->free_pages &= ~run;
    count_committed(chunks, rc__count_bits(run & ~chunk->committed_pages) * RC_PAGE_BYTES);
    chunk->committed_pages |= run;
    if (chunk->free_pages == 0) {
        unlink_chunk(&chunks->roomy, chunk);
        link_full(chunks, chunk);
    }
    struct rc_page *page = page_at(chunk, first);
    page->page_span = (uint16_t)pages;
    page->data = (char *)chunk + first * RC_PAGE_BYTES;
    return page;
}

struct rc_page *rc__chunks_take(struct rc_chunks *chunks, unsigned pages)
{
    for (struct rc_chunk *chunk = chunks->roomy; chunk != NULL; chunk = chunk->next) {
        unsigned first = find_run(chunk->free_pages, pages);
        if (first != 0) {
            return take_from(chunks, chunk, first, pages);
        }
    }
    struct rc_chunk *chunk = new_chunk(chunks);
    return chunk == NULL ? NULL : take_from(chunks, chunk, 1, pages);
}

struct rc_page *rc__chunks_take_mapping(struct rc_chunks *chunks, size_t bytes)
{
    size_t total;
    if (!rc__size_add(bytes, 2 * RC_PAGE_BYTES, &total)) {
        return NULL;
    }
    total = rc__size_round_up(bytes + RC_PAGE_BYTES, RC_PAGE_BYTES);
    struct rc_chunk *chunk = map_chunk(chunks, total);
    if (chunk == NULL) {
        return NULL;
    }
    count_committed(chunks, total);
    link_full(chunks, chunk);
    struct rc_page *page = page_at(chunk, 1);
    page->page_span = 0;
    page->data = (char *)chunk + RC_PAGE_BYTES;
    return page;
}

void rc__chunks_give(struct rc_chunks *chunks, struct rc_page *page)
{
    struct rc_chunk *chunk = rc__chunk_of(page);
    page->kind = RC_PAGE_FREE;
    if (page->page_span == 0) {
        unlink_full(chunks, chunk);
        unmap_chunk(chunks, chunk);
        return;
    }
    if (chunk->free_pages == 0) {
        unlink_full(chunks, chunk);
        link_chunk(&chunks->roomy, chunk);
    }
    for (unsigned i = 1; i < page->page_span; i++) {
        page[i].idle_tick = page->idle_tick;
    }
    chunk->free_pages |= run_bits(index_of(page), page->page_span);
    if (chunk->free_pages != ALL_PAGES) {
        return;
    }
    if (chunks->empty_count > 0) {
        unlink_chunk(&chunks->roomy, chunk);
        unmap_chunk(chunks, chunk);
    } else {
        chunks->empty_count++;
    }
}

/* The pages of a chunk that are idle since before the tick, and not with the system already. */
static uint64_t idle_pages(struct rc_chunk *chunk, uint32_t before_tick)
{
    uint64_t idle = chunk->free_pages & chunk->committed_pages;
    for (uint64_t bits = idle; bits != 0; bits &= bits - 1) {
        unsigned index = rc__lowest_bit(bits);
        if (!rc__tick_is_before(page_at(chunk, index)->idle_tick, before_tick)) {
            idle &= ~run_bits(index, 1);
        }
    }
    return idle;
}

static size_t give_back_pages(struct rc_chunk *chunk, uint64_t pages)
{
    size_t resident_bytes = 0;
    while (pages != 0) {
        unsigned first = rc__lowest_bit(pages);
        unsigned count = 1;
        while (first + count < RC_CHUNK_PAGES && (pages >> (first + count) & 1) != 0) {
            count++;
        }
        char *start = (char *)chunk + first * RC_PAGE_BYTES;
        resident_bytes += rc__os_resident_bytes(start, count * RC_PAGE_BYTES);
        rc__os_give_back(start, count * RC_PAGE_BYTES);
        pages &= ~run_bits(first, count);
    }
    return resident_bytes;
}

static void trim_chunk(struct rc_chunks *chunks, struct rc_chunk *chunk, uint32_t before_tick,
                       struct rc_trimmed *trimmed)
{
    uint64_t idle = idle_pages(chunk, before_tick);
    trimmed->resident_bytes += give_back_pages(chunk, idle);
    trimmed->bytes += rc__count_bits(idle) * RC_PAGE_BYTES;
    chunk->committed_pages &= ~idle;
    chunks->system_bytes -= rc__count_bits(idle) * RC_PAGE_BYTES;
    if (chunk->free_pages == ALL_PAGES && (chunk->committed_pages & ALL_PAGES) == 0) {
        trimmed->bytes += RC_PAGE_BYTES;
        trimmed->resident_bytes += rc__os_resident_bytes(chunk, RC_PAGE_BYTES);
        unlink_chunk(&chunks->roomy, chunk);
        chunks->empty_count--;
        unmap_chunk(chunks, chunk);
    }
}

struct rc_trimmed rc__chunks_trim(struct rc_chunks *chunks, uint32_t before_tick)
{
    struct rc_trimmed trimmed = {0, 0};
    struct rc_chunk *next;
    for (struct rc_chunk *chunk = chunks->roomy; chunk != NULL; chunk = next) {
        next = chunk->next;
        trim_chunk(chunks, chunk, before_tick, &trimmed);
    }
    return trimmed;
}

size_t rc__chunks_idle_bytes(const struct rc_chunks *chunks)
{
    size_t pages = 0;
    for (const struct rc_chunk *chunk = chunks->roomy; chunk != NULL; chunk = chunk->next) {
        pages += rc__count_bits(chunk->free_pages & chunk->committed_pages);
    }
    return pages * RC_PAGE_BYTES;
}

static void end_list(struct rc_chunks *chunks, struct rc_chunk *chunk)
{
    while (chunk != NULL) {
        struct rc_chunk *next = chunk->next;
        unmap_chunk(chunks, chunk);
        chunk = next;
    }
}

void rc__chunks_end(struct rc_chunks *chunks)
{
    end_list(chunks, chunks->roomy);
    end_list(chunks, chunks->full);
    memset(chunks, 0, sizeof *chunks);
}

static struct rc_chunk *next_chunk(const struct rc_chunks *chunks, const struct rc_chunk *chunk)
{
    if (chunk->next != NULL) {
        return chunk->next;
    }
    bool is_roomy = chunk->free_pages != 0 && chunk->bytes == RC_CHUNK_BYTES;
    return is_roomy ? NULL : chunks->roomy;
}

struct rc_page *rc__chunks_next_page(const struct rc_chunks *chunks, const struct rc_page *page)
{
    struct rc_chunk *chunk;
    unsigned index = 1;
    if (page == NULL) {
        chunk = chunks->full != NULL ? chunks->full : chunks->roomy;
    } else {
        chunk = rc__chunk_of(page);
        index = page->page_span == 0 ? RC_CHUNK_PAGES : index_of(page) + page->page_span;
    }
    while (chunk != NULL) {
        uint64_t in_use = index < RC_CHUNK_PAGES ? ~chunk->free_pages >> index << index : 0;
        if (in_use != 0) {
            return page_at(chunk, rc__lowest_bit(in_use & ALL_PAGES));
        }
        chunk = next_chunk(chunks, chunk);
        index = 1;
    }
    return NULL;
}
