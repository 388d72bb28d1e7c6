/*
 * The survey: growth in containers that nobody has named, and in the numbers of
 * objects of each type.
 *
 * At every so many requests it walks over the heap. Each container that has
 * enough entries is noted, by address; one that grows gets a trend. The same for
 * types. All of that is in tables of fixed size: where more containers are large
 * enough than fit, the bound is doubled, and the small ones are forgotten. What
 * has not grown for the longest time gives up its trend to what grows.
 *
 * A container that shrinks to less than half begins anew: it may be another one
 * at the same address.
 */
#ifndef RCYCLE_GOVERN_WATCH_SURVEY_H
#define RCYCLE_GOVERN_WATCH_SURVEY_H

#include "core/heap_state.h"
#include "govern/watch_trend.h"
#include <rcycle/watch.h>

#define RC_SURVEY_TRENDS 64

/* What is surveyed: a container, by its address, or the objects of a type, by that of the type. */
struct rc_surveyed {
    const void *key;  /* NULL: a vacant slot */
    uint64_t seen;    /* the walk in which it was seen last */
    uint64_t number;  /* entries, or objects */
    uint64_t counted; /* of a type: objects so far in this walk */
    uint64_t rose;    /* the walk in which that rose last */
    uint32_t trend;   /* which one it has, from 1 on; 0: none */
    bool is_type;
};

struct rc_survey_trend {
    const void *key;        /* whose it is; NULL: nobody's */
    struct rc_trend *trend; /* made when it is first needed */
};

struct rc_survey;

/* NULL: no memory. */
struct rc_survey *rc__survey_new(uint32_t every);
void rc__survey_end(struct rc_survey *survey);

/* A request is over. */
void rc__survey_request(struct rc_survey *survey, struct gc_heap *heap);

/* Calls back for all that have a trend. */
typedef void (*rc_suspect_action)(void *context, const struct rc_surveyed *surveyed,
                                  const struct rc_trend *trend);
void rc__survey_for_each(const struct rc_survey *survey, rc_suspect_action action, void *context);

/* Of one that has a trend. */
const struct rc_trend *rc__survey_trend_of(const struct rc_survey *survey,
                                           const struct rc_surveyed *surveyed);

uint32_t rc__survey_every(const struct rc_survey *survey);

#endif
