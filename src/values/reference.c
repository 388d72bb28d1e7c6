/*
 * References: one value behind several variables, elements or properties.
 */
#include "values/value.h"

static struct gc_heap *heap_for(const zval *variable)
{
    return rc__is_counted(variable) ? rc__heap_of_page(rc__page_of(variable->payload.counted))
                                    : rc__heap_current();
}

/* A reference for the variable to refer to; NULL: no memory, or it has become one meanwhile. */
static struct rc_reference *new_reference(const zval *variable)
{
    struct rc_reference *reference;
    struct gc_heap *heap;
    do {
        heap = heap_for(variable);
        if (heap == NULL || rc__reference_in(variable) != NULL) {
            return NULL;
        }
        reference = (void *)rc__object_new(heap, sizeof *reference, RC_KIND_REFERENCE, true);
    } while (rc__try_again_for(reference, heap));
    return reference;
}

zval zval_reference(zval *variable)
{
    if (variable == NULL) {
        return zval_undef();
    }
    struct rc_reference *reference = new_reference(variable);
    if (reference != NULL) {
        reference->value = rc__is_undef(variable) ? zval_null() : rc__bare(variable);
        rc__replace(variable, rc__value_of(RC_TAG_REFERENCE, reference));
    }
    return rc__reference_in(variable) != NULL ? rc__share(variable) : zval_undef();
}

uint32_t zval_reference_count(const zval *value)
{
    return zval_is_reference(value) ? gc_refcount(value->payload.counted) : 0;
}

zval rc__put(zval *place, zval value)
{
    bool rebinds = rc__reference_in(&value) != NULL;
    return rc__replace(rebinds ? place : rc__variable_of(place), value);
}
