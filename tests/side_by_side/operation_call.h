/* What an operation is called with, and the tables of operations. */
#ifndef RCYCLE_TESTS_OPERATION_CALL_H
#define RCYCLE_TESTS_OPERATION_CALL_H

#include "place.h"
#include "scenario_text.h"
#include <stdlib.h>

/* The words of a line, and what those are that are places. */
struct call {
    struct words words;
    struct place p; /* the first word behind the name */
    struct place q; /* the second */
};

static inline long call_number(const struct call *call, size_t word)
{
    return strtol(call->words.at[word], NULL, 10);
}

struct operation {
    const char *name;
    bool (*run)(const struct call *call); /* false: it does not fit what the variables hold */
};

/* Of weak references, weak maps, and what destructors kept; the last one has no name. */
extern const struct operation weak_operations[];

#endif
