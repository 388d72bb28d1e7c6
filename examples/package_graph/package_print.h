/*
 * Rows with a figure on the left, and words that flow over lines.
 */
#ifndef PACKAGE_PRINT_H
#define PACKAGE_PRINT_H

#include <stddef.h>
#include <stdint.h>

enum {
    PRINT_FIGURE_COLUMNS = 12, /* a figure ends here */
    PRINT_TEXT_COLUMN = PRINT_FIGURE_COLUMNS + 2,
    PRINT_LAST_COLUMN = 78
};

struct print_figure {
    char text[32];
};

/* 1234567 as 1,234,567. */
struct print_figure print_grouped(uint64_t value);

/* Nanoseconds as milliseconds. */
struct print_figure print_ms(uint64_t ns);

void print_row(struct print_figure figure, const char *text);

/* Words in lines, all of which begin in the same column. Zero-initialise it to begin. */
struct print_flow {
    size_t column; /* where the line ends so far; 0: nothing stands in it */
};

/* A word with a mark right behind it. */
void print_flow_word(struct print_flow *flow, const char *word, const char *mark);
void print_flow_end(struct print_flow *flow);

#endif
