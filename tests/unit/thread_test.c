/*
 * Heaps and threads: one heap, one thread at a time.
 *
 * cmocka's assertions work in the test's own thread only; the others write down
 * what they saw.
 */
#include "checks.h"
#include "fixture.h"
#include "misuse_log.h"

#include <pthread.h>

static void run_thread(void *(*action)(void *argument), void *argument)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, action, argument), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

/* ---- the heap that each thread has of its own -------------------------------- */

struct witness {
    struct gc_object gc;
    int *freed;
};

static void witness_free(void *self)
{
    ++*((struct witness *)self)->freed;
}

static const struct gc_type witness_type = {
    .name = "witness", .size = sizeof(struct witness), .free = witness_free};

static void *leave_a_witness(void *freed)
{
    struct witness *witness = gc_new(&witness_type);
    witness->freed = freed;
    return NULL;
}

static void a_threads_own_heap_ends_with_it(void **state)
{
    (void)state;
    int freed = 0;
    run_thread(leave_a_witness, &freed);
    assert_int_equal(freed, 1);
}

static void *leave_a_witness_behind_another_heap(void *freed)
{
    leave_a_witness(freed);
    gc_heap_use(gc_heap_new(NULL));
    gc_heap_free(gc_heap_current());
    gc_heap_use(gc_heap_new(NULL));
    struct gc_heap *heap = gc_heap_current();
    gc_heap_use(NULL);
    gc_heap_free(heap);
    return NULL;
}

static void a_threads_own_heap_ends_also_if_others_were_used(void **state)
{
    (void)state;
    int freed = 0;
    run_thread(leave_a_witness_behind_another_heap, &freed);
    assert_int_equal(freed, 1);
}

static void *name_own_heap(void *argument)
{
    struct gc_heap **heap = argument;
    *heap = gc_heap_current();
    return NULL;
}

static void a_thread_does_not_see_the_heap_that_another_uses(void **state)
{
    (void)state;
    struct gc_heap *theirs = NULL;
    run_thread(name_own_heap, &theirs);
    assert_non_null(theirs);
    assert_ptr_not_equal(theirs, gc_heap_current());
}

static void *count_own_nodes(void *argument)
{
    uint64_t *nodes = argument;
    *nodes = gc_status().live_nodes;
    return NULL;
}

static void a_threads_own_heap_begins_empty(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    uint64_t nodes = 99;
    run_thread(count_own_nodes, &nodes);
    assert_int_equal(nodes, 0);
    gc_release(node);
}

/* ---- handing a heap over ----------------------------------------------------- */

struct parcel {
    struct gc_heap *heap;
    zval value;
    size_t collected;
    size_t faults;
};

static void *work_on_the_parcel(void *argument)
{
    struct parcel *parcel = argument;
    gc_heap_use(parcel->heap);
    (void)zval_array_push(&parcel->value, zval_cstring("added over there"));
    struct fixture_node *node = fixture_node_new(1);
    node->a = gc_retain(node);
    gc_release(node);
    parcel->collected = gc_collect_cycles();
    parcel->faults = gc_heap_verify(NULL, stderr);
    gc_heap_use(NULL);
    return NULL;
}

static void a_heap_is_handed_to_another_thread_and_back(void **state)
{
    (void)state;
    struct parcel parcel = {.heap = gc_heap_current(), .value = checks_list(1)};
    struct fixture_node *node = fixture_node_new(2);
    node->a = gc_retain(node);
    gc_release(node);
    gc_heap_use(NULL);
    run_thread(work_on_the_parcel, &parcel);
    gc_heap_use(parcel.heap);
    assert_int_equal(parcel.collected, 2);
    assert_int_equal(parcel.faults, 0);
    assert_int_equal(gc_status().collected, 2);
    assert_text(zval_array_get_at(&parcel.value, 1), "added over there");
    zval_release(&parcel.value);
}

static void *use_it_and_leave(void *heap)
{
    gc_heap_use(heap);
    return NULL;
}

static void a_heap_that_a_thread_used_to_its_end_is_free_for_others(void **state)
{
    (void)state;
    struct misuse_log log;
    misuse_log_begin(&log);
    struct gc_heap *heap = gc_heap_new(NULL);
    run_thread(use_it_and_leave, heap);
    struct gc_heap *before = gc_heap_use(heap);
    assert_ptr_equal(gc_heap_current(), heap);
    gc_heap_use(before);
    gc_heap_free(heap);
    assert_int_equal(log.count, 0);
    misuse_log_end();
}

/* ---- side by side ------------------------------------------------------------ */

#define THREADS 4
#define ROUNDS  20000

struct worker {
    pthread_t thread;
    size_t collected;
    size_t faults;
    uint64_t left;
    bool enabled;
};

static void *make_garbage(void *argument)
{
    struct worker *worker = argument;
    for (int i = 0; i < ROUNDS; i++) {
        zval array = zval_array();
        (void)zval_array_push(&array, zval_reference(&array));
        (void)zval_array_set(&array, "text", zval_cstring("any"));
        zval_release(&array);
    }
    gc_collect_cycles();
    worker->collected = gc_status().collected;
    worker->faults = gc_heap_verify(NULL, stderr);
    worker->left = gc_status().live_nodes;
    worker->enabled = gc_enabled();
    return NULL;
}

static void threads_collect_side_by_side(void **state)
{
    (void)state;
    struct worker workers[THREADS] = {0};
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&workers[i].thread, NULL, make_garbage, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(workers[i].collected, ROUNDS);
        assert_int_equal(workers[i].faults, 0);
        assert_int_equal(workers[i].left, 0);
    }
}

static void switching_the_collector_off_is_about_one_heap(void **state)
{
    (void)state;
    struct worker worker = {0};
    gc_disable();
    run_thread(make_garbage, &worker);
    assert_true(worker.enabled);
    assert_false(gc_enabled());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(a_threads_own_heap_ends_with_it),
        fixture_test(a_threads_own_heap_ends_also_if_others_were_used),
        fixture_test(a_thread_does_not_see_the_heap_that_another_uses),
        fixture_test(a_threads_own_heap_begins_empty),
        fixture_test(a_heap_is_handed_to_another_thread_and_back),
        fixture_test(a_heap_that_a_thread_used_to_its_end_is_free_for_others),
        fixture_test(threads_collect_side_by_side),
        fixture_test(switching_the_collector_off_is_about_one_heap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
