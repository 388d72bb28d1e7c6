/*
 * Weak references: handles that do not keep what they lead to.
 */
#include "values/value.h"
#include "values/weak_values.h"
#include <rcycle/weak.h>

/* ---- own structs -------------------------------------------------------- */

static bool can_be_weakly_held(const struct gc_object *object)
{
    return object != NULL && rc__is_alive(object);
}

struct gc_weak *gc_weak_new(void *object)
{
    struct gc_heap *heap;
    struct gc_weak *handle;
    do {
        if (!can_be_weakly_held(object)) {
            return NULL;
        }
        heap = rc__heap_of_page(rc__page_of(object));
        handle = rc__weak_handle(&heap->space, &heap->weak, object);
    } while (rc__try_again_for(handle, heap));
    return handle;
}

void *gc_weak_get(struct gc_weak *weak)
{
    if (weak == NULL || weak->target == NULL || !rc__is_alive(weak->target)) {
        return NULL;
    }
    rc__reach_weakly(weak->target);
    return gc_retain(weak->target);
}

void gc_weak_release(struct gc_weak *weak)
{
    if (weak != NULL) {
        rc__leaf_release((struct gc_object *)(void *)weak);
    }
}

/* ---- values ------------------------------------------------------------- */

struct gc_object *rc__identity_in(const zval *value)
{
    value = rc__look_through(value);
    if (value == NULL) {
        return NULL;
    }
    bool is_object = value->tag == RC_TAG_INSTANCE || value->tag == RC_TAG_NATIVE ||
                     value->tag == RC_TAG_WEAKMAP;
    return is_object ? value->payload.counted : NULL;
}

zval rc__value_of_identity(struct gc_object *object)
{
    switch (rc__kind_of(object)) {
    case RC_KIND_INSTANCE:
        return rc__value_of(RC_TAG_INSTANCE, object);
    case RC_KIND_WEAKMAP:
        return rc__value_of(RC_TAG_WEAKMAP, object);
    default:
        return rc__value_of(RC_TAG_NATIVE, object);
    }
}

zval zval_weakref(const zval *object)
{
    struct gc_weak *handle = gc_weak_new(rc__identity_in(object));
    return handle == NULL ? zval_undef() : rc__value_of(RC_TAG_WEAKREF, handle);
}

zval zval_weakref_get(const zval *weakref)
{
    weakref = rc__look_through(weakref);
    if (weakref == NULL || weakref->tag != RC_TAG_WEAKREF) {
        return zval_undef();
    }
    struct gc_object *object = gc_weak_get(weakref->payload.counted);
    return object == NULL ? zval_null() : rc__value_of_identity(object);
}
