/*
 * Arithmetic on sizes that says when a result does not fit.
 */
#ifndef RCYCLE_BASE_SIZE_H
#define RCYCLE_BASE_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool rc__size_add(size_t left, size_t right, size_t *sum)
{
    return !__builtin_add_overflow(left, right, sum);
}

static inline bool rc__size_multiply(size_t left, size_t right, size_t *product)
{
    return !__builtin_mul_overflow(left, right, product);
}

/* `bytes` rounded up to a multiple of `unit`, a power of two; the caller knows that it fits. */
static inline size_t rc__size_round_up(size_t bytes, size_t unit)
{
    return (bytes + unit - 1) & ~(unit - 1);
}

#endif
