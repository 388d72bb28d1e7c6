/*
 * Traces and how they compare.
 *
 * Lines that begin with ~ were printed by destructors. Those of one step are
 * compared as a set, all others one by one; a word that is ? on our side stands
 * for anything. README.md says which differences are none.
 */
#ifndef RCYCLE_TESTS_TRACES_H
#define RCYCLE_TESTS_TRACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct trace {
    char *text;
    char **lines;
    size_t count;
};

/* Takes over a text from malloc. */
void trace_begin(struct trace *trace, char *text);
void trace_end(struct trace *trace);

/* The ids of destructed objects, in order. Returns how many, at most `limit`. */
size_t trace_destructed(const struct trace *trace, long *ids, size_t limit);

enum comparison {
    TRACES_SAME,
    TRACES_DEPEND_ON_ORDER, /* they part where destructors ran in another order */
    TRACES_DIFFER
};

/* `*part` is set to the line at which they part. */
enum comparison traces_compare(const struct trace *php, const struct trace *ours, size_t *part);

/* Prints both from the last step before `part` on. */
void traces_print(FILE *out, const struct trace *php, const struct trace *ours, size_t part);

#endif
