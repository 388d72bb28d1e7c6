/*
 * What every kind of value needs: putting one together, sharing it, letting go
 * of it, looking through a reference.
 *
 * Invariants:
 *   V1  what a reference holds is never a reference.
 *   V2  letting go of a value may run a collection and, with it, the program's
 *       code: whoever does it has first brought everything into order, and uses
 *       no pointer into an array, object or variable after it.
 */
#ifndef RCYCLE_VALUES_VALUE_H
#define RCYCLE_VALUES_VALUE_H

#include "core/lifetime.h"

#define RC_TAG_ARRAY     RC_TAG_OF_NODE(ZVAL_ARRAY)
#define RC_TAG_INSTANCE  RC_TAG_OF_NODE(ZVAL_OBJECT)
#define RC_TAG_NATIVE    RC_TAG_OF_NODE(ZVAL_NATIVE)
#define RC_TAG_REFERENCE RC_TAG_OF_NODE(ZVAL_REFERENCE)

_Static_assert(RC_TAG_REFERENCE == ZVAL_TAG_HANDLE && RC_TAG_TYPE == 0xffu,
               "the inline functions of <rcycle/zval.h> know a value's tag");

RC_INLINE zval rc__value_of(uint32_t tag, void *counted)
{
    zval value;
    value.payload.counted = counted;
    value.tag = tag;
    value.link = 0;
    return value;
}

RC_INLINE bool rc__is_counted(const zval *value)
{
    return (value->tag & RC_TAG_COUNTED) != 0;
}

RC_INLINE bool rc__is_undef(const zval *value)
{
    return value->tag == RC_TAG(ZVAL_UNDEF);
}

RC_INLINE struct rc_reference *rc__reference_in(const zval *value)
{
    return value->tag == RC_TAG_REFERENCE ? value->payload.counted : NULL;
}

/* The value itself, or what it refers to; NULL for NULL. */
RC_INLINE const zval *rc__look_through(const zval *value)
{
    struct rc_reference *reference = value == NULL ? NULL : rc__reference_in(value);
    return reference == NULL ? value : &reference->value;
}

/* The same for a variable that is to be written. */
RC_INLINE zval *rc__variable_of(zval *variable)
{
    struct rc_reference *reference = variable == NULL ? NULL : rc__reference_in(variable);
    return reference == NULL ? variable : &reference->value;
}

/* The bits of a value without those that belong to the place it stands in. */
RC_INLINE zval rc__bare(const zval *value)
{
    zval bare = *value;
    bare.link = 0;
    return bare;
}

/* One owner more, reference or not. */
RC_INLINE zval rc__share(const zval *value)
{
    if (rc__is_counted(value)) {
        gc_retain(value->payload.counted);
    }
    return rc__bare(value);
}

/* One owner fewer; see V2. */
RC_INLINE void rc__let_go(zval value)
{
    if ((value.tag & RC_TAG_OBJECT) != 0) {
        gc_release(value.payload.counted);
    } else if ((value.tag & RC_TAG_COUNTED) != 0) {
        rc__leaf_release(value.payload.counted);
    }
}

/* Writes an owned value into a place, keeping the place's link; returns what was there, owned. */
RC_INLINE zval rc__replace(zval *place, zval value)
{
    zval before = rc__bare(place);
    value.link = place->link;
    *place = value;
    return before;
}

/*
 * Writes an owned value into an element or property as the public calls do: a
 * reference takes the place, anything else is written through one. Returns what
 * was there, owned, to be let go of.
 */
zval rc__put(zval *place, zval value);

#endif
