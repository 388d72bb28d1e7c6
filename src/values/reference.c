/*
 * References: one value behind several variables, elements or properties.
 */
#include "values/value.h"

zval zval_reference(zval *variable)
{
    if (variable == NULL) {
        return zval_undef();
    }
    struct rc_reference *reference = rc__reference_in(variable);
    if (reference != NULL) {
        return rc__share(variable);
    }
    struct gc_heap *heap = rc__is_counted(variable)
                               ? rc__heap_of_page(rc__page_of(variable->payload.counted))
                               : rc__heap_current();
    reference = heap == NULL ? NULL
                             : (struct rc_reference *)(void *)rc__object_new(
                                   heap, sizeof *reference, RC_KIND_REFERENCE, true);
    if (reference == NULL) {
        return zval_undef();
    }
    reference->value = rc__is_undef(variable) ? zval_null() : rc__bare(variable);
    rc__replace(variable, rc__value_of(RC_TAG_REFERENCE, reference));
    return rc__share(variable);
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
