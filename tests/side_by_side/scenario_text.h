/*
 * A scenario: a name, and operations in text, one a line. Both sides read the
 * same text, and what is left of a scenario without some of its lines is one.
 */
#ifndef RCYCLE_TESTS_SCENARIO_TEXT_H
#define RCYCLE_TESTS_SCENARIO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define SCENARIO_LINES 200
#define SCENARIO_LINE  48
#define LINE_WORDS     5

struct scenario {
    char name[SCENARIO_LINE]; /* begins with its family */
    size_t count;
    char lines[SCENARIO_LINES][SCENARIO_LINE];
};

struct words {
    char text[SCENARIO_LINE];
    const char *at[LINE_WORDS]; /* empty ones behind the last */
};

void words_split(const char *line, struct words *words);

/* Whether destructors of one step may depend on their order, as README.md defines it. */
bool scenario_may_depend_on_order(const struct scenario *scenario);

void scenario_write(FILE *out, const struct scenario *scenario);

/* The next scenario of a file. False: the end, or a scenario without one. */
bool scenario_read(FILE *in, struct scenario *scenario);

#endif
