/*
 * Values for people.
 */
#include "values/array.h"
#include "values/instance.h"
#include "values/notes.h"
#include <inttypes.h>
#include <stdlib.h>

#define INDENT_SPACES  4
#define INDENT_DEEPEST 32

/* An array or object whose inside is being written. */
struct frame {
    const struct gc_object *object;
    size_t declared;   /* the next declared property */
    uint32_t position; /* the next element or added property */
};

struct dump {
    FILE *out;
    struct frame *stack;
    size_t depth;
    size_t capacity;
    struct rc_notes notes;
};

static bool push_frame(struct dump *dump, const struct gc_object *object)
{
    if (dump->depth == dump->capacity) {
        size_t capacity = dump->capacity == 0 ? 16 : dump->capacity * 2;
        struct frame *stack = realloc(dump->stack, capacity * sizeof *stack);
        if (stack == NULL) {
            return false;
        }
        dump->stack = stack;
        dump->capacity = capacity;
    }
    dump->stack[dump->depth++] = (struct frame){object, 0, 0};
    return true;
}

/* ---- pieces ------------------------------------------------------------- */

static void indent(const struct dump *dump, size_t depth)
{
    size_t levels = depth < INDENT_DEEPEST ? depth : INDENT_DEEPEST;
    fprintf(dump->out, "%*s", (int)(levels * INDENT_SPACES), "");
}

static void write_quoted(FILE *out, const char *bytes, size_t length)
{
    fputc('"', out);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte == '"' || byte == '\\') {
            fprintf(out, "\\%c", byte);
        } else if (byte < 0x20 || byte == 0x7f) {
            fprintf(out, "\\x%02x", byte);
        } else {
            fputc(byte, out);
        }
    }
    fputc('"', out);
}

static void write_plain(const struct dump *dump, const zval *value)
{
    FILE *out = dump->out;
    switch ((enum zval_type)(value->tag & RC_TAG_TYPE)) {
    case ZVAL_BOOL:
        fputs(value->payload.boolean ? "true" : "false", out);
        break;
    case ZVAL_INT:
        fprintf(out, "%" PRId64, value->payload.integer);
        break;
    case ZVAL_DOUBLE:
        fprintf(out, "double %.17g", value->payload.number);
        break;
    case ZVAL_STRING: {
        const struct rc_string *string = value->payload.counted;
        write_quoted(out, string->bytes, string->length);
        fprintf(out, " refcount=%" PRIu32, string->refcount);
        break;
    }
    case ZVAL_NATIVE: {
        const struct gc_object *object = value->payload.counted;
        const char *name = object->type->name;
        fprintf(out, "struct %s refcount=%" PRIu32, name == NULL ? "?" : name, object->refcount);
        break;
    }
    case ZVAL_WEAKREF: {
        const struct gc_weak *weak = value->payload.counted;
        fputs(weak->target == NULL ? "weakref to nothing" : "weakref", out);
        fprintf(out, " refcount=%" PRIu32, weak->refcount);
        break;
    }
    case ZVAL_WEAKMAP: {
        const struct rc_weakmap *map = value->payload.counted;
        fprintf(out, "weakmap(%zu) refcount=%" PRIu32, map->count, map->header.refcount);
        break;
    }
    case ZVAL_NULL:
        fputs("null", out);
        break;
    default:
        fputs("undefined", out);
        break;
    }
    fputc('\n', out);
}

static void write_title(const struct dump *dump, const zval *value, size_t number)
{
    const struct rc_array *array = rc__array_in(value);
    if (array != NULL) {
        fprintf(dump->out, "array(%" PRIu32 ") #%zu", array->table.count, number);
        return;
    }
    const struct zval_class *class_ = zval_class_of(value);
    bool named = class_ != NULL && class_->name != NULL;
    fprintf(dump->out, "object %s(%zu) #%zu", named ? class_->name : "", zval_property_count(value),
            number);
}

/* ---- nested values ------------------------------------------------------ */

/* False: no memory. */
static bool write_nested(struct dump *dump, const zval *value)
{
    const struct gc_object *object = value->payload.counted;
    bool is_new;
    struct rc_note *note = rc__notes_on(&dump->notes, object, NULL, &is_new);
    if (note == NULL) {
        return false;
    }
    write_title(dump, value, note->number);
    if (!is_new) {
        fputs(note->open ? ", a cycle\n" : ", shown above\n", dump->out);
        return true;
    }
    note->open = true;
    fprintf(dump->out, " refcount=%" PRIu32 " {\n", object->refcount);
    return push_frame(dump, object);
}

static bool write_value(struct dump *dump, const zval *value)
{
    if (zval_is_reference(value)) {
        fprintf(dump->out, "reference(%" PRIu32 ") ", zval_reference_count(value));
        value = rc__look_through(value);
    }
    if (value->tag == RC_TAG_ARRAY || value->tag == RC_TAG_INSTANCE) {
        return write_nested(dump, value);
    }
    write_plain(dump, value);
    return true;
}

static bool write_element(struct dump *dump, const struct rc_bucket *element)
{
    indent(dump, dump->depth);
    fputc('[', dump->out);
    if (element->name != NULL) {
        write_quoted(dump->out, element->name->bytes, element->name->length);
    } else {
        fprintf(dump->out, "%" PRId64, (int64_t)element->hash);
    }
    fputs("] => ", dump->out);
    return write_value(dump, &element->value);
}

static bool next_in_table(struct frame *frame, const struct rc_table *table,
                          struct rc_bucket *element)
{
    while (table != NULL && frame->position < table->used) {
        *element = rc__table_element(table, frame->position++);
        if (!rc__is_hole(&element->value)) {
            return true;
        }
    }
    return false;
}

static bool write_declared(struct dump *dump, const struct rc_instance *instance, size_t index)
{
    if (rc__is_undef(&instance->properties[index])) {
        return true;
    }
    indent(dump, dump->depth);
    fprintf(dump->out, "%s => ", instance->class_->properties[index]);
    return write_value(dump, &instance->properties[index]);
}

static void close_frame(struct dump *dump)
{
    bool is_new;
    const struct gc_object *object = dump->stack[--dump->depth].object;
    rc__notes_on(&dump->notes, object, NULL, &is_new)->open = false;
    indent(dump, dump->depth);
    fputs("}\n", dump->out);
}

/* Writes one more line of what is on top of the stack, or closes it. */
static bool step(struct dump *dump)
{
    struct frame *frame = &dump->stack[dump->depth - 1];
    const void *object = frame->object;
    const struct rc_table *table;
    struct rc_bucket element;
    if (rc__kind_of(object) == RC_KIND_INSTANCE) {
        const struct rc_instance *instance = object;
        if (frame->declared < instance->class_->property_count) {
            return write_declared(dump, instance, frame->declared++);
        }
        table = instance->added;
    } else {
        table = &((const struct rc_array *)object)->table;
    }
    if (next_in_table(frame, table, &element)) {
        return write_element(dump, &element);
    }
    close_frame(dump);
    return true;
}

void zval_dump(FILE *out, const zval *value)
{
    if (out == NULL) {
        return;
    }
    zval undefined = zval_undef();
    struct dump dump = {.out = out};
    bool going = write_value(&dump, value == NULL ? &undefined : value);
    while (going && dump.depth > 0) {
        going = step(&dump);
    }
    if (!going) {
        fputs("\n... no memory to show the rest\n", out);
    }
    free(dump.stack);
    rc__notes_end(&dump.notes);
}
