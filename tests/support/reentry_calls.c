#include "reentry_calls.h"

#include "checks.h"

#include <stdlib.h>
#include <string.h>

/* ---- the world -------------------------------------------------------------------------- */

void reentry_world_make(struct reentry_world *world)
{
    world->array = zval_array();
    for (int i = 0; i < 10; i++) {
        (void)zval_array_push(&world->array, zval_int(i));
    }
    (void)zval_array_set(&world->array, "name", zval_cstring("value"));
    world->shared = zval_copy(&world->array);
    world->object = zval_object(NULL);
    (void)zval_property_set(&world->object, "number", zval_int(7));
    (void)zval_property_set(&world->object, "self", zval_copy(&world->object));
    world->reference = zval_int(3);
    (void)zval_property_set(&world->object, "handle", zval_reference(&world->reference));
    world->map = zval_weakmap();
    (void)zval_weakmap_set(&world->map, &world->object, zval_int(1));
    world->weak = zval_weakref(&world->object);
    world->node = fixture_node_new(7);
    world->weak_node = gc_weak_new(world->node);
}

const char *reentry_world_fault(const struct reentry_world *world)
{
    if (zval_array_count(&world->array) != 11 || !zval_identical(&world->array, &world->shared) ||
        zval_to_int(zval_array_get_at(&world->array, 9)) != 9) {
        return "the array";
    }
    if (zval_property_count(&world->object) != 3 || zval_refcount(&world->object) < 2 ||
        zval_to_int(zval_property_get(&world->object, "number")) != 7) {
        return "the object";
    }
    if (zval_reference_count(&world->reference) != 2 || zval_to_int(&world->reference) != 3) {
        return "the reference";
    }
    if (zval_weakmap_count(&world->map) != 1 ||
        zval_to_int(zval_weakmap_get(&world->map, &world->object)) != 1) {
        return "the weak map";
    }
    zval target = zval_weakref_get(&world->weak);
    bool answers = zval_identical(&target, &world->object);
    zval_release(&target);
    void *node = gc_weak_get(world->weak_node);
    gc_release(node);
    if (!answers || node != world->node || gc_refcount(node) != 1) {
        return "the weak references";
    }
    return NULL;
}

void reentry_world_drop(struct reentry_world *world)
{
    zval *const values[] = {&world->array,     &world->shared, &world->object,
                            &world->reference, &world->map,    &world->weak};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        zval_release(values[i]);
    }
    gc_release(world->node);
    gc_weak_release(world->weak_node);
}

/* ---- the collector ------------------------------------------------------------------------ */

static void leave_garbage(void)
{
    struct fixture_node *node = fixture_node_new(1);
    node->a = gc_retain(node);
    gc_release(node);
}

static bool call_collect_cycles(struct reentry_world *world)
{
    (void)world;
    leave_garbage();
    size_t collected = gc_collect_cycles();
    return gc_status().running ? collected == 0 : gc_collect_cycles() == 0;
}

static bool call_collect_heap(struct reentry_world *world)
{
    (void)world;
    leave_garbage();
    size_t collected = gc_collect_heap();
    return gc_status().running ? collected == 0 : gc_collect_heap() == 0;
}

static bool call_enable(struct reentry_world *world)
{
    (void)world;
    gc_disable();
    bool off = !gc_enabled();
    leave_garbage();
    gc_enable();
    return off && gc_enabled();
}

static bool call_mem_caches(struct reentry_world *world)
{
    (void)world;
    zval list = checks_list(100000);
    zval_release(&list);
    (void)gc_mem_caches();
    list = checks_list(1000);
    bool whole = zval_array_count(&list) == 1000;
    zval_release(&list);
    return whole;
}

static bool call_status(struct reentry_world *world)
{
    (void)world;
    return gc_status().live_nodes > 0 && gc_status().buffer_size > 0;
}

static bool call_memory(struct reentry_world *world)
{
    (void)world;
    size_t before = gc_memory_usage(false);
    zval list = checks_list(1000);
    bool more = gc_memory_usage(false) > before && gc_memory_usage(true) >= gc_memory_usage(false);
    zval_release(&list);
    gc_memory_reset_peak();
    return more && gc_memory_peak(false) >= gc_memory_usage(false) &&
           gc_memory_peak(true) >= gc_memory_usage(true);
}

static bool call_memory_fail(struct reentry_world *world)
{
    gc_memory_fail_after(0);
    enum gc_result result = zval_array_push(&world->array, zval_int(10)); /* it is shared */
    zval object = zval_object(NULL);
    bool failed = gc_memory_fail_never() == 2;
    return failed && result == GC_ENOMEM && zval_type_of(&object) == ZVAL_UNDEF;
}

/* ---- heaps ----------------------------------------------------------------------------------- */

static bool call_heap_new_use_free(struct reentry_world *world)
{
    struct gc_heap *own = gc_heap_current();
    struct gc_options options = gc_options_default();
    struct gc_heap *other = gc_heap_new(&options);
    struct gc_heap *before = gc_heap_use(other);
    bool same = (before == own || before == NULL) && gc_heap_current() == other;
    leave_garbage();
    same &= gc_collect_cycles() == 1;
    zval_release(&world->shared); /* of the heap that is not in use */
    gc_heap_use(before);
    world->shared = zval_copy(&world->array);
    gc_heap_free(other);
    return same && gc_heap_current() == own;
}

static bool call_heap_free_of_the_current_one(struct reentry_world *world)
{
    struct gc_heap *own = gc_heap_current();
    gc_heap_free(NULL);
    gc_heap_free(own);
    return gc_heap_current() == own && zval_array_count(&world->array) == 11;
}

static bool call_heap_verify(struct reentry_world *world)
{
    (void)world;
    size_t faults = gc_heap_verify(NULL, stderr);
    return faults == (gc_status().running ? SIZE_MAX : 0);
}

static void ignore_misuse(const char *message, void *context)
{
    (void)message;
    (void)context;
}

static bool call_misuse(struct reentry_world *world)
{
    (void)world;
    gc_misuse_set_handler(ignore_misuse, NULL);
    return gc_misuse_is_checked() == gc_misuse_is_checked();
}

static bool call_result_text(struct reentry_world *world)
{
    (void)world;
    return strlen(gc_result_text(GC_EBUSY)) > 0;
}

/* ---- own structs -------------------------------------------------------------------------------
 */

struct traced {
    struct gc_object gc;
    struct traced *self;
    zval value;
};

static void trace(void *self, struct gc_visitor *visitor)
{
    struct traced *traced = self;
    gc_visit_object(visitor, traced->self);
    gc_visit_zval(visitor, &traced->value);
}

static const struct gc_type traced_type = {
    .name = "traced", .size = sizeof(struct traced), .trace = trace};

static bool call_new_and_visit(struct reentry_world *world)
{
    struct traced *traced = gc_new(&traced_type);
    traced->value = zval_copy(&world->object);
    gc_release(traced);
    traced = gc_new(&traced_type);
    traced->value = checks_list(3);
    traced->self = gc_retain(traced);
    gc_release(traced); /* garbage */
    (void)gc_collect_cycles();
    return gc_new(NULL) == NULL;
}

static bool call_retain_and_release(struct reentry_world *world)
{
    struct fixture_node *node = gc_retain(world->node);
    bool counted = gc_refcount(node) == 2 && gc_refcount(NULL) == 0;
    gc_release(node);
    gc_release(NULL);
    return counted && gc_retain(NULL) == NULL;
}

/* ---- weak references and weak maps --------------------------------------------------------------
 */

static bool call_weak(struct reentry_world *world)
{
    struct gc_weak *weak = gc_weak_new(world->node);
    struct fixture_node *node = gc_weak_get(weak);
    bool same = weak == world->weak_node && node == world->node;
    gc_release(node);
    gc_weak_release(weak);
    node = fixture_node_new(1);
    weak = gc_weak_new(node);
    gc_release(node);
    same &= gc_weak_get(weak) == NULL && gc_weak_new(NULL) == NULL;
    gc_weak_release(weak);
    return same;
}

static bool call_weakref(struct reentry_world *world)
{
    zval weak = zval_weakref(&world->object);
    zval target = zval_weakref_get(&weak);
    bool same = zval_identical(&weak, &world->weak) && zval_identical(&target, &world->object);
    zval_release(&target);
    zval_release(&weak);
    zval object = zval_object(NULL);
    weak = zval_weakref(&object);
    zval_release(&object);
    target = zval_weakref_get(&weak);
    zval_release(&weak);
    return same && zval_type_of(&target) == ZVAL_NULL;
}

static bool call_weakmap(struct reentry_world *world)
{
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    bool right = zval_weakmap_set(&map, &key, zval_copy(&key)) == GC_OK;
    right &= zval_weakmap_set(&map, &world->object, zval_copy(&world->map)) == GC_OK;
    right &= zval_weakmap_set(&world->map, &map, zval_int(2)) == GC_OK;
    right &= zval_weakmap_set(&map, &world->array, zval_int(2)) == GC_ETYPE;
    right &= zval_identical(zval_weakmap_get(&map, &key), &key);
    zval_assign(zval_weakmap_slot(&map, &key), zval_null());
    zval_release(&key);
    right &= zval_weakmap_count(&map) == 1;
    right &= zval_weakmap_remove(&map, &world->object) == GC_OK;
    zval_release(&map);
    return right && zval_weakmap_count(&world->map) == 1;
}

static bool call_weakmap_next(struct reentry_world *world)
{
    zval key;
    const zval *item;
    struct zval_weakmap_cursor cursor = {0};
    bool right = zval_weakmap_next(&world->map, &cursor, &key, &item);
    right &= zval_identical(&key, &world->object) && zval_to_int(item) == 1;
    return right && !zval_weakmap_next(&world->map, &cursor, &key, &item);
}

/* ---- making and reading values
 * -------------------------------------------------------------------- */

static bool call_plain_values(struct reentry_world *world)
{
    (void)world;
    zval values[] = {zval_undef(), zval_null(), zval_bool(true), zval_int(1), zval_double(0.5)};
    bool right = true;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        right &= zval_type_of(&values[i]) == (enum zval_type)i && zval_refcount(&values[i]) == 0;
        zval copy = zval_copy(&values[i]);
        right &= zval_identical(&values[i], &copy);
        zval_release(&copy);
    }
    return right && zval_to_bool(&values[2]) && zval_to_int(&values[4]) == 0 &&
           zval_to_double(&values[4]) > 0.4;
}

static bool call_strings(struct reentry_world *world)
{
    (void)world;
    zval text = zval_cstring("text");
    zval bytes = zval_string("a\0b", 3);
    size_t length;
    bool right = strcmp(zval_string_bytes(&text, &length), "text") == 0 && length == 4;
    right &= zval_string_bytes(&bytes, &length) != NULL && length == 3;
    zval copy = zval_copy(&text);
    right &= zval_refcount(&text) == 2;
    zval_release(&copy);
    zval_release(&text);
    zval_release(&bytes);
    return right;
}

static const struct zval_class point_class = {
    .name = "point", .properties = (const char *const[]){"x", "y"}, .property_count = 2};

static bool call_object(struct reentry_world *world)
{
    zval point = zval_object(&point_class);
    bool right = zval_class_of(&point) == &point_class && zval_class_of(&world->object) == NULL;
    zval_assign(zval_property_at(&point, 1), zval_copy(&world->object));
    right &= zval_property_at(&point, 2) == NULL && zval_refcount(&world->object) > 2;
    zval_release(&point);
    return right;
}

static bool call_native(struct reentry_world *world)
{
    zval value = zval_native(gc_retain(world->node));
    bool right = zval_to_native(&value) == world->node && zval_type_of(&value) == ZVAL_NATIVE;
    zval_release(&value);
    value = zval_native(NULL);
    return right && zval_type_of(&value) == ZVAL_UNDEF;
}

static bool call_assign_and_reference(struct reentry_world *world)
{
    zval handle = zval_reference(&world->reference);
    bool right = zval_is_reference(&handle) && zval_reference_count(&handle) == 3;
    zval_assign(&handle, zval_copy(&world->object));
    right &= zval_type_of(zval_property_get(&world->object, "handle")) == ZVAL_OBJECT;
    zval_assign(&handle, zval_int(3));
    zval_release(&handle);
    zval_release(NULL);
    zval_assign(NULL, zval_int(1));
    return right;
}

static bool call_identical(struct reentry_world *world)
{
    zval loop = zval_array();
    (void)zval_array_push(&loop, zval_reference(&loop));
    bool right = zval_identical(&loop, zval_array_get_at(&loop, 0));
    right &= !zval_identical(&loop, &world->array);
    zval_release(&loop); /* garbage */
    return right;
}

static bool call_dump(struct reentry_world *world)
{
    char *text = checks_dump_of(&world->object);
    char *map = checks_dump_of(&world->map);
    bool right = strstr(text, "a cycle") != NULL && strlen(map) > 0;
    free(text);
    free(map);
    return right;
}

/* ---- arrays
 * ------------------------------------------------------------------------------------------ */

static bool call_array_push_and_slots(struct reentry_world *world)
{
    zval array = zval_copy(&world->array);
    bool right = zval_array_push(&array, zval_copy(&world->object)) == GC_OK; /* separates it */
    zval_assign(zval_array_slot(&array, "new"), zval_copy(&array));
    zval_assign(zval_array_slot_at(&array, 100), zval_copy(&world->object));
    zval_assign(zval_array_slot_bytes(&array, "a\0b", 3), zval_int(1));
    right &= zval_array_count(&array) == 15 && zval_refcount(&world->object) > 3;
    zval_release(&array);
    return right;
}

static bool call_array_set_and_get(struct reentry_world *world)
{
    zval array = zval_array();
    bool right = zval_array_set(&array, "name", zval_copy(&world->object)) == GC_OK;
    right &= zval_array_set_at(&array, 1, zval_copy(&world->array)) == GC_OK;
    right &= zval_array_set_bytes(&array, "a\0b", 3, zval_cstring("value")) == GC_OK;
    right &= zval_array_set(&world->object, "name", zval_int(1)) == GC_ETYPE;
    right &= zval_identical(zval_array_get(&array, "name"), &world->object);
    right &= zval_identical(zval_array_get_at(&array, 1), &world->array);
    right &= zval_array_get_bytes(&array, "a\0b", 3) != NULL;
    right &= zval_array_get(&array, "missing") == NULL;
    zval_release(&array);
    return right;
}

static bool call_array_remove(struct reentry_world *world)
{
    zval array = zval_copy(&world->array);
    bool right = zval_array_remove(&array, "name") == GC_OK;
    right &= zval_array_remove_at(&array, 5) == GC_OK;
    right &= zval_array_remove_at(&array, 5) == GC_ENOKEY;
    right &= zval_array_remove_bytes(&array, "a\0b", 3) == GC_ENOKEY;
    right &= zval_array_count(&array) == 9;
    zval_release(&array);
    return right;
}

static bool call_array_next(struct reentry_world *world)
{
    int64_t sum = 0;
    zval key;
    const zval *item;
    struct zval_array_cursor cursor = {0};
    while (zval_array_next(&world->array, &cursor, &key, &item)) {
        sum += zval_to_int(item);
    }
    return sum == 45;
}

/* ---- properties
 * ------------------------------------------------------------------------------------------ */

static bool call_property_set_and_remove(struct reentry_world *world)
{
    zval *object = &world->object;
    bool right = zval_property_set(object, "new", zval_copy(object)) == GC_OK;
    zval_assign(zval_property_slot(object, "other"), zval_copy(&world->array));
    right &= zval_property_count(object) == 5;
    right &= zval_property_remove(object, "new") == GC_OK;
    right &= zval_property_remove(object, "other") == GC_OK;
    return right && zval_property_remove(object, "other") == GC_ENOKEY;
}

static bool call_property_get_and_next(struct reentry_world *world)
{
    int visited = 0;
    const char *name;
    const zval *value;
    struct zval_property_cursor cursor = {0};
    while (zval_property_next(&world->object, &cursor, &name, &value)) {
        visited += zval_property_get(&world->object, name) == value;
    }
    return visited == 3;
}

const struct reentry_call reentry_calls[] = {
    {"gc_collect_cycles", call_collect_cycles},
    {"gc_collect_heap", call_collect_heap},
    {"gc_enable, gc_disable, gc_enabled", call_enable},
    {"gc_mem_caches", call_mem_caches},
    {"gc_status", call_status},
    {"gc_memory_usage, gc_memory_peak, gc_memory_reset_peak", call_memory},
    {"gc_memory_fail_after, gc_memory_fail_never", call_memory_fail},
    {"gc_heap_new, gc_heap_use, gc_heap_current, gc_heap_free, gc_options_default",
     call_heap_new_use_free},
    {"gc_heap_free of the current heap", call_heap_free_of_the_current_one},
    {"gc_heap_verify", call_heap_verify},
    {"gc_misuse_set_handler, gc_misuse_is_checked", call_misuse},
    {"gc_result_text", call_result_text},
    {"gc_new, gc_visit_object, gc_visit_zval", call_new_and_visit},
    {"gc_retain, gc_release, gc_refcount", call_retain_and_release},
    {"gc_weak_new, gc_weak_get, gc_weak_release", call_weak},
    {"zval_weakref, zval_weakref_get", call_weakref},
    {"zval_weakmap, zval_weakmap_set, zval_weakmap_get, zval_weakmap_slot, zval_weakmap_remove, "
     "zval_weakmap_count",
     call_weakmap},
    {"zval_weakmap_next", call_weakmap_next},
    {"zval_undef, zval_null, zval_bool, zval_int, zval_double, zval_plain, zval_type_of, "
     "zval_to_bool, zval_to_int, zval_to_double",
     call_plain_values},
    {"zval_string, zval_cstring, zval_string_bytes, zval_copy, zval_refcount", call_strings},
    {"zval_object, zval_class_of, zval_property_at", call_object},
    {"zval_native, zval_to_native", call_native},
    {"zval_assign, zval_reference, zval_is_reference, zval_reference_count, zval_release",
     call_assign_and_reference},
    {"zval_identical", call_identical},
    {"zval_dump", call_dump},
    {"zval_array_push, zval_array_slot, zval_array_slot_at, zval_array_slot_bytes",
     call_array_push_and_slots},
    {"zval_array, zval_array_set, zval_array_set_at, zval_array_set_bytes, zval_array_get, "
     "zval_array_get_at, zval_array_get_bytes",
     call_array_set_and_get},
    {"zval_array_remove, zval_array_remove_at, zval_array_remove_bytes, zval_array_count",
     call_array_remove},
    {"zval_array_next", call_array_next},
    {"zval_property_set, zval_property_slot, zval_property_remove, zval_property_count",
     call_property_set_and_remove},
    {"zval_property_get, zval_property_next", call_property_get_and_next},
};

const size_t reentry_call_count = sizeof reentry_calls / sizeof reentry_calls[0];
