#include "values/instance.h"

#include <string.h>

const struct zval_class rc__no_class = {NULL, NULL, 0, NULL, 0};

static size_t bytes_of(const struct zval_class *class_)
{
    return sizeof(struct rc_instance) + class_->property_count * sizeof(zval);
}

RC_INLINE zval fill_in(struct rc_instance *instance, const struct zval_class *class_)
{
    instance->class_ = class_;
    instance->added = NULL;
    zval *property = instance->properties;
    for (size_t left = class_->property_count; left > 0; left--) {
        *property++ = zval_null();
    }
    return rc__value_of(RC_TAG_INSTANCE, instance);
}

static RC_NOINLINE zval new_other(const struct zval_class *class_)
{
    struct gc_heap *heap = rc__heap_current();
    if (heap == NULL || class_->property_count > RC_PROPERTIES_MAX) {
        return zval_undef();
    }
    bool traced = (class_->flags & ZVAL_CLASS_ACYCLIC) == 0;
    struct rc_instance *instance;
    do {
        instance = (void *)rc__object_new(heap, bytes_of(class_), RC_KIND_INSTANCE, traced);
    } while (rc__try_again_for(instance, heap));
    if (instance == NULL) {
        return zval_undef();
    }
    if (class_->destructor != NULL) {
        rc__expect_destructor(&instance->header);
    }
    return fill_in(instance, class_);
}

/* Whether most of what new_other() asks need not be asked. */
RC_INLINE bool is_small_and_plain(const struct zval_class *class_)
{
    return class_->property_count <= RC_PROPERTIES_FEW && class_->flags == 0 &&
           class_->destructor == NULL;
}

/* Most objects are small, plain, and not the last one of their page; see gc_new(). */
zval zval_object(const struct zval_class *class_)
{
    struct gc_heap *heap = rc__current;
    class_ = class_ == NULL ? &rc__no_class : class_;
    if (RC_UNLIKELY(heap == NULL || !is_small_and_plain(class_))) {
        return new_other(class_);
    }
    struct gc_object *object = rc__object_new_small(heap, bytes_of(class_), RC_KIND_INSTANCE, NULL);
    if (RC_UNLIKELY(object == NULL)) {
        return new_other(class_);
    }
    return fill_in((void *)object, class_);
}

const struct zval_class *zval_class_of(const zval *object)
{
    const struct rc_instance *instance = rc__instance_in(object);
    return instance == NULL || instance->class_ == &rc__no_class ? NULL : instance->class_;
}

/* ---- finding properties ------------------------------------------------- */

static zval *declared_property(struct rc_instance *instance, const char *name)
{
    const char *const *names = instance->class_->properties;
    size_t count = instance->class_->property_count;
    for (size_t i = 0; i < count; i++) {
        if (names[i] == name || strcmp(names[i], name) == 0) {
            return &instance->properties[i];
        }
    }
    return NULL;
}

static struct rc_key key_of_name(const char *name)
{
    return rc__key_bytes(name, strlen(name));
}

static struct rc_table *new_table(const struct rc_instance *instance)
{
    struct rc_table *table = rc__storage_new(&instance->header, sizeof *table);
    if (table != NULL) {
        memset(table, 0, sizeof *table);
    }
    return table;
}

/* The table comes with the first added property, and not without it. */
static zval *added_place(struct rc_instance *instance, const char *name, enum gc_result *result)
{
    struct rc_table *table = instance->added != NULL ? instance->added : new_table(instance);
    if (table == NULL) {
        *result = GC_ENOMEM;
        return NULL;
    }
    struct rc_key key = key_of_name(name);
    zval *place = rc__table_slot(table, &instance->header, &key, result);
    if (place != NULL) {
        instance->added = table;
    } else if (instance->added == NULL) {
        rc__storage_free(table);
    }
    return place;
}

/* A property for writing, null if it was not there; NULL: `result` says why. */
static zval *property_place(struct rc_instance *instance, const char *name, enum gc_result *result)
{
    zval *place = declared_property(instance, name);
    if (place != NULL) {
        if (rc__is_undef(place)) {
            *place = zval_null();
        }
        return place;
    }
    return added_place(instance, name, result);
}

static enum gc_result instance_for_writing(const zval *object, const char *name,
                                           struct rc_instance **instance)
{
    if (object == NULL || name == NULL) {
        return GC_EINVAL;
    }
    *instance = rc__instance_in(object);
    if (*instance != NULL) {
        return GC_OK;
    }
    return zval_type_of(object) == ZVAL_UNDEF ? GC_ENOMEM : GC_ETYPE;
}

/* ---- the public calls --------------------------------------------------- */

/* A property for writing, as for property_place(), made again if there is room now; the object is
   looked at anew each time. */
static zval *place_for_writing(const zval *object, const char *name, enum gc_result *result)
{
    zval *place;
    struct rc_instance *instance;
    do {
        *result = instance_for_writing(object, name, &instance);
        if (*result != GC_OK) {
            return NULL;
        }
        place = property_place(instance, name, result);
    } while (place == NULL && rc__try_again(rc__heap_of_page(rc__page_of(instance)), result));
    return place;
}

enum gc_result zval_property_set(zval *object, const char *name, zval value)
{
    enum gc_result result = GC_ENOMEM;
    zval *place = rc__is_undef(&value) ? NULL : place_for_writing(object, name, &result);
    if (place != NULL) {
        value = rc__put(place, value);
    }
    rc__let_go(value);
    return result;
}

const zval *zval_property_get(const zval *object, const char *name)
{
    struct rc_instance *instance = rc__instance_in(object);
    if (instance == NULL || name == NULL) {
        return NULL;
    }
    const zval *declared = declared_property(instance, name);
    if (declared != NULL) {
        return rc__is_undef(declared) ? NULL : declared;
    }
    if (instance->added == NULL) {
        return NULL;
    }
    struct rc_key key = key_of_name(name);
    return rc__table_find(instance->added, &key);
}

zval *zval_property_slot(zval *object, const char *name)
{
    enum gc_result result;
    return place_for_writing(object, name, &result);
}

zval *zval_property_at(zval *object, size_t index)
{
    struct rc_instance *instance = rc__instance_in(object);
    if (instance == NULL || index >= instance->class_->property_count) {
        return NULL;
    }
    return &instance->properties[index];
}

static enum gc_result remove_added(struct rc_instance *instance, const char *name)
{
    struct rc_key key = key_of_name(name);
    zval removed;
    struct rc_string *removed_name;
    if (instance->added == NULL ||
        !rc__table_remove(instance->added, &key, &removed, &removed_name)) {
        return GC_ENOKEY;
    }
    rc__leaf_release(rc__string_header(removed_name));
    rc__let_go(removed);
    return GC_OK;
}

enum gc_result zval_property_remove(zval *object, const char *name)
{
    struct rc_instance *instance;
    enum gc_result result = instance_for_writing(object, name, &instance);
    if (result != GC_OK) {
        return result;
    }
    zval *declared = declared_property(instance, name);
    if (declared == NULL) {
        return remove_added(instance, name);
    }
    if (rc__is_undef(declared)) {
        return GC_ENOKEY;
    }
    rc__let_go(rc__replace(declared, zval_undef()));
    return GC_OK;
}

size_t zval_property_count(const zval *object)
{
    const struct rc_instance *instance = rc__instance_in(object);
    if (instance == NULL) {
        return 0;
    }
    size_t count = instance->added == NULL ? 0 : instance->added->count;
    for (size_t i = 0; i < instance->class_->property_count; i++) {
        count += !rc__is_undef(&instance->properties[i]);
    }
    return count;
}

static bool next_declared(const struct rc_instance *instance, struct zval_property_cursor *cursor,
                          const char **name, const zval **value)
{
    while (cursor->declared < instance->class_->property_count) {
        size_t index = cursor->declared++;
        if (!rc__is_undef(&instance->properties[index])) {
            *name = instance->class_->properties[index];
            *value = &instance->properties[index];
            return true;
        }
    }
    return false;
}

bool zval_property_next(const zval *object, struct zval_property_cursor *cursor, const char **name,
                        const zval **value)
{
    const struct rc_instance *instance = rc__instance_in(object);
    const char *found_name;
    const zval *found_value;
    zval key;
    if (instance == NULL || cursor == NULL) {
        return false;
    }
    if (!next_declared(instance, cursor, &found_name, &found_value)) {
        if (instance->added == NULL ||
            !rc__table_next(instance->added, &cursor->added, &key, &found_value)) {
            return false;
        }
        found_name = zval_string_bytes(&key, NULL);
    }
    if (name != NULL) {
        *name = found_name;
    }
    if (value != NULL) {
        *value = found_value;
    }
    return true;
}
