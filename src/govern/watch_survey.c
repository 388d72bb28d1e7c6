#include "govern/watch_survey.h"

#include "core/walk.h"
#include "inspect/objects.h"
#include <stdlib.h>
#include <string.h>

#define TABLE_LOG2         12
#define TABLE_SLOTS        ((size_t)1 << TABLE_LOG2)
#define TABLE_FULL         (TABLE_SLOTS / 4 * 3)
#define ENTRIES_MIN        4u
#define WALKS_WITHOUT_RISE 16u

struct rc_survey {
    uint32_t every;
    uint32_t until_next; /* requests until the next walk */
    uint64_t walk;       /* number of the one under way, or the last one */
    uint64_t least;      /* entries that a container must have to be noted */
    size_t count;        /* slots in use */
    bool overflowed;     /* in this walk something found no slot */
    struct rc_surveyed slots[TABLE_SLOTS];
    struct rc_survey_trend trends[RC_SURVEY_TRENDS];
};

struct rc_survey *rc__survey_new(uint32_t every)
{
    struct rc_survey *survey = calloc(1, sizeof *survey);
    if (survey != NULL) {
        survey->every = survey->until_next = every;
        survey->least = ENTRIES_MIN;
    }
    return survey;
}

void rc__survey_end(struct rc_survey *survey)
{
    for (size_t i = 0; survey != NULL && i < RC_SURVEY_TRENDS; i++) {
        free(survey->trends[i].trend);
    }
    free(survey);
}

uint32_t rc__survey_every(const struct rc_survey *survey)
{
    return survey->every;
}

/* ---- the table: open addressing, linear probing -------------------------- */

static size_t home_of(const void *key)
{
    return (size_t)(((uint64_t)(uintptr_t)key >> 4) * 0x9e3779b97f4a7c15u >> (64 - TABLE_LOG2));
}

static struct rc_surveyed *slot_of(struct rc_survey *survey, const void *key)
{
    size_t i = home_of(key);
    while (survey->slots[i].key != NULL && survey->slots[i].key != key) {
        i = (i + 1) % TABLE_SLOTS;
    }
    return &survey->slots[i];
}

static struct rc_surveyed *note(struct rc_survey *survey, const void *key, bool is_type)
{
    struct rc_surveyed *surveyed = slot_of(survey, key);
    if (surveyed->key != NULL) {
        return surveyed;
    }
    if (survey->count >= TABLE_FULL) {
        survey->overflowed = true;
        return NULL;
    }
    survey->count++;
    *surveyed = (struct rc_surveyed){.key = key, .is_type = is_type};
    return surveyed;
}

static void take_trend_away(struct rc_survey *survey, struct rc_surveyed *surveyed)
{
    if (surveyed->trend != 0) {
        survey->trends[surveyed->trend - 1].key = NULL;
        surveyed->trend = 0;
    }
}

/* Moves later ones of the run back into the gap, so that no search ends too early. */
static void forget(struct rc_survey *survey, size_t gap)
{
    take_trend_away(survey, &survey->slots[gap]);
    survey->count--;
    for (size_t i = (gap + 1) % TABLE_SLOTS; survey->slots[i].key != NULL;
         i = (i + 1) % TABLE_SLOTS) {
        size_t home = home_of(survey->slots[i].key);
        if (((i - home) % TABLE_SLOTS) >= ((i - gap) % TABLE_SLOTS)) {
            survey->slots[gap] = survey->slots[i];
            gap = i;
        }
    }
    survey->slots[gap] = (struct rc_surveyed){.key = NULL};
}

/* ---- trends -------------------------------------------------------------- */

/* One that is nobody's, or that of what has not risen for the longest time; NULL: all rise. */
static struct rc_survey_trend *find_trend(struct rc_survey *survey)
{
    struct rc_survey_trend *longest = NULL;
    uint64_t rose_first = survey->walk > WALKS_WITHOUT_RISE ? survey->walk - WALKS_WITHOUT_RISE : 0;
    for (size_t i = 0; i < RC_SURVEY_TRENDS; i++) {
        struct rc_survey_trend *entry = &survey->trends[i];
        if (entry->key == NULL) {
            return entry;
        }
        const struct rc_surveyed *owner = slot_of(survey, entry->key);
        if (owner->rose < rose_first) {
            rose_first = owner->rose;
            longest = entry;
        }
    }
    return longest;
}

static void give_trend(struct rc_survey *survey, struct rc_surveyed *surveyed)
{
    struct rc_survey_trend *entry = find_trend(survey);
    if (entry == NULL) {
        return;
    }
    if (entry->trend == NULL) {
        entry->trend = malloc(sizeof *entry->trend);
    }
    if (entry->trend == NULL) {
        return;
    }
    if (entry->key != NULL) {
        take_trend_away(survey, slot_of(survey, entry->key));
    }
    memset(entry->trend, 0, sizeof *entry->trend);
    entry->key = surveyed->key;
    surveyed->trend = (uint32_t)(entry - survey->trends) + 1;
}

static void begin_anew(struct rc_survey *survey, struct rc_surveyed *surveyed)
{
    take_trend_away(survey, surveyed);
    surveyed->rose = 0;
}

/* What the walk found for it. */
static void keep(struct rc_survey *survey, struct rc_surveyed *surveyed, uint64_t number)
{
    if (number < surveyed->number / 2) {
        begin_anew(survey, surveyed);
    } else if (surveyed->seen != 0 && number > surveyed->number) {
        surveyed->rose = survey->walk;
    }
    surveyed->number = number;
    surveyed->seen = survey->walk;
    if (surveyed->trend == 0 && surveyed->rose == survey->walk) {
        give_trend(survey, surveyed);
    }
    if (surveyed->trend != 0) {
        rc__trend_add(survey->trends[surveyed->trend - 1].trend, number);
    }
}

/* ---- the walk ------------------------------------------------------------ */

static uint64_t entries_of(const struct gc_object *object)
{
    const void *layout = object;
    switch (rc__kind_of(object)) {
    case RC_KIND_ARRAY:
        return ((const struct rc_array *)layout)->table.count;
    case RC_KIND_INSTANCE: {
        const struct rc_table *added = ((const struct rc_instance *)layout)->added;
        return added == NULL ? 0 : added->count;
    }
    case RC_KIND_WEAKMAP:
        return ((const struct rc_weakmap *)layout)->count;
    default:
        return 0;
    }
}

/* Counts the objects of each type in `number`, from 0 on in each walk. */
static void count_type(struct rc_survey *survey, const void *type)
{
    struct rc_surveyed *surveyed = note(survey, type, true);
    if (surveyed != NULL) {
        surveyed->counted++;
    }
}

static void look_at(void *context, struct gc_object *object)
{
    struct rc_survey *survey = context;
    uint64_t entries = entries_of(object);
    const void *type = rc__type_of_object(object);
    if (entries >= survey->least) {
        struct rc_surveyed *surveyed = note(survey, object, false);
        if (surveyed != NULL) {
            keep(survey, surveyed, entries);
        }
    }
    if (type != NULL) {
        count_type(survey, type);
    }
}

/* Types keep what was counted. What was not seen is gone, or too small now. */
static void settle(struct rc_survey *survey)
{
    for (size_t i = 0; i < TABLE_SLOTS; i++) {
        struct rc_surveyed *surveyed = &survey->slots[i];
        if (surveyed->key != NULL && surveyed->is_type && surveyed->counted > 0) {
            keep(survey, surveyed, surveyed->counted);
            surveyed->counted = 0;
        }
    }
    for (size_t i = TABLE_SLOTS; i-- > 0;) {
        const struct rc_surveyed *surveyed = &survey->slots[i];
        while (surveyed->key != NULL && surveyed->seen != survey->walk) {
            forget(survey, i);
        }
    }
}

static void set_least(struct rc_survey *survey)
{
    if (survey->overflowed) {
        survey->least *= 2;
    } else if (survey->count < TABLE_SLOTS / 8 && survey->least > ENTRIES_MIN) {
        survey->least /= 2;
    }
    survey->overflowed = false;
}

void rc__survey_request(struct rc_survey *survey, struct gc_heap *heap)
{
    if (--survey->until_next > 0 || heap->collecting || heap->ending) {
        survey->until_next += survey->until_next == 0;
        return;
    }
    survey->until_next = survey->every;
    survey->walk++;
    rc__for_each_object(heap, look_at, survey);
    settle(survey);
    set_least(survey);
}

const struct rc_trend *rc__survey_trend_of(const struct rc_survey *survey,
                                           const struct rc_surveyed *surveyed)
{
    return survey->trends[surveyed->trend - 1].trend;
}

void rc__survey_for_each(const struct rc_survey *survey, rc_suspect_action action, void *context)
{
    for (size_t i = 0; i < TABLE_SLOTS; i++) {
        const struct rc_surveyed *surveyed = &survey->slots[i];
        if (surveyed->key != NULL && surveyed->trend != 0) {
            action(context, surveyed, rc__survey_trend_of(survey, surveyed));
        }
    }
}
