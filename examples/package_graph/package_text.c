#include "package_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- complaints ----------------------------------------------------------- */

/* Keeps what could break a line, or steer a terminal, from being printed. */
static void mask(char *text, unsigned char highest)
{
    for (; *text != '\0'; text++) {
        unsigned char code = (unsigned char)*text;
        if (code < 0x20 || code == 0x7f || code > highest) {
            *text = '?';
        }
    }
}

bool complain(struct complaint *complaint, const char *name, size_t line, const char *format, ...)
{
    char what[240];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    if (line == 0) {
        snprintf(complaint->line, sizeof complaint->line, "%.700s: %s", name, what);
    } else {
        snprintf(complaint->line, sizeof complaint->line, "%.700s:%zu: %s", name, line, what);
    }
    mask(complaint->line, 0xff);
    return false;
}

struct excerpt package_text_excerpt(const char *bytes, size_t length)
{
    struct excerpt excerpt;
    size_t shown = length > 36 ? 36 : length;
    snprintf(excerpt.text, sizeof excerpt.text, "\"%.*s%s\"", (int)shown, bytes,
             shown < length ? "..." : "");
    mask(excerpt.text, 0x7e);
    return excerpt;
}

/* ---- reading -------------------------------------------------------------- */

static bool grow(struct package_text *text, size_t *capacity)
{
    size_t wanted = *capacity == 0 ? 1 << 16 : *capacity * 2;
    char *bytes = wanted > *capacity ? realloc(text->bytes, wanted) : NULL;
    if (bytes == NULL) {
        return false;
    }
    text->bytes = bytes;
    *capacity = wanted;
    return true;
}

static bool read_all(struct package_text *text, FILE *file, struct complaint *complaint)
{
    size_t capacity = 0;
    while (!feof(file)) {
        if (text->length == capacity && !grow(text, &capacity)) {
            return complain(complaint, text->name, 0, "there is no memory for its text");
        }
        text->length += fread(text->bytes + text->length, 1, capacity - text->length, file);
        if (ferror(file)) {
            return complain(complaint, text->name, 0, "cannot be read: %s", strerror(errno));
        }
    }
    return true;
}

/* ---- what no index is ----------------------------------------------------- */

static const char *packed_format(const struct package_text *text)
{
    static const struct {
        const char *name;
        const char *magic;
    } formats[] = {{"gzip", "\x1f\x8b"},
                   {"xz", "\xfd"
                          "7zXZ"},
                   {"lz4", "\x04\x22\x4d\x18"},
                   {"zstd", "\x28\xb5\x2f\xfd"},
                   {"bzip2", "BZh"}};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        size_t length = strlen(formats[i].magic);
        if (text->length >= length && memcmp(text->bytes, formats[i].magic, length) == 0) {
            return formats[i].name;
        }
    }
    return NULL;
}

size_t package_text_line_at(const struct package_text *text, const char *end)
{
    size_t line = 1;
    for (const char *byte = text->bytes; byte < end; byte++) {
        line += *byte == '\n';
    }
    return line;
}

static bool check(const struct package_text *text, struct complaint *complaint)
{
    if (text->length == 0) {
        return true;
    }
    const char *format = packed_format(text);
    if (format != NULL) {
        return complain(complaint, text->name, 1, "this is packed by %s: unpack it first", format);
    }
    const char *zero = memchr(text->bytes, '\0', text->length);
    if (zero != NULL) {
        return complain(complaint, text->name, package_text_line_at(text, zero),
                        "a NUL byte: this is not text");
    }
    const char *last = text->bytes + text->length - 1;
    if (*last != '\n') {
        return complain(complaint, text->name, package_text_line_at(text, last),
                        "the file ends within this line: it was cut short");
    }
    return true;
}

bool package_text_read(struct package_text *text, const char *path, struct complaint *complaint)
{
    bool is_stdin = strcmp(path, "-") == 0;
    *text = (struct package_text){.name = is_stdin ? "standard input" : path};
    FILE *file = is_stdin ? stdin : fopen(path, "rb");
    if (file == NULL) {
        return complain(complaint, path, 0, "cannot be opened: %s", strerror(errno));
    }
    bool done = read_all(text, file, complaint) && check(text, complaint);
    if (!is_stdin) {
        fclose(file);
    }
    if (!done) {
        package_text_release(text);
    }
    return done;
}

void package_text_release(struct package_text *text)
{
    free(text->bytes);
    text->bytes = NULL;
    text->length = 0;
}
