/*
 * The oracle's model: a shadow of one heap, in plain memory.
 *
 * It knows every node, value and reference that the program made, and nothing
 * of how the library works: it has counts of its own, and finds garbage by
 * walking from the handles. Each shadow knows the address of what it shadows,
 * for comparing, and never looks there.
 *
 * The model does each change before the library does, with all that follows by
 * counting at once. So while a call is under way, and destructors run in it, the
 * model is ahead: its dead are those that are to be gone when the call returns,
 * and until then the program may still get hold of one through a weak reference.
 * Then it is revived. After the call the dead are reaped.
 *
 * Invariants:
 *   M1  a node's count is the number of handles and slots of alive nodes with it; an
 *       entry of a weak map is such a slot as long as its key is alive too. What is
 *       late (oracle_model_late.c) counts for what it holds.
 *   M2  an alive node is one that counting alone would not have freed, or one that waits for
 *       its destructor, or that a collection's destructor has left without an owner.
 *   M3  no two alive nodes have the same address.
 */
#ifndef RCYCLE_TESTS_ORACLE_MODEL_H
#define RCYCLE_TESTS_ORACLE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_HANDLES   52
#define MODEL_MAP_HEADS 8192
#define MODEL_NO_NAME   (-1)

enum model_kind {
    MODEL_STRING,
    MODEL_ARRAY,
    MODEL_OBJECT,
    MODEL_STRUCT,
    MODEL_REFERENCE,
    MODEL_WEAKREF,
    MODEL_WEAKMAP
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

/* A string key is the index of its bytes in a list of names that the oracle keeps. The key of an
   entry of a weak map is a node, which it does not own. */
struct model_key {
    int name;
    int64_t integer;
    struct model_node *object;
};

/* An element, a property, a field, an entry, or what a reference holds. */
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
    bool awaits;      /* it has a destructor, which has not run */
    bool doomed;      /* and which a collection under way is to run */
    bool condemned;   /* a collection under way is to free it */
    bool lingers;     /* it is garbage that is still there, even if its last owner goes */
    bool dead;
    bool gone;      /* it cannot be revived */
    bool freed;     /* its free hook has run */
    bool revives;   /* it was dead, and something has been found that leads to it */
    bool late;      /* dead, and not taken apart yet; */
    bool hesitates; /* only since this call */
    bool inside;    /* and open, or something that died by what that has given up */
    bool waits;     /* late, of what a run has let die, until the model knows */
    bool prompt;    /* it died in a call, and not by what has been late before */
    bool held_back; /* it has an owner that is none until its destructor may run */
    bool on_trial;  /* with an owner that is none, until it is known what it leads to */
    bool maybe_candidate;
    bool sure_candidate;
    uint64_t born;       /* the calls in which it was made, */
    uint64_t noted;      /* became a possible root last, */
    uint64_t released;   /* was let go of last, */
    uint64_t destructed; /* and had its destructor run */
    uint64_t mark;
    size_t keyed;               /* entries of weak maps that it is the key of */
    struct model_node *weakref; /* the weak reference to it */
    struct model_node *target;  /* of a weak reference; NULL: gone */
    struct model_node *next;    /* alive ones */
    struct model_node *previous;
    struct model_node *chain; /* of the same map head; or dead ones; or spare ones */
    struct model_node *work;  /* marked ones that wait; or marked weak maps; or revived ones */
};

struct model {
    struct model_value handles[MODEL_HANDLES];
    struct model_node *alive;
    struct model_node *dead; /* until model_reap() */
    struct model_node *late;
    struct model_node **orphans; /* values of entries that have gone, not released yet */
    size_t orphan_count;
    size_t orphan_capacity;
    size_t held_back;  /* so many are */
    size_t late_nodes; /* late ones that count as nodes */
    struct model_node *spare;
    struct model_node *map[MODEL_MAP_HEADS];
    struct model_value *pending; /* to be released */
    size_t pending_count;
    size_t pending_capacity;
    struct model_node **waiting; /* whose last owner has gone, and whose destructor is to run */
    size_t waiting_count;
    size_t waiting_capacity;
    uint64_t numbers;
    uint64_t serials;
    uint64_t mark;
    uint64_t calls; /* so far; the number of the one that began last */
    struct model_node *work;
    struct model_node *marked_maps;
    struct model_node *revived; /* by what has been found last */
    struct model_node **revived_end;
    bool holds_late;     /* of these one seems to hold what is late */
    size_t live_nodes;   /* alive ones; strings, references and weak references do not count */
    size_t weakmaps;     /* alive */
    size_t deaths;       /* nodes that have died so far, by counting or collected */
    size_t acyclic_dead; /* acyclic ones that have died so far */
    size_t opaque;       /* alive ones that are acyclic or have a hidden slot */
    /* Possible roots: nodes released to something else than nothing since the last run. */
    size_t maybe_candidates; /* at most these */
    size_t sure_candidates;  /* at least these */
    size_t decrements;       /* times that happened so far */
    size_t releases;         /* what the program itself has let go of so far */
    bool doubts;             /* what is released now may have been released before */
    bool unproven;           /* destructors have run: what garbage held is a candidate too */
};

void model_begin(struct model *model);
void model_end(struct model *model);

/* ---- keys --------------------------------------------------------------- */

struct model_key model_index_key(int64_t index);
struct model_key model_name_key(int name);
struct model_key model_object_key(struct model_node *object);

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

/* The alive node at that address; NULL: none. */
struct model_node *model_node_at(struct model *model, const void *real);

/* Whether it is an array, object, struct or weak map. */
bool model_is_counted(const struct model_node *node);

/* Whether weak references can lead to it. */
bool model_has_identity(const struct model_node *node);

/* A separated array, elements shared; a reference of which the original has the only handle is
   replaced by what it holds, unless that is the original. */
struct model_node *model_array_copy(struct model *model, struct model_node *source);

struct model_slot *model_slot_find(const struct model_node *node, struct model_key key);
/* Found, or added as null. */
struct model_slot *model_slot_get(struct model *model, struct model_node *node,
                                  struct model_key key);
/* Takes a slot that is not fixed out and returns its value. */
struct model_value model_slot_remove(struct model_node *node, struct model_slot *slot);

/* Whether there is something in the slot: the key of an entry may be dead. */
bool model_slot_is_on(const struct model_slot *slot);
/* How many. */
size_t model_slots_on(const struct model_node *node);

/* ---- the dead ----------------------------------------------------------- */

/* Another owner for the dead node is about to be made, so it lives, and all that it holds, and what
   holds itself through an entry of these (oracle_model_revive.c). False: something of what it holds
   is known to be gone. */
bool model_revive(struct model *model, struct model_node *node);

/* It has turned out to be dead, and cannot be revived. */
void model_node_gone(struct model *model, struct model_node *node);

/* The next of the dead, which may be used again after this; NULL: no more. */
struct model_node *model_reap(struct model *model);

/* A node without an owner whose destructor has not run; NULL: none. */
struct model_node *model_waiting(struct model *model);

/* ---- releases that are cut (oracle_model_late.c) ------------------------ */

/* Whether anything is late, or held back. */
bool model_is_late(const struct model *model);

/* Something dead is late. Once all that is new is said to be, those keep what they hold. NULL; or
   one of which something is known to be gone. At last they are forgotten weakly. */
void model_be_late(struct model *model, struct model_node *node);
const struct model_node *model_keep_late(struct model *model);

/* Of something dead so many slots, the first ones, have been given up. What is late already has
   held what was in them. */
void model_give_up_slots(struct model *model, struct model_node *node, size_t count);

void model_forget_late(struct model *model);

/* The value of an entry that has gone is late. False: it is known to be gone. */
bool model_keep_orphan(struct model *model, struct model_node *node);

/* An object whose last owner has gone waits for its destructor. */
void model_hold_back(struct model *model, struct model_node *node);
/* The next one that does; NULL: no more. */
struct model_node *model_held_back(struct model *model, const struct model_node *behind);

/* It is late no more, and what it held is released. */
void model_end_late(struct model *model, struct model_node *node);
void model_end_orphan(struct model *model, size_t index);
void model_end_held_back(struct model *model, struct model_node *node);
void model_end_all_late(struct model *model);

/* ---- what the handles reach (oracle_model_reach.c) ---------------------- */

/* Marks what the handles reach that are in a set of them. Returns how many nodes. */
typedef bool (*model_handle_filter)(const void *context, size_t handle);
size_t model_mark(struct model *model, model_handle_filter filter, const void *context);
/* Marks what the node reaches too. */
void model_mark_from(struct model *model, struct model_node *node);
/* Marks what late nodes hold, and what that reaches, too. */
void model_mark_late(struct model *model);
bool model_is_marked(const struct model *model, const struct model_node *node);

/* Counts the nodes that the handles reach, and marks them. What is not among them is garbage,
   sooner or later. */
size_t model_count_reached(struct model *model);

/* ---- what a collection does (oracle_model_reach.c) ---------------------- */

/* Counts the nodes that a run can free: neither a handle nor a slot that the collector does not
   look into reaches them. */
size_t model_count_white(struct model *model);

/* Something that was white before that call, and whose destructor has still not run; NULL: none. */
const struct model_node *model_white_awaiting(struct model *model, uint64_t before);

/* Something that was white before that call, is not condemned, and is not reached by anything with
   a destructor; NULL: none. */
const struct model_node *model_white_left(struct model *model, uint64_t before);

/* Garbage with a destructor may be destructed from now on, by a run of which no more is known. */
void model_doom(struct model *model);

/* Condemns what a pass over everything frees: what is white and no object with a destructor
   reaches. These are doomed. Returns how many. */
size_t model_condemn(struct model *model);

/* The program has got hold of it: it is not condemned, nor what it reaches. */
void model_spare(struct model *model, struct model_node *node);

/* Something doomed whose destructor has not run; NULL: nothing. */
const struct model_node *model_doomed(const struct model *model);

/* Takes the condemned away, and what counting frees then. Returns how many of the former. */
size_t model_execute(struct model *model);

/* ---- possible roots (oracle_model_reach.c) ------------------------------ */

/* It may be one. */
void model_maybe_candidate(struct model *model, struct model_node *node);
void model_forget_candidates(struct model *model);
/* Those of that call and later ones are not sure; 0: none is. */
void model_doubt_candidates_since(struct model *model, uint64_t call);
/* And those of before it are none any more. */
void model_keep_candidates_since(struct model *model, uint64_t call);

#endif
