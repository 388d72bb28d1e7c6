/*
 * How far the loading is, on standard error.
 */
#ifndef PACKAGE_PROGRESS_H
#define PACKAGE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
    const char *what; /* is being done */
    bool is_on;
    bool is_terminal; /* one line, written over; otherwise a line for every tenth */
    size_t total;
    size_t done;
    size_t percent_shown;
};

/* `forced`: also if standard error is no terminal. */
struct progress progress_new(bool forced, const char *what);
void progress_begin(struct progress *progress, size_t total);
void progress_add(struct progress *progress, size_t step, size_t packages);
/* Clears the line. To be called before anything else is written. */
void progress_end(struct progress *progress);

#endif
