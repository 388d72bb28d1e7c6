/*
 * The memory limit: what counts, the ladder on the way to it, and what a call
 * does that would go beyond it.
 */
#include "checks.h"
#include "dying.h"
#include "fixture.h"

#include <string.h>

#define LIMIT ((size_t)1 << 20)

/* A struct of exactly `BULK` bytes that can be in a cycle. */
#define BULK 4096

struct bulk {
    struct gc_object gc;
    struct bulk *next;
    char filling[BULK - sizeof(struct gc_object) - sizeof(struct bulk *)];
};

static const struct gc_field bulk_fields[] = {GC_FIELD_OBJECT(struct bulk, next)};
static const struct gc_type bulk_type = {
    .name = "bulk", .size = sizeof(struct bulk), .fields = bulk_fields, .field_count = 1};

/* One more in a list; false: it was refused. */
static bool add(struct bulk **list)
{
    struct bulk *bulk = gc_new(&bulk_type);
    if (bulk == NULL) {
        return false;
    }
    bulk->next = *list;
    *list = bulk;
    return true;
}

/* As many as it takes to fill the heap to at least `bytes`. */
static bool fill(struct bulk **list, size_t bytes)
{
    while (gc_memory_usage(false) < bytes) {
        if (!add(list)) {
            return false;
        }
    }
    return true;
}

static void empty(struct bulk **list)
{
    gc_release(*list);
    *list = NULL;
}

static bool drop_bulk_cycle(void)
{
    struct bulk *bulk = gc_new(&bulk_type);
    if (bulk == NULL) {
        return false;
    }
    bulk->next = gc_retain(bulk);
    gc_release(bulk);
    return true;
}

/* ---- the limit itself -------------------------------------------------------- */

static void there_is_none_unless_it_is_set(void **state)
{
    (void)state;
    assert_int_equal(gc_memory_status().limit_bytes, 0);
    assert_ok(gc_memory_set_limit(LIMIT));
    assert_int_equal(gc_memory_status().limit_bytes, LIMIT);
    assert_ok(gc_memory_set_limit(0));
    assert_int_equal(gc_memory_status().limit_bytes, 0);
}

static void a_heap_is_made_with_one(void **state)
{
    (void)state;
    struct gc_options options = gc_options_default();
    options.memory_limit_bytes = LIMIT;
    struct gc_heap *heap = gc_heap_new(&options);
    struct gc_heap *before = gc_heap_use(heap);
    struct bulk *list = NULL;
    assert_int_equal(gc_memory_status().limit_bytes, LIMIT);
    assert_false(fill(&list, 2 * LIMIT));
    gc_heap_use(before);
    gc_heap_free(heap);
}

static void it_is_reached_to_the_last_block_and_never_passed(void **state)
{
    (void)state;
    static const size_t limits[] = {1, 4095, 4096, 4097, 5 * 4096, 40000, 100000, LIMIT, LIMIT + 1};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct bulk *list = NULL;
        gc_memory_reset_peak();
        assert_ok(gc_memory_set_limit(limits[i]));
        assert_false(fill(&list, 2 * LIMIT));
        assert_int_equal(gc_memory_usage(false), limits[i] / 4096 * 4096);
        assert_true(gc_memory_peak(false) <= limits[i]);
        empty(&list);
    }
}

static void a_large_block_counts_too(void **state)
{
    (void)state;
    static char bytes[2 * LIMIT];
    assert_ok(gc_memory_set_limit(LIMIT));
    zval large = zval_string(bytes, LIMIT - 70000);
    assert_type(&large, ZVAL_STRING);
    zval second = zval_string(bytes, 70000);
    assert_type(&second, ZVAL_UNDEF);
    zval small = zval_string(bytes, 100);
    assert_type(&small, ZVAL_STRING);
    zval huge = zval_string(bytes, 2 * LIMIT);
    assert_type(&huge, ZVAL_UNDEF);
    zval_release(&large);
    zval_release(&small);
}

static void each_call_that_can_say_so_says_it_is_the_limit(void **state)
{
    (void)state;
    zval list = checks_list(8);
    zval object = zval_object(NULL);
    zval map = zval_weakmap();
    assert_ok(gc_memory_set_limit(gc_memory_usage(false)));
    assert_result(GC_ELIMIT, zval_array_push(&list, zval_int(8)));
    assert_result(GC_ELIMIT, zval_array_set(&list, "key", zval_int(8)));
    assert_result(GC_ELIMIT, zval_property_set(&object, "name", zval_int(8)));
    assert_result(GC_ELIMIT, zval_weakmap_set(&map, &object, zval_int(8)));
    zval copy = zval_copy(&list);
    assert_result(GC_ELIMIT, zval_array_remove_at(&copy, 0));
    assert_null(zval_array_slot(&list, "key"));
    assert_null(zval_property_slot(&object, "name"));
    assert_null(gc_new(&bulk_type));
    assert_result(GC_ENOMEM, zval_array_set_at(&list, 0, zval_cstring("not made")));
    assert_int_equal(gc_memory_status().refusals, 9);
    assert_int_equal(zval_array_count(&list), 8);
    zval_release(&copy);
    zval_release(&list);
    zval_release(&object);
    zval_release(&map);
}

static void what_is_released_makes_room(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    assert_ok(gc_memory_set_limit(LIMIT));
    for (int i = 0; i < 5; i++) {
        assert_false(fill(&list, 2 * LIMIT));
        struct bulk *first = list;
        list = list->next;
        first->next = NULL;
        gc_release(first);
        assert_true(fill(&list, LIMIT));
        empty(&list);
    }
}

static void it_cannot_be_set_below_what_is_in_use(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    assert_true(fill(&list, LIMIT));
    assert_result(GC_ELIMIT, gc_memory_set_limit(LIMIT - 1));
    assert_int_equal(gc_memory_status().limit_bytes, 0);
    assert_ok(gc_memory_set_limit(LIMIT));
    assert_result(GC_ELIMIT, gc_memory_set_limit(LIMIT - 1));
    assert_int_equal(gc_memory_status().limit_bytes, LIMIT);
    empty(&list);
}

static void setting_it_collects_if_that_is_needed(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        drop_bulk_cycle();
    }
    assert_ok(gc_memory_set_limit(100000));
    assert_nodes(10);
    assert_ok(gc_memory_set_limit(4096));
    assert_nodes(0);
}

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
    assert_ok(gc_memory_set_limit(LIMIT));

    assert_true(fill(&list, LIMIT / 16 * 12));
    assert_int_equal(gc_memory_status().collections, 0);
    assert_int_equal(gc_memory_status().pressure, GC_PRESSURE_COLLECT);

    assert_true(fill(&list, LIMIT / 16 * 13));
    assert_in_range(gc_memory_status().collections, 1, 2);
    assert_int_equal(gc_memory_status().trims, 0);

    assert_true(fill(&list, LIMIT / 16 * 14));
    assert_in_range(gc_memory_status().trims, 1, 2);
    assert_int_equal(stage_count, 0);

    assert_true(fill(&list, LIMIT / 16 * 15));
    assert_in_range(stage_count, 1, 2);
    assert_int_equal(stages[0], GC_PRESSURE_NOTICE);
    assert_in_range(used_at[0], LIMIT / 16 * 14 - BULK, LIMIT / 16 * 14);

    assert_true(fill(&list, LIMIT));
    assert_int_equal(stages[stage_count - 1], GC_PRESSURE_RESERVE);
    assert_int_equal(gc_memory_status().pressure, GC_PRESSURE_RESERVE);

    size_t before = stage_count;
    assert_null(gc_new(&bulk_type));
    assert_int_equal(stage_count, before + 1);
    assert_int_equal(stages[before], GC_PRESSURE_LIMIT);
    assert_int_equal(gc_memory_status().callbacks, stage_count);
    assert_int_equal(gc_memory_status().refusals, 1);
    empty(&list);
    assert_int_equal(gc_memory_status().pressure, GC_PRESSURE_NONE);
}

static void garbage_never_costs_an_allocation(void **state)
{
    (void)state;
    assert_ok(gc_memory_set_limit(LIMIT));
    for (int i = 0; i < 5000; i++) {
        assert_true(drop_bulk_cycle());
    }
    assert_true(gc_memory_peak(false) <= LIMIT / 16 * 12);
    assert_int_equal(gc_memory_status().refusals, 0);
    assert_int_equal(gc_memory_status().trims, 0);
    gc_collect_cycles();
}

static void beside_a_full_heap_too(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    assert_ok(gc_memory_set_limit(LIMIT));
    assert_true(fill(&list, LIMIT - 2 * BULK));
    for (int i = 0; i < 100; i++) {
        assert_true(drop_bulk_cycle());
    }
    empty(&list);
    gc_collect_cycles();
}

static void a_heap_that_stays_where_it_is_is_looked_at_no_more(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    assert_ok(gc_memory_set_limit(LIMIT));
    assert_true(fill(&list, LIMIT / 16 * 13 + BULK));
    uint64_t before = gc_memory_status().collections;
    for (int i = 0; i < 100000; i++) {
        gc_release(gc_new(&bulk_type));
    }
    assert_int_equal(gc_memory_status().collections, before);
    empty(&list);
}

static void a_heap_that_goes_up_and_down_is_looked_at_once_for_each_32nd(void **state)
{
    (void)state;
    struct bulk *lists[2] = {NULL, NULL};
    assert_ok(gc_memory_set_limit(LIMIT));
    assert_true(fill(&lists[0], LIMIT / 16 * 12 - BULK));
    for (int i = 0; i < 100; i++) {
        assert_true(fill(&lists[1], LIMIT / 16 * 13));
        empty(&lists[1]);
    }
    assert_in_range(gc_memory_status().collections, 1, 3 * 100);
    empty(&lists[0]);
}

static void garbage_beside_a_stage_is_collected_once_for_each_32nd(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    assert_ok(gc_memory_set_limit(LIMIT));
    assert_true(fill(&list, LIMIT / 16 * 12 - 2 * BULK));
    for (int i = 0; i < 1000; i++) {
        assert_true(drop_bulk_cycle());
    }
    assert_in_range(gc_memory_status().collections, 1, 1000 * BULK / (LIMIT / 32) + 2);
    empty(&list);
    gc_collect_cycles();
}

static void with_the_collector_off_it_collects_only_before_a_refusal(void **state)
{
    (void)state;
    assert_ok(gc_memory_set_limit(LIMIT));
    gc_disable();
    while (gc_memory_usage(false) < LIMIT) {
        assert_true(drop_bulk_cycle());
    }
    assert_int_equal(gc_memory_status().collections, 0);
    assert_true(drop_bulk_cycle());
    assert_int_equal(gc_memory_status().collections, 1);
    assert_int_equal(gc_memory_usage(false), BULK);
    gc_enable();
    gc_collect_cycles();
}

static void what_a_full_buffer_dropped_is_found_before_a_refusal(void **state)
{
    (void)state;
    assert_ok(gc_memory_set_limit(LIMIT));
    gc_disable();
    while (gc_memory_usage(false) < LIMIT) {
        assert_true(drop_bulk_cycle());
    }
    assert_true(gc_status().dropped_roots > 0);
    assert_true(drop_bulk_cycle());
    assert_int_equal(gc_memory_usage(false), BULK);
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
    assert_ok(gc_memory_set_limit(LIMIT));
    drop_dying();
    struct bulk *list = NULL;
    assert_false(fill(&list, 2 * LIMIT));
    assert_true(gc_memory_status().collections > 0);
    assert_int_equal(dying_count, 0);
    assert_sound();
    empty(&list);
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
    assert_ok(gc_memory_set_limit(LIMIT));
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
    assert_ok(gc_memory_set_limit(LIMIT));
    for (int i = 0; i < 40; i++) {
        zval garbage = zval_object(NULL);
        zval held = zval_object(&acyclic_dying);
        zval_assign(&weak, zval_weakref(&held));
        assert_ok(zval_property_set(&garbage, "self", zval_copy(&garbage)));
        assert_ok(zval_property_set(&garbage, "held", held));
        zval_release(&garbage);
    }
    struct bulk *list = NULL;
    assert_false(fill(&list, 2 * LIMIT));
    assert_int_equal(dying_count, 0);
    assert_nodes(gc_memory_usage(false) > 0 ? LIMIT / BULK - 1 + 40 : 0);
    assert_sound();
    zval target = zval_weakref_get(&weak);
    assert_type(&target, ZVAL_OBJECT);
    zval_release(&target);
    assert_int_equal(gc_collect_cycles(), 40);
    assert_int_equal(dying_count, 40);
    zval_release(&weak);
    empty(&list);
}

static void a_heap_ends_with_destructors_held_back(void **state)
{
    (void)state;
    static const struct zval_class acyclic = {
        .name = "acyclic", .destructor = NULL, .flags = ZVAL_CLASS_ACYCLIC};
    struct zval_class acyclic_dying = acyclic;
    acyclic_dying.destructor = dying_class.destructor;
    struct gc_options options = gc_options_default();
    options.memory_limit_bytes = LIMIT;
    struct gc_heap *heap = gc_heap_new(&options);
    struct gc_heap *before = gc_heap_use(heap);
    zval garbage = zval_object(NULL);
    assert_ok(zval_property_set(&garbage, "self", zval_copy(&garbage)));
    assert_ok(zval_property_set(&garbage, "held", zval_object(&acyclic_dying)));
    zval_release(&garbage);
    drop_dying();
    struct bulk *list = NULL;
    assert_false(fill(&list, 2 * LIMIT));
    assert_int_equal(dying_count, 0);
    gc_heap_use(before);
    gc_heap_free(heap);
    assert_int_equal(dying_count, 2);
}

static struct bulk *made_inside;

static void make_more_than_fits(zval *self)
{
    (void)self;
    (void)fill(&made_inside, 2 * LIMIT);
}

static void a_destructor_in_a_collection_is_refused_what_goes_beyond(void **state)
{
    (void)state;
    made_inside = NULL;
    assert_ok(gc_memory_set_limit(LIMIT));
    dying_drop_self();
    dying_act = make_more_than_fits;
    gc_collect_cycles();
    assert_int_equal(dying_count, 1);
    assert_true(gc_memory_peak(false) <= LIMIT);
    assert_true(gc_memory_status().refusals > 0);
    assert_int_equal(gc_memory_status().collections, 0);
    assert_true(gc_memory_usage(false) > LIMIT - 2 * BULK);
    empty(&made_inside);
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
    static char bytes[LIMIT / 2];
    struct bulk *list = NULL;
    clearings = 0;
    gc_memory_on_pressure(clear_cache, (char[]){"context"});
    assert_ok(gc_memory_set_limit(LIMIT));
    cache = zval_string(bytes, sizeof bytes - 100);
    assert_true(fill(&list, LIMIT / 16 * 12));
    assert_int_equal(clearings, 0);
    for (int i = 0; i < 64; i++) {
        assert_true(add(&list));
    }
    assert_int_equal(clearings, 1);
    assert_in_range(gc_memory_usage(false), LIMIT / 4, LIMIT / 16 * 12);
    empty(&list);
}

static void without_a_callback_nothing_is_called(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    stage_count = 0;
    gc_memory_on_pressure(note_stage, NULL);
    gc_memory_on_pressure(NULL, NULL);
    assert_ok(gc_memory_set_limit(LIMIT));
    assert_false(fill(&list, 2 * LIMIT));
    assert_int_equal(stage_count, 0);
    empty(&list);
}

static void allocate_inside(enum gc_pressure stage, void *context)
{
    (void)context;
    note_stage(stage, NULL);
    gc_release(gc_new(&bulk_type));
    (void)fill(&made_inside, 2 * LIMIT);
    empty(&made_inside);
    gc_collect_cycles();
}

static void a_callback_that_allocates_is_not_called_from_within(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    stage_count = 0;
    made_inside = NULL;
    gc_memory_on_pressure(allocate_inside, NULL);
    assert_ok(gc_memory_set_limit(LIMIT));
    assert_false(fill(&list, 2 * LIMIT));
    assert_in_range(stage_count, 3, 8);
    assert_true(gc_memory_peak(false) <= LIMIT);
    assert_int_equal(gc_memory_usage(false), LIMIT);
    empty(&list);
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
    assert_ok(gc_memory_set_limit(LIMIT));
    assert_true(fill(&list, LIMIT / 16 * 9));
    pushed_to = zval_array();
    pushed = 0;
    while (gc_memory_status().callbacks == 0) {
        pushed += zval_array_push(&pushed_to, zval_int(pushed)) == GC_OK;
    }
    assert_true(pushed > 8192);
    assert_int_equal(zval_array_count(&pushed_to), pushed);
    assert_sound();
    zval_release(&pushed_to);
    empty(&list);
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
    assert_ok(gc_memory_set_limit(LIMIT));
    do {
        pictures[count++] = new_picture(LIMIT / 10, &result);
    } while (result == GC_OK);
    assert_result(GC_ELIMIT, result);
    assert_int_equal(count, 10);
    assert_int_equal(stages[stage_count - 1], GC_PRESSURE_LIMIT);
    assert_int_equal(gc_memory_status().external_bytes, LIMIT / 10 * 9);
    struct bulk *list = NULL;
    assert_false(fill(&list, LIMIT / 8));
    assert_in_range(gc_memory_usage(false), LIMIT - LIMIT / 10 * 9 - BULK, LIMIT - LIMIT / 10 * 9);
    empty(&list);
    while (count > 0) {
        gc_release(pictures[--count]);
    }
    assert_int_equal(gc_memory_status().external_bytes, 0);
    assert_true(fill(&list, LIMIT));
    empty(&list);
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

/* ---- with allocations that fail on purpose ----------------------------------------- */

static void failing_on_purpose_is_no_limit(void **state)
{
    (void)state;
    zval list = checks_list(8);
    assert_ok(gc_memory_set_limit(LIMIT));
    gc_memory_fail_after(0);
    assert_result(GC_ENOMEM, zval_array_push(&list, zval_int(8)));
    assert_int_equal(gc_memory_fail_never(), 1);
    assert_int_equal(gc_memory_status().refusals, 0);
    assert_int_equal(gc_memory_status().collections, 0);
    zval_release(&list);
}

static void the_limit_holds_while_allocations_are_counted(void **state)
{
    (void)state;
    struct bulk *list = NULL;
    assert_ok(gc_memory_set_limit(LIMIT));
    gc_memory_fail_after(UINT64_MAX);
    assert_false(fill(&list, 2 * LIMIT));
    assert_int_equal(gc_memory_usage(false), LIMIT);
    assert_int_equal(gc_memory_fail_never(), 0);
    assert_false(fill(&list, 2 * LIMIT));
    assert_int_equal(gc_memory_status().refusals, 2);
    empty(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(there_is_none_unless_it_is_set),
        fixture_test(a_heap_is_made_with_one),
        fixture_test(it_is_reached_to_the_last_block_and_never_passed),
        fixture_test(a_large_block_counts_too),
        fixture_test(each_call_that_can_say_so_says_it_is_the_limit),
        fixture_test(what_is_released_makes_room),
        fixture_test(it_cannot_be_set_below_what_is_in_use),
        fixture_test(setting_it_collects_if_that_is_needed),
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
        fixture_test(failing_on_purpose_is_no_limit),
        fixture_test(the_limit_holds_while_allocations_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
