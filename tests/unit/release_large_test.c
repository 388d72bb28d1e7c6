/*
 * Large objects in releases that are cut: they are taken apart part by part, as if
 * it had been done in one go. How far a part goes is counted, not timed.
 */
#include "checks.h"
#include "core/heap_state.h"
#include "dying.h"
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PLACES_IN_A_PART = 8, /* a large object has more of them */
    PARTS = 20,
    PLACES = PARTS * PLACES_IN_A_PART
};

static void cut_current_heap(void)
{
    gc_heap_current()->release_places = PLACES_IN_A_PART;
    gc_heap_current()->release_objects = 2; /* a part, and what it costs besides */
}

static int begin_with(void **state, struct gc_options *options)
{
    options->release_budget_ns = 1000000;
    dying_count = dying_freed = 0;
    dying_act = NULL;
    int result = fixture_begin_with(state, options);
    cut_current_heap();
    return result;
}

static int begin(void **state)
{
    struct gc_options options = gc_options_default();
    return begin_with(state, &options);
}

static int begin_small(void **state)
{
    struct gc_options options = gc_options_default();
    options.policy = GC_POLICY_CLASSIC;
    options.root_buffer_entries = 4;
    return begin_with(state, &options);
}

#define large_test(function) cmocka_unit_test_setup_teardown(function, begin, fixture_end)
#define large_test_small(function) \
    cmocka_unit_test_setup_teardown(function, begin_small, fixture_end)

static bool is_inside(void)
{
    return gc_heap_current()->open.object != NULL;
}

static zval list_of_dying(size_t count)
{
    zval list = zval_array();
    for (size_t i = 0; i < count; i++) {
        assert_ok(zval_array_push(&list, dying_new()));
    }
    return list;
}

/* Dropped, and a part of it gone. */
static void stand_inside(zval list)
{
    zval_release(&list);
    assert_true(gc_status().release_pending);
    assert_true(is_inside());
    assert_sound();
}

static void expect_all_gone(int destructors)
{
    assert_false(gc_status().release_pending);
    assert_false(is_inside());
    assert_nodes(0);
    assert_sound();
    assert_int_equal(dying_count, destructors);
}

/* ---- part by part -------------------------------------------------------- */

static void an_array_goes_part_by_part(void **state)
{
    (void)state;
    stand_inside(list_of_dying(PLACES));
    assert_int_equal(dying_count, PLACES_IN_A_PART);
    int steps = 0;
    for (; is_inside(); steps++) {
        int before = dying_count;
        gc_step(0);
        assert_in_range(dying_count - before, 1, PLACES_IN_A_PART);
        assert_sound();
    }
    assert_int_equal(steps, PARTS - 1);
    while (!gc_step(0)) {
        assert_sound();
    }
    expect_all_gone(PLACES);
}

static void what_is_not_large_goes_at_once(void **state)
{
    (void)state;
    zval list = list_of_dying(PLACES_IN_A_PART);
    zval_release(&list);
    assert_false(is_inside());
    gc_collect_cycles();
    expect_all_gone(PLACES_IN_A_PART);
}

static void without_a_budget_it_goes_in_one_go(void **state)
{
    (void)state;
    gc_heap_current()->cuts_releases = false;
    zval list = list_of_dying(PLACES);
    zval_release(&list);
    expect_all_gone(PLACES);
}

static void the_elements_memory_goes_with_the_last_of_them(void **state)
{
    (void)state;
    zval list = zval_array();
    for (int i = 0; i < 10000; i++) {
        assert_ok(zval_array_push(&list, zval_int(i)));
    }
    zval_release(&list);
    while (is_inside()) {
        assert_true(gc_memory_usage(false) >= 10000 * sizeof(zval));
        gc_step(0);
    }
    assert_int_equal(gc_memory_usage(false), 0);
}

static void keys_go_with_their_elements(void **state)
{
    (void)state;
    zval map = zval_array();
    char key[] = "key 000";
    for (int i = 0; i < PLACES; i++) {
        key[4] = (char)('0' + i / 100);
        key[5] = (char)('0' + i / 10 % 10);
        key[6] = (char)('0' + i % 10);
        assert_ok(zval_array_set(&map, key, dying_new()));
        if (i % 3 == 0) {
            assert_ok(zval_array_remove(&map, key));
        }
    }
    assert_int_equal(dying_count, (PLACES + 2) / 3);
    stand_inside(map);
    while (!gc_step(0)) {
    }
    expect_all_gone(PLACES);
}

/* ---- lists of own structs ------------------------------------------------- */

struct listing {
    struct gc_object header;
    struct dying_node *first;
    struct dying_node **list;
    size_t count;
    zval *values;
    size_t value_count;
    struct dying_node *last;
};

static int listings_freed;

static void free_listing(void *self)
{
    struct listing *listing = self;
    assert_false(is_inside());
    free(listing->list);
    free(listing->values);
    listings_freed++;
}

static void trace_last(void *self, struct gc_visitor *visitor)
{
    gc_visit_object(visitor, ((struct listing *)self)->last);
}

static const struct gc_field listing_fields[] = {
    GC_FIELD_OBJECT(struct listing, first),
    GC_FIELD_OBJECT_LIST(struct listing, list, count),
    GC_FIELD_ZVAL_LIST(struct listing, values, value_count),
};
static const struct gc_type listing_type = {.name = "listing",
                                            .size = sizeof(struct listing),
                                            .fields = listing_fields,
                                            .field_count = 3,
                                            .trace = trace_last,
                                            .free = free_listing};

static struct listing *listing_of(size_t structs, size_t values)
{
    struct listing *listing = gc_new(&listing_type);
    listing->list = calloc(structs + 1, sizeof(struct dying_node *));
    listing->values = calloc(values + 1, sizeof(zval));
    for (; listing->count < structs; listing->count++) {
        listing->list[listing->count] = dying_node_new();
    }
    for (; listing->value_count < values; listing->value_count++) {
        listing->values[listing->value_count] = dying_new();
    }
    listing->first = dying_node_new();
    listing->last = dying_node_new();
    return listing;
}

/* The parts end in the middle of fields, before the callback, and after it. */
static void an_own_struct_goes_part_by_part(void **state)
{
    (void)state;
    for (size_t places = 3 * PLACES_IN_A_PART - 4; places < 4 * PLACES_IN_A_PART; places++) {
        dying_count = listings_freed = 0;
        gc_release(listing_of(places / 3, places - places / 3));
        assert_true(is_inside());
        assert_sound();
        while (is_inside()) {
            assert_int_equal(listings_freed, 0);
            gc_step(0);
            assert_sound();
        }
        assert_int_equal(listings_freed, 1);
        gc_collect_cycles();
        expect_all_gone((int)places + 2);
    }
}

struct lender {
    struct gc_object header;
    struct gc_object *lent;
    struct gc_object **list; /* in the memory of what is lent */
    size_t count;
};

struct lent {
    struct gc_object header;
    struct gc_object *places[PLACES];
};

static void a_list_may_lie_in_the_memory_of_a_child(void **state)
{
    (void)state;
    static const struct gc_field fields[] = {GC_FIELD_OBJECT(struct lender, lent),
                                             GC_FIELD_OBJECT_LIST(struct lender, list, count)};
    static const struct gc_type type = {
        .name = "lender", .size = sizeof(struct lender), .fields = fields, .field_count = 2};
    static const struct gc_type lent_type = {.name = "lent", .size = sizeof(struct lent)};
    struct lender *lender = gc_new(&type);
    struct lent *lent = gc_new(&lent_type);
    for (int i = 0; i < PLACES; i++) {
        lent->places[i] = (struct gc_object *)(void *)dying_node_new();
    }
    lender->lent = &lent->header;
    lender->list = lent->places;
    lender->count = PLACES;
    gc_release(lender);
    while (is_inside()) {
        gc_release(gc_new(&lent_type)); /* would get the memory of the one that is lent */
        gc_step(0);
    }
    gc_collect_cycles();
    expect_all_gone(PLACES);
}

static void the_verifier_knows_of_it(void **state)
{
    (void)state;
    stand_inside(list_of_dying(PLACES));
    struct rc_open *open = &gc_heap_current()->open;
    const struct rc_open before = *open;
    open->first = NULL;
    assert_int_equal(gc_heap_verify(NULL, NULL), 1);
    open->object = NULL;
    assert_int_equal(gc_heap_verify(NULL, NULL), 1);
    *open = before;
    gc_collect_cycles();
    expect_all_gone(PLACES);
}

/* ---- what goes on meanwhile ------------------------------------------------ */

static void a_collection_on_request_leaves_nothing_waiting(void **state)
{
    (void)state;
    for (int heap_wide = 0; heap_wide < 2; heap_wide++) {
        dying_count = 0;
        stand_inside(list_of_dying(PLACES));
        heap_wide ? gc_collect_heap() : gc_collect_cycles();
        expect_all_gone(PLACES);
    }
}

static void garbage_that_it_holds_is_found_when_it_is_let_go(void **state)
{
    (void)state;
    zval list = zval_array();
    for (int i = 0; i < PLACES; i++) {
        assert_ok(zval_array_push(&list, dying_self_new()));
    }
    stand_inside(list);
    assert_int_equal(dying_count, 0);
    assert_true(gc_status().roots > 0);
    gc_collect_cycles();
    expect_all_gone(PLACES);
}

static void automatic_runs_stay_out_of_it(void **state)
{
    (void)state;
    zval list = zval_array();
    for (int i = 0; i < PLACES; i++) {
        assert_ok(zval_array_push(&list, dying_self_new()));
    }
    uint64_t runs = gc_status().runs;
    stand_inside(list);
    while (is_inside()) {
        gc_heap_current()->run_at_bytes = 0;
        dying_drop_self();
        gc_release(fixture_node_new(0)); /* takes a share along */
        assert_sound();
    }
    assert_true(gc_status().runs > runs);
    gc_collect_heap();
    assert_false(gc_status().release_pending);
    assert_nodes(0);
}

/* Elements become possible roots while a part is given up, and fill the buffer. Between its two
   passes such a run takes apart what has died: other elements, large ones among them. */
static void a_run_in_the_middle_of_a_part_does_not_see_it(void **state)
{
    (void)state;
    enum {
        ROUNDS = 30
    };
    zval list = zval_array();
    for (int i = 0; i < ROUNDS; i++) {
        assert_ok(zval_array_push(&list, list_of_dying(2 * PLACES_IN_A_PART)));
        for (int j = 0; j < 3; j++) {
            assert_ok(zval_array_push(&list, dying_self_new()));
            assert_ok(zval_array_push(&list, dying_new()));
        }
    }
    uint64_t runs = gc_status().runs;
    stand_inside(list);
    while (gc_status().release_pending) {
        gc_step(0);
        assert_sound();
    }
    assert_true(gc_status().runs > runs + ROUNDS / 2);
    gc_collect_cycles();
    expect_all_gone(ROUNDS * (2 * PLACES_IN_A_PART + 6));
}

static void elements_that_were_not_come_to_are_found_weakly(void **state)
{
    (void)state;
    zval list = list_of_dying(PLACES);
    zval first = zval_weakref(zval_array_get_at(&list, 0));
    zval last = zval_weakref(zval_array_get_at(&list, PLACES - 1));
    stand_inside(list);
    zval gone = zval_weakref_get(&first);
    assert_type(&gone, ZVAL_NULL);
    zval kept = zval_weakref_get(&last);
    assert_type(&kept, ZVAL_OBJECT);
    assert_int_equal(zval_refcount(&kept), 2);
    gc_collect_cycles();
    assert_int_equal(dying_count, PLACES - 1);
    assert_int_equal(zval_refcount(&kept), 1);
    zval_release(&kept);
    zval_release(&first);
    zval_release(&last);
    expect_all_gone(PLACES);
}

static void a_later_release_is_prompt(void **state)
{
    (void)state;
    stand_inside(list_of_dying(PLACES));
    int before = dying_freed;
    gc_release(dying_node_new());
    assert_int_equal(dying_freed, before + 1);
    assert_true(is_inside());
    gc_collect_cycles();
    expect_all_gone(PLACES + 1);
}

static void a_later_large_one_comes_after_the_one_that_is_open(void **state)
{
    (void)state;
    stand_inside(list_of_dying(PLACES));
    const struct gc_object *open = gc_heap_current()->open.object;
    listings_freed = 0;
    gc_release(listing_of(PLACES, 0));
    assert_ptr_equal(gc_heap_current()->open.object, open);
    assert_sound();
    while (gc_heap_current()->open.object == open) {
        assert_int_equal(listings_freed, 0);
        gc_step(0);
        assert_sound();
    }
    while (!gc_step(0)) {
        assert_sound();
    }
    assert_int_equal(listings_freed, 1);
    expect_all_gone(2 * PLACES + 2);
}

static void memory_is_bounded_though_nothing_but_allocations_comes(void **state)
{
    (void)state;
    enum {
        ELEMENTS = 200000
    };
    zval list = list_of_dying(0);
    for (int i = 0; i < ELEMENTS; i++) {
        assert_ok(zval_array_push(&list, zval_native(fixture_node_new(i))));
    }
    stand_inside(list);
    size_t before = gc_memory_usage(false);
    struct fixture_node *kept = NULL;
    unsigned parts = 0;
    for (int i = 0; gc_status().release_pending; i++) {
        const struct rc_open *open = &gc_heap_current()->open;
        size_t done = open->done;
        struct fixture_node *node = fixture_node_new(i);
        node->a = kept;
        kept = node;
        parts += is_inside() && open->done != done;
        assert_true(gc_memory_usage(false) < before + before / 3);
    }
    assert_true(parts > 5);
    gc_release(kept);
    gc_collect_cycles();
    expect_all_gone(0);
}

static void no_destructor_runs_as_the_heap_grows(void **state)
{
    (void)state;
    stand_inside(list_of_dying(10000));
    int before = dying_count;
    struct fixture_node *kept = NULL;
    for (int i = 0; is_inside(); i++) {
        struct fixture_node *node = fixture_node_new(i);
        node->a = kept;
        kept = node;
    }
    assert_int_equal(dying_count, before);
    gc_release(kept);
    gc_collect_cycles();
    expect_all_gone(10000);
}

static void it_goes_before_a_call_is_refused(void **state)
{
    (void)state;
    static const char bytes[20000];
    zval list = zval_array();
    for (int i = 0; i < 10000; i++) {
        assert_ok(zval_array_push(&list, zval_int(i)));
    }
    stand_inside(list);
    assert_ok(gc_memory_set_limit(gc_memory_usage(false) + 1000));
    zval text = zval_string(bytes, sizeof bytes);
    assert_type(&text, ZVAL_STRING);
    zval_release(&text);
    assert_ok(gc_memory_set_limit(0));
    expect_all_gone(0);
}

/* ---- destructors of elements ------------------------------------------------- */

static size_t acts_left;

/* Does within a destructor what could find the object half taken apart. */
static void act_within(zval *self)
{
    (void)self;
    if (acts_left == 0) {
        return;
    }
    acts_left--;
    dying_act = NULL;
    assert_sound();
    zval list = list_of_dying(2 * PLACES_IN_A_PART);
    int before = dying_count;
    zval_release(&list);
    assert_int_equal(dying_count, before + 2 * PLACES_IN_A_PART);
    assert_false(gc_status().release_pending);
    dying_drop_self();
    gc_collect_cycles();
    assert_true(gc_step(0));
    gc_safepoint();
    assert_sound();
    dying_act = act_within;
}

static void destructors_within_it_may_do_anything(void **state)
{
    (void)state;
    dying_act = act_within;
    acts_left = 50;
    zval list = list_of_dying(PLACES);
    stand_inside(list);
    while (!gc_step(0)) {
        assert_sound();
    }
    assert_int_equal(acts_left, 0);
    expect_all_gone(PLACES + 50 * (2 * PLACES_IN_A_PART + 1));
}

/* The same while small things go and the large one waits. */
static void destructors_beside_it_do_not_see_it(void **state)
{
    (void)state;
    stand_inside(list_of_dying(PLACES));
    const struct gc_object *open = gc_heap_current()->open.object;
    size_t done = gc_heap_current()->open.done;
    dying_act = act_within;
    acts_left = 1;
    gc_release(dying_node_new());
    assert_int_equal(acts_left, 0);
    assert_ptr_equal(gc_heap_current()->open.object, open);
    assert_in_range(gc_heap_current()->open.done, done, done + PLACES_IN_A_PART);
    gc_collect_cycles();
    expect_all_gone(PLACES + 2 * PLACES_IN_A_PART + 2);
}

static zval rescued;

static void rescue(zval *self)
{
    if (zval_type_of(&rescued) == ZVAL_UNDEF) {
        rescued = zval_copy(self);
    }
}

static void an_element_may_be_rescued(void **state)
{
    (void)state;
    dying_act = rescue;
    stand_inside(list_of_dying(PLACES));
    gc_collect_cycles();
    assert_nodes(1);
    assert_int_equal(zval_refcount(&rescued), 1);
    zval_release(&rescued);
    expect_all_gone(PLACES);
}

/* ---- order --------------------------------------------------------------------- */

enum {
    LEAVES_MAX = 4000
};

static int order[LEAVES_MAX];
static size_t order_count;

static void note_order(zval *self)
{
    assert_true(order_count < LEAVES_MAX);
    order[order_count++] = (int)zval_to_int(zval_property_at(self, 0));
}

/* Arrays in arrays, small and large, with numbered objects in them, some of which hold more. */
static zval grow(uint64_t *random, int depth, int *number)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    if (depth == 0 || *random % 4 == 0) {
        zval leaf = dying_new();
        zval_assign(zval_property_at(&leaf, 0), zval_int((*number)++));
        if (depth > 0 && *random % 3 == 0) {
            zval_assign(zval_property_at(&leaf, 1), grow(random, depth - 1, number));
        }
        return leaf;
    }
    zval list = zval_array();
    size_t count = *random % (3 * PLACES_IN_A_PART);
    for (size_t i = 0; i < count; i++) {
        assert_ok(zval_array_push(&list, grow(random, depth - 1, number)));
    }
    return list;
}

static size_t release_in_order(uint64_t random, unsigned objects, int *order_out)
{
    int number = 0;
    zval list = grow(&random, 3, &number);
    order_count = 0;
    dying_act = note_order;
    gc_heap_current()->cuts_releases = objects != 0;
    gc_heap_current()->release_objects = objects;
    zval_release(&list);
    while (!gc_step(0)) {
    }
    dying_act = NULL;
    assert_int_equal(order_count, number);
    memcpy(order_out, order, order_count * sizeof *order);
    return order_count;
}

static void the_order_is_that_of_a_release_that_is_not_cut(void **state)
{
    (void)state;
    static int whole[LEAVES_MAX];
    static int cut[LEAVES_MAX];
    size_t most = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        size_t count = release_in_order(seed * 0x9e3779b97f4a7c15u, 0, whole);
        assert_int_equal(release_in_order(seed * 0x9e3779b97f4a7c15u, 1 + (unsigned)seed % 5, cut),
                         count);
        assert_memory_equal(whole, cut, count * sizeof *cut);
        most = count > most ? count : most;
    }
    assert_true(most > 100);
}

/* ---- the end -------------------------------------------------------------------- */

static void a_heap_ends_in_the_middle_of_it(void **state)
{
    (void)state;
    struct gc_options options = gc_options_default();
    options.release_budget_ns = 1;
    struct gc_heap *heap = gc_heap_new(&options);
    struct gc_heap *before = gc_heap_use(heap);
    cut_current_heap();
    listings_freed = 0;
    gc_release(listing_of(PLACES, PLACES));
    assert_true(is_inside());
    zval list = list_of_dying(PLACES);
    zval_release(&list);
    gc_heap_use(before);
    gc_heap_free(heap);
    assert_int_equal(listings_freed, 1);
    assert_int_equal(dying_count, 3 * PLACES + 2);
}

static void parent_and_child_of_a_fork_both_go_on(void **state)
{
    (void)state;
    stand_inside(list_of_dying(PLACES));
    pid_t child = fork();
    assert_true(child >= 0);
    gc_collect_cycles();
    if (child == 0) {
        bool is_gone = dying_count == PLACES && gc_status().live_nodes == 0;
        _exit(is_gone ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    expect_all_gone(PLACES);
}

static void the_clock_cuts_too(void **state)
{
    (void)state;
    gc_heap_current()->release_objects = 0;
    gc_heap_current()->release_places = 0;
    gc_heap_current()->release_budget_ns = 1;
    zval list = zval_array();
    for (int i = 0; i < 100000; i++) {
        assert_ok(zval_array_push(&list, zval_int(i)));
    }
    zval_release(&list);
    assert_true(is_inside());
    int steps = 0;
    while (!gc_step(1)) {
        steps++;
    }
    assert_in_range(steps, 10, 200);
    expect_all_gone(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        large_test(an_array_goes_part_by_part),
        large_test(what_is_not_large_goes_at_once),
        large_test(without_a_budget_it_goes_in_one_go),
        large_test(the_elements_memory_goes_with_the_last_of_them),
        large_test(keys_go_with_their_elements),
        large_test(an_own_struct_goes_part_by_part),
        large_test(a_list_may_lie_in_the_memory_of_a_child),
        large_test(the_verifier_knows_of_it),
        large_test(a_collection_on_request_leaves_nothing_waiting),
        large_test(garbage_that_it_holds_is_found_when_it_is_let_go),
        large_test(automatic_runs_stay_out_of_it),
        large_test_small(a_run_in_the_middle_of_a_part_does_not_see_it),
        large_test(elements_that_were_not_come_to_are_found_weakly),
        large_test(a_later_release_is_prompt),
        large_test(a_later_large_one_comes_after_the_one_that_is_open),
        large_test(memory_is_bounded_though_nothing_but_allocations_comes),
        large_test(no_destructor_runs_as_the_heap_grows),
        large_test(it_goes_before_a_call_is_refused),
        large_test(destructors_within_it_may_do_anything),
        large_test(destructors_beside_it_do_not_see_it),
        large_test(an_element_may_be_rescued),
        large_test(the_order_is_that_of_a_release_that_is_not_cut),
        large_test(a_heap_ends_in_the_middle_of_it),
        large_test(parent_and_child_of_a_fork_both_go_on),
        large_test(the_clock_cuts_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
