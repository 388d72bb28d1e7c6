/*
 * Objects: a class, its declared properties, and whatever else has been added.
 */
#ifndef RCYCLE_VALUES_INSTANCE_H
#define RCYCLE_VALUES_INSTANCE_H

#include "values/table.h"

#define RC_PROPERTIES_MAX ((size_t)1 << 24)
#define RC_PROPERTIES_FEW ((RC_SMALL_BYTES - sizeof(struct rc_instance)) / sizeof(zval))

/* What an object without a class of the program's has: nothing. */
extern const struct zval_class rc__no_class;

/* The object in a value, looking through a reference; NULL: it is none. */
RC_INLINE struct rc_instance *rc__instance_in(const zval *value)
{
    value = rc__look_through(value);
    return value != NULL && value->tag == RC_TAG_INSTANCE ? value->payload.counted : NULL;
}

#endif
