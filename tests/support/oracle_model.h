/*
 * The oracle's model: a shadow of one heap, in plain memory.
 *
 * It knows every node, value and reference that the program made, and nothing
 * of how the library works: it has counts of its own, and finds garbage by
 * walking from the handles. Each shadow knows the address of what it shadows,
 * for comparing, and never looks there.
 *
 * Invariants:
 *   M1  a node's count is the number of handles and slots of alive nodes with it.
 *   M2  an alive node is one that counting alone would not have freed.
 *   M3  no two alive nodes have the same address.
 */
#ifndef RCYCLE_TESTS_ORACLE_MODEL_H
#define RCYCLE_TESTS_ORACLE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_HANDLES   24
#define MODEL_MAP_HEADS 8192
#define MODEL_NO_NAME   (-1)

enum model_kind {
    MODEL_STRING,
    MODEL_ARRAY,
    MODEL_OBJECT,
    MODEL_STRUCT,
    MODEL_REFERENCE
};

enum model_type {
    MODEL_UNDEF,
    MODEL_NULL,
    MODEL_BOOL,
    MODEL_INT,
    MODEL_DOUBLE,
    MODEL_NODE
};

struct model_value {
    enum model_type type;
    union {
        int64_t integer;
        double number;
        struct model_node *node;
    } as;
};

/* A string key is the index of its bytes in a list of names that the oracle keeps. */
struct model_key {
    int name;
    int64_t integer;
};

/* An element, a property, a field, or what a reference holds. */
struct model_slot {
    struct model_key key;
    uint64_t serial; /* grows in the order of insertion; a copied element keeps it */
    struct model_value value;
    bool hidden; /* the collector is not told of it */
};

struct model_node {
    enum model_kind kind;
    uint32_t count;
    uint64_t number; /* in the order of creation */
    void *real;
    const void *form; /* what the oracle made it from: a class, the form of a struct, a text */
    struct model_slot *slots;
    size_t slot_count;
    size_t slot_capacity;
    size_t fixed;     /* the first so many slots stay, undefined when they are empty */
    int64_t next_key; /* arrays: negative when there is none */
    bool acyclic;     /* the collector does not look into it */
    bool dead;
    bool freed; /* its free hook has run */
    bool maybe_candidate;
    bool sure_candidate;
    uint64_t mark;
    struct model_node *next; /* alive ones */
    struct model_node *previous;
    struct model_node *chain; /* of the same map head; or dead ones; or spare ones */
    struct model_node *work;  /* marked ones that wait */
};

struct model {
    struct model_value handles[MODEL_HANDLES];
    struct model_node *alive;
    struct model_node *dead; /* until model_reap() */
    struct model_node *spare;
    struct model_node *map[MODEL_MAP_HEADS];
    struct model_value *pending; /* to be released */
    size_t pending_count;
    size_t pending_capacity;
    uint64_t numbers;
    uint64_t serials;
    uint64_t mark;
    struct model_node *work;
    size_t live_nodes;   /* alive ones; strings and references do not count */
    size_t acyclic_dead; /* acyclic ones that have died so far */
    size_t opaque;       /* alive ones that are acyclic or have a hidden slot */
    /* Possible roots: nodes released to something else than nothing since the last run. */
    size_t maybe_candidates; /* at most these */
    size_t sure_candidates;  /* at least these */
    size_t decrements;       /* times that happened since the oracle set it to 0 */
    bool unsure;             /* a candidate of now may be lost, or taken by a run under way */
};

void model_begin(struct model *model);
void model_end(struct model *model);

/* ---- values ------------------------------------------------------------- */

struct model_value model_plain(enum model_type type, int64_t integer);
struct model_value model_of(struct model_node *node);

/* The value, or what is in the reference that it is. */
struct model_value *model_through(struct model_value *value);

/* The node of that kind in the value, not looked through; NULL: it is none. */
struct model_node *model_node_in(const struct model_value *value, enum model_kind kind);

/* One owner more. */
struct model_value model_share(const struct model_value *value);

/* One owner fewer, and all that follows by counting. */
void model_release(struct model *model, struct model_value value);

/* Takes the value out of its place. */
struct model_value model_take(struct model_value *place);

/* ---- nodes -------------------------------------------------------------- */

/* With a count of 1 and `fixed` slots, undefined. */
struct model_node *model_node_new(struct model *model, enum model_kind kind, size_t fixed);

/* Says where the real one is. False: another alive one is there. */
bool model_node_map(struct model *model, struct model_node *node, void *real);

/* A separated array, elements shared; a reference of which the original has the only handle is
   replaced by what it holds, unless that is the original. */
struct model_node *model_array_copy(struct model *model, struct model_node *source);

struct model_slot *model_slot_find(const struct model_node *node, struct model_key key);
/* Found, or added as null. */
struct model_slot *model_slot_get(struct model *model, struct model_node *node,
                                  struct model_key key);
/* Takes a slot that is not fixed out and returns its value. */
struct model_value model_slot_remove(struct model_node *node, struct model_slot *slot);

/* ---- what the handles reach --------------------------------------------- */

/* Counts the nodes that the handles reach. What is not among them is garbage, sooner or later. */
size_t model_count_reached(struct model *model);

/* Counts the nodes that a run can find: neither a handle nor a slot that the collector does not
   look into reaches them. */
size_t model_count_white(struct model *model);

/* Takes away what model_count_white() finds, and what counting frees then. Returns the former. */
size_t model_collect(struct model *model);

void model_forget_candidates(struct model *model);
/* None of them is sure any more. */
void model_doubt_candidates(struct model *model);

/* The next of the dead, which may be used again after this; NULL: no more. */
struct model_node *model_reap(struct model *model);

#endif
