/*
 * What nearly every test needs: a heap of its own, and the proof at its end
 * that nothing was left alive.
 */
#ifndef RCYCLE_TESTS_FIXTURE_H
#define RCYCLE_TESTS_FIXTURE_H

#include <rcycle/rcycle.h>

/* For cmocka_unit_test_setup_teardown(): a heap with the given entries of the root buffer. */
int fixture_begin(void **state);       /* the default number of them */
int fixture_begin_small(void **state); /* 4 */

/* The same with options of the test's own. */
int fixture_begin_with(void **state, const struct gc_options *options);

/* Collects the heap, verifies it, and fails unless no node and no byte is in use. */
int fixture_end(void **state);

/* A test with fixture_begin() before and fixture_end() behind it. */
#define fixture_test(function) cmocka_unit_test_setup_teardown(function, fixture_begin, fixture_end)
#define fixture_test_small(function) \
    cmocka_unit_test_setup_teardown(function, fixture_begin_small, fixture_end)

/* An own struct with three links and a number, for tests that need one. */
struct fixture_node {
    struct gc_object gc;
    struct fixture_node *a;
    struct fixture_node *b;
    struct fixture_node *c;
    long number;
};

extern const struct gc_type fixture_node_type;

struct fixture_node *fixture_node_new(long number);

#endif
