#include "count_dump.h"

#include "world.h"
#include <inttypes.h>

/* An array whose elements are being printed, and the ones around it. */
struct frame {
    const void *array;
    const struct frame *around;
};

static void dump_value(FILE *out, const zval *value, uint32_t extra, const struct frame *around);

static bool is_around(const struct frame *frame, const void *array)
{
    while (frame != NULL && frame->array != array) {
        frame = frame->around;
    }
    return frame != NULL;
}

static void dump_array(FILE *out, const zval *array, uint32_t extra, const struct frame *around)
{
    struct zval_array_cursor cursor = {0};
    zval key;
    const zval *item;
    fprintf(out, "array(%zu) refcount(%" PRIu32 "){\n", zval_array_count(array),
            zval_refcount(array) + extra);
    while (zval_array_next(array, &cursor, &key, &item)) {
        if (zval_type_of(&key) == ZVAL_INT) {
            fprintf(out, "[%" PRId64 "]=>\n", zval_to_int(&key));
        } else {
            fprintf(out, "[\"%s\"]=>\n", zval_string_bytes(&key, NULL));
        }
        dump_value(out, item, 0, around);
    }
    fprintf(out, "}\n");
}

/* Looks through a reference to what the array's identity is. */
static const void *array_in(const zval *value)
{
    zval copy = zval_copy(value);
    const void *array = copy.payload.counted;
    zval_release(&copy);
    return array;
}

static void dump_content(FILE *out, const zval *value, uint32_t extra, const struct frame *around)
{
    switch (zval_type_of(value)) {
    case ZVAL_INT:
        fprintf(out, "int(%" PRId64 ")\n", zval_to_int(value));
        break;
    case ZVAL_STRING:
        fprintf(out, "string(4) \"%s\" interned\n", zval_string_bytes(value, NULL));
        break;
    case ZVAL_OBJECT: {
        const zval *id = zval_property_get(value, "id");
        fprintf(out, "object(%s) refcount(%" PRIu32 "){\n[\"id\"]=>\n", zval_class_of(value)->name,
                zval_refcount(value) + extra);
        dump_value(out, id, 0, NULL);
        fprintf(out, "}\n");
        break;
    }
    case ZVAL_ARRAY: {
        const struct frame frame = {array_in(value), around};
        if (is_around(around, frame.array)) {
            fprintf(out, "*RECURSION*\n");
        } else {
            dump_array(out, value, extra, &frame);
        }
        break;
    }
    default:
        fprintf(out, "NULL\n");
        break;
    }
}

static void dump_value(FILE *out, const zval *value, uint32_t extra, const struct frame *around)
{
    if (!zval_is_reference(value)) {
        dump_content(out, value, extra, around);
        return;
    }
    fprintf(out, "reference refcount(%" PRIu32 ") {\n", zval_reference_count(value));
    dump_content(out, value, extra, around);
    fprintf(out, "}\n");
}

/* A variable that is a reference is looked through, as by the call in PHP. */
void count_dump(FILE *out, const zval *value)
{
    dump_content(out, value, 1, NULL);
}
