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
    if (heap == NULL) {
        return zval_undef();
    }
    struct rc_array *array;
    do {
        array = new_array(heap);
    } while (rc__try_again_for(array, heap));
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
 * A write in progress: the variable, its array, and the shared one that it was
 * separated from. Giving that up may run the program's code, so it is done last.
 */
struct write {
    zval *variable;
    struct rc_array *array;
    struct rc_array *shared; /* NULL: it was not shared */
};

static enum gc_result begin_write(zval *variable, struct write *write)
{
    *write = (struct write){.variable = rc__variable_of(variable)};
    if (variable == NULL) {
        return GC_EINVAL;
    }
    if (write->variable->tag != RC_TAG_ARRAY) {
        return rc__is_undef(write->variable) ? GC_ENOMEM : GC_ETYPE;
    }
    write->array = write->variable->payload.counted;
    if (write->array->header.refcount == 1) {
        return GC_OK;
    }
    struct rc_array *copy = copy_array(write->array);
    if (copy == NULL) {
        return GC_ENOMEM;
    }
    write->shared = write->array;
    write->array = write->variable->payload.counted = copy;
    return GC_OK;
}

static void end_write(const struct write *write)
{
    if (write->shared != NULL) {
        gc_release(&write->shared->header);
    }
}

/* The variable has its shared array back; the copy had no life of its own. */
static void undo_write(const struct write *write)
{
    if (write->shared != NULL) {
        write->variable->payload.counted = write->shared;
        gc_release(&write->array->header);
    }
}

/* ---- elements ----------------------------------------------------------- */

/* Where the variable's array has its memory from, so that a call that fails for its limit is made
   again; see rc__try_again(). */
static bool try_write_again(const zval *variable, enum gc_result *result)
{
    struct rc_array *array = *result == GC_ENOMEM ? rc__array_in(variable) : NULL;
    return array != NULL && rc__try_again(rc__heap_of_page(rc__page_of(array)), result);
}

/* Exchanges `item` for what was there before. No key is the next integer one. */
static enum gc_result try_put_element(zval *variable, const struct rc_key *key, zval *item)
{
    const struct rc_array *array = rc__array_in(variable);
    struct rc_key next_key = rc__key_integer(array == NULL ? 0 : array->table.next_key);
    if (key == NULL && array != NULL && array->table.next_key < 0) {
        return GC_ERANGE;
    }
    key = key == NULL ? &next_key : key;
    struct write write;
    enum gc_result result = begin_write(variable, &write);
    if (result != GC_OK) {
        return result;
    }
    zval *place = rc__table_slot(&write.array->table, &write.array->header, key, &result);
    if (place == NULL) {
        undo_write(&write);
        return result;
    }
    if ((item->tag & RC_TAG_OBJECT) != 0) {
        let_hold_objects(write.array);
    }
    *item = rc__put(place, *item);
    end_write(&write);
    return GC_OK;
}

static enum gc_result put_element(zval *variable, const struct rc_key *key, zval item)
{
    enum gc_result result = GC_ENOMEM;
    if (!rc__is_undef(&item)) {
        do {
            result = try_put_element(variable, key, &item);
        } while (try_write_again(variable, &result));
    }
    rc__let_go(item);
    return result;
}

/* Giving up a shared array may run the program's code, and that may change the variable: then once
   more, until there is nothing to give up. */
static zval *try_element_slot(zval *variable, const struct rc_key *key, enum gc_result *result)
{
    for (;;) {
        struct write write;
        *result = begin_write(variable, &write);
        if (*result != GC_OK) {
            return NULL;
        }
        zval *place = rc__table_slot(&write.array->table, &write.array->header, key, result);
        if (place == NULL) {
            undo_write(&write);
            return NULL;
        }
        let_hold_objects(write.array);
        if (write.shared == NULL) {
            return place;
        }
        end_write(&write);
    }
}

static zval *element_slot(zval *variable, const struct rc_key *key)
{
    zval *place;
    enum gc_result result;
    do {
        place = try_element_slot(variable, key, &result);
    } while (try_write_again(variable, &result));
    return place;
}

static const zval *get_element(const zval *value, const struct rc_key *key)
{
    const struct rc_array *array = rc__array_in(value);
    return array == NULL ? NULL : rc__table_find(&array->table, key);
}

static enum gc_result try_remove_element(zval *variable, const struct rc_key *key)
{
    const struct rc_array *array = rc__array_in(variable);
    if (array != NULL && rc__table_find(&array->table, key) == NULL) {
        return GC_ENOKEY;
    }
    struct write write;
    enum gc_result result = begin_write(variable, &write);
    if (result != GC_OK) {
        return result;
    }
    zval removed;
    struct rc_string *name;
    rc__table_remove(&write.array->table, key, &removed, &name);
    if (name != NULL) {
        rc__leaf_release(rc__string_header(name));
    }
    end_write(&write);
    rc__let_go(removed);
    return GC_OK;
}

static enum gc_result remove_element(zval *variable, const struct rc_key *key)
{
    enum gc_result result;
    do {
        result = try_remove_element(variable, key);
    } while (try_write_again(variable, &result));
    return result;
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

/* Lets go of an item that is not wanted; of several reasons, a missing item comes first. */
static enum gc_result refuse(zval item, enum gc_result reason)
{
    bool is_missing = rc__is_undef(&item);
    rc__let_go(item);
    return is_missing ? GC_ENOMEM : reason;
}

/* A push that needs neither separation nor memory. */
static bool push_at_once(const zval *array, zval item)
{
    struct rc_array *target = rc__array_in(array);
    if (target == NULL || target->header.refcount != 1 || rc__is_undef(&item)) {
        return false;
    }
    zval *place = rc__table_push_packed(&target->table);
    if (place == NULL) {
        return false;
    }
    if ((item.tag & RC_TAG_OBJECT) != 0) {
        let_hold_objects(target);
    }
    *place = rc__bare(&item);
    return true;
}

enum gc_result zval_array_push(zval *array, zval item)
{
    if (push_at_once(array, item)) {
        return GC_OK;
    }
    return put_element(array, NULL, item);
}

enum gc_result zval_array_set_bytes(zval *array, const char *key, size_t length, zval item)
{
    if (!has_name(key, length)) {
        return refuse(item, GC_EINVAL);
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
    const struct rc_array *target = rc__array_in(array);
    return target == NULL ? NULL : rc__table_find_at(&target->table, key);
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
