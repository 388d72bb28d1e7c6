/*
 * Size classes: multiples of 16 bytes up to 128, then four to each doubling, so
 * that a block wastes at most a fifth of its slot.
 */
#ifndef RCYCLE_HEAP_SIZE_CLASS_H
#define RCYCLE_HEAP_SIZE_CLASS_H

#include "base/compiler.h"
#include <stddef.h>
#include <stdint.h>

#define RC_SIZE_CLASSES       40
#define RC_SIZE_CLASS_MAXIMUM 32768

/* The class of a block of 1 to RC_SIZE_CLASS_MAXIMUM bytes. */
RC_INLINE unsigned rc__size_class(size_t bytes)
{
    if (bytes <= 128) {
        return (unsigned)((bytes - 1) >> 4);
    }
    unsigned shift = rc__highest_bit(bytes - 1);
    return 8 + (shift - 7) * 4 + (unsigned)(((bytes - 1) >> (shift - 2)) & 3);
}

/* The bytes of a slot of the class. */
RC_INLINE size_t rc__size_class_bytes(unsigned size_class)
{
    if (size_class < 8) {
        return ((size_t)size_class + 1) << 4;
    }
    unsigned shift = 7 + (size_class - 8) / 4;
    return ((size_t)1 << shift) + ((size_t)((size_class - 8) % 4 + 1) << (shift - 2));
}

#endif
