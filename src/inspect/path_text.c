/*
 * Paths for people.
 */
#include "inspect/path.h"

#include "core/walk.h"
#include "inspect/objects.h"
#include "values/table.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct text {
    char *bytes;
    size_t room;
    int length;
};

RC_PRINTF(2, 3)
static void add(struct text *text, const char *format, ...)
{
    size_t used = (size_t)text->length < text->room ? (size_t)text->length : text->room;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text->bytes + used, text->room - used, format, arguments);
    va_end(arguments);
    text->length += length > 0 ? length : 0;
}

/* ---- places -------------------------------------------------------------- */

static bool holds(const zval *value, const struct gc_object *child)
{
    return (value->tag & RC_TAG_OBJECT) != 0 && value->payload.counted == child;
}

static void add_key(struct text *text, const struct rc_bucket *element)
{
    if (element->name != NULL) {
        int shown = element->name->length < 40 ? (int)element->name->length : 40;
        add(text, " [\"%.*s\"]", shown, element->name->bytes);
    } else {
        add(text, " [%" PRId64 "]", (int64_t)element->hash);
    }
}

static bool add_place_in_table(struct text *text, const struct rc_table *table,
                               const struct gc_object *child, bool are_properties)
{
    for (uint32_t i = 0; i < table->used; i++) {
        struct rc_bucket element = rc__table_element(table, i);
        if (!rc__is_hole(&element.value) && holds(&element.value, child)) {
            if (are_properties && element.name != NULL) {
                add(text, " .%.40s", element.name->bytes);
            } else {
                add_key(text, &element);
            }
            return true;
        }
    }
    return false;
}

static void add_place_in_instance(struct text *text, const struct rc_instance *instance,
                                  const struct gc_object *child)
{
    for (size_t i = 0; i < instance->class_->property_count; i++) {
        if (holds(&instance->properties[i], child)) {
            add(text, " .%.40s", instance->class_->properties[i]);
            return;
        }
    }
    if (instance->added != NULL) {
        add_place_in_table(text, instance->added, child, true);
    }
}

struct search {
    struct gc_visitor visitor; /* first */
    const struct gc_object *child;
    uint32_t found; /* references before it */
    bool is_found;
};

static void search_object(struct gc_visitor *visitor, struct gc_object *child)
{
    struct search *search = (struct search *)(void *)visitor;
    search->is_found |= child == search->child;
    search->found += !search->is_found;
}

static void search_leaf(struct gc_visitor *visitor, struct gc_object *leaf)
{
    (void)leaf;
    search_object(visitor, NULL);
}

/* A struct's fields have no names: the how-manieth of its references that are not null. */
static void add_place_in_struct(struct text *text, struct gc_object *holder,
                                const struct gc_object *child)
{
    struct search search = {.visitor = {search_object, search_leaf}, .child = child};
    rc__walk(holder, &search.visitor, search_object, search_leaf);
    add(text, " reference %" PRIu32, search.found);
}

static void add_place(struct text *text, struct gc_object *holder, const struct gc_object *child)
{
    switch (rc__kind_of(holder)) {
    case RC_KIND_ARRAY:
        add_place_in_table(text, &((const struct rc_array *)(void *)holder)->table, child, false);
        break;
    case RC_KIND_INSTANCE:
        add_place_in_instance(text, (const struct rc_instance *)(void *)holder, child);
        break;
    case RC_KIND_NATIVE:
        add_place_in_struct(text, holder, child);
        break;
    default:
        break;
    }
}

int rc__path_write(const struct rc_path *path, char *bytes, size_t room)
{
    struct text text = {bytes, room, 0};
    if (!path->is_complete) {
        add(&text, "... > ");
    }
    for (uint32_t i = path->count; i-- > 0;) {
        struct gc_object *child = i == 0 ? path->target : path->holders[i - 1];
        if (rc__kind_of(path->holders[i]) == RC_KIND_REFERENCE) {
            continue;
        }
        add(&text, "%s", rc__name_of_object(path->holders[i]));
        add_place(&text, path->holders[i], child);
        add(&text, " > ");
    }
    add(&text, "%s", rc__name_of_object(path->target));
    return text.length;
}
