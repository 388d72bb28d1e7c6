/*
 * Memory from the operating system, in whole pages.
 */
#ifndef RCYCLE_BASE_OS_MEMORY_H
#define RCYCLE_BASE_OS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed memory aligned to `alignment`, a power of two; NULL: none. Pages come when touched. */
void *rc__os_map(size_t bytes, size_t alignment);

/* Ends a mapping made by rc__os_map() with these `bytes`. */
void rc__os_unmap(void *memory, size_t bytes);

/* The contents are not needed any more; the next touch finds zeros. */
void rc__os_give_back(void *memory, size_t bytes);

/* How much of it is in physical memory. */
size_t rc__os_resident_bytes(void *memory, size_t bytes);

/* Asks for huge pages behind this memory. A wish: it may do nothing. */
void rc__os_want_huge_pages(void *memory, size_t bytes);

#endif
