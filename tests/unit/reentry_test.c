/*
 * Every public call from inside: from a destructor or free hook, while the
 * library releases, collects or ends a heap. The calls are in
 * support/reentry_calls.c; here are the places.
 */
#include "checks.h"
#include "dying.h"
#include "misuse_log.h"
#include "reentry_calls.h"

#include <pthread.h>
#include <stdio.h>

/* ---- the call that is being made -------------------------------------------------------- */

static const struct reentry_call *call;
static struct reentry_world outside; /* made before, dropped after */
static bool outside_is_alive;
static int calls_made;
static const char *complaint;

static void make_with(struct reentry_world *world)
{
    if (!call->make(world)) {
        complaint = "it did not do what it should";
    }
    const char *fault = reentry_world_fault(world);
    if (fault != NULL) {
        complaint = fault;
    }
}

/* With values made before, and with values made inside. */
static void make_the_call(void)
{
    struct reentry_world inside;
    calls_made++;
    reentry_world_make(&inside);
    make_with(&inside);
    reentry_world_drop(&inside);
    if (outside_is_alive) {
        make_with(&outside);
    }
}

/* ---- an own struct that makes it in its free hook ------------------------------------------ */

struct caller {
    struct gc_object gc;
    struct caller *next;
};

static void call_when_freed(void *self)
{
    (void)self;
    make_the_call();
}

static const struct gc_field caller_fields[] = {GC_FIELD_OBJECT(struct caller, next)};
static const struct gc_type caller_type = {
    .name = "caller",
    .size = sizeof(struct caller),
    .fields = caller_fields,
    .field_count = 1,
    .free = call_when_freed,
};

static void call_when_destructed(zval *self)
{
    (void)self;
    make_the_call();
}

/* ---- places ------------------------------------------------------------------------------------
 */

static void in_a_release(void)
{
    zval object = dying_new();
    zval_release(&object);
}

static void in_a_collection(void)
{
    zval left = dying_new();
    zval right = zval_object(NULL);
    zval_assign(zval_property_at(&left, 0), zval_copy(&right));
    (void)zval_property_set(&right, "left", zval_copy(&left));
    zval_release(&left);
    zval_release(&right);
    (void)gc_collect_cycles();
}

/* The buffer of four is full, and the run starts in the middle of a release. */
static void in_an_automatic_run(void)
{
    for (int i = 0; i < 5; i++) {
        dying_drop_self();
    }
}

static void in_a_write(void)
{
    zval array = zval_array();
    for (int i = 0; i < 3; i++) {
        (void)zval_array_push(&array, dying_new());
    }
    (void)zval_array_set_at(&array, 1, zval_int(1));
    (void)zval_array_remove_at(&array, 2);
    zval_assign(zval_array_slot_at(&array, 0), zval_null());
    zval_release(&array);
}

/* The holder is being taken apart: the object is the middle one of three. */
static void in_the_end_of_a_holder(void)
{
    zval holder = zval_array();
    (void)zval_array_push(&holder, checks_list(3));
    (void)zval_array_push(&holder, dying_new());
    (void)zval_array_push(&holder, zval_object(NULL));
    zval_release(&holder);
}

static void in_the_end_of_a_weak_map_and_of_a_key(void)
{
    zval map = zval_weakmap();
    zval keys[4];
    for (int i = 0; i < 4; i++) {
        keys[i] = zval_object(NULL);
        (void)zval_weakmap_set(&map, &keys[i], dying_new());
    }
    zval_release(&keys[0]);
    (void)zval_weakmap_remove(&map, &keys[1]);
    zval_release(&map);
    for (int i = 1; i < 4; i++) {
        zval_release(&keys[i]);
    }
}

static void count_and_call(void *self)
{
    (void)self;
    make_the_call();
}

static const struct gc_type leaf_type = {
    .name = "leaf", .size = sizeof(struct gc_object), .destructor = count_and_call};

/* An acyclic object dies by counting while the garbage that held it is taken apart. */
static void in_what_garbage_holds(void)
{
    zval garbage = zval_object(NULL);
    zval map = zval_weakmap();
    zval leaf = zval_native(gc_new(&leaf_type));
    (void)zval_property_set(&garbage, "self", zval_copy(&garbage));
    (void)zval_property_set(&garbage, "leaf", zval_copy(&leaf));
    (void)zval_weakmap_set(&map, &leaf, zval_copy(&garbage));
    (void)zval_property_set(&garbage, "map", map);
    zval_release(&leaf);
    zval_release(&garbage);
    (void)gc_collect_cycles();
}

static void in_a_free_hook_of_a_release(void)
{
    struct caller *caller = gc_new(&caller_type);
    caller->next = gc_new(&caller_type);
    gc_release(caller);
}

static void in_a_free_hook_of_a_collection(void)
{
    struct caller *caller = gc_new(&caller_type);
    caller->next = gc_new(&caller_type);
    caller->next->next = gc_retain(caller);
    gc_release(caller);
    (void)gc_collect_cycles();
}

static void at_the_end_of_the_heap(void)
{
    dying_new();
    dying_drop_self();
    dying_node_new();
}

static void in_a_free_hook_at_the_end_of_the_heap(void)
{
    struct caller *caller = gc_new(&caller_type);
    caller->next = gc_new(&caller_type);
}

static void *leave_objects(void *argument)
{
    (void)argument;
    dying_new();
    dying_drop_self();
    dying_node_new();
    return NULL;
}

static void at_the_end_of_a_thread(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, leave_objects, NULL) == 0) {
        pthread_join(thread, NULL);
    }
}

/* ---- every call at one of them
 * ----------------------------------------------------------------------- */

static void expect_empty_heap(void)
{
    reentry_world_drop(&outside);
    dying_act = NULL;
    outside_is_alive = false;
    while (gc_collect_cycles() > 0) {
    }
    if (gc_heap_verify(NULL, stderr) != 0) {
        complaint = "the heap is not sound";
    }
    (void)gc_collect_heap();
    if (gc_status().live_nodes != 0 || gc_memory_usage(false) != 0) {
        complaint = "something was left";
    }
}

/* `ends`: the place is the end of the heap. `alone`: the world outside is dead by then, or another
   thread's. */
static void make_one_call_at(void (*place)(void), bool ends, bool alone)
{
    struct misuse_log log;
    misuse_log_begin(&log);
    struct gc_options options = gc_options_default();
    options.root_buffer_entries = 4;
    struct gc_heap *before = gc_heap_use(gc_heap_new(&options));
    calls_made = 0;
    complaint = NULL;
    dying_act = call_when_destructed;
    reentry_world_make(&outside);
    outside_is_alive = !alone;
    (void)gc_collect_cycles();
    place();
    if (!ends) {
        expect_empty_heap();
    }
    gc_heap_free(gc_heap_current());
    gc_heap_use(before);
    misuse_log_end();
}

static void make_every_call_at(void (*place)(void), bool ends, bool alone)
{
    for (size_t i = 0; i < reentry_call_count; i++) {
        call = &reentry_calls[i];
        const char *name = call->name;
        make_one_call_at(place, ends, alone);
        if (complaint != NULL) {
            print_error("%s: wrong: %s\n", name, complaint);
        }
        assert_null(complaint);
        assert_true(calls_made > 0);
    }
}

#define PLACE_TEST(place, ends, alone)              \
    static void every_call_##place(void **state)    \
    {                                               \
        (void)state;                                \
        make_every_call_at(place, (ends), (alone)); \
    }

PLACE_TEST(in_a_release, false, false)
PLACE_TEST(in_a_collection, false, false)
PLACE_TEST(in_an_automatic_run, false, false)
PLACE_TEST(in_a_write, false, false)
PLACE_TEST(in_the_end_of_a_holder, false, false)
PLACE_TEST(in_the_end_of_a_weak_map_and_of_a_key, false, false)
PLACE_TEST(in_what_garbage_holds, false, false)
PLACE_TEST(in_a_free_hook_of_a_release, false, false)
PLACE_TEST(in_a_free_hook_of_a_collection, false, false)
PLACE_TEST(at_the_end_of_the_heap, true, false)
PLACE_TEST(in_a_free_hook_at_the_end_of_the_heap, true, true)
PLACE_TEST(at_the_end_of_a_thread, false, true)

int main(void)
{
    const struct CMUnitTest tests[] = {
        dying_test(every_call_in_a_release),
        dying_test(every_call_in_a_collection),
        dying_test(every_call_in_an_automatic_run),
        dying_test(every_call_in_a_write),
        dying_test(every_call_in_the_end_of_a_holder),
        dying_test(every_call_in_the_end_of_a_weak_map_and_of_a_key),
        dying_test(every_call_in_what_garbage_holds),
        dying_test(every_call_in_a_free_hook_of_a_release),
        dying_test(every_call_in_a_free_hook_of_a_collection),
        dying_test(every_call_at_the_end_of_the_heap),
        dying_test(every_call_in_a_free_hook_at_the_end_of_the_heap),
        dying_test(every_call_at_the_end_of_a_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
