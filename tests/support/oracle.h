/*
 * The random-graph oracle: random programs, run on the library and on a model
 * of it side by side.
 *
 * A world is a heap, the program's variables in it, and the model's shadow of
 * both. Every call that may release something is bracketed:
 *
 *     oracle_before(world);
 *     ... the library's call ...
 *     oracle_after(world);        did a collection run meanwhile?
 *     ... the same in the model ...
 *     oracle_settle(world);       do both agree?
 *
 * What is checked, and where: what died, nodes alive, runs, possible roots and
 * results at every call (oracle_settle.c); all contents, counts and sharing, and
 * the heap's own invariants, every so often (oracle_check.c).
 *
 * To add an operation, write a function over the calls of oracle_calls.h and
 * put it into a table of oracle_ops; to add a kind of node, teach it to the
 * model, to the calls, and to oracle_checkpoint().
 */
#ifndef RCYCLE_TESTS_ORACLE_H
#define RCYCLE_TESTS_ORACLE_H

#include "oracle_model.h"
#include <rcycle/rcycle.h>
#include <setjmp.h>

/* The handles of a world: variables, temporaries of the operation under way, and plain pointers
   to own structs. */
#define ORACLE_VARIABLES 12
#define ORACLE_TEMPS     4
#define ORACLE_HOLDS     (MODEL_HANDLES - ORACLE_VARIABLES - ORACLE_TEMPS)

#define ORACLE_WORLDS    3
#define ORACLE_TRAIL     32

struct oracle;

struct oracle_world {
    struct oracle *oracle;
    struct gc_heap *heap;
    struct model model;
    zval variables[ORACLE_VARIABLES + ORACLE_TEMPS];
    void *holds[ORACLE_HOLDS];
    size_t capacity; /* of the root buffer */
    bool disabled;   /* the collector, by gc_disable() */
    bool shrinks;    /* grew to what the profile wants, and is to become smaller again */

    struct gc_status status; /* before the call under way */
    bool ran;                /* a collection ran in it */
    size_t doomed;           /* nodes that were garbage when it began */
    uint64_t dropped_seen;   /* dropped_roots when all garbage was last known to be gone */
    size_t freed;            /* free hooks that ran since the last settling */
    size_t credit;           /* nodes that may be compared by now */
};

/* One kind of operation. The weight is how often it is chosen, against the others of a profile. */
struct oracle_op {
    const char *name;
    void (*run)(struct oracle_world *world);
};

struct oracle_choice {
    const struct oracle_op *op;
    unsigned weight;
};

/* A mixture of operations, and how large the graphs are to grow. */
struct oracle_profile {
    const char *name;
    size_t nodes;
    unsigned structs; /* out of 100 new nodes */
    unsigned objects;
    bool opaque; /* acyclic types, and references that no type declares */
    const struct oracle_choice *choices;
};

struct oracle_note {
    uint64_t step;
    char text[88];
};

struct oracle {
    uint64_t seed;
    uint64_t random;
    uint64_t step;
    const struct oracle_profile *profile;
    const struct oracle_op *op; /* under way */
    struct oracle_world worlds[ORACLE_WORLDS];
    size_t world_count;
    struct oracle_note trail[ORACLE_TRAIL]; /* the last things done */
    size_t trail_next;
    bool traces;    /* each note is printed at once */
    uint64_t nodes; /* alive after each step, summed up */
    uint64_t runs;
    uint64_t collected;
    jmp_buf failed;
};

/*
 * Runs `steps` random operations, or, with `seconds`, as many as fit in that
 * time. The seed decides everything else. False: a check failed, and standard
 * error says which, with the seed, the step and what was done last.
 */
bool oracle_run(uint64_t seed, uint64_t steps, unsigned seconds);

/* The profiles (oracle_ops_heap.c). The last one fills a buffer of the default size. */
extern const struct oracle_profile oracle_profiles[];
extern const size_t oracle_profile_count;
extern const struct oracle_profile oracle_flood_profile;

/* ---- chance (oracle_run.c) ---------------------------------------------- */

/* Less than `bound`, which is not 0. */
size_t oracle_below(struct oracle_world *world, size_t bound);
bool oracle_percent(struct oracle_world *world, unsigned percent);

/* ---- reports (oracle_run.c) --------------------------------------------- */

#if defined __GNUC__
#define ORACLE_PRINTF __attribute__((format(printf, 2, 3)))
#else
#define ORACLE_PRINTF
#endif

/* Remembers what is done, for the report of a failure. */
void oracle_note(struct oracle_world *world, const char *format, ...) ORACLE_PRINTF;

/* Reports and ends the run. */
_Noreturn void oracle_fail(struct oracle_world *world, const char *format, ...) ORACLE_PRINTF;

#define oracle_expect(world, condition, ...)   \
    do {                                       \
        if (!(condition)) {                    \
            oracle_fail((world), __VA_ARGS__); \
        }                                      \
    } while (0)

/* ---- worlds (oracle_run.c) ---------------------------------------------- */

bool oracle_world_begin(struct oracle_world *world, struct oracle *oracle, size_t capacity);
/* Lets everything go, piece by piece, and expects an empty heap. */
void oracle_world_end(struct oracle_world *world);
/* Ends the heap with all that is in it, and expects each free hook to run once. */
void oracle_world_abandon(struct oracle_world *world);

/* ---- agreement (oracle_settle.c) ---------------------------------------- */

void oracle_before(struct oracle_world *world);
void oracle_after(struct oracle_world *world);
void oracle_settle(struct oracle_world *world);

/* gc_collect_cycles() or gc_collect_heap(), with all that is known of what they must do. */
void oracle_collect(struct oracle_world *world, bool heap);

/* ---- comparison (oracle_check.c) ---------------------------------------- */

/* Type, scalar value or identity of what is in one place. */
void oracle_expect_same(struct oracle_world *world, const zval *real,
                        const struct model_value *shadow);

/* Everything: each alive node with its contents and counts, the handles, the heap's invariants. */
void oracle_checkpoint(struct oracle_world *world);

#endif
