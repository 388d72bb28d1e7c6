/*
 * Where a type says that its references are: each form of field, and trace
 * callbacks. Each is tried twice: with a cycle through it, which only the
 * collector can free, and with a child that goes by counting.
 */
#include "checks.h"
#include "fixture.h"

#include <stdlib.h>

#define MEMBERS 3

struct shape {
    struct gc_object gc;
    long before;
    struct gc_object *object;
    struct gc_object *objects[MEMBERS];
    zval value;
    zval values[MEMBERS];
    struct gc_object **object_list;
    size_t object_list_count;
    zval *value_list;
    size_t value_list_count;
    long behind;
};

static void free_lists(void *self)
{
    struct shape *shape = self;
    free(shape->object_list);
    free(shape->value_list);
}

static void trace_everything(void *self, struct gc_visitor *visitor)
{
    struct shape *shape = self;
    gc_visit_object(visitor, shape->object);
    gc_visit_zval(visitor, &shape->value);
    for (size_t i = 0; i < MEMBERS; i++) {
        gc_visit_object(visitor, shape->objects[i]);
        gc_visit_zval(visitor, &shape->values[i]);
    }
    for (size_t i = 0; i < shape->object_list_count; i++) {
        gc_visit_object(visitor, shape->object_list[i]);
    }
    for (size_t i = 0; i < shape->value_list_count; i++) {
        gc_visit_zval(visitor, &shape->value_list[i]);
    }
}

static const struct gc_field all_fields[] = {
    GC_FIELD_OBJECT(struct shape, object),
    GC_FIELD_OBJECTS(struct shape, objects),
    GC_FIELD_ZVAL(struct shape, value),
    GC_FIELD_ZVALS(struct shape, values),
    GC_FIELD_OBJECT_LIST(struct shape, object_list, object_list_count),
    GC_FIELD_ZVAL_LIST(struct shape, value_list, value_list_count),
};

static const struct gc_type by_fields = {
    .name = "by_fields",
    .size = sizeof(struct shape),
    .fields = all_fields,
    .field_count = 6,
    .free = free_lists,
};

static const struct gc_type by_callback = {
    .name = "by_callback",
    .size = sizeof(struct shape),
    .trace = trace_everything,
    .free = free_lists,
};

/* ---- what can be put where --------------------------------------------------- */

typedef void (*put)(struct shape *shape, void *child);

static void put_object(struct shape *shape, void *child)
{
    shape->object = child;
}

static void put_objects(struct shape *shape, void *child)
{
    shape->objects[0] = child;
    for (size_t i = 1; i < MEMBERS; i++) {
        shape->objects[i] = gc_retain(child);
    }
}

static void put_value(struct shape *shape, void *child)
{
    shape->value = zval_native(child);
}

static void put_values(struct shape *shape, void *child)
{
    shape->values[0] = zval_native(child);
    for (size_t i = 1; i < MEMBERS; i++) {
        shape->values[i] = zval_copy(&shape->values[0]);
    }
}

/* The list has gaps: NULL is allowed in it. */
static void put_object_list(struct shape *shape, void *child)
{
    shape->object_list = calloc(MEMBERS, sizeof(struct gc_object *));
    shape->object_list_count = MEMBERS;
    shape->object_list[0] = child;
    shape->object_list[MEMBERS - 1] = gc_retain(child);
}

static void put_value_list(struct shape *shape, void *child)
{
    shape->value_list = calloc(MEMBERS, sizeof(zval));
    shape->value_list_count = MEMBERS;
    shape->value_list[0] = zval_native(child);
    shape->value_list[MEMBERS - 1] = zval_copy(&shape->value_list[0]);
}

static void find_cycle_through(put put_child, const struct gc_type *type)
{
    struct shape *first = gc_new(type);
    struct shape *second = gc_new(type);
    put_child(first, second);
    put_child(second, gc_retain(first));
    gc_retain(second);
    assert_int_equal(gc_collect_cycles(), 0);
    gc_release(first);
    assert_int_equal(gc_collect_cycles(), 0);
    gc_release(second);
    assert_nodes(2);
    assert_int_equal(gc_collect_cycles(), 2);
    assert_nodes(0);
}

static void release_child_in(put put_child, const struct gc_type *type)
{
    struct shape *shape = gc_new(type);
    struct shape *child = gc_new(type);
    put_child(shape, gc_retain(child));
    assert_sound();
    gc_release(shape);
    assert_nodes(1);
    assert_int_equal(gc_refcount(child), 1);
    gc_release(child);
    assert_nodes(0);
}

#define FORM(form)                                                         \
    static void a_cycle_through_a_field_of_##form##_is_found(void **state) \
    {                                                                      \
        (void)state;                                                       \
        find_cycle_through(put_##form, &by_fields);                        \
    }                                                                      \
    static void a_cycle_through_a_traced_##form##_is_found(void **state)   \
    {                                                                      \
        (void)state;                                                       \
        find_cycle_through(put_##form, &by_callback);                      \
    }                                                                      \
    static void a_field_of_##form##_releases_its_child(void **state)       \
    {                                                                      \
        (void)state;                                                       \
        release_child_in(put_##form, &by_fields);                          \
    }                                                                      \
    static void a_traced_##form##_releases_its_child(void **state)         \
    {                                                                      \
        (void)state;                                                       \
        release_child_in(put_##form, &by_callback);                        \
    }

FORM(object)
FORM(objects)
FORM(value)
FORM(values)
FORM(object_list)
FORM(value_list)

/* ---- the edges --------------------------------------------------------------- */

static void a_zeroed_object_is_fit_for_all_forms(void **state)
{
    (void)state;
    struct shape *fields = gc_new(&by_fields);
    struct shape *callback = gc_new(&by_callback);
    assert_sound();
    assert_int_equal(gc_collect_heap(), 0);
    gc_release(fields);
    gc_release(callback);
    assert_nodes(0);
}

static void the_macros_say_where_and_how_many(void **state)
{
    (void)state;
    assert_int_equal(all_fields[0].offset, offsetof(struct shape, object));
    assert_int_equal(all_fields[0].count, 1);
    assert_int_equal(all_fields[1].count, MEMBERS);
    assert_int_equal(all_fields[3].count, MEMBERS);
    assert_int_equal(all_fields[4].count, offsetof(struct shape, object_list_count));
    assert_int_equal(all_fields[5].kind, GC_FIELD_KIND_ZVAL_LIST);
}

static void strings_in_fields_go_with_the_object(void **state)
{
    (void)state;
    struct shape *shape = gc_new(&by_fields);
    shape->value = zval_cstring("counted");
    shape->values[1] = zval_cstring("as well");
    shape->object = gc_retain(shape);
    gc_release(shape);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(gc_memory_usage(false), 0);
}

static void a_list_may_shrink_and_grow(void **state)
{
    (void)state;
    struct shape *shape = gc_new(&by_fields);
    put_value_list(shape, gc_new(&fixture_node_type));
    zval_release(&shape->value_list[MEMBERS - 1]);
    shape->value_list_count = 1;
    assert_sound();
    shape->value_list_count = MEMBERS;
    shape->value_list[1] = zval_native(gc_retain(shape));
    gc_release(shape);
    assert_int_equal(gc_collect_cycles(), 2);
}

static void trace_no_value(void *self, struct gc_visitor *visitor)
{
    (void)self;
    gc_visit_zval(visitor, NULL);
    gc_visit_object(visitor, NULL);
}

static void null_can_be_visited(void **state)
{
    (void)state;
    static const struct gc_type type = {
        .name = "nothing", .size = sizeof(struct shape), .trace = trace_no_value};
    void *object = gc_new(&type);
    assert_int_equal(gc_collect_heap(), 0);
    gc_release(object);
    assert_nodes(0);
}

static void trace_values_only(void *self, struct gc_visitor *visitor)
{
    gc_visit_zval(visitor, &((struct shape *)self)->value);
}

static void fields_and_a_callback_add_up(void **state)
{
    (void)state;
    static const struct gc_type type = {.name = "both",
                                        .size = sizeof(struct shape),
                                        .fields = all_fields,
                                        .field_count = 1,
                                        .trace = trace_values_only};
    struct shape *shape = gc_new(&type);
    shape->object = gc_retain(shape);
    shape->value = zval_native(gc_retain(shape));
    gc_release(shape);
    assert_int_equal(gc_collect_cycles(), 1);
}

static void a_reference_not_declared_leaks_and_is_never_freed_too_early(void **state)
{
    (void)state;
    static const struct gc_type forgetful = {
        .name = "forgetful", .size = sizeof(struct shape), .fields = all_fields, .field_count = 1};
    struct shape *shape = gc_new(&forgetful);
    shape->object = gc_retain(shape);
    shape->objects[0] = gc_retain(shape); /* by_fields would declare this one too */
    gc_release(shape);
    assert_int_equal(gc_collect_heap(), 0);
    assert_int_equal(gc_refcount(shape), 2);
    shape->objects[0] = NULL;
    gc_release(shape);
    assert_int_equal(gc_collect_cycles(), 1);
}

#define FORM_TESTS(form)                                          \
    fixture_test(a_cycle_through_a_field_of_##form##_is_found),   \
        fixture_test(a_cycle_through_a_traced_##form##_is_found), \
        fixture_test(a_field_of_##form##_releases_its_child),     \
        fixture_test(a_traced_##form##_releases_its_child)

/* ---- several fields of pointers ----------------------------------------------- */

struct row {
    struct gc_object gc;
    struct gc_object *places[6];
};

#define ROW_FIELD(from, so_many)                                                                   \
    {                                                                                              \
        (uint32_t)(offsetof(struct row, places) + (from) * sizeof(void *)), GC_FIELD_KIND_OBJECTS, \
            (so_many)                                                                              \
    }

static const struct gc_field adjoining[] = {ROW_FIELD(0, 1), ROW_FIELD(1, 3), ROW_FIELD(4, 2)};
static const struct gc_field with_a_gap[] = {ROW_FIELD(0, 2), ROW_FIELD(3, 3)};
static const struct gc_field backwards[] = {ROW_FIELD(4, 2), ROW_FIELD(0, 4)};
static const struct gc_field without_any[] = {ROW_FIELD(0, 0), ROW_FIELD(0, 6)};

/* A cycle through each of the places is found if the place is declared, and only then: then another
   object of the type, that comes first, has had it looked up. */
static void check_row(const struct gc_field *fields, size_t field_count, unsigned declared)
{
    struct gc_type type = {
        .name = "row", .size = sizeof(struct row), .fields = fields, .field_count = field_count};
    for (unsigned place = 0; place < 6; place++) {
        struct row *first = gc_new(&type);
        struct row *second = gc_new(&type);
        first->places[0] = gc_retain(first);
        second->places[place] = gc_retain(second);
        gc_release(first);
        gc_release(gc_retain(second));
        assert_int_equal(gc_collect_cycles(), 1);
        gc_release(second);
        bool is_declared = (declared >> place & 1) != 0;
        assert_int_equal(gc_collect_cycles(), is_declared);
        if (!is_declared) {
            second->places[place] = NULL;
            gc_release(second);
        }
    }
}

static void fields_of_pointers_side_by_side_are_walked(void **state)
{
    (void)state;
    check_row(adjoining, 3, 0x3f);
    check_row(with_a_gap, 2, 0x3b);
    check_row(backwards, 2, 0x3f);
    check_row(without_any, 2, 0x3f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(fields_of_pointers_side_by_side_are_walked),
        FORM_TESTS(object),
        FORM_TESTS(objects),
        FORM_TESTS(value),
        FORM_TESTS(values),
        FORM_TESTS(object_list),
        FORM_TESTS(value_list),
        fixture_test(a_zeroed_object_is_fit_for_all_forms),
        fixture_test(the_macros_say_where_and_how_many),
        fixture_test(strings_in_fields_go_with_the_object),
        fixture_test(a_list_may_shrink_and_grow),
        fixture_test(null_can_be_visited),
        fixture_test(fields_and_a_callback_add_up),
        fixture_test(a_reference_not_declared_leaks_and_is_never_freed_too_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
