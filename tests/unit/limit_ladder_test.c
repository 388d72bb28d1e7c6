/*
 * On the way to the memory limit: the ladder, destructors that wait meanwhile,
 * the program's callback, and memory that is held elsewhere.
 */
#include "bulk.h"
#include "checks.h"
#include "dying.h"
#include "fixture.h"

/* ---- the ladder --------------------------------------------------------------- */

static enum gc_pressure stages[64];
static size_t used_at[64];
static size_t stage_count;

static void note_stage(enum gc_pressure stage, void *context)
{
    (void)context;
    if (stage_count < 64) {
        stages[stage_count] = stage;
        used_at[stage_count++] = gc_memory_usage(false);
    }
}

static void stage_by_stage_on_the_way_to_the_limit(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    stage_count = 0;
    gc_memory_on_pressure(note_stage, NULL);
    assert_ok(gc_memory_set_limit(BULK_LIMIT));

    assert_true(bulk_fill(&list, BULK_LIMIT / 16 * 12));
    assert_int_equal(gc_memory_status().collections, 0);
    assert_int_equal(gc_memory_status().pressure, GC_PRESSURE_COLLECT);

    assert_true(bulk_fill(&list, BULK_LIMIT / 16 * 13));
    assert_in_range(gc_memory_status().collections, 1, 2);
    assert_int_equal(gc_memory_status().trims, 0);

    assert_true(bulk_fill(&list, BULK_LIMIT / 16 * 14));
    assert_in_range(gc_memory_status().trims, 1, 2);
    assert_int_equal(stage_count, 0);

    assert_true(bulk_fill(&list, BULK_LIMIT / 16 * 15));
    assert_in_range(stage_count, 1, 2);
    assert_int_equal(stages[0], GC_PRESSURE_NOTICE);
    assert_in_range(used_at[0], BULK_LIMIT / 16 * 14 - BULK_BYTES, BULK_LIMIT / 16 * 14);

    assert_true(bulk_fill(&list, BULK_LIMIT));
    assert_int_equal(stages[stage_count - 1], GC_PRESSURE_RESERVE);
    assert_int_equal(gc_memory_status().pressure, GC_PRESSURE_RESERVE);

    size_t before = stage_count;
    assert_null(gc_new(&bulk_type));
    assert_int_equal(stage_count, before + 1);
    assert_int_equal(stages[before], GC_PRESSURE_LIMIT);
    assert_int_equal(gc_memory_status().callbacks, stage_count);
    assert_int_equal(gc_memory_status().refusals, 1);
    bulk_empty(&list);
    assert_int_equal(gc_memory_status().pressure, GC_PRESSURE_NONE);
}

static void garbage_never_costs_an_allocation(void **state)
{
    (void)state;
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    for (int i = 0; i < 5000; i++) {
        assert_true(bulk_drop_cycle());
    }
    assert_true(gc_memory_peak(false) <= BULK_LIMIT / 16 * 12);
    assert_int_equal(gc_memory_status().refusals, 0);
    assert_int_equal(gc_memory_status().trims, 0);
    gc_collect_cycles();
}

static void beside_a_full_heap_too(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    assert_true(bulk_fill(&list, BULK_LIMIT - 2 * BULK_BYTES));
    for (int i = 0; i < 100; i++) {
        assert_true(bulk_drop_cycle());
    }
    bulk_empty(&list);
    gc_collect_cycles();
}

static void a_heap_that_stays_where_it_is_is_looked_at_no_more(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    assert_true(bulk_fill(&list, BULK_LIMIT / 16 * 13 + BULK_BYTES));
    uint64_t before = gc_memory_status().collections;
    for (int i = 0; i < 100000; i++) {
        gc_release(gc_new(&bulk_type));
    }
    assert_int_equal(gc_memory_status().collections, before);
    bulk_empty(&list);
}

static void a_heap_that_goes_up_and_down_is_looked_at_once_for_each_32nd(void **state)
{
    (void)state;
    struct bulk *lists[2] = {NULL, NULL};
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    assert_true(bulk_fill(&lists[0], BULK_LIMIT / 16 * 12 - BULK_BYTES));
    for (int i = 0; i < 100; i++) {
        assert_true(bulk_fill(&lists[1], BULK_LIMIT / 16 * 13));
        bulk_empty(&lists[1]);
    }
    assert_in_range(gc_memory_status().collections, 1, 3 * 100);
    bulk_empty(&lists[0]);
}

static void garbage_beside_a_stage_is_collected_once_for_each_32nd(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    assert_true(bulk_fill(&list, BULK_LIMIT / 16 * 12 - 2 * BULK_BYTES));
    for (int i = 0; i < 1000; i++) {
        assert_true(bulk_drop_cycle());
    }
    assert_in_range(gc_memory_status().collections, 1, 1000 * BULK_BYTES / (BULK_LIMIT / 32) + 2);
    bulk_empty(&list);
    gc_collect_cycles();
}

static void with_the_collector_off_it_collects_only_before_a_refusal(void **state)
{
    (void)state;
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    gc_disable();
    while (gc_memory_usage(false) < BULK_LIMIT) {
        assert_true(bulk_drop_cycle());
    }
    assert_int_equal(gc_memory_status().collections, 0);
    assert_true(bulk_drop_cycle());
    assert_int_equal(gc_memory_status().collections, 1);
    assert_int_equal(gc_memory_usage(false), BULK_BYTES);
    gc_enable();
    gc_collect_cycles();
}

static void what_a_full_buffer_dropped_is_found_before_a_refusal(void **state)
{
    (void)state;
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    gc_disable();
    while (gc_memory_usage(false) < BULK_LIMIT) {
        assert_true(bulk_drop_cycle());
    }
    assert_true(gc_status().dropped_roots > 0);
    assert_true(bulk_drop_cycle());
    assert_int_equal(gc_memory_usage(false), BULK_BYTES);
    gc_enable();
    gc_collect_heap();
}

/* ---- destructors --------------------------------------------------------------- */

/* An object with a destructor, a cycle of one, that holds 16 KiB. */
static void drop_dying(void)
{
    static char bytes[16000];
    zval object = dying_self_new();
    assert_ok(zval_property_set(&object, "b", zval_string(bytes, sizeof bytes)));
    zval_release(&object);
}

static void no_destructor_runs_in_a_call_that_needs_memory(void **state)
{
    (void)state;
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    drop_dying();
    struct bulk *list = NULL;
    assert_false(bulk_fill(&list, 2 * BULK_LIMIT));
    assert_true(gc_memory_status().collections > 0);
    assert_int_equal(dying_count, 0);
    assert_sound();
    bulk_empty(&list);
    assert_int_equal(dying_count, 0);
    gc_release(gc_retain(list = gc_new(&bulk_type)));
    assert_int_equal(dying_count, 1);
    gc_release(list);
    gc_collect_cycles();
    assert_nodes(0);
}

static void garbage_with_destructors_goes_all_the_same(void **state)
{
    (void)state;
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    for (int i = 0; i < 1000; i++) {
        drop_dying();
    }
    assert_true(dying_count > 900);
    gc_collect_cycles();
    assert_int_equal(dying_count, 1000);
}

static void nor_that_of_an_acyclic_object_that_garbage_held(void **state)
{
    (void)state;
    static const struct zval_class acyclic = {.name = "acyclic", .flags = ZVAL_CLASS_ACYCLIC};
    struct zval_class acyclic_dying = acyclic;
    acyclic_dying.destructor = dying_class.destructor;
    zval weak = zval_undef();
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    for (int i = 0; i < 40; i++) {
        zval garbage = zval_object(NULL);
        zval held = zval_object(&acyclic_dying);
        zval_assign(&weak, zval_weakref(&held));
        assert_ok(zval_property_set(&garbage, "self", zval_copy(&garbage)));
        assert_ok(zval_property_set(&garbage, "held", held));
        zval_release(&garbage);
    }
    struct bulk *list = NULL;
    assert_false(bulk_fill(&list, 2 * BULK_LIMIT));
    assert_int_equal(dying_count, 0);
    assert_nodes(gc_memory_usage(false) > 0 ? BULK_LIMIT / BULK_BYTES - 1 + 40 : 0);
    assert_sound();
    zval target = zval_weakref_get(&weak);
    assert_type(&target, ZVAL_OBJECT);
    zval_release(&target);
    assert_int_equal(gc_collect_cycles(), 40);
    assert_int_equal(dying_count, 40);
    zval_release(&weak);
    bulk_empty(&list);
}

static void a_heap_ends_with_destructors_held_back(void **state)
{
    (void)state;
    static const struct zval_class acyclic = {
        .name = "acyclic", .destructor = NULL, .flags = ZVAL_CLASS_ACYCLIC};
    struct zval_class acyclic_dying = acyclic;
    acyclic_dying.destructor = dying_class.destructor;
    struct gc_options options = gc_options_default();
    options.memory_limit_bytes = BULK_LIMIT;
    struct gc_heap *heap = gc_heap_new(&options);
    struct gc_heap *before = gc_heap_use(heap);
    zval garbage = zval_object(NULL);
    assert_ok(zval_property_set(&garbage, "self", zval_copy(&garbage)));
    assert_ok(zval_property_set(&garbage, "held", zval_object(&acyclic_dying)));
    zval_release(&garbage);
    drop_dying();
    struct bulk *list = NULL;
    assert_false(bulk_fill(&list, 2 * BULK_LIMIT));
    assert_int_equal(dying_count, 0);
    gc_heap_use(before);
    gc_heap_free(heap);
    assert_int_equal(dying_count, 2);
}

static struct bulk *made_inside;

static void make_more_than_fits(zval *self)
{
    (void)self;
    (void)bulk_fill(&made_inside, 2 * BULK_LIMIT);
}

static void a_destructor_in_a_collection_is_refused_what_goes_beyond(void **state)
{
    (void)state;
    made_inside = NULL;
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    dying_drop_self();
    dying_act = make_more_than_fits;
    gc_collect_cycles();
    assert_int_equal(dying_count, 1);
    assert_true(gc_memory_peak(false) <= BULK_LIMIT);
    assert_true(gc_memory_status().refusals > 0);
    assert_int_equal(gc_memory_status().collections, 0);
    assert_true(gc_memory_usage(false) > BULK_LIMIT - 2 * BULK_BYTES);
    bulk_empty(&made_inside);
}

/* ---- the callback --------------------------------------------------------------- */

static zval cache;
static int clearings;

static void clear_cache(enum gc_pressure stage, void *context)
{
    (void)stage;
    assert_string_equal(context, "context");
    clearings++;
    zval_release(&cache);
}

static void the_callback_makes_room(void **state)
{
    (void)state;
    static char bytes[BULK_LIMIT / 2];
    struct bulk *list = NULL;
    clearings = 0;
    gc_memory_on_pressure(clear_cache, (char[]){"context"});
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    cache = zval_string(bytes, sizeof bytes - 100);
    assert_true(bulk_fill(&list, BULK_LIMIT / 16 * 12));
    assert_int_equal(clearings, 0);
    for (int i = 0; i < 64; i++) {
        assert_true(bulk_add(&list));
    }
    assert_int_equal(clearings, 1);
    assert_in_range(gc_memory_usage(false), BULK_LIMIT / 4, BULK_LIMIT / 16 * 12);
    bulk_empty(&list);
}

static void without_a_callback_nothing_is_called(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    stage_count = 0;
    gc_memory_on_pressure(note_stage, NULL);
    gc_memory_on_pressure(NULL, NULL);
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    assert_false(bulk_fill(&list, 2 * BULK_LIMIT));
    assert_int_equal(stage_count, 0);
    bulk_empty(&list);
}

static void allocate_inside(enum gc_pressure stage, void *context)
{
    (void)context;
    note_stage(stage, NULL);
    gc_release(gc_new(&bulk_type));
    (void)bulk_fill(&made_inside, 2 * BULK_LIMIT);
    bulk_empty(&made_inside);
    gc_collect_cycles();
}

static void a_callback_that_allocates_is_not_called_from_within(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    stage_count = 0;
    made_inside = NULL;
    gc_memory_on_pressure(allocate_inside, NULL);
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    assert_false(bulk_fill(&list, 2 * BULK_LIMIT));
    assert_in_range(stage_count, 3, 8);
    assert_true(gc_memory_peak(false) <= BULK_LIMIT);
    assert_int_equal(gc_memory_usage(false), BULK_LIMIT);
    bulk_empty(&list);
}

static zval pushed_to;
static int pushed;

static void push_to_the_same(enum gc_pressure stage, void *context)
{
    (void)stage;
    (void)context;
    pushed += zval_array_push(&pushed_to, zval_cstring("from the callback")) == GC_OK;
}

/* The array has to grow from 128 to 256 KiB where 9/16 of the limit are in use already. */
static void a_callback_may_write_to_what_is_written_to(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    gc_memory_on_pressure(push_to_the_same, NULL);
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    assert_true(bulk_fill(&list, BULK_LIMIT / 16 * 9));
    pushed_to = zval_array();
    pushed = 0;
    while (gc_memory_status().callbacks == 0) {
        pushed += zval_array_push(&pushed_to, zval_int(pushed)) == GC_OK;
    }
    assert_true(pushed > 8192);
    assert_int_equal(zval_array_count(&pushed_to), pushed);
    assert_sound();
    zval_release(&pushed_to);
    bulk_empty(&list);
}

/* ---- external memory ------------------------------------------------------------ */

struct picture {
    struct gc_object gc;
    size_t bytes;
};

static void free_picture(void *self)
{
    gc_memory_external_remove(self, ((struct picture *)self)->bytes);
}

static const struct gc_type picture_type = {
    .name = "picture", .size = sizeof(struct picture), .free = free_picture};

static struct picture *new_picture(size_t bytes, enum gc_result *result)
{
    struct picture *picture = gc_new(&picture_type);
    *result = picture == NULL ? GC_ENOMEM : gc_memory_external_add(picture, bytes);
    if (*result == GC_OK) {
        picture->bytes = bytes;
    }
    return picture;
}

static void external_bytes_count_until_they_are_given_back(void **state)
{
    (void)state;
    enum gc_result result;
    struct picture *picture = new_picture(100000, &result);
    assert_ok(result);
    assert_int_equal(gc_memory_status().external_bytes, 100000);
    assert_int_equal(gc_memory_usage(false), sizeof(struct picture) <= 32 ? 32 : 48);
    gc_release(picture);
    assert_int_equal(gc_memory_status().external_bytes, 0);
}

static void external_bytes_count_towards_the_limit(void **state)
{
    (void)state;
    enum gc_result result;
    struct picture *pictures[12];
    size_t count = 0;
    stage_count = 0;
    gc_memory_on_pressure(note_stage, NULL);
    assert_ok(gc_memory_set_limit(BULK_LIMIT));
    do {
        pictures[count++] = new_picture(BULK_LIMIT / 10, &result);
    } while (result == GC_OK);
    assert_result(GC_ELIMIT, result);
    assert_int_equal(count, 10);
    assert_int_equal(stages[stage_count - 1], GC_PRESSURE_LIMIT);
    assert_int_equal(gc_memory_status().external_bytes, BULK_LIMIT / 10 * 9);
    struct bulk *list = NULL;
    assert_false(bulk_fill(&list, BULK_LIMIT / 8));
    assert_in_range(gc_memory_usage(false), BULK_LIMIT - BULK_LIMIT / 10 * 9 - BULK_BYTES,
                    BULK_LIMIT - BULK_LIMIT / 10 * 9);
    bulk_empty(&list);
    while (count > 0) {
        gc_release(pictures[--count]);
    }
    assert_int_equal(gc_memory_status().external_bytes, 0);
    assert_true(bulk_fill(&list, BULK_LIMIT));
    bulk_empty(&list);
}

static void misuse_of_external_bytes_does_no_harm(void **state)
{
    (void)state;
    enum gc_result result;
    struct picture *picture = new_picture(10, &result);
    zval object = zval_object(NULL);
    assert_result(GC_EINVAL, gc_memory_external_add(NULL, 1));
    assert_result(GC_ERANGE, gc_memory_external_add(picture, SIZE_MAX));
    assert_int_equal(gc_memory_status().external_bytes, 10);
    gc_memory_external_remove(NULL, 5);
    if (!gc_misuse_is_checked()) {
        gc_memory_external_remove(picture, 11);
        assert_int_equal(gc_memory_status().external_bytes, 0);
        picture->bytes = 0;
    }
    gc_release(picture);
    zval_release(&object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(stage_by_stage_on_the_way_to_the_limit),
        fixture_test(garbage_never_costs_an_allocation),
        fixture_test(beside_a_full_heap_too),
        fixture_test(a_heap_that_stays_where_it_is_is_looked_at_no_more),
        fixture_test(a_heap_that_goes_up_and_down_is_looked_at_once_for_each_32nd),
        fixture_test(garbage_beside_a_stage_is_collected_once_for_each_32nd),
        fixture_test(with_the_collector_off_it_collects_only_before_a_refusal),
        fixture_test_small(what_a_full_buffer_dropped_is_found_before_a_refusal),
        dying_test(no_destructor_runs_in_a_call_that_needs_memory),
        dying_test(garbage_with_destructors_goes_all_the_same),
        dying_test(nor_that_of_an_acyclic_object_that_garbage_held),
        dying_test(a_heap_ends_with_destructors_held_back),
        dying_test(a_destructor_in_a_collection_is_refused_what_goes_beyond),
        fixture_test(the_callback_makes_room),
        fixture_test(without_a_callback_nothing_is_called),
        fixture_test(a_callback_that_allocates_is_not_called_from_within),
        fixture_test(a_callback_may_write_to_what_is_written_to),
        fixture_test(external_bytes_count_until_they_are_given_back),
        fixture_test(external_bytes_count_towards_the_limit),
        fixture_test(misuse_of_external_bytes_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
