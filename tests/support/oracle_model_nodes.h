/*
 * What the files of the oracle's model share.
 */
#ifndef RCYCLE_TESTS_ORACLE_MODEL_NODES_H
#define RCYCLE_TESTS_ORACLE_MODEL_NODES_H

#include "oracle_model.h"

/* In place of the number of a call: at this moment, not before that call. */
#define MODEL_NOW UINT64_MAX

/* The test's own fault if it is not so: there is nothing to go on with. */
void model_require(bool condition, const char *what);

/* Doubles the capacity. */
void *model_grow(void *items, size_t *capacity, size_t item_bytes);

/* What a node owns: calls `own` for each value in its slots, and for the values of entries of alive
   weak maps that it is the key of. An entry belongs to both its map and its key. */
typedef void (*model_own)(struct model *model, struct model_node *owner,
                          const struct model_slot *slot);
void model_for_each_owned(struct model *model, struct model_node *node, model_own own);

/* Puts a node among the dead. What it owns is for the caller to release. */
void model_bury(struct model *model, struct model_node *node);
/* Takes it back from them, without an address. */
void model_exhume(struct model *model, struct model_node *node);

/* No weak reference leads to it any more, and no map has an entry for it. */
void model_forget_weakly(struct model *model, struct model_node *node);

/* Releasing, in two steps: the depth of a graph must not become depth of the stack. */
void model_defer(struct model *model, struct model_value value);
void model_release_pending(struct model *model);

void model_set_candidate(struct model *model, struct model_node *node, bool maybe, bool sure);

/* It has been released to something else than nothing; of a reference, what is in it is the
   candidate. An array without objects may be left out, since it is in no cycle. */
void model_note_candidate(struct model *model, struct model_node *node, bool sure);
/* The same one is not sure any more. */
void model_doubt_candidate(struct model *model, struct model_node *node);

#endif
