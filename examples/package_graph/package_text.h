/*
 * The text of an index, read whole, and what there is to complain about in it.
 *
 * The texts are the only memory of this program that is not the library's.
 */
#ifndef PACKAGE_TEXT_H
#define PACKAGE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Has the compiler check the arguments against the format. */
#if defined(__GNUC__)
#define PACKAGE_TEXT_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define PACKAGE_TEXT_PRINTF(text, first)
#endif

struct package_text {
    const char *name; /* for people */
    char *bytes;
    size_t length;
};

/* What is wrong with the input: one line, without its line end. */
struct complaint {
    char line[1024];
};

/* A few bytes of the input, in quotes and fit to be printed. */
struct excerpt {
    char text[48];
};

/* What a reader came to. */
enum reading {
    READING_ITEM,
    READING_END,
    READING_BROKEN /* the complaint says why */
};

/* Reads the file at `path`, "-" being standard input; on failure nothing is held. */
bool package_text_read(struct package_text *text, const char *path, struct complaint *complaint);
void package_text_release(struct package_text *text);

/* How many lines begin before `end`, which lies in the text. */
size_t package_text_line_at(const struct package_text *text, const char *end);

struct excerpt package_text_excerpt(const char *bytes, size_t length);

/* Always false, so that the caller can return it. Line 0: about the file as a whole. */
bool complain(struct complaint *complaint, const char *name, size_t line, const char *format, ...)
    PACKAGE_TEXT_PRINTF(4, 5);

#endif
