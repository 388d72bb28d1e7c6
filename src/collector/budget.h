/*
 * A budget of time, looked at every so many objects.
 */
#ifndef RCYCLE_COLLECTOR_BUDGET_H
#define RCYCLE_COLLECTOR_BUDGET_H

#include "base/clock.h"
#include "base/compiler.h"
#include <stdbool.h>
#include <stdint.h>

/* So few that the clock is read every few microseconds. */
#define RC_BUDGET_OBJECTS 128

struct rc_budget {
    int64_t objects_left; /* until the clock is read */
    uint64_t deadline_ns;
    uint64_t all_ns; /* from beginning to end */
};

static inline struct rc_budget rc__budget_unlimited(void)
{
    return (struct rc_budget){INT64_MAX, UINT64_MAX, UINT64_MAX};
}

static inline bool rc__budget_is_unlimited(const struct rc_budget *budget)
{
    return budget->deadline_ns == UINT64_MAX;
}

static inline struct rc_budget rc__budget_of_ns(uint64_t all_ns)
{
    uint64_t now_ns = rc__clock_ns();
    uint64_t deadline_ns = all_ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + all_ns;
    return (struct rc_budget){RC_BUDGET_OBJECTS, deadline_ns, all_ns};
}

/* For tests, which must not depend on the clock. */
static inline struct rc_budget rc__budget_of_objects(uint32_t objects)
{
    return (struct rc_budget){objects, 0, 0};
}

RC_INLINE void rc__budget_spend(struct rc_budget *budget, uint32_t objects)
{
    budget->objects_left -= objects;
}

RC_INLINE bool rc__budget_is_spent(struct rc_budget *budget)
{
    if (RC_LIKELY(budget->objects_left > 0)) {
        return false;
    }
    if (rc__clock_ns() >= budget->deadline_ns) {
        return true;
    }
    budget->objects_left = RC_BUDGET_OBJECTS;
    return false;
}

#endif
