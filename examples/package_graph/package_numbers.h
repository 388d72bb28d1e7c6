/*
 * Lists of integers, one for each package, as the questions need them: arrays
 * of the library that are made at their full size, so that only making one can
 * fail.
 */
#ifndef PACKAGE_NUMBERS_H
#define PACKAGE_NUMBERS_H

#include <rcycle/rcycle.h>

/* Undefined: no memory. */
zval numbers_new(size_t count, int64_t value);

static inline int64_t numbers_at(const zval *numbers, int64_t position)
{
    return zval_to_int(zval_array_get_at(numbers, position));
}

static inline void numbers_put(zval *numbers, int64_t position, int64_t value)
{
    zval_array_set_at(numbers, position, zval_int(value));
}

#endif
