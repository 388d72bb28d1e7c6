/*
 * Large objects in releases that are cut: heaps in which a few places are many,
 * and what goes part by part in them. How far a part goes is counted, not timed.
 */
#ifndef RCYCLE_TESTS_LARGE_RELEASE_H
#define RCYCLE_TESTS_LARGE_RELEASE_H

#include "dying.h"

enum {
    PLACES_IN_A_PART = 8, /* a large object has more of them */
    PARTS = 20,
    PLACES = PARTS * PLACES_IN_A_PART
};

/* The current heap, which has a budget for releases: a part of a large object is a slice. */
void large_release_cut(void);

/* As fixture_begin(), with such a heap; and with a buffer for few possible roots. */
int large_release_begin(void **state);
int large_release_begin_small(void **state);

#define large_test(function) \
    cmocka_unit_test_setup_teardown(function, large_release_begin, fixture_end)
#define large_test_small(function) \
    cmocka_unit_test_setup_teardown(function, large_release_begin_small, fixture_end)

/* An array of new objects of dying_class. */
zval large_release_list(size_t count);

/* A struct that holds so many structs and objects that die visibly, and two structs more. Its hook
   is counted. */
struct listing *large_release_listing(size_t structs, size_t values);
extern int large_release_listings_freed;

/* Whether an object is taken apart part by part at the moment. */
bool large_release_is_open(void);

/* Lets an array go, and sees that it has gone in part. */
void large_release_begin_one(zval list);

/* Nothing waits and nothing is left, and so many destructors have run. */
void large_release_expect_gone(int destructors);

#endif
