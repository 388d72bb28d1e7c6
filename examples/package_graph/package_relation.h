/*
 * What stands in Depends and its like: "a (>= 1.2), b | c:any", that is
 * relations, each a choice of alternatives. Versions and architectures are
 * checked for their form and then left aside.
 */
#ifndef PACKAGE_RELATION_H
#define PACKAGE_RELATION_H

#include "package_paragraph.h"

struct relation_reader {
    const struct package_text *text;
    const struct field *field;
    size_t offset;     /* in the field */
    char last_divider; /* ',' or '|': something must follow */
};

struct alternative {
    const char *name; /* a slice of the text */
    size_t length;
    bool ends_relation; /* no further alternative follows */
};

/* Begin with {.text = ..., .field = ...}. */
enum reading relation_next(struct relation_reader *reader, struct alternative *alternative,
                           struct complaint *complaint);

/* How many of the bytes, from the first on, can be a package's name. */
size_t relation_name_span(const char *bytes, size_t length);

#endif
