/*
 * The compiler built-ins that the library uses, under names of its own.
 * Nothing else in the tree names a built-in or an attribute.
 */
#ifndef RCYCLE_BASE_COMPILER_H
#define RCYCLE_BASE_COMPILER_H

#include <stddef.h>
#include <stdint.h>

#define RC_LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define RC_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define RC_INLINE              static inline __attribute__((always_inline))
#define RC_NOINLINE            __attribute__((noinline))
/* Argument `string` is a printf format, its arguments begin at `first`. */
#define RC_PRINTF(string, first) __attribute__((__format__(__printf__, string, first)))
#define RC_THREAD_LOCAL          _Thread_local
/* A function that runs when the program ends or the library is unloaded. */
#define RC_AT_EXIT __attribute__((destructor))

/* Asks for the cache line at `address`, to be written soon. */
RC_INLINE void rc__prefetch(const void *address)
{
    __builtin_prefetch(address, 1, 3);
}

#define RC_CACHE_LINE_BYTES 64u

/* The same for what has so many bytes, two lines at the most. */
RC_INLINE void rc__prefetch_bytes(const void *address, size_t bytes)
{
    rc__prefetch(address);
    if (bytes > RC_CACHE_LINE_BYTES) {
        rc__prefetch((const char *)address + RC_CACHE_LINE_BYTES);
    }
}

/* The position of the lowest set bit; `bits` must not be 0. */
RC_INLINE unsigned rc__lowest_bit(uint64_t bits)
{
    return (unsigned)__builtin_ctzll(bits);
}

/* The position of the highest set bit; `bits` must not be 0. */
RC_INLINE unsigned rc__highest_bit(uint64_t bits)
{
    return 63 - (unsigned)__builtin_clzll(bits);
}

RC_INLINE unsigned rc__count_bits(uint64_t bits)
{
    return (unsigned)__builtin_popcountll(bits);
}

#endif
