/*
 * Each allocation of each call that allocates, failing in turn; refused for a
 * limit; and with a collection in its place.
 */
#include "fixture.h"
#include "sweep.h"

#include <stdlib.h>
#include <string.h>

/* ---- strings and arrays ------------------------------------------------------ */

static void make_strings(struct sweep *s)
{
    static const char bytes[100000];
    TRY_VALUE(s, &s->v[0], zval_cstring("text"));
    TRY_VALUE(s, &s->v[1], zval_string("a\0b", 3));
    TRY_VALUE(s, &s->v[2], zval_string(bytes, 5000));
    TRY_VALUE(s, &s->v[3], zval_string(bytes, sizeof bytes));
    TRY_VALUE(s, &s->v[4], zval_string(NULL, 0));
}

static void push_a_list(struct sweep *s)
{
    TRY_VALUE(s, &s->v[0], zval_array());
    for (int i = 0; i < 40; i++) {
        TRY(s, zval_array_push(&s->v[0], zval_int(i)));
    }
    for (int i = 0; i < 5; i++) {
        TRY(s, zval_array_push(&s->v[0], zval_cstring("an item of its own")));
        TRY(s, zval_array_push(&s->v[0], zval_array()));
    }
}

static void set_elements(struct sweep *s)
{
    char key[32];
    TRY_VALUE(s, &s->v[0], zval_array());
    for (int i = 0; i < 12; i++) {
        snprintf(key, sizeof key, "key %d", i);
        TRY(s, zval_array_set(&s->v[0], key, zval_cstring(key)));
        TRY(s, zval_array_set_at(&s->v[0], i * i - 5, zval_cstring(key)));
        TRY(s, zval_array_set_bytes(&s->v[0], key, (size_t)i % 4, zval_int(i)));
    }
    for (int i = 0; i < 12; i++) {
        snprintf(key, sizeof key, "key %d", i);
        TRY(s, zval_array_set(&s->v[0], key, zval_array()));
    }
}

static void remove_and_add_again(struct sweep *s)
{
    TRY_VALUE(s, &s->v[0], zval_array());
    for (int i = 0; i < 16; i++) {
        TRY(s, zval_array_push(&s->v[0], zval_cstring("item")));
    }
    for (int i = 0; i < 16; i += 2) {
        TRY(s, zval_array_remove_at(&s->v[0], i));
    }
    for (int i = 0; i < 16; i += 2) {
        TRY(s, zval_array_set_at(&s->v[0], i, zval_cstring("again")));
    }
    for (int i = 0; i < 16; i++) {
        TRY(s, zval_array_remove_at(&s->v[0], i));
    }
    TRY(s, zval_array_push(&s->v[0], zval_cstring("after all")));
}

static void write_to_slots(struct sweep *s)
{
    zval *place = NULL;
    TRY_VALUE(s, &s->v[0], zval_array());
    TRY_POINTER(s, place, zval_array_slot(&s->v[0], "name"));
    TRY_VALUE(s, place, zval_array());
    TRY_POINTER(s, place, zval_array_slot_at(place, 7));
    TRY_VALUE(s, place, zval_array());
    TRY_POINTER(s, place, zval_array_slot_bytes(place, "a\0b", 3));
    TRY_VALUE(s, place, zval_cstring("innermost"));
    for (int i = 0; i < 20; i++) {
        TRY_POINTER(s, place, zval_array_slot_at(&s->v[0], i));
    }
}

/* ---- separation -------------------------------------------------------------- */

static void make_shared(struct sweep *s)
{
    TRY_VALUE(s, &s->v[0], zval_array());
    for (int i = 0; i < 8; i++) {
        TRY(s, zval_array_push(&s->v[0], zval_int(i)));
    }
    TRY(s, zval_array_push(&s->v[0], zval_array()));
    s->v[1] = zval_copy(&s->v[0]);
}

static void separate_by_pushing(struct sweep *s)
{
    make_shared(s);
    TRY(s, zval_array_push(&s->v[0], zval_cstring("pushed")));
    s->v[2] = zval_copy(&s->v[0]);
    TRY(s, zval_array_push(&s->v[2], zval_cstring("pushed")));
}

static void separate_by_setting(struct sweep *s)
{
    make_shared(s);
    s->v[2] = zval_copy(&s->v[0]);
    TRY(s, zval_array_set(&s->v[0], "name", zval_cstring("set")));
    TRY(s, zval_array_set_at(&s->v[1], 3, zval_cstring("set")));
    s->v[3] = zval_copy(&s->v[0]);
    TRY(s, zval_array_set_bytes(&s->v[0], "n\0w", 3, zval_array()));
}

static void separate_by_removing(struct sweep *s)
{
    make_shared(s);
    TRY(s, zval_array_set(&s->v[0], "name", zval_cstring("set")));
    s->v[2] = zval_copy(&s->v[0]);
    TRY(s, zval_array_remove(&s->v[0], "name"));
    TRY(s, zval_array_remove_at(&s->v[1], 8));
}

static void separate_by_slots(struct sweep *s)
{
    zval *place = NULL;
    make_shared(s);
    TRY_POINTER(s, place, zval_array_slot(&s->v[0], "name"));
    TRY_POINTER(s, place, zval_array_slot_at(&s->v[1], 8));
    TRY(s, zval_array_push(place, zval_cstring("nested")));
    s->v[2] = zval_copy(&s->v[1]);
    TRY_POINTER(s, place, zval_array_slot_at(&s->v[2], 8));
    TRY(s, zval_array_push(place, zval_cstring("nested in a shared one")));
    TRY_POINTER(s, place, zval_array_slot_at(&s->v[2], 8));
    TRY_POINTER(s, place, zval_array_slot(place, "x"));
}

/* ---- references -------------------------------------------------------------- */

static void refer(struct sweep *s)
{
    zval *place = NULL;
    TRY_VALUE(s, &s->v[0], zval_cstring("text"));
    sweep_before(s);
    s->v[1] = zval_reference(&s->v[0]);
    sweep_pointer(s, zval_is_reference(&s->v[1]), __LINE__);
    zval_release(&s->v[1]);
    TRY_VALUE(s, &s->v[2], zval_array());
    TRY(s, zval_array_push(&s->v[2], zval_reference(&s->v[0])));
    sweep_before(s);
    s->v[4] = zval_reference(&s->v[2]);
    sweep_pointer(s, zval_is_reference(&s->v[4]), __LINE__);
    TRY(s, zval_array_set(&s->v[2], "self", zval_reference(&s->v[4])));
    TRY_POINTER(s, place, zval_array_slot_at(&s->v[2], 0));
    TRY_VALUE(s, place, zval_cstring("through the element"));
    TRY(s, zval_array_set_at(&s->v[2], 0, zval_cstring("and once more")));
    TRY_VALUE(s, &s->v[3], zval_copy(&s->v[2]));
    TRY(s, zval_array_push(&s->v[3], zval_int(1)));
}

/* ---- objects ----------------------------------------------------------------- */

static const char *const point_names[] = {"x", "y"};
static const struct zval_class point = {
    .name = "point", .properties = point_names, .property_count = 2};

static void make_objects(struct sweep *s)
{
    zval *place = NULL;
    TRY_VALUE(s, &s->v[0], zval_object(NULL));
    TRY_VALUE(s, &s->v[1], zval_object(&point));
    TRY(s, zval_property_set(&s->v[1], "x", zval_cstring("declared")));
    TRY(s, zval_property_set(&s->v[1], "added", zval_cstring("added")));
    TRY(s, zval_property_set(&s->v[0], "other", zval_copy(&s->v[1])));
    TRY(s, zval_property_remove(&s->v[1], "x"));
    TRY_POINTER(s, place, zval_property_slot(&s->v[1], "x"));
    TRY_VALUE(s, place, zval_array());
    TRY_POINTER(s, place, zval_property_slot(&s->v[0], "list"));
    TRY_VALUE(s, place, zval_array());
    TRY(s, zval_array_push(place, zval_cstring("in a list in a property")));
    TRY(s, zval_property_remove(&s->v[1], "added"));
    TRY(s, zval_property_set(&s->v[1], "object", zval_copy(&s->v[0])));
}

static void add_properties(struct sweep *s)
{
    char name[32];
    TRY_VALUE(s, &s->v[0], zval_object(&point));
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "added %d", i);
        TRY(s, zval_property_set(&s->v[0], name, zval_cstring(name)));
    }
}

/* ---- own structs ------------------------------------------------------------- */

struct holder {
    struct gc_object gc;
    zval value;
    struct holder *next;
};

static const struct gc_field holder_fields[] = {
    GC_FIELD_ZVAL(struct holder, value),
    GC_FIELD_OBJECT(struct holder, next),
};

static const struct gc_type holder_type = {
    .name = "holder", .size = sizeof(struct holder), .fields = holder_fields, .field_count = 2};
static const struct gc_type leaf_type = {.name = "leaf", .size = 200};
static const struct gc_type large_type = {
    .name = "large", .size = 100000, .fields = holder_fields, .field_count = 2};
static const struct gc_type *const types[] = {&holder_type, &leaf_type, &large_type};

static void make_structs(struct sweep *s)
{
    TRY_VALUE(s, &s->v[0], zval_array());
    for (int i = 0; i < 6; i++) {
        TRY(s, zval_array_push(&s->v[0], zval_native(gc_new(types[i % 3]))));
    }
}

static void make_a_ring_of_structs(struct sweep *s)
{
    struct holder *first = NULL;
    TRY_POINTER(s, first, gc_new(&holder_type));
    s->v[0] = zval_native(first);
    struct holder *last = first;
    for (int i = 0; i < 6; i++) {
        struct holder *holder = NULL;
        TRY_POINTER(s, holder, gc_new(&holder_type));
        if (holder == NULL || last == NULL) {
            gc_release(holder);
            continue;
        }
        TRY_VALUE(s, &holder->value, zval_cstring("held by a struct"));
        last->next = holder;
        last = holder;
    }
    if (last != NULL) {
        last->next = gc_retain(first);
    }
}

/* ---- with the collector at work ---------------------------------------------- */

/* Garbage cycles by the dozen; the buffer has four entries. */
static void make_garbage(struct sweep *s)
{
    TRY_VALUE(s, &s->v[0], zval_array());
    for (int i = 0; i < 12; i++) {
        TRY(s, zval_array_push(&s->v[0], zval_object(NULL)));
        zval object = zval_object(NULL);
        s->refused += zval_property_set(&object, "self", zval_copy(&object)) != GC_OK;
        s->refused += zval_property_set(&object, "list", zval_copy(&s->v[0])) != GC_OK;
        zval_release(&object);
        TRY(s, zval_array_set(&s->v[0], "last", zval_int(i)));
    }
    gc_collect_cycles();
}

/* ---- weak references --------------------------------------------------------- */

static void hold_weakly(struct sweep *s)
{
    zval *place = NULL;
    TRY_VALUE(s, &s->v[0], zval_object(NULL));
    TRY_VALUE(s, &s->v[1], zval_weakref(&s->v[0]));
    TRY_VALUE(s, &s->v[2], zval_weakmap());
    TRY(s, zval_weakmap_set(&s->v[2], &s->v[0], zval_cstring("at the object")));
    TRY_POINTER(s, place, zval_weakmap_slot(&s->v[2], &s->v[2]));
    TRY_VALUE(s, place, zval_array());
    TRY_VALUE(s, &s->v[3], zval_array());
    for (int i = 0; i < 12; i++) {
        TRY(s, zval_array_push(&s->v[3], zval_object(NULL)));
        TRY(s, zval_weakmap_set(&s->v[2], zval_array_get_at(&s->v[3], i), zval_int(i)));
        TRY_VALUE(s, &s->v[4], zval_weakref(zval_array_get_at(&s->v[3], i)));
    }
}

static void hold_structs_weakly(struct sweep *s)
{
    struct holder *holders[3];
    struct gc_weak *weak[3];
    for (int i = 0; i < 3; i++) {
        holders[i] = gc_new(types[i]);
        TRY_POINTER(s, weak[i], gc_weak_new(holders[i]));
        s->v[i] = zval_native(holders[i]);
    }
    for (int i = 0; i < 3; i++) {
        gc_weak_release(weak[i]);
    }
}

/* ---- the tests --------------------------------------------------------------- */

#define SWEEP_BUT_FOR_LIMITS(script)          \
    static void sweep_##script(void **state)  \
    {                                         \
        (void)state;                          \
        sweep_run(script);                    \
    }                                         \
    static void relief_##script(void **state) \
    {                                         \
        (void)state;                          \
        sweep_relief(script);                 \
    }

#define SWEEP(script)                        \
    SWEEP_BUT_FOR_LIMITS(script)             \
    static void limit_##script(void **state) \
    {                                        \
        (void)state;                         \
        sweep_limits(script);                \
    }

SWEEP(make_strings)
SWEEP(push_a_list)
SWEEP(set_elements)
SWEEP(remove_and_add_again)
SWEEP(write_to_slots)
SWEEP(separate_by_pushing)
SWEEP(separate_by_setting)
SWEEP(separate_by_removing)
SWEEP(separate_by_slots)
SWEEP(refer)
SWEEP(make_objects)
SWEEP(add_properties)
SWEEP(make_structs)
SWEEP(make_a_ring_of_structs)
/* What a collection for the limit frees changes counts, so that cannot be compared. */
SWEEP_BUT_FOR_LIMITS(make_garbage)
SWEEP(hold_weakly)
SWEEP(hold_structs_weakly)

#define SWEPT(test, script) test(sweep_##script), test(limit_##script), test(relief_##script)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SWEPT(fixture_test, make_strings),        SWEPT(fixture_test, push_a_list),
        SWEPT(fixture_test, set_elements),        SWEPT(fixture_test, remove_and_add_again),
        SWEPT(fixture_test, write_to_slots),      SWEPT(fixture_test, separate_by_pushing),
        SWEPT(fixture_test, separate_by_setting), SWEPT(fixture_test, separate_by_removing),
        SWEPT(fixture_test, separate_by_slots),   SWEPT(fixture_test, refer),
        SWEPT(fixture_test, make_objects),        SWEPT(fixture_test, add_properties),
        SWEPT(fixture_test, make_structs),        SWEPT(fixture_test, make_a_ring_of_structs),
        fixture_test_small(sweep_make_garbage),   fixture_test_small(relief_make_garbage),
        SWEPT(fixture_test, hold_weakly),         SWEPT(fixture_test, hold_structs_weakly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
