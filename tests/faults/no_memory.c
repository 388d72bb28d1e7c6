/*
 * The system gives no memory any more. Each test runs in a process of its own,
 * whose address space may not grow; it tells the line of the first expectation
 * that does not hold.
 */
#include "checks.h"
#include "fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXPECT(condition)                                                    \
    do {                                                                     \
        if (!(condition)) {                                                  \
            fprintf(stderr, "line %d: expected %s\n", __LINE__, #condition); \
            _exit(1);                                                        \
        }                                                                    \
    } while (0)

static void take_all_memory_away(void)
{
    struct rlimit limit = {0, 0};
    EXPECT(setrlimit(RLIMIT_AS, &limit) == 0);
}

static void run_apart(void (*action)(void))
{
    if (checks_allocator_is_replaced()) {
        skip();
    }
    int status = -1;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        action();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- no heap ------------------------------------------------------------------- */

static void act_make_a_heap(void)
{
    take_all_memory_away();
    EXPECT(gc_heap_new(NULL) == NULL);
}

static void no_heap_can_be_made(void **state)
{
    (void)state;
    run_apart(act_make_a_heap);
}

static bool is_undef(zval value)
{
    return zval_type_of(&value) == ZVAL_UNDEF;
}

static void act_make_values_without_a_heap(void)
{
    gc_heap_use(NULL);
    take_all_memory_away();
    zval number = zval_int(1);
    EXPECT(gc_heap_current() == NULL);
    EXPECT(is_undef(zval_array()));
    EXPECT(is_undef(zval_object(NULL)));
    EXPECT(is_undef(zval_cstring("text")));
    EXPECT(is_undef(zval_reference(&number)));
    EXPECT(!zval_is_reference(&number));
    EXPECT(gc_new(&fixture_node_type) == NULL);
}

static void without_a_heap_nothing_can_be_made(void **state)
{
    (void)state;
    run_apart(act_make_values_without_a_heap);
}

static void act_ask_without_a_heap(void)
{
    gc_heap_use(NULL);
    take_all_memory_away();
    struct gc_status status = gc_status();
    EXPECT(status.threshold == 0 && status.buffer_size == 0 && status.live_nodes == 0);
    EXPECT(status.application_time_ns == 0 && !status.full && !status.running);
    EXPECT(gc_collect_cycles() == 0);
    EXPECT(gc_collect_heap() == 0);
    EXPECT(!gc_enabled());
    gc_enable();
    gc_disable();
    EXPECT(gc_memory_usage(false) == 0 && gc_memory_usage(true) == 0);
    EXPECT(gc_memory_peak(false) == 0 && gc_memory_peak(true) == 0);
    gc_memory_reset_peak();
    EXPECT(gc_mem_caches() == 0);
    gc_memory_fail_after(3);
    EXPECT(gc_memory_fail_never() == 0);
    EXPECT(gc_heap_verify(NULL, stderr) == 0);
}

static void without_a_heap_all_figures_are_zero(void **state)
{
    (void)state;
    run_apart(act_ask_without_a_heap);
}

/* ---- a heap that cannot grow ------------------------------------------------------- */

static void act_fill_the_heap(void)
{
    zval list = zval_array();
    EXPECT(zval_array_push(&list, zval_cstring("first")) == GC_OK);
    take_all_memory_away();
    size_t count = 1;
    enum gc_result result = GC_OK;
    while (result == GC_OK) {
        result = zval_array_push(&list, zval_string(NULL, 0));
        count += result == GC_OK;
    }
    EXPECT(result == GC_ENOMEM);
    EXPECT(zval_array_count(&list) == count);
    EXPECT(gc_heap_verify(NULL, stderr) == 0);
    zval_release(&list);
    EXPECT(gc_memory_usage(false) == 0);
    list = checks_list(100);
    EXPECT(zval_array_count(&list) == 100);
}

static void a_heap_that_cannot_grow_refuses_and_goes_on(void **state)
{
    (void)state;
    run_apart(act_fill_the_heap);
}

static void act_collect_in_a_full_heap(void)
{
    struct fixture_node *last = NULL;
    struct fixture_node *node = fixture_node_new(0);
    size_t count = 0;
    take_all_memory_away();
    for (; node != NULL; node = fixture_node_new(0)) {
        node->a = gc_retain(node);
        node->b = last;
        last = node;
        count++;
    }
    gc_release(last);
    EXPECT(gc_collect_heap() == count);
    EXPECT(gc_memory_usage(false) == 0);
}

static void a_full_heap_is_collected(void **state)
{
    (void)state;
    run_apart(act_collect_in_a_full_heap);
}

/* ---- calls with notes of their own ------------------------------------------------------ */

static zval nest(int depth)
{
    zval array = zval_array();
    for (int i = 0; i < depth; i++) {
        zval outer = zval_array();
        (void)zval_array_push(&outer, array);
        array = outer;
    }
    return array;
}

static void act_compare(void)
{
    zval first = nest(200000);
    zval second = nest(200000);
    EXPECT(zval_identical(&first, &second));
    take_all_memory_away();
    EXPECT(!zval_identical(&first, &second));
}

static void without_memory_for_its_notes_a_comparison_says_no(void **state)
{
    (void)state;
    run_apart(act_compare);
}

static void act_dump(void)
{
    zval array = nest(200000);
    static char text[64];
    FILE *out = tmpfile();
    take_all_memory_away();
    zval_dump(out, &array);
    fflush(out);
    fseek(out, -40, SEEK_END);
    text[fread(text, 1, sizeof text - 1, out)] = '\0';
    EXPECT(strstr(text, "no memory to show the rest\n") != NULL);
}

static void without_memory_for_its_notes_a_dump_says_so_and_ends(void **state)
{
    (void)state;
    run_apart(act_dump);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(no_heap_can_be_made),
        fixture_test(without_a_heap_nothing_can_be_made),
        fixture_test(without_a_heap_all_figures_are_zero),
        fixture_test(a_heap_that_cannot_grow_refuses_and_goes_on),
        fixture_test(a_full_heap_is_collected),
        fixture_test(without_memory_for_its_notes_a_comparison_says_no),
        fixture_test(without_memory_for_its_notes_a_dump_says_so_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
