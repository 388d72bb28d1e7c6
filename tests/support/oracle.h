/*
 * The random-graph oracle: random programs, run on the library and on a model
 * of it side by side.
 *
 * A world is a heap, the program's variables in it, and the model's shadow of
 * both. Every call that may release something is bracketed:
 *
 *     oracle_begin(world);
 *     ... the call in the model, with all that follows by counting ...
 *     ... the library's call ...
 *     oracle_settle(world);       do both agree?
 *
 * The model goes first so that it stands where the program stands when a
 * destructor runs in the library's call. Destructors do such calls too, by
 * chance (oracle_destruct.c): they rescue, link, break, drop, collect, look
 * through weak references. So whatever the order is in which the library runs
 * them, the model follows.
 *
 * The world is *calm* when the model knows every count: that is at rest, in a
 * destructor of the one thing that the call let go of, and in the destructors of
 * a collection on request. Calls that begin so are settled completely. Otherwise, in
 * the middle of a larger release or of a run that a full buffer has started,
 * only what the documentation promises is expected: what the handles reach is there and
 * whole, and only what they do not reach is destructed, freed, or no longer
 * found by weak references. The outer call that is calm settles all of it.
 *
 * What is checked, and where: what died, nodes alive, runs, possible roots and
 * results at every call (oracle_settle.c); what depends on when collections run
 * (oracle_policy.c), on runs in slices (oracle_slices.c), and on releases that are
 * cut (oracle_releases.c), within large objects, too (oracle_inside.c); all
 * contents, counts and sharing, and the heap's own invariants, every so often
 * (oracle_check.c).
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

/* The handles of a world: variables; what destructors have kept; temporaries of the operation
   under way, on each level; plain pointers to own structs, and to weak references; the objects
   whose destructors are running. */
#define ORACLE_VARIABLES 12
#define ORACLE_KEPT      5
#define ORACLE_TEMPS     4
#define ORACLE_LEVELS    4 /* the program, and destructors in destructors; deeper ones do nothing */
#define ORACLE_PLACES    (ORACLE_VARIABLES + ORACLE_KEPT + ORACLE_LEVELS * ORACLE_TEMPS)
#define ORACLE_HOLDS     8
#define ORACLE_WATCHES   6
#define ORACLE_SELVES    (ORACLE_PLACES + ORACLE_HOLDS + ORACLE_WATCHES)

_Static_assert(ORACLE_SELVES + ORACLE_LEVELS <= MODEL_HANDLES, "handles of the oracle");

#define ORACLE_WORLDS 3
#define ORACLE_TRAIL  32

struct oracle;

/* A call under way. */
struct oracle_call {
    struct gc_status status; /* before it */
    uint64_t number;
    size_t decrements; /* of the model, before it */
    size_t releases;
    size_t deaths;
    uint64_t given_up_bytes; /* of the heap, before it */
    uint64_t destructors;    /* that had run, of the oracle */
    bool is_calm;
};

/* A collection on request that the model follows pass by pass. */
struct oracle_collection {
    struct oracle_call *call;
    uint64_t passes;  /* that are over */
    bool is_decided;  /* the one under way, or about to begin, knows what it frees */
    size_t collected; /* by those that are over */
    bool destructed;  /* the first pass ran destructors */
    bool disturbed;   /* some ran at all */
};

struct oracle_world {
    struct oracle *oracle;
    struct gc_heap *heap;
    struct model model;
    zval variables[ORACLE_PLACES];
    void *holds[ORACLE_HOLDS];
    struct gc_weak *watches[ORACLE_WATCHES];
    size_t capacity; /* of the root buffer */
    bool disabled;   /* the collector, by gc_disable() */
    bool shrinks;    /* grew to what the profile wants, and is to become smaller again */
    bool tame;       /* destructors do nothing: the world is to end */
    bool ends;       /* its heap is being freed */

    struct oracle_call calls[2 * ORACLE_LEVELS]; /* the ones under way, each in the one before */
    size_t call_count;
    struct oracle_collection *collection; /* the one under way */
    size_t level;                         /* how many destructors are running */
    size_t unclear;        /* of these, so many in a call that had more to let go of */
    bool is_vague;         /* what a run under way has freed so far is not known */
    bool has_asked;        /* a destructor has, for a run */
    bool may_overflow;     /* there were more candidates than fit in the buffer */
    uint64_t dropped_seen; /* dropped_roots when all garbage was last known to be gone */
    uint64_t
        slices_began;    /* the call in which the run in slices may have begun; 0: there is none */
    size_t orphans;      /* values of weak maps that wait, of releases that were cut */
    uint64_t open;       /* the number of the object that is taken apart part by part; 0: none */
    size_t open_done;    /* so many of its places had gone after the last calm call, */
    size_t inside;       /* and so many objects waited that are it, or have died by that */
    bool has_closed;     /* it has gone since */
    uint64_t told_freed; /* nodes that pauses have freed, as the pause hook says */
    size_t freed;        /* free hooks that ran since the last settling */
    size_t credit;       /* nodes that may be compared by now */
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

/* When collections run. */
struct oracle_manner {
    enum gc_policy policy;
    bool sliced;        /* full runs are cut, and the program makes steps */
    bool at_safepoints; /* automatic runs wait for safe points */
    bool cuts;          /* large releases are cut */
};

/* A mixture of operations, and how large the graphs are to grow. */
struct oracle_profile {
    const char *name;
    size_t nodes;
    unsigned structs; /* out of 100 new nodes */
    unsigned objects;
    unsigned willed; /* out of 100 new objects and structs: those with a destructor */
    unsigned weak;   /* out of 100 new items: weak maps and weak references */
    bool opaque;     /* acyclic types, and references that no type declares */
    struct oracle_manner manner;
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
    uint64_t young_runs;
    uint64_t pauses;
    uint64_t slices_ended; /* runs in slices that came to their end */
    uint64_t collected;
    uint64_t operations; /* calls of destructors included */
    uint64_t destructors;
    jmp_buf failed;
};

/*
 * Runs `steps` random operations, or, with `seconds`, as many as fit in that
 * time. The seed decides everything else. False: a check failed, and standard
 * error says which, with the seed, the step and what was done last.
 */
bool oracle_run(uint64_t seed, uint64_t steps, unsigned seconds);
/* The same with the profiles whose full runs are cut into slices. */
bool oracle_run_in_slices(uint64_t seed, uint64_t steps, unsigned seconds);
/* And with those whose releases are cut. */
bool oracle_run_in_parts(uint64_t seed, uint64_t steps, unsigned seconds);

/* Profiles (oracle_mixtures.c), and those that fill a buffer of the default size. */
struct oracle_profiles {
    const struct oracle_profile *profiles;
    size_t count;
    const struct oracle_profile *floods;
    size_t flood_count;
};

extern const struct oracle_profiles oracle_whole_profiles;
extern const struct oracle_profiles oracle_sliced_profiles;
extern const struct oracle_profiles oracle_cut_profiles;

/* What is done in between under a manner with slices. */
extern const struct oracle_choice oracle_slices_choices[];
/* The same where releases are cut; without slices there are no steps. */
extern const struct oracle_choice oracle_parts_choices[];

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

/* The one with the heap in use. */
struct oracle_world *oracle_world_in_use(void);

bool oracle_world_begin(struct oracle_world *world, struct oracle *oracle, size_t capacity);
/* Lets everything go, piece by piece, and expects an empty heap. */
void oracle_world_end(struct oracle_world *world);
/* Ends the heap with all that is in it, and expects each free hook to run once. */
void oracle_world_abandon(struct oracle_world *world);

/* ---- agreement (oracle_settle.c) ---------------------------------------- */

void oracle_begin(struct oracle_world *world);
void oracle_settle(struct oracle_world *world);

/* Whether the model knows all counts. */
bool oracle_is_calm(const struct oracle_world *world);

/* gc_collect_cycles() or gc_collect_heap(), with all that is known of what they must do. */
void oracle_collect(struct oracle_world *world, bool heap);

/* The model goes on with the collection under way, to where the library has come to, which has
   finished so many passes by now. */
void oracle_follow_passes(struct oracle_world *world, uint64_t passes);
/* The pass under way, or about to begin, is to know what it frees. */
void oracle_decide_pass(struct oracle_world *world);

/* ---- what the policy decides (oracle_policy.c) -------------------------- */

/* The options of a heap that is to be made. */
void oracle_set_policy(const struct oracle_world *world, struct gc_options *options);
/* Whether a collection on request that begins now finds all garbage that there is. */
bool oracle_run_finds_all(const struct oracle_world *world, const struct gc_status *status);
/* A call that is settled as calm had pauses. What was garbage before the call of that number must
   be gone; 0: all of it may be left for later. */
uint64_t oracle_garbage_gone_from(const struct oracle_world *world, const struct oracle_call *call,
                                  const struct gc_status *now);
/* A full buffer has started a run in the call, or gone on with one. */
void oracle_check_reason_of_run(struct oracle_world *world, const struct oracle_call *call);
/* Whether the pass under way, of a collection on request, is one that runs destructors; that of the
   node has just begun. */
bool oracle_pass_destructs(struct oracle_world *world, const struct model_node *node);
/* How many passes a collection on request has made. */
void oracle_check_passes(struct oracle_world *world, const struct oracle_collection *collection,
                         bool heap, const struct gc_status *now);
/* How many possible roots there are. */
void oracle_check_roots(struct oracle_world *world, const struct oracle_call *call,
                        const struct gc_status *now);

/* ---- slices (oracle_slices.c) ------------------------------------------- */

/* A slice of so many objects, by chance, from now on. */
void oracle_cut(struct oracle_world *world);

/* Whether full runs came to their end in the call. */
bool oracle_has_run_fully(const struct oracle_call *call, const struct gc_status *now);

/* Whether a run in slices has begun in the call, and none was in progress before. */
bool oracle_has_begun(const struct oracle_world *world, const struct gc_status *now);

/* The earliest call whose candidates a run that has ended in this call may have left. */
uint64_t oracle_run_begun_in(const struct oracle_world *world, const struct oracle_call *call);

/* A calm call is over. */
void oracle_follow_slices(struct oracle_world *world, const struct oracle_call *call,
                          const struct gc_status *now);

/* The run in progress, if any, has been given up: the next one looks at everything. */
void oracle_slices_given_up(struct oracle_world *world);

/* gc_step(), and what it says; and gc_safepoint(). */
bool oracle_step(struct oracle_world *world);
void oracle_safepoint(struct oracle_world *world);

/* ---- releases that are cut (oracle_releases.c) -------------------------- */

/* A part of so many objects, by chance, from now on. */
void oracle_cut_releases(struct oracle_world *world);
unsigned oracle_part(const struct oracle_world *world);
/* More places than that make an object large, which goes part by part (oracle_inside.c). */
size_t oracle_large_places(const struct oracle_world *world);

/* Whether anything is late, or held back. */
bool oracle_is_late(const struct oracle_world *world);

/* A calm call is over. First what was late and has gone is so in the model; when that knows too
   what runs have freed, what is late now. */
void oracle_end_late(struct oracle_world *world, const struct oracle_call *call,
                     const struct gc_status *now);
void oracle_begin_late(struct oracle_world *world, const struct gc_status *now);

/* The call that has been made leaves nothing for later; or, if anything was late before it, less,
   and nothing of that if the call says so. */
void oracle_expect_nothing_late(struct oracle_world *world);
void oracle_expect_progress(struct oracle_world *world, bool is_over);

/* Makes something, which is where releases go on as the heap grows. */
void oracle_grow(struct oracle_world *world, size_t temp);

/* ---- destructors (oracle_destruct.c) ------------------------------------ */

/* The destructor of that object runs. */
void oracle_destruct(struct oracle_world *world, struct model_node *node);

/* The program has got hold of the object through a weak reference or an iteration. */
void oracle_reached_weakly(struct oracle_world *world, struct model_node *node);

/* Marks what is not the running destructor's alone: what the handles of others reach. */
void oracle_mark_foreign(struct oracle_world *world);

/* ---- what destructors do (oracle_acts.c) -------------------------------- */

/* Some of it, to an object that is being destructed. */
void oracle_act(struct oracle_world *world, struct model_node *self);

/* ---- comparison (oracle_check.c) ---------------------------------------- */

/* Type, scalar value or identity of what is in one place. */
void oracle_expect_same(struct oracle_world *world, const zval *real,
                        const struct model_value *shadow);

/* What is at an address, lent. */
zval oracle_lent(const struct model_node *node);

/* Whether the library still has it. What has died may be where it was. */
bool oracle_is_there(struct oracle_world *world, const struct model_node *node);

/* One node: it is there, with its contents, and if these are known with its counts. */
void oracle_check_node(struct oracle_world *world, const struct model_node *node);

/* Everything: each alive node with its contents and counts, the handles, the heap's invariants. */
void oracle_checkpoint(struct oracle_world *world);

#endif
