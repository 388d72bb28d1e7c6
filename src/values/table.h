/*
 * Ordered tables: what arrays and added properties are made of.
 *
 * A table is packed while its keys are 0, 1, 2, ... in that order, and hashed
 * from the first other one on. Removing leaves a hole; holes go when the table
 * is rebuilt, which only the adding of a key does, or the removal of the last
 * element. A rebuilt table may be smaller.
 *
 * Invariants, checked by the heap verifier:
 *   T1  count is the number of elements that are no holes; count <= used <= capacity.
 *   T2  in a table that may not hold objects no element's tag has RC_TAG_OBJECT.
 *   T3  in a hashed table every element is in the chain of its hash, holes in none.
 */
#ifndef RCYCLE_VALUES_TABLE_H
#define RCYCLE_VALUES_TABLE_H

#include "values/string.h"
#include "values/value.h"

/* A key as a call gets it. */
struct rc_key {
    const char *bytes; /* NULL: an integer key */
    size_t length;
    uint64_t hash; /* of the bytes; or the integer itself */
};

struct rc_key rc__key_integer(int64_t key);
struct rc_key rc__key_bytes(const char *bytes, size_t length);

/* Elements a table can have at most. */
#define RC_TABLE_CAPACITY_LOG2_MAX 31

/* Element `index` of a table of either form. */
RC_INLINE struct rc_bucket rc__table_element(const struct rc_table *table, uint32_t index)
{
    if (table->hashed) {
        return rc__table_buckets(table)[index];
    }
    return (struct rc_bucket){rc__table_items(table)[index], index, NULL};
}

/* The next element of a packed table that has room for it, for the commonest of all writes; NULL:
   it takes rc__table_slot(). */
RC_INLINE zval *rc__table_push_packed(struct rc_table *table)
{
    if (table->hashed || table->next_key != (int64_t)table->used ||
        table->used >= rc__table_capacity(table)) {
        return NULL;
    }
    zval *item = &rc__table_items(table)[table->used++];
    table->count++;
    table->next_key++;
    *item = zval_null();
    return item;
}

/* The element, or NULL. */
zval *rc__table_find(const struct rc_table *table, const struct rc_key *key);

/* The same for an integer key. */
RC_INLINE const zval *rc__table_find_at(const struct rc_table *table, int64_t key)
{
    if (RC_UNLIKELY(table->hashed)) {
        struct rc_key integer = rc__key_integer(key);
        return rc__table_find(table, &integer);
    }
    if ((uint64_t)key >= table->used) {
        return NULL;
    }
    const zval *item = &rc__table_items(table)[key];
    return rc__is_hole(item) ? NULL : item;
}

/*
 * The element, added as null if there is none. The table's memory comes from
 * the heap that `owner` is in. NULL: `result` says why, and nothing has changed.
 */
zval *rc__table_slot(struct rc_table *table, const struct gc_object *owner,
                     const struct rc_key *key, enum gc_result *result);

/* Takes an element out and hands it over in `removed`, its key's name (or NULL) in `name`. */
bool rc__table_remove(struct rc_table *table, const struct rc_key *key, zval *removed,
                      struct rc_string **name);

/*
 * Makes the empty table `copy` hold the same elements, shared, its memory from
 * the heap of `owner`. As in PHP, a reference with no other handle becomes the
 * value it holds, unless that is the array `source_owner` itself. False: no memory.
 */
bool rc__table_copy(struct rc_table *copy, const struct gc_object *owner,
                    const struct rc_table *source, const struct gc_object *source_owner);

/* See zval_array_next(). */
bool rc__table_next(struct rc_table *table, struct zval_array_cursor *cursor, zval *key,
                    const zval **item);

#endif
