/*
 * The root buffer fills, and a run begins by itself.
 *
 * Looking for cycles each time a count goes down would be far too slow. So an
 * object whose count goes down, but not to zero, is only noted: it is a
 * *possible root* of a dead cycle. There is room for 10,000. When one more
 * comes, the collector looks at all of them in one run, frees the cycles that
 * are dead, and has an empty buffer again.
 *
 * Output:
 *     room for 10000, a run starts at 10001
 *
 *                                   roots  runs  collected  alive
 *     to zero: freed, no root           0     0          0      0
 *     three times to 1: one root        1     0          0      1
 *     then to zero: out again           0     0          0      0
 *     1 dead cycle                      1     0          0      1
 *     5,000                          5000     0          0   5000
 *     10,000: the buffer is full    10000     0          0  10000
 *     10,001: a run, then recorded      1     1      10000      1
 *     20,000: full again            10000     1      10000  10000
 *     35,000: two more runs          5000     3      30000   5000
 *     gc_collect_cycles()               0     4      35000      0
 */
#include <inttypes.h>
#include <rcycle/rcycle.h>
#include <stdio.h>
#include <stdlib.h>

static void fail(enum gc_result why)
{
    fprintf(stderr, "04_full_buffer: %s\n", gc_result_text(why));
    exit(EXIT_FAILURE);
}

/* A heap with the buffer that this page speaks of, whatever the environment says. */
static struct gc_heap *use_new_heap(void)
{
    struct gc_options options = gc_options_default();
    options.enabled = true;
    options.policy = GC_POLICY_CLASSIC;
    options.root_buffer_entries = 10000;
    struct gc_heap *heap = gc_heap_new(&options);
    if (heap == NULL) {
        fail(GC_ENOMEM);
    }
    gc_heap_use(heap);
    return heap;
}

static zval new_object(void)
{
    zval object = zval_object(NULL);
    if (zval_type_of(&object) == ZVAL_UNDEF) {
        fail(GC_ENOMEM);
    }
    return object;
}

/* The smallest dead cycle: an object that only it itself refers to. */
static void leave_a_cycle(void)
{
    zval object = new_object();
    enum gc_result result = zval_property_set(&object, "self", zval_copy(&object));
    if (result != GC_OK) {
        fail(result);
    }
    zval_release(&object);
}

static void leave_cycles(unsigned count)
{
    while (count-- > 0) {
        leave_a_cycle();
    }
}

static void print_row(const char *what)
{
    struct gc_status status = gc_status();
    printf("%-28s %6zu %5" PRIu64 " %10" PRIu64 " %6" PRIu64 "\n", what, status.roots, status.runs,
           status.collected, status.live_nodes);
}

/* Not everything that is dropped takes up room. */
static void what_is_recorded(void)
{
    zval object = new_object();
    zval_release(&object);
    print_row("to zero: freed, no root");

    object = new_object();
    for (int i = 0; i < 3; i++) {
        zval handle = zval_copy(&object);
        zval_release(&handle);
    }
    print_row("three times to 1: one root");

    zval_release(&object);
    print_row("then to zero: out again");
}

static void fill_the_buffer(void)
{
    leave_a_cycle();
    print_row("1 dead cycle");
    leave_cycles(4999);
    print_row("5,000");
    leave_cycles(5000);
    print_row("10,000: the buffer is full");
    leave_a_cycle();
    print_row("10,001: a run, then recorded");
    leave_cycles(9999);
    print_row("20,000: full again");
    leave_cycles(15000);
    print_row("35,000: two more runs");
}

int main(void)
{
    struct gc_heap *heap = use_new_heap();
    printf("room for %zu, a run starts at %zu\n\n", gc_status().buffer_size, gc_status().threshold);
    printf("%-28s %6s %5s %10s %6s\n", "", "roots", "runs", "collected", "alive");
    what_is_recorded();
    fill_the_buffer();

    gc_collect_cycles(); /* need not wait until it is full */
    print_row("gc_collect_cycles()");
    gc_heap_free(heap);
    return EXIT_SUCCESS;
}
