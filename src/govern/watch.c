#include "govern/watch_state.h"

#include "base/clock.h"
#include "core/current.h"
#include "govern/watch_size.h"
#include "govern/watch_survey.h"
#include "values/instance.h"
#include "values/weak_values.h"
#include <rcycle/weak.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS_BETWEEN_MARKS 256

/* ---- the heap's watches ------------------------------------------------- */

static void free_watch(struct gc_watch *watch)
{
    free(watch->property);
    free(watch);
}

/* The heap is no more, and weak handles in it are not to be released. */
static void end_watches(struct rc_attachment *attachment)
{
    struct rc_watches *watches = (struct rc_watches *)(void *)attachment;
    while (watches->first != NULL) {
        struct gc_watch *watch = watches->first;
        watches->first = watch->next;
        free_watch(watch);
    }
    rc__survey_end(watches->survey);
    free(watches);
}

struct rc_watches *rc__watches_of(const struct gc_heap *heap)
{
    return (struct rc_watches *)(void *)rc__attachment_of(heap, end_watches);
}

struct rc_watches *rc__watches_for(struct gc_heap *heap)
{
    struct rc_watches *watches =
        (struct rc_watches *)(void *)rc__attach(heap, sizeof *watches, end_watches);
    if (watches != NULL) {
        watches->heap = heap;
    }
    return watches;
}

static struct rc_watches *current_watches(void)
{
    const struct gc_heap *heap = rc__heap_current();
    return heap == NULL ? NULL : rc__watches_of(heap);
}

/* ---- beginning and ending ----------------------------------------------- */

static struct gc_watch *new_watch(const char *name, enum rc_watch_kind kind)
{
    struct gc_heap *heap = name == NULL ? NULL : rc__heap_current();
    struct rc_watches *watches = heap == NULL ? NULL : rc__watches_for(heap);
    struct gc_watch *watch = watches == NULL ? NULL : calloc(1, sizeof *watch);
    if (watch != NULL) {
        watch->watches = watches;
        watch->kind = kind;
        strncpy(watch->name, name, sizeof watch->name - 1);
    }
    return watch;
}

static struct gc_watch *begin(struct gc_watch *watch)
{
    struct rc_watches *watches = watch->watches;
    if (watches->last == NULL) {
        watches->first = watch;
    } else {
        watches->last->next = watch;
    }
    watches->last = watch;
    return watch;
}

/* A watch that does not keep its object. */
static struct gc_watch *new_weak_watch(const char *name, enum rc_watch_kind kind, void *object)
{
    struct gc_watch *watch = object == NULL ? NULL : new_watch(name, kind);
    if (watch == NULL) {
        return NULL;
    }
    watch->weak = gc_weak_new(object);
    if (watch->weak == NULL) {
        free_watch(watch);
        return NULL;
    }
    return watch;
}

struct gc_watch *gc_watch_variable(const char *name, const zval *variable)
{
    struct gc_watch *watch = variable == NULL ? NULL : new_watch(name, RC_WATCH_VARIABLE);
    if (watch == NULL) {
        return NULL;
    }
    watch->variable = variable;
    return begin(watch);
}

struct gc_watch *gc_watch_property(const char *name, const zval *object, const char *property)
{
    struct rc_instance *instance = property == NULL ? NULL : rc__instance_in(object);
    struct gc_watch *watch = new_weak_watch(name, RC_WATCH_PROPERTY, instance);
    if (watch == NULL) {
        return NULL;
    }
    watch->property = strdup(property);
    if (watch->property == NULL) {
        gc_weak_release(watch->weak);
        free_watch(watch);
        return NULL;
    }
    return begin(watch);
}

struct gc_watch *gc_watch_object(const char *name, void *object,
                                 uint64_t (*entries)(const void *object))
{
    struct gc_watch *watch = entries == NULL ? NULL : new_weak_watch(name, RC_WATCH_OBJECT, object);
    if (watch == NULL) {
        return NULL;
    }
    watch->entries = entries;
    return begin(watch);
}

struct gc_watch *gc_watch_number(const char *name, uint64_t (*number)(void *context), void *context)
{
    struct gc_watch *watch = number == NULL ? NULL : new_watch(name, RC_WATCH_NUMBER);
    if (watch == NULL) {
        return NULL;
    }
    watch->number = number;
    watch->context = context;
    return begin(watch);
}

void gc_watch_end(struct gc_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    struct rc_watches *watches = watch->watches;
    if (watches->looking) {
        watch->ended = true;
        return;
    }
    struct gc_watch *before = NULL;
    for (struct gc_watch *other = watches->first; other != watch; other = other->next) {
        before = other;
    }
    if (before == NULL) {
        watches->first = watch->next;
    } else {
        before->next = watch->next;
    }
    if (watches->last == watch) {
        watches->last = before;
    }
    gc_weak_release(watch->weak);
    free_watch(watch);
}

struct gc_watch *gc_watch_next(const struct gc_watch *watch)
{
    if (watch != NULL) {
        return watch->next;
    }
    const struct rc_watches *watches = current_watches();
    return watches == NULL ? NULL : watches->first;
}

/* ---- looking ------------------------------------------------------------ */

/* The object that the watch does not keep; NULL: it is gone. Nobody gets hold of it. */
static struct gc_object *weak_target(const struct gc_watch *watch)
{
    struct gc_object *target = watch->weak == NULL ? NULL : watch->weak->target;
    return target != NULL && rc__is_alive(target) ? target : NULL;
}

const zval *rc__watched_value(const struct gc_watch *watch)
{
    if (watch->kind == RC_WATCH_VARIABLE) {
        return watch->variable;
    }
    struct gc_object *target = weak_target(watch);
    if (watch->kind != RC_WATCH_PROPERTY || target == NULL) {
        return NULL;
    }
    zval object = rc__value_of_identity(target);
    return zval_property_get(&object, watch->property);
}

static uint64_t entries_in(const zval *value)
{
    size_t bytes;
    switch (zval_type_of(value)) {
    case ZVAL_ARRAY:
        return zval_array_count(value);
    case ZVAL_OBJECT:
        return zval_property_count(value);
    case ZVAL_WEAKMAP:
        return zval_weakmap_count(value);
    case ZVAL_STRING:
        zval_string_bytes(value, &bytes);
        return bytes;
    default:
        return 0;
    }
}

static bool is_gone(const struct gc_watch *watch)
{
    return watch->weak != NULL && weak_target(watch) == NULL;
}

static uint64_t number_of(const struct gc_watch *watch)
{
    switch (watch->kind) {
    case RC_WATCH_NUMBER:
        return watch->number(watch->context);
    case RC_WATCH_OBJECT:
        return watch->entries(weak_target(watch));
    default:
        return entries_in(rc__watched_value(watch));
    }
}

static void keep_pace(struct rc_watches *watches)
{
    struct rc_pace *pace = &watches->pace;
    if (watches->requests == 1 ||
        watches->requests - pace->mark_requests[1] >= REQUESTS_BETWEEN_MARKS) {
        bool is_first = watches->requests == 1;
        uint64_t now_ns = rc__clock_ns();
        pace->mark_ns[0] = is_first ? now_ns : pace->mark_ns[1];
        pace->mark_requests[0] = is_first ? 1 : pace->mark_requests[1];
        pace->mark_ns[1] = now_ns;
        pace->mark_requests[1] = watches->requests;
    }
}

/* Callbacks may do what they like, but for ending the heap; watches that they end go afterwards. */
static void look_at_all(struct rc_watches *watches)
{
    watches->looking = true;
    struct gc_heap *before = rc__current_enter(watches->heap);
    for (struct gc_watch *watch = watches->first; watch != NULL; watch = watch->next) {
        if (!watch->ended && !is_gone(watch)) {
            rc__trend_add(&watch->trend, number_of(watch));
        }
    }
    rc__current_leave(watches->heap, before);
    watches->looking = false;
}

static void end_those_that_were_ended(struct rc_watches *watches)
{
    struct gc_watch *next;
    for (struct gc_watch *watch = watches->first; watch != NULL; watch = next) {
        next = watch->next;
        if (watch->ended) {
            gc_watch_end(watch);
        }
    }
}

void gc_watch_request(void)
{
    struct rc_watches *watches = current_watches();
    if (watches == NULL || watches->looking) {
        return;
    }
    watches->requests++;
    keep_pace(watches);
    rc__trend_add(&watches->heap_bytes, rc__space_used_bytes(&watches->heap->space));
    look_at_all(watches);
    end_those_that_were_ended(watches);
    if (watches->survey != NULL) {
        rc__survey_request(watches->survey, watches->heap);
    }
    rc__space_trim_idle(&watches->heap->space);
}

/* ---- reports ------------------------------------------------------------ */

static double ns_per_request(const struct rc_watches *watches)
{
    const struct rc_pace *pace = &watches->pace;
    uint64_t requests = watches->requests - pace->mark_requests[0];
    return requests == 0 ? 0 : (double)(rc__clock_ns() - pace->mark_ns[0]) / (double)requests;
}

static uint64_t whole(double number)
{
    return number >= 18446744073709551615.0 ? UINT64_MAX : (uint64_t)number;
}

static void forecast(const struct rc_watches *watches, struct gc_watch_report *report)
{
    const struct rc_space *space = &watches->heap->space;
    bool reaches_limit = space->limit_bytes != SIZE_MAX && report->bytes_per_request > 0 &&
                         report->verdict >= GC_WATCH_RISING;
    report->requests_to_limit = report->ns_to_limit = UINT64_MAX;
    if (reaches_limit) {
        size_t used = rc__space_used_bytes(space);
        double left = used < space->limit_bytes ? (double)(space->limit_bytes - used) : 0;
        double requests = left / report->bytes_per_request;
        report->requests_to_limit = whole(requests);
        report->ns_to_limit = whole(requests * ns_per_request(watches));
    }
}

void rc__watch_fill(const struct rc_watches *watches, const struct rc_trend *trend,
                    double bytes_per_entry, struct gc_watch_report *report)
{
    struct rc_trend_verdict verdict = rc__trend_verdict(trend);
    report->verdict = verdict.verdict;
    report->entries_per_request = verdict.growth_per_sample;
    report->bytes_per_request = verdict.growth_per_sample * bytes_per_entry;
    report->confidence = verdict.confidence;
    report->entries = trend->last;
    report->most_entries = trend->most;
    report->requests = trend->samples;
    forecast(watches, report);
}

enum gc_result gc_watch_look(const struct gc_watch *watch, struct gc_watch_report *report)
{
    if (watch == NULL || report == NULL) {
        return GC_EINVAL;
    }
    *report = (struct gc_watch_report){.name = watch->name, .gone = is_gone(watch)};
    const zval *value = rc__watched_value(watch);
    rc__watch_fill(watch->watches, &watch->trend, rc__bytes_per_entry(value), report);
    return GC_OK;
}

enum gc_result gc_watch_look_at_heap(struct gc_watch_report *report)
{
    const struct rc_watches *watches = current_watches();
    if (report == NULL) {
        return GC_EINVAL;
    }
    if (watches == NULL) {
        return GC_ENOKEY;
    }
    *report = (struct gc_watch_report){.name = "heap"};
    rc__watch_fill(watches, &watches->heap_bytes, 1, report);
    return GC_OK;
}

const char *gc_watch_verdict_text(enum gc_watch_verdict verdict)
{
    switch (verdict) {
    case GC_WATCH_TOO_EARLY:
        return "too early to say";
    case GC_WATCH_STEADY:
        return "steady";
    case GC_WATCH_STOPPED:
        return "grew and stopped";
    case GC_WATCH_SLOWING:
        return "growing ever more slowly";
    case GC_WATCH_RISING:
        return "growing, not for long";
    case GC_WATCH_GROWING:
        return "growing without bound";
    }
    return "unknown verdict";
}
