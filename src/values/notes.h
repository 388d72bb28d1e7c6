/*
 * Notes on pairs of places that a walk over values has been to.
 */
#ifndef RCYCLE_VALUES_NOTES_H
#define RCYCLE_VALUES_NOTES_H

#include <stdbool.h>
#include <stddef.h>

struct rc_note {
    const void *left; /* NULL: a vacant slot */
    const void *right;
    size_t number; /* from 1 on, in the order they were made */
    bool open;     /* for the walk's own use; false at first */
};

/* Zero-initialise to begin. */
struct rc_notes {
    struct rc_note *slots;
    size_t capacity;
    size_t count;
};

/* The note on a pair, made if there is none (`is_new`); valid until the next call. NULL: no memory.
 */
struct rc_note *rc__notes_on(struct rc_notes *notes, const void *left, const void *right,
                             bool *is_new);

void rc__notes_end(struct rc_notes *notes);

#endif
