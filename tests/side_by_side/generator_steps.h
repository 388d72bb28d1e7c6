/* What a scenario is being made of: places and operations, chosen by chance. */
#ifndef RCYCLE_TESTS_GENERATOR_STEPS_H
#define RCYCLE_TESTS_GENERATOR_STEPS_H

#include "scenario_text.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GENERATOR_VARIABLES 6
#define GENERATOR_GLOBALS   4
#define GENERATOR_KEPT      32

/* See generator.h. */
enum family {
    FAMILY_ROOTS,
    FAMILY_CALM,
    FAMILY_WILD,
    FAMILY_MAPS,
    FAMILY_FULL,
    FAMILIES
};

/* What a variable probably holds: destructors may have changed it. */
enum guess {
    GUESS_OTHER,
    GUESS_OBJECT,
    GUESS_ARRAY
};

struct generator {
    struct scenario *scenario;
    uint64_t state;
    enum family family;
    enum family classes; /* whose classes new objects have */
    size_t variables;    /* in use by operations in general; another one is the maps' own key */
    enum guess guesses[GENERATOR_VARIABLES + GENERATOR_GLOBALS];
    int next_id;
    int nestings;
    int kept[GENERATOR_KEPT]; /* ids of objects whose destructors keep something */
    size_t kept_count;
};

struct spot {
    char text[32];
    size_t root; /* of the guesses */
    bool is_variable;
};

/* ---- chance ------------------------------------------------------------- */

uint64_t generator_random(struct generator *generator);
size_t generator_below(struct generator *generator, size_t limit);
bool generator_chance(struct generator *generator, size_t percent);

/* ---- lines -------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) void generator_emit(struct generator *generator,
                                                          const char *format, ...);

/* A new object of a class of the family at a place of any kind, or at that one. */
void generator_object(struct generator *generator);
void generator_object_at(struct generator *generator, struct spot spot);

/* A property of one object is set to another one. */
void generator_link(struct generator *generator);

/* One operation, or two or three that go together, of a kind that the family has. */
void generator_step(struct generator *generator);

#endif
