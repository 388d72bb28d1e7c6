#include "package_paragraph.h"

#include <string.h>
#include <strings.h>

static const char *const field_names[FIELD_COUNT] = {
    [FIELD_PACKAGE] = "Package",         [FIELD_VERSION] = "Version",
    [FIELD_SECTION] = "Section",         [FIELD_INSTALLED_SIZE] = "Installed-Size",
    [FIELD_STATUS] = "Status",           [FIELD_PROVIDES] = "Provides",
    [FIELD_PRE_DEPENDS] = "Pre-Depends", [FIELD_DEPENDS] = "Depends",
    [FIELD_RECOMMENDS] = "Recommends",
};

struct line {
    const char *bytes;
    size_t length; /* without the line end, be it LF or CR LF, and white space before it */
};

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static bool next_line(struct paragraph_reader *reader, struct line *line)
{
    const struct package_text *text = reader->text;
    size_t left = text->length - reader->offset;
    if (left == 0) {
        return false;
    }
    line->bytes = text->bytes + reader->offset;
    const char *end = memchr(line->bytes, '\n', left);
    line->length = end == NULL ? left : (size_t)(end - line->bytes);
    reader->offset += line->length + (end != NULL);
    reader->line++;
    while (line->length > 0 && is_space(line->bytes[line->length - 1])) {
        line->length--;
    }
    return true;
}

/* ---- one line ------------------------------------------------------------- */

/* How many bytes a field's name has at the start of the line; 0: it does not begin with one. */
static size_t name_length(const struct line *line)
{
    size_t length = 0;
    while (length < line->length && line->bytes[length] > ' ' && line->bytes[length] < 0x7f &&
           line->bytes[length] != ':') {
        length++;
    }
    bool is_name = length > 0 && length < line->length && line->bytes[length] == ':' &&
                   line->bytes[0] != '#' && line->bytes[0] != '-';
    return is_name ? length : 0;
}

static enum field_name field_named(const char *name, size_t length)
{
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (strlen(field_names[i]) == length && strncasecmp(field_names[i], name, length) == 0) {
            return (enum field_name)i;
        }
    }
    return FIELD_COUNT;
}

static void set_value(struct field *field, const struct line *line, size_t begin)
{
    while (begin < line->length && is_space(line->bytes[begin])) {
        begin++;
    }
    field->bytes = line->bytes + begin;
    field->length = line->length - begin;
}

/* A field that is not wanted is read into `other`. `*last` is where a continuation belongs. */
static bool begin_field(const struct paragraph_reader *reader, const struct line *line,
                        struct paragraph *paragraph, struct field *other, struct field **last,
                        struct complaint *complaint)
{
    size_t length = name_length(line);
    if (length == 0) {
        return complain(complaint, reader->text->name, reader->line,
                        "a line \"Field: value\" was expected, not %s",
                        package_text_excerpt(line->bytes, line->length).text);
    }
    enum field_name name = field_named(line->bytes, length);
    *last = name == FIELD_COUNT ? other : &paragraph->fields[name];
    if (*last != other && (*last)->bytes != NULL) {
        return complain(complaint, reader->text->name, reader->line,
                        "%s for the second time in this paragraph; the first is in line %zu",
                        field_names[name], (*last)->line);
    }
    (*last)->line = reader->line;
    set_value(*last, line, length + 1);
    return true;
}

static bool continue_field(const struct paragraph_reader *reader, const struct line *line,
                           struct field *last, struct complaint *complaint)
{
    if (last == NULL) {
        return complain(complaint, reader->text->name, reader->line,
                        "a continuation line, but no field before it");
    }
    last->length = (size_t)(line->bytes + line->length - last->bytes);
    return true;
}

/* ---- one paragraph -------------------------------------------------------- */

enum reading paragraph_next(struct paragraph_reader *reader, struct paragraph *paragraph,
                            struct complaint *complaint)
{
    struct field other = {NULL, 0, 0};
    struct field *last = NULL;
    struct line line;
    *paragraph = (struct paragraph){.line = 0};
    while (next_line(reader, &line)) {
        if (line.length == 0) {
            if (last != NULL) {
                return READING_ITEM;
            }
            continue;
        }
        bool is_read = is_space(line.bytes[0])
                           ? continue_field(reader, &line, last, complaint)
                           : begin_field(reader, &line, paragraph, &other, &last, complaint);
        if (!is_read) {
            return READING_BROKEN;
        }
        if (paragraph->line == 0) {
            paragraph->line = reader->line;
        }
    }
    return last != NULL ? READING_ITEM : READING_END;
}
