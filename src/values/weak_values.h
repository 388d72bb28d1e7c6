/*
 * What weak references and weak maps have in common: things with an identity.
 */
#ifndef RCYCLE_VALUES_WEAK_VALUES_H
#define RCYCLE_VALUES_WEAK_VALUES_H

#include "core/lifetime.h"

#define RC_TAG_WEAKREF (RC_TAG(ZVAL_WEAKREF) | RC_TAG_COUNTED)
#define RC_TAG_WEAKMAP RC_TAG_OF_NODE(ZVAL_WEAKMAP)

/* The object, own struct or weak map in a value, looking through a reference; NULL: none of them.
 */
struct gc_object *rc__identity_in(const zval *value);

/* The value that such a thing is, owned by the caller as `object` was. */
zval rc__value_of_identity(struct gc_object *object);

#endif
