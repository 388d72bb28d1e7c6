#include "package_relation.h"

#include <string.h>

static bool is_letter_or_digit(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

size_t relation_name_span(const char *bytes, size_t length)
{
    size_t span = 0;
    while (span < length &&
           (is_letter_or_digit(bytes[span]) || (span > 0 && strchr("+-._", bytes[span]) != NULL))) {
        span++;
    }
    return span;
}

/* The byte at the reader, behind white space; NUL at the end, as no text holds one. */
static char peek(struct relation_reader *reader)
{
    const struct field *field = reader->field;
    while (reader->offset < field->length &&
           strchr(" \t\r\n", field->bytes[reader->offset]) != NULL) {
        reader->offset++;
    }
    return reader->offset < field->length ? field->bytes[reader->offset] : '\0';
}

static struct excerpt rest_of(const struct relation_reader *reader)
{
    return package_text_excerpt(reader->field->bytes + reader->offset,
                                reader->field->length - reader->offset);
}

static size_t line_of(const struct relation_reader *reader)
{
    size_t line = reader->field->line;
    for (size_t i = 0; i < reader->offset; i++) {
        line += reader->field->bytes[i] == '\n';
    }
    return line;
}

static bool refuse(const struct relation_reader *reader, struct complaint *complaint,
                   const char *what)
{
    bool is_at_end = reader->offset == reader->field->length;
    return complain(complaint, reader->text->name, line_of(reader), "%s, not %s", what,
                    is_at_end ? "the end of the field" : rest_of(reader).text);
}

/* Takes a name, and gives its length. */
static size_t take_name(struct relation_reader *reader)
{
    size_t span = relation_name_span(reader->field->bytes + reader->offset,
                                     reader->field->length - reader->offset);
    reader->offset += span;
    return span;
}

static bool take_architecture(struct relation_reader *reader, struct complaint *complaint)
{
    if (peek(reader) != ':') {
        return true;
    }
    reader->offset++;
    if (take_name(reader) == 0) {
        return refuse(reader, complaint, "an architecture was expected behind ':'");
    }
    return true;
}

/* Takes bytes up to white space, a bracket or a divider, and gives their number. */
static size_t take_word(struct relation_reader *reader)
{
    size_t begin = reader->offset;
    while (reader->offset < reader->field->length &&
           strchr(" \t\r\n(),|", reader->field->bytes[reader->offset]) == NULL) {
        reader->offset++;
    }
    return reader->offset - begin;
}

static size_t take_operator(struct relation_reader *reader)
{
    size_t span = 0;
    while (span < 2 && reader->offset < reader->field->length &&
           strchr("<=>", reader->field->bytes[reader->offset]) != NULL) {
        reader->offset++;
        span++;
    }
    return span;
}

static bool take_version(struct relation_reader *reader, struct complaint *complaint)
{
    if (peek(reader) != '(') {
        return true;
    }
    reader->offset++;
    peek(reader);
    if (take_operator(reader) == 0) {
        return refuse(reader, complaint, "an operator such as >= was expected behind '('");
    }
    peek(reader);
    if (take_word(reader) == 0) {
        return refuse(reader, complaint, "a version was expected");
    }
    if (peek(reader) != ')') {
        return refuse(reader, complaint, "')' was expected");
    }
    reader->offset++;
    return true;
}

static bool take_divider(struct relation_reader *reader, struct complaint *complaint)
{
    char divider = peek(reader);
    if (divider != ',' && divider != '|' && divider != '\0') {
        return refuse(reader, complaint, "',' or '|' was expected");
    }
    reader->last_divider = divider;
    reader->offset += divider != '\0';
    return true;
}

enum reading relation_next(struct relation_reader *reader, struct alternative *alternative,
                           struct complaint *complaint)
{
    if (peek(reader) == '\0' && reader->last_divider == '\0') {
        return READING_END;
    }
    alternative->name = reader->field->bytes + reader->offset;
    alternative->length = take_name(reader);
    if (alternative->length == 0) {
        refuse(reader, complaint, "a package's name was expected");
        return READING_BROKEN;
    }
    if (!take_architecture(reader, complaint) || !take_version(reader, complaint) ||
        !take_divider(reader, complaint)) {
        return READING_BROKEN;
    }
    alternative->ends_relation = reader->last_divider != '|';
    return READING_ITEM;
}
