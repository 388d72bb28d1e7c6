#include "values/table.h"

#include "base/size.h"
#include "values/hash.h"
#include <string.h>

#define NO_ELEMENT            UINT32_MAX
#define CAPACITY_LOG2_MINIMUM 3

struct rc_key rc__key_integer(int64_t key)
{
    return (struct rc_key){NULL, 0, (uint64_t)key};
}

struct rc_key rc__key_bytes(const char *bytes, size_t length)
{
    return (struct rc_key){bytes, length, rc__hash_bytes(bytes, length)};
}

/* ---- hashed tables ------------------------------------------------------ */

static uint32_t *chain_of(const struct rc_table *table, const struct rc_bucket *bucket)
{
    uint64_t hash = bucket->name != NULL ? bucket->hash : rc__hash_integer((int64_t)bucket->hash);
    uint32_t *heads = rc__table_block(table);
    return &heads[hash & (rc__table_capacity(table) - 1)];
}

static void link_bucket(struct rc_table *table, uint32_t index)
{
    struct rc_bucket *bucket = &rc__table_buckets(table)[index];
    uint32_t *head = chain_of(table, bucket);
    bucket->value.link = *head;
    *head = index;
}

static void unlink_bucket(struct rc_table *table, struct rc_bucket *bucket)
{
    struct rc_bucket *buckets = rc__table_buckets(table);
    uint32_t index = (uint32_t)(bucket - buckets);
    uint32_t *link = chain_of(table, bucket);
    while (*link != index) {
        link = &buckets[*link].value.link;
    }
    *link = bucket->value.link;
}

static bool has_key(const struct rc_bucket *bucket, const struct rc_key *key)
{
    if (bucket->hash != key->hash) {
        return false;
    }
    if (key->bytes == NULL || bucket->name == NULL) {
        return key->bytes == NULL && bucket->name == NULL;
    }
    return rc__string_equals(bucket->name, key->bytes, key->length);
}

static struct rc_bucket *find_bucket(const struct rc_table *table, const struct rc_key *key)
{
    if (table->elements == NULL) {
        return NULL;
    }
    struct rc_bucket *buckets = rc__table_buckets(table);
    uint64_t hash = key->bytes != NULL ? key->hash : rc__hash_integer((int64_t)key->hash);
    const uint32_t *heads = rc__table_block(table);
    uint32_t index = heads[hash & (rc__table_capacity(table) - 1)];
    while (index != NO_ELEMENT && !has_key(&buckets[index], key)) {
        index = buckets[index].value.link;
    }
    return index == NO_ELEMENT ? NULL : &buckets[index];
}

zval *rc__table_find(const struct rc_table *table, const struct rc_key *key)
{
    if (table->hashed) {
        struct rc_bucket *bucket = find_bucket(table, key);
        return bucket == NULL ? NULL : &bucket->value;
    }
    if (key->bytes != NULL || key->hash >= table->used) {
        return NULL;
    }
    zval *item = &rc__table_items(table)[key->hash];
    return rc__is_hole(item) ? NULL : item;
}

/* ---- memory ------------------------------------------------------------- */

/* Gives the table elements for 2^capacity_log2, none used, hashed or not. */
static bool make_elements(struct rc_table *table, const struct gc_object *owner,
                          unsigned capacity_log2, bool hashed)
{
    size_t capacity = (size_t)1 << capacity_log2;
    size_t heads_bytes = hashed ? capacity * sizeof(uint32_t) : 0;
    size_t element_bytes = hashed ? sizeof(struct rc_bucket) : sizeof(zval);
    size_t bytes;
    if (capacity_log2 > RC_TABLE_CAPACITY_LOG2_MAX ||
        !rc__size_multiply(capacity, element_bytes, &bytes) ||
        !rc__size_add(bytes, heads_bytes, &bytes)) {
        return false;
    }
    char *block = rc__storage_new(owner, bytes);
    if (block == NULL) {
        return false;
    }
    memset(block, 0xff, heads_bytes);
    table->elements = block + heads_bytes;
    table->capacity_log2 = (uint8_t)capacity_log2;
    table->hashed = hashed;
    table->used = table->count = 0;
    return true;
}

/* Appends to a table that has room; a hole keeps its place and is in no chain. */
static void append(struct rc_table *table, struct rc_bucket element)
{
    bool is_hole = rc__is_hole(&element.value);
    uint32_t index = table->used++;
    table->count += !is_hole;
    if (!table->hashed) {
        rc__table_items(table)[index] = rc__bare(&element.value);
        return;
    }
    rc__table_buckets(table)[index] = element;
    if (!is_hole) {
        link_bucket(table, index);
    }
}

/* What a copy shares of an element: as in PHP not a reference without other handles, but the value
   in it, unless that is the array to be copied. */
static zval share_for_copy(const zval *value, const struct gc_object *source_owner)
{
    struct rc_reference *reference = rc__reference_in(value);
    if (reference == NULL || reference->header.refcount > 1 ||
        reference->value.payload.counted == source_owner) {
        return rc__share(value);
    }
    return rc__share(&reference->value);
}

static struct rc_bucket share_element(struct rc_bucket element,
                                      const struct gc_object *source_owner)
{
    element.value = share_for_copy(&element.value, source_owner);
    if (element.name != NULL) {
        gc_retain(element.name);
    }
    return element;
}

/*
 * Fills `target`, which has memory and no elements, from `source`. With a
 * `source_owner` the elements are shared and all keep their places, so that a
 * cursor over the one is good for the other; without, they are moved, a hashed
 * table leaves its holes behind, and the cursor follows its element.
 */
static void transfer(struct rc_table *target, const struct rc_table *source,
                     const struct gc_object *source_owner)
{
    bool keeps_holes = source_owner != NULL || !target->hashed;
    target->cursor = 0;
    for (uint32_t i = 0; i < source->used; i++) {
        if (i == source->cursor) {
            target->cursor = target->used;
        }
        struct rc_bucket element = rc__table_element(source, i);
        if (keeps_holes || !rc__is_hole(&element.value)) {
            append(target, source_owner == NULL ? element : share_element(element, source_owner));
        }
    }
    if (source->cursor >= source->used) {
        target->cursor = target->used;
    }
    target->epoch = source->epoch + (target->used != source->used);
}

/* Moves all elements to new memory. */
static bool rebuild(struct rc_table *table, const struct gc_object *owner, unsigned capacity_log2,
                    bool hashed)
{
    struct rc_table rebuilt = *table;
    if (!make_elements(&rebuilt, owner, capacity_log2, hashed)) {
        return false;
    }
    transfer(&rebuilt, table, NULL);
    rc__storage_free(rc__table_block(table));
    *table = rebuilt;
    return true;
}

/* The capacity for so many elements, a quarter more, and one. */
static unsigned fitting_capacity_log2(uint32_t count)
{
    uint64_t wanted = (uint64_t)count + count / 4 + 1;
    if (wanted <= (uint64_t)1 << CAPACITY_LOG2_MINIMUM) {
        return CAPACITY_LOG2_MINIMUM;
    }
    return rc__highest_bit(wanted - 1) + 1;
}

/* Room for one more element under `key`, in the form that the key asks for. A packed table with
   many holes becomes a hashed one without. */
static bool make_room(struct rc_table *table, const struct gc_object *owner,
                      const struct rc_key *key)
{
    bool fits_packed = !table->hashed && key->bytes == NULL && key->hash == table->used;
    bool full = table->used == rc__table_capacity(table);
    if (!full && (table->hashed || fits_packed)) {
        return true;
    }
    bool many_holes = table->count < table->used - table->used / 4;
    bool hashed = !fits_packed || many_holes;
    return rebuild(table, owner, fitting_capacity_log2(hashed ? table->count : table->used),
                   hashed);
}

/* ---- adding and removing ------------------------------------------------ */

static void raise_next_key(struct rc_table *table, const struct rc_key *key)
{
    int64_t integer = (int64_t)key->hash;
    if (key->bytes == NULL && table->next_key >= 0 && integer >= table->next_key) {
        table->next_key = integer == INT64_MAX ? -1 : integer + 1;
    }
}

zval *rc__table_slot(struct rc_table *table, const struct gc_object *owner,
                     const struct rc_key *key, enum gc_result *result)
{
    zval *found = rc__table_find(table, key);
    if (found != NULL) {
        return found;
    }
    struct rc_bucket element = {zval_null(), key->hash, NULL};
    if (key->bytes != NULL) {
        struct gc_heap *heap = rc__heap_of_page(rc__page_of(owner));
        element.name = rc__string_new(heap, key->bytes, key->length);
        if (element.name == NULL) {
            *result = GC_ENOMEM;
            return NULL;
        }
        element.name->hash = key->hash;
    }
    if (!make_room(table, owner, key)) {
        if (element.name != NULL) {
            rc__leaf_release(rc__string_header(element.name));
        }
        *result = table->used >> RC_TABLE_CAPACITY_LOG2_MAX != 0 ? GC_ERANGE : GC_ENOMEM;
        return NULL;
    }
    raise_next_key(table, key);
    append(table, element);
    uint32_t index = table->used - 1;
    return table->hashed ? &rc__table_buckets(table)[index].value : &rc__table_items(table)[index];
}

static void drop_elements(struct rc_table *table)
{
    int64_t next_key = table->next_key;
    rc__table_free_storage(table);
    table->hashed = false;
    table->next_key = next_key;
    table->cursor = 0;
    table->epoch++;
}

bool rc__table_remove(struct rc_table *table, const struct rc_key *key, zval *removed,
                      struct rc_string **name)
{
    zval *found = rc__table_find(table, key);
    if (found == NULL) {
        return false;
    }
    *name = NULL;
    if (table->hashed) {
        struct rc_bucket *bucket = (struct rc_bucket *)(void *)found;
        *name = bucket->name;
        unlink_bucket(table, bucket);
        bucket->name = NULL;
    }
    *removed = rc__replace(found, rc__value_of(RC_TAG_HOLE, NULL));
    if (--table->count == 0) {
        drop_elements(table);
    }
    return true;
}

/* ---- copying ------------------------------------------------------------ */

bool rc__table_copy(struct rc_table *copy, const struct gc_object *owner,
                    const struct rc_table *source, const struct gc_object *source_owner)
{
    *copy = *source;
    copy->elements = NULL;
    copy->used = copy->count = 0;
    if (source->elements == NULL) {
        return true;
    }
    if (!make_elements(copy, owner, fitting_capacity_log2(source->used), source->hashed)) {
        return false;
    }
    transfer(copy, source, source_owner);
    return true;
}

/* ---- iterating ---------------------------------------------------------- */

static uint32_t owner_bits(const struct zval_array_cursor *cursor)
{
    return (uint32_t)((uintptr_t)cursor >> 3);
}

/* Where a cursor goes on whose table has been rebuilt since. The table knows it for the cursor that
   was moved last; any other one goes on behind the element that it returned last, if that is still
   there. */
static uint32_t find_again(const struct rc_table *table, const struct zval_array_cursor *cursor)
{
    if (table->cursor_owner == owner_bits(cursor)) {
        return table->cursor;
    }
    for (uint32_t i = 0; i < table->used; i++) {
        struct rc_bucket element = rc__table_element(table, i);
        if (element.hash == cursor->key && element.name == cursor->name &&
            !rc__is_hole(&element.value)) {
            return i + 1;
        }
    }
    return table->cursor;
}

static zval key_of(const struct rc_bucket *element)
{
    return element->name != NULL ? rc__value_of(RC_TAG_STRING, element->name)
                                 : zval_int((int64_t)element->hash);
}

bool rc__table_next(struct rc_table *table, struct zval_array_cursor *cursor, zval *key,
                    const zval **item)
{
    uint64_t epoch = (uint64_t)table->epoch + 1; /* 0 is a cursor that has not begun */
    uint32_t position = cursor->position;
    if (cursor->epoch != epoch && cursor->epoch != 0) {
        position = find_again(table, cursor);
    }
    struct rc_bucket element;
    do {
        if (position >= table->used) {
            return false;
        }
        element = rc__table_element(table, position++);
    } while (rc__is_hole(&element.value));
    *cursor = (struct zval_array_cursor){epoch, element.hash, element.name, position};
    table->cursor = position;
    table->cursor_owner = owner_bits(cursor);
    if (key != NULL) {
        *key = key_of(&element);
    }
    if (item != NULL) {
        *item = table->hashed ? &rc__table_buckets(table)[position - 1].value
                              : &rc__table_items(table)[position - 1];
    }
    return true;
}
