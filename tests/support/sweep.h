/*
 * Sweeps of allocation failures, in the manner of jansson's test_chaos: a
 * script is run with the first allocation failing and all behind it, then with
 * the second, and so on until none fails. A script does not stop at a failure:
 * it goes on with what it has, as a chain of calls would.
 *
 * In the same way it is run under a memory limit of 16 bytes, of 32 and so on,
 * and with a heap whose limit is far away but which is looked at, and collected,
 * in the middle of every call: at its first allocation, at the next one, and so
 * on.
 *
 * Each call that is refused must leave all variables, nodes and bytes as they
 * were; after each attempt everything is released, and nothing may be left.
 */
#ifndef RCYCLE_TESTS_SWEEP_H
#define RCYCLE_TESTS_SWEEP_H

#include "checks.h"

#define SWEEP_VARIABLES 6

struct sweep {
    zval v[SWEEP_VARIABLES]; /* the script's variables; released when it is over */
    size_t refused;          /* calls that failed so far */
    enum gc_result reason;   /* what the first of them returns, or GC_ENOMEM for a missing item */
    bool pressed;            /* each call is refused `allowance` bytes from its beginning */
    size_t allowance;
    size_t calls;
    char *before; /* what the variables looked like before the call */
    size_t bytes_before;
    uint64_t nodes_before;
};

typedef void (*sweep_script)(struct sweep *sweep);

/* Runs the script until nothing fails any more; then its variables must look as they do without
   any failure. */
void sweep_run(sweep_script script);

/* The same under a limit that is raised until nothing is refused any more. */
void sweep_limits(sweep_script script);

/* The same with relief in the middle of each call; nothing is ever refused. */
void sweep_relief(sweep_script script);

/* A call that returns a result. */
#define TRY(sweep, call)                         \
    do {                                         \
        sweep_before(sweep);                     \
        sweep_result((sweep), (call), __LINE__); \
    } while (0)

/* A call that returns a value, which is put into `variable`, an undefined one if it failed. */
#define TRY_VALUE(sweep, variable, call)                               \
    do {                                                               \
        sweep_before(sweep);                                           \
        zval sweep_made = (call);                                      \
        sweep_pointer((sweep), !sweep_is_undef(sweep_made), __LINE__); \
        zval_assign((variable), sweep_made);                           \
    } while (0)

/* A call that returns a pointer, NULL if it failed. */
#define TRY_POINTER(sweep, variable, call)                    \
    do {                                                      \
        sweep_before(sweep);                                  \
        (variable) = (call);                                  \
        sweep_pointer((sweep), (variable) != NULL, __LINE__); \
    } while (0)

void sweep_before(struct sweep *sweep);
void sweep_result(struct sweep *sweep, enum gc_result result, int line);
void sweep_pointer(struct sweep *sweep, bool succeeded, int line);
bool sweep_is_undef(zval value);

#endif
