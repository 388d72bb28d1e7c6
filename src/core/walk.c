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

/* Fields may be several, if each begins where the one before it ends. */
bool rc__links_look_up(struct rc_links *links, const struct gc_type *type)
{
    if (type->field_count == 0 || type->trace != NULL) {
        return false;
    }
    struct rc_links found = {type, type->fields->offset, 0};
    for (size_t i = 0; i < type->field_count; i++) {
        const struct gc_field *field = &type->fields[i];
        size_t end = found.offset + found.count * sizeof(void *);
        if (field->kind != GC_FIELD_KIND_OBJECTS || field->offset != end) {
            return false;
        }
        found.count += field->count;
    }
    *links = found;
    return true;
}
