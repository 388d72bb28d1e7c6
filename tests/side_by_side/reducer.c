#include "reducer.h"

#include <stdlib.h>
#include <string.h>

static struct scenario without(const struct scenario *scenario, size_t from, size_t count)
{
    struct scenario shorter = *scenario;
    if (from + count > shorter.count) {
        count = shorter.count - from;
    }
    memmove(shorter.lines[from], shorter.lines[from + count],
            (shorter.count - from - count) * sizeof shorter.lines[0]);
    shorter.count -= count;
    return shorter;
}

/* Tries to leave out any one run of lines of that length. */
static bool shorten(struct scenario *scenario, size_t length, reducer_judge judge, void *context)
{
    size_t tries = (scenario->count + length - 1) / length;
    struct scenario *shorter = calloc(tries, sizeof *shorter);
    bool *disagree = calloc(tries, sizeof *disagree);
    if (shorter == NULL || disagree == NULL) {
        abort();
    }
    for (size_t i = 0; i < tries; i++) {
        shorter[i] = without(scenario, i * length, length);
    }
    judge(context, shorter, tries, disagree);
    bool found = false;
    for (size_t i = tries; i > 0 && !found; i--) {
        found = disagree[i - 1];
        if (found) {
            *scenario = shorter[i - 1];
        }
    }
    free(shorter);
    free(disagree);
    return found;
}

void scenario_reduce(struct scenario *scenario, reducer_judge judge, void *context)
{
    size_t length = scenario->count / 2;
    while (length > 0) {
        if (!shorten(scenario, length, judge, context)) {
            length /= 2;
        } else if (length > scenario->count) {
            length = scenario->count;
        }
    }
}
