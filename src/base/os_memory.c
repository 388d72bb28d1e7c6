#include "base/os_memory.h"

#include "base/size.h"
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void *rc__os_map(size_t bytes, size_t alignment)
{
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    size_t reserved;
    if (!rc__size_add(bytes, alignment + page_bytes, &reserved)) {
        return NULL;
    }
    /* The end of it is to be the end of a page too, or what lies behind would not be given back. */
    bytes = rc__size_round_up(bytes, page_bytes);
    reserved = bytes + alignment;
    char *start = mmap(NULL, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) {
        return NULL;
    }
    size_t before = rc__size_round_up((uintptr_t)start, alignment) - (uintptr_t)start;
    if (before > 0) {
        munmap(start, before);
    }
    munmap(start + before + bytes, alignment - before);
    return start + before;
}

void rc__os_unmap(void *memory, size_t bytes)
{
    munmap(memory, bytes);
}

void rc__os_give_back(void *memory, size_t bytes)
{
    madvise(memory, bytes, MADV_DONTNEED);
}

size_t rc__os_resident_bytes(void *memory, size_t bytes)
{
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char is_resident[256];
    size_t resident_bytes = 0;
    for (size_t done = 0; done < bytes;) {
        size_t left = bytes - done;
        size_t part =
            left < page_bytes * sizeof is_resident ? left : page_bytes * sizeof is_resident;
        if (mincore((char *)memory + done, part, is_resident) != 0) {
            return resident_bytes;
        }
        for (size_t page = 0; page * page_bytes < part; page++) {
            resident_bytes += (is_resident[page] & 1) * page_bytes;
        }
        done += part;
    }
    return resident_bytes;
}

void rc__os_want_huge_pages(void *memory, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    madvise(memory, bytes, MADV_HUGEPAGE);
#else
    (void)memory;
    (void)bytes;
#endif
}
