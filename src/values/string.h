/*
 * Strings: any bytes, counted, never changed.
 */
#ifndef RCYCLE_VALUES_STRING_H
#define RCYCLE_VALUES_STRING_H

#include "core/lifetime.h"

/* NULL: no memory, or too long. */
struct rc_string *rc__string_new(struct gc_heap *heap, const char *bytes, size_t length);

uint64_t rc__string_hash(struct rc_string *string);

RC_INLINE struct gc_object *rc__string_header(struct rc_string *string)
{
    return (struct gc_object *)(void *)string;
}

bool rc__string_equals(const struct rc_string *string, const char *bytes, size_t length);

#endif
