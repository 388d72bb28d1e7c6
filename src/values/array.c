/*
 * Invariants:
 *   A1  an array that is shared is not written to: a writer separates first.
 *   A2  an array is rootable (or in the root buffer) exactly if it may hold objects.
 */
#include "values/array.h"

#include <string.h>

/* ---- making and sharing ------------------------------------------------- */

static struct rc_array *new_array(struct gc_heap *heap)
{
    struct rc_array *array =
        (void *)rc__object_new(heap, sizeof(struct rc_array), RC_KIND_ARRAY, true);
    if (array != NULL) {
        memset(&array->table, 0, sizeof array->table);
    }
    return array;
}

zval zval_array(void)
{
    struct gc_heap *heap = rc__heap_current();
    struct rc_array *array = heap == NULL ? NULL : new_array(heap);
    return array == NULL ? zval_undef() : rc__value_of(RC_TAG_ARRAY, array);
}

struct rc_array *rc__array_in(const zval *value)
{
    value = rc__look_through(value);
    return value != NULL && value->tag == RC_TAG_ARRAY ? value->payload.counted : NULL;
}

static void let_hold_objects(struct rc_array *array)
{
    if (!array->table.may_hold_objects) {
        array->table.may_hold_objects = true;
        array->header.info |= RC_INFO_ROOTABLE;
    }
}

static struct rc_array *copy_array(struct rc_array *source)
{
    struct rc_array *copy = new_array(rc__heap_of_page(rc__page_of(source)));
    if (copy == NULL) {
        return NULL;
    }
    if (!rc__table_copy(&copy->table, &copy->header, &source->table, &source->header)) {
        gc_release(&copy->header);
        return NULL;
    }
    if (copy->table.may_hold_objects) {
        copy->header.info |= RC_INFO_ROOTABLE;
    }
    return copy;
}

/*
 * The array in a variable, separated, ready to be written. Giving up the shared
 * one may run the program's code, which may share the variable's array again:
 * hence the loop.
 */
static enum gc_result writable(zval *variable, struct rc_array **array)
{
    variable = rc__variable_of(variable);
    if (variable == NULL) {
        return GC_EINVAL;
    }
    for (;;) {
        if (variable->tag != RC_TAG_ARRAY) {
            return rc__is_undef(variable) ? GC_ENOMEM : GC_ETYPE;
        }
        struct rc_array *shared = variable->payload.counted;
        if (shared->header.refcount == 1) {
            *array = shared;
            return GC_OK;
        }
        struct rc_array *own = copy_array(shared);
        if (own == NULL) {
            return GC_ENOMEM;
        }
        variable->payload.counted = own;
        gc_release(&shared->header);
    }
}

/* ---- elements ----------------------------------------------------------- */

static enum gc_result put_element(zval *variable, const struct rc_key *key, zval item)
{
    struct rc_array *array;
    enum gc_result result = rc__is_undef(&item) ? GC_ENOMEM : writable(variable, &array);
    zval *place = NULL;
    if (result == GC_OK) {
        place = rc__table_slot(&array->table, &array->header, key, &result);
    }
    if (place != NULL) {
        if ((item.tag & RC_TAG_OBJECT) != 0) {
            let_hold_objects(array);
        }
        item = rc__put(place, item);
    }
    rc__let_go(item);
    return result;
}

static zval *element_slot(zval *variable, const struct rc_key *key)
{
    struct rc_array *array;
    enum gc_result result = writable(variable, &array);
    if (result != GC_OK) {
        return NULL;
    }
    zval *place = rc__table_slot(&array->table, &array->header, key, &result);
    if (place != NULL) {
        let_hold_objects(array);
    }
    return place;
}

static const zval *get_element(const zval *value, const struct rc_key *key)
{
    const struct rc_array *array = rc__array_in(value);
    return array == NULL ? NULL : rc__table_find(&array->table, key);
}

static enum gc_result remove_element(zval *variable, const struct rc_key *key)
{
    struct rc_array *array = rc__array_in(variable);
    if (array != NULL && rc__table_find(&array->table, key) == NULL) {
        return GC_ENOKEY;
    }
    enum gc_result result = writable(variable, &array);
    zval removed;
    struct rc_string *name;
    if (result != GC_OK) {
        return result;
    }
    if (!rc__table_remove(&array->table, key, &removed, &name)) {
        return GC_ENOKEY;
    }
    if (name != NULL) {
        rc__leaf_release(rc__string_header(name));
    }
    rc__let_go(removed);
    return GC_OK;
}

/* ---- the public calls --------------------------------------------------- */

static bool has_name(const char *key, size_t length)
{
    return key != NULL || length == 0;
}

static struct rc_key name_key(const char *key, size_t length)
{
    return rc__key_bytes(key == NULL ? "" : key, length);
}

enum gc_result zval_array_push(zval *array, zval item)
{
    const struct rc_array *target = rc__array_in(array);
    struct rc_key key = rc__key_integer(target == NULL ? 0 : target->table.next_key);
    if (target != NULL && target->table.next_key < 0) {
        rc__let_go(item);
        return GC_ERANGE;
    }
    return put_element(array, &key, item);
}

enum gc_result zval_array_set_bytes(zval *array, const char *key, size_t length, zval item)
{
    if (!has_name(key, length)) {
        rc__let_go(item);
        return GC_EINVAL;
    }
    struct rc_key name = name_key(key, length);
    return put_element(array, &name, item);
}

enum gc_result zval_array_set(zval *array, const char *key, zval item)
{
    return zval_array_set_bytes(array, key, key == NULL ? SIZE_MAX : strlen(key), item);
}

enum gc_result zval_array_set_at(zval *array, int64_t key, zval item)
{
    struct rc_key integer = rc__key_integer(key);
    return put_element(array, &integer, item);
}

const zval *zval_array_get_bytes(const zval *array, const char *key, size_t length)
{
    if (!has_name(key, length)) {
        return NULL;
    }
    struct rc_key name = name_key(key, length);
    return get_element(array, &name);
}

const zval *zval_array_get(const zval *array, const char *key)
{
    return zval_array_get_bytes(array, key, key == NULL ? SIZE_MAX : strlen(key));
}

const zval *zval_array_get_at(const zval *array, int64_t key)
{
    struct rc_key integer = rc__key_integer(key);
    return get_element(array, &integer);
}

zval *zval_array_slot_bytes(zval *array, const char *key, size_t length)
{
    if (!has_name(key, length)) {
        return NULL;
    }
    struct rc_key name = name_key(key, length);
    return element_slot(array, &name);
}

zval *zval_array_slot(zval *array, const char *key)
{
    return zval_array_slot_bytes(array, key, key == NULL ? SIZE_MAX : strlen(key));
}

zval *zval_array_slot_at(zval *array, int64_t key)
{
    struct rc_key integer = rc__key_integer(key);
    return element_slot(array, &integer);
}

enum gc_result zval_array_remove_bytes(zval *array, const char *key, size_t length)
{
    if (!has_name(key, length)) {
        return GC_EINVAL;
    }
    struct rc_key name = name_key(key, length);
    return remove_element(array, &name);
}

enum gc_result zval_array_remove(zval *array, const char *key)
{
    return zval_array_remove_bytes(array, key, key == NULL ? SIZE_MAX : strlen(key));
}

enum gc_result zval_array_remove_at(zval *array, int64_t key)
{
    struct rc_key integer = rc__key_integer(key);
    return remove_element(array, &integer);
}

size_t zval_array_count(const zval *value)
{
    const struct rc_array *array = rc__array_in(value);
    return array == NULL ? 0 : array->table.count;
}

bool zval_array_next(const zval *value, struct zval_array_cursor *cursor, zval *key,
                     const zval **item)
{
    struct rc_array *array = rc__array_in(value);
    if (array == NULL || cursor == NULL) {
        return false;
    }
    return rc__table_next(&array->table, cursor, key, item);
}
