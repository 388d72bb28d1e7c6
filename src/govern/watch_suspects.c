/*
 * What grows without a name: ranking, paths, and what is added.
 */
#include "core/current.h"
#include "govern/watch_size.h"
#include "govern/watch_state.h"
#include "govern/watch_survey.h"
#include "inspect/objects.h"
#include "inspect/path.h"
#include "values/table.h"
#include "values/weak_values.h"
#include <stdio.h>

#define PATHS_AT_ONCE 16

enum gc_result gc_watch_all(uint32_t every)
{
    struct gc_heap *heap = rc__heap_current();
    struct rc_watches *watches = heap == NULL ? NULL : rc__watches_for(heap);
    if (watches == NULL) {
        return GC_ENOMEM;
    }
    struct rc_survey *survey = every == 0 ? NULL : rc__survey_new(every);
    if (every > 0 && survey == NULL) {
        return GC_ENOMEM;
    }
    rc__survey_end(watches->survey);
    watches->survey = survey;
    return GC_OK;
}

/* ---- one suspect --------------------------------------------------------- */

static zval value_of(struct gc_object *object)
{
    return rc__kind_of(object) == RC_KIND_ARRAY ? rc__value_of(RC_TAG_ARRAY, object)
                                                : rc__value_of_identity(object);
}

static const char *name_of_value(const zval *value)
{
    static const char *const names[] = {
        [ZVAL_UNDEF] = "undefined", [ZVAL_NULL] = "null",     [ZVAL_BOOL] = "bool",
        [ZVAL_INT] = "int",         [ZVAL_DOUBLE] = "double", [ZVAL_STRING] = "string",
        [ZVAL_WEAKREF] = "weakref",
    };
    value = rc__look_through(value);
    if ((value->tag & RC_TAG_OBJECT) != 0) {
        return rc__name_of_object(value->payload.counted);
    }
    return names[zval_type_of(value)];
}

static const char *last_in_table(const struct rc_table *table)
{
    for (uint32_t i = table->used; i-- > 0;) {
        struct rc_bucket element = rc__table_element(table, i);
        if (!rc__is_hole(&element.value)) {
            return name_of_value(&element.value);
        }
    }
    return "";
}

static const char *last_in(const struct gc_object *object)
{
    const void *layout = object;
    switch (rc__kind_of(object)) {
    case RC_KIND_ARRAY:
        return last_in_table(&((const struct rc_array *)layout)->table);
    case RC_KIND_INSTANCE: {
        const struct rc_table *added = ((const struct rc_instance *)layout)->added;
        return added == NULL ? "" : last_in_table(added);
    }
    case RC_KIND_WEAKMAP: {
        const struct rc_weak_entry *last = ((const struct rc_weakmap *)layout)->last;
        return last == NULL ? "" : name_of_value(&last->value);
    }
    default:
        return "";
    }
}

static void per_request(struct gc_watch_report *report, uint32_t every)
{
    report->entries_per_request /= every;
    report->bytes_per_request /= every;
    report->requests *= every;
    if (report->requests_to_limit != UINT64_MAX) {
        report->requests_to_limit *= every;
        report->ns_to_limit *= every;
    }
}

/* ---- all of them --------------------------------------------------------- */

struct suspect {
    const struct rc_surveyed *surveyed;
    struct gc_object *object; /* the container, or an object of the type; NULL: none is left */
    struct gc_watch_report report;
};

struct gathering {
    const struct rc_watches *watches;
    struct suspect suspects[RC_SURVEY_TRENDS];
    size_t count;
};

static unsigned rank_of(enum gc_watch_verdict verdict)
{
    return verdict == GC_WATCH_GROWING ? 0 : verdict == GC_WATCH_RISING ? 1 : 2;
}

static bool comes_before(const struct suspect *left, const struct suspect *right)
{
    unsigned left_rank = rank_of(left->report.verdict);
    unsigned right_rank = rank_of(right->report.verdict);
    if (left_rank != right_rank) {
        return left_rank < right_rank;
    }
    return left->report.bytes_per_request > right->report.bytes_per_request;
}

static void sort(struct gathering *gathering)
{
    for (size_t i = 1; i < gathering->count; i++) {
        struct suspect suspect = gathering->suspects[i];
        size_t place = i;
        for (; place > 0 && comes_before(&suspect, &gathering->suspects[place - 1]); place--) {
            gathering->suspects[place] = gathering->suspects[place - 1];
        }
        gathering->suspects[place] = suspect;
    }
}

static void gather(void *context, const struct rc_surveyed *surveyed, const struct rc_trend *trend)
{
    struct gathering *gathering = context;
    if (rc__trend_verdict(trend).verdict >= GC_WATCH_SLOWING) {
        gathering->suspects[gathering->count++] = (struct suspect){.surveyed = surveyed};
    }
}

/* The survey knows addresses of some requests ago: only what is still there counts. */
static void find_object(void *context, struct gc_object *object)
{
    struct gathering *gathering = context;
    for (size_t i = 0; i < gathering->count; i++) {
        struct suspect *suspect = &gathering->suspects[i];
        const struct rc_surveyed *surveyed = suspect->surveyed;
        const void *key = surveyed->is_type ? rc__type_of_object(object) : object;
        if (key == surveyed->key) {
            suspect->object = object;
        }
    }
}

static void forget_what_is_gone(struct gathering *gathering)
{
    size_t kept = 0;
    for (size_t i = 0; i < gathering->count; i++) {
        if (gathering->suspects[i].object != NULL) {
            gathering->suspects[kept++] = gathering->suspects[i];
        }
    }
    gathering->count = kept;
}

static void judge(struct gathering *gathering)
{
    const struct rc_survey *survey = gathering->watches->survey;
    for (size_t i = 0; i < gathering->count; i++) {
        struct suspect *suspect = &gathering->suspects[i];
        const struct rc_surveyed *surveyed = suspect->surveyed;
        zval value = value_of(suspect->object);
        double bytes = surveyed->is_type ? (double)rc__bytes_of_object(suspect->object)
                                         : rc__bytes_per_entry(&value);
        rc__watch_fill(gathering->watches, rc__survey_trend_of(survey, surveyed), bytes,
                       &suspect->report);
        per_request(&suspect->report, rc__survey_every(survey));
        if (surveyed->is_type) {
            suspect->report.name = rc__name_of_object(suspect->object);
        }
    }
}

/* ---- what is told of them ------------------------------------------------ */

static void tell(const struct suspect *suspect, const struct rc_path *path, bool has_path,
                 struct gc_watch_suspect *told)
{
    bool is_type = suspect->surveyed->is_type;
    const char *added = is_type ? rc__name_of_object(suspect->object) : last_in(suspect->object);
    told->report = suspect->report;
    told->is_type = is_type;
    told->path[0] = '\0';
    if (has_path) {
        rc__path_write(path, told->path, sizeof told->path);
    }
    snprintf(told->added, sizeof told->added, "%s", added);
}

/* So many at once that their paths are looked for together. */
static void tell_some(struct gc_heap *heap, const struct suspect *suspects, size_t count,
                      struct gc_watch_suspect *told)
{
    struct rc_path paths[PATHS_AT_ONCE];
    for (size_t i = 0; i < count; i++) {
        paths[i] = (struct rc_path){.target = suspects[i].object};
    }
    bool have_paths = rc__paths_find(heap, paths, count);
    for (size_t i = 0; i < count; i++) {
        tell(&suspects[i], &paths[i], have_paths, &told[i]);
    }
}

size_t gc_watch_suspects(struct gc_watch_suspect *suspects, size_t capacity)
{
    struct gc_heap *heap = rc__heap_current();
    const struct rc_watches *watches = heap == NULL ? NULL : rc__watches_of(heap);
    if (watches == NULL || watches->survey == NULL) {
        return 0;
    }
    struct gathering gathering = {.watches = watches};
    rc__survey_for_each(watches->survey, gather, &gathering);
    rc__for_each_object(heap, find_object, &gathering);
    forget_what_is_gone(&gathering);
    judge(&gathering);
    sort(&gathering);
    size_t told = gathering.count < capacity ? gathering.count : capacity;
    told = suspects == NULL ? 0 : told;
    for (size_t done = 0; done < told; done += PATHS_AT_ONCE) {
        size_t part = told - done < PATHS_AT_ONCE ? told - done : PATHS_AT_ONCE;
        tell_some(heap, &gathering.suspects[done], part, &suspects[done]);
    }
    return gathering.count;
}
