/*
 * Object layouts: where the references are in each kind of object.
 *
 * Behaviour belongs to the values layer; this is only what the walk over an
 * object's children has to know.
 */
#ifndef RCYCLE_CORE_LAYOUT_H
#define RCYCLE_CORE_LAYOUT_H

#include "core/counted.h"
#include <rcycle/zval.h>

/* A value's tag: its type, and what the collector needs to know of what it points to. */
#define RC_TAG_TYPE    0xffu
#define RC_TAG_COUNTED ZVAL_TAG_COUNTED
#define RC_TAG_OBJECT  0x200u /* counted, and may hold references */

/* An element that has been removed; no value of the program's has this tag. */
#define RC_TAG_HOLE          0xffu

#define RC_TAG(type)         ((uint32_t)(type))
#define RC_TAG_STRING        (RC_TAG(ZVAL_STRING) | RC_TAG_COUNTED)
#define RC_TAG_OF_NODE(type) (RC_TAG(type) | RC_TAG_COUNTED | RC_TAG_OBJECT)

/* A string. It has no type; the hash stands in that place. */
struct rc_string {
    uint32_t refcount;
    uint32_t info;
    uint64_t hash; /* 0: not computed yet */
    size_t length;
    char bytes[];
};

/* An element of a hashed table. The value's link chains the elements of one hash bucket. */
struct rc_bucket {
    zval value;
    uint64_t hash;          /* an integer key itself, or a string key's hash */
    struct rc_string *name; /* NULL: an integer key */
};

/*
 * An ordered table, packed (element i has key i) or hashed. Removed elements
 * stay, as holes, until the table is rebuilt. A hashed table's block holds
 * `capacity` chain heads before the buckets.
 */
struct rc_table {
    void *elements;   /* zval[] or struct rc_bucket[]; NULL: no capacity */
    int64_t next_key; /* of the next push; negative: none is left */
    uint32_t used;    /* elements in use, removed ones included */
    uint32_t count;
    uint32_t cursor;       /* where the cursor that was moved last goes on */
    uint32_t cursor_owner; /* which one that was: bits of its address */
    uint32_t epoch;        /* changes when elements are moved */
    uint8_t capacity_log2;
    bool hashed : 1;
    bool may_hold_objects : 1; /* else no element points to what can hold references */
};

struct rc_array {
    struct gc_object header;
    struct rc_table table;
};

/* A zval object: its declared properties, and a table of others once there are some. */
struct rc_instance {
    struct gc_object header;
    const struct zval_class *class_;
    struct rc_table *added;
    zval properties[];
};

struct rc_reference {
    struct gc_object header;
    zval value; /* never itself a reference */
};

RC_INLINE zval *rc__table_items(const struct rc_table *table)
{
    return table->elements;
}

RC_INLINE struct rc_bucket *rc__table_buckets(const struct rc_table *table)
{
    return table->elements;
}

RC_INLINE bool rc__is_hole(const zval *element)
{
    return element->tag == RC_TAG_HOLE;
}

RC_INLINE size_t rc__table_capacity(const struct rc_table *table)
{
    return table->elements == NULL ? 0 : (size_t)1 << table->capacity_log2;
}

/* The memory that holds the elements; NULL: none. */
RC_INLINE void *rc__table_block(const struct rc_table *table)
{
    size_t heads_bytes = table->hashed ? rc__table_capacity(table) * sizeof(uint32_t) : 0;
    return table->elements == NULL ? NULL : (char *)table->elements - heads_bytes;
}

#endif
