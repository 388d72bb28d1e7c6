/*
 * The paragraphs of a package index: "Field: value" lines, one paragraph for
 * each package, empty lines between them. This form is called deb822.
 *
 * Nothing is copied: fields are slices of the text.
 */
#ifndef PACKAGE_PARAGRAPH_H
#define PACKAGE_PARAGRAPH_H

#include "package_text.h"

/* The fields that matter here. All others are read over. */
enum field_name {
    FIELD_PACKAGE,
    FIELD_VERSION,
    FIELD_SECTION,
    FIELD_INSTALLED_SIZE,
    FIELD_STATUS,
    FIELD_PROVIDES,
    FIELD_PRE_DEPENDS,
    FIELD_DEPENDS,
    FIELD_RECOMMENDS,
    FIELD_COUNT
};

struct field {
    const char *bytes; /* NULL: the paragraph has no such field */
    size_t length;     /* without white space at either end; continuation lines included */
    size_t line;
};

struct paragraph {
    size_t line; /* of its first field */
    struct field fields[FIELD_COUNT];
};

struct paragraph_reader {
    const struct package_text *text;
    size_t offset; /* of the next line */
    size_t line;   /* of the one before, from 1 */
};

/* Begin with {.text = ...}. */
enum reading paragraph_next(struct paragraph_reader *reader, struct paragraph *paragraph,
                            struct complaint *complaint);

#endif
