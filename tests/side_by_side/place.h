/*
 * Places: a variable (v0), a global one (g0), and what can be reached from them
 * by properties and elements: v0.a, v1[k], v2.b[0].
 */
#ifndef RCYCLE_TESTS_PLACE_H
#define RCYCLE_TESTS_PLACE_H

#include <rcycle/rcycle.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLACE_STEPS 3

struct place_step {
    bool is_property;
    bool is_integer;
    int64_t key;
    char name[8];
};

struct place {
    zval *root;
    size_t depth;
    struct place_step steps[PLACE_STEPS];
};

/* False: the text is no place. */
bool place_parse(const char *text, struct place *place);

/* Whether what the place goes through has the type for it. It need not exist itself. */
bool place_fits(const struct place *place);

/* Lent; NULL: nothing is there. */
const zval *place_read(const struct place *place);

/* Owned; null: nothing is there. */
zval place_copy(const struct place *place);

/* For writing, made null if missing. */
zval *place_slot(const struct place *place);

/* PHP's `=` and `=&`. */
void place_set(const struct place *place, zval value);
void place_bind(const struct place *place, zval reference);

/* False: there is no such element, or it is one of those that scenarios leave alone. */
bool place_remove(const struct place *place);

/* To be said before an array is written to: notes if that separates it. */
void place_note_write(const zval *array);

#endif
