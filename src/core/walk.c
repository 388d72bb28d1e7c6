#include "core/walk.h"

void gc_visit_object(struct gc_visitor *visitor, void *child)
{
    if (child != NULL) {
        visitor->object_child(visitor, child);
    }
}

void gc_visit_zval(struct gc_visitor *visitor, const zval *child)
{
    if (child != NULL) {
        rc__walk_zval(child, visitor, visitor->object_child, visitor->leaf_child);
    }
}
