/*
 * Trends: whether a number that is sampled at each request grows without bound.
 *
 * Owns the history of one number, in constant memory: levels of windows, each
 * with the least and the most that the number was. A window of level 0 is 4
 * samples, one of each further level 4 windows of the level below; a level keeps
 * its last 64. So the last 256 samples are known in steps of 4, the last 1,024
 * in steps of 16, and so on to four million.
 *
 * What is judged is the *floor* of a window: the least that the number was then
 * or has been since. What a cache evicts, a queue empties or a clean-up removes
 * is not in it, only what stayed. The floors of a level are looked at whenever
 * it gets a window. The number grows without bound if on some level
 *
 *   1  there is enough to judge by: 40 windows on level 0, 16 on others;
 *   2  the growth is no accident: t = G / (s * sqrt(m)), with G the growth of the
 *      floor over m windows and s the standard deviation of the least's change
 *      from one to the next, is at least the root of 20, and more, the longer the
 *      number has been watched;
 *   3  it is spread: the floor grows in at least 6 of the 8 eighths, and in the
 *      last quarter;
 *   4  it does not slow down: the last three eighths grow as much as the second to
 *      the fourth, within what s allows and within a tenth. The same holds for all
 *      higher levels, unless the growth is faster than what these know of;
 *   5  it leads out of what has been: it is above all that the number was before
 *      the level's windows, by as much as the range that it had then;
 *   6  it was so nine times in a row on level 0, and four times on others.
 *
 * The first eighth has no part in 2 and 4: it may be a warm-up. In 5 a short peak
 * does not count.
 *
 * Rule 3 acquits the one large request, 4 the finite set of keys, the floor the
 * cache that evicts, 5 whatever goes up and down more slowly than a level knows.
 * What cannot be told apart by any rule is a leak and what is on its way to a
 * bound that it has not come near yet: n requests that each draw one of K keys
 * look like a leak while n is less than about the root of 30 K.
 *
 * Once it grows without bound that stands until the number is back where it was
 * in the first half of the level's windows, or a look at the same level finds that it slows down,
 * or grows less than half as fast.
 */
#ifndef RCYCLE_GOVERN_WATCH_TREND_H
#define RCYCLE_GOVERN_WATCH_TREND_H

#include <rcycle/watch.h>
#include <stdbool.h>
#include <stdint.h>

#define RC_TREND_LEVELS      8
#define RC_TREND_WINDOWS     64
#define RC_TREND_WINDOW_STEP 4

/* Samples until anything is said. */
#define RC_TREND_SAMPLES_MIN 160

struct rc_window {
    uint64_t least;
    uint64_t most;
};

/* What the last look at a level has found. */
struct rc_trend_finding {
    double growth_per_sample; /* of the floor */
    double recent_per_sample; /* in the last three eighths */
    double t_squared;         /* see rule 2 */
    bool grows;               /* rules 1 to 3 */
    bool slows;               /* against rule 4 */
    uint32_t streak;          /* times in a row that all of it was so */
};

struct rc_trend_level {
    struct rc_window windows[RC_TREND_WINDOWS]; /* a ring */
    uint32_t next;
    uint32_t count;
    struct rc_window open; /* the one that is being filled */
    uint32_t open_count;
    struct rc_trend_finding finding;
};

/* Zero-initialise to begin. */
struct rc_trend {
    uint64_t samples;
    uint64_t last;
    uint64_t most;
    uint64_t accused_beyond; /* what it was before it grew without bound */
    double accused_per_sample;
    uint32_t accused_level;
    bool accused; /* it grows without bound */
    struct rc_trend_level levels[RC_TREND_LEVELS];
};

void rc__trend_add(struct rc_trend *trend, uint64_t value);

struct rc_trend_verdict {
    enum gc_watch_verdict verdict;
    double growth_per_sample; /* if it grows */
    unsigned confidence;      /* percent, 0 to 99, if it grows without bound */
};

struct rc_trend_verdict rc__trend_verdict(const struct rc_trend *trend);

#endif
