/*
 * A time-critical part, as the PHP manual advises.
 *
 * A run comes when the buffer is full, which may be at any release of a handle:
 * in the middle of the part of a program that has no time for it. The advice is
 * to call, before that part,
 *
 *     gc_disable();          no run will start in there
 *     gc_collect_cycles();   and it begins with an empty buffer
 *
 * The second call matters as much as the first. The buffer may be nearly full
 * already, and what then finds no room is dropped (see 05_dropped_roots.c).
 *
 * Output:
 *                  roots at start   runs inside   dropped   roots at end
 *     unprepared             6000             1         0           4000
 *     only off               4000             0      2000          10000
 *     as advised                0             0         0           8000
 *     alive at the end: 0
 */
#include <inttypes.h>
#include <rcycle/rcycle.h>
#include <stdio.h>
#include <stdlib.h>

static void fail(enum gc_result why)
{
    fprintf(stderr, "06_time_critical: %s\n", gc_result_text(why));
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

/* One piece of work, which leaves a dead cycle behind: a request and its answer, each knowing the
   other. Each is a possible root when its handle goes. */
static void handle_request(void)
{
    zval request = zval_object(NULL);
    zval answer = zval_object(NULL);
    enum gc_result result = zval_property_set(&request, "answer", zval_copy(&answer));
    if (result == GC_OK) {
        result = zval_property_set(&answer, "request", zval_copy(&request));
    }
    if (result != GC_OK) {
        fail(result);
    }
    zval_release(&request);
    zval_release(&answer);
}

static void handle_requests(unsigned count)
{
    while (count-- > 0) {
        handle_request();
    }
}

/* 4,000 requests, and what the collector did meanwhile. */
static void time_critical_part(const char *how)
{
    struct gc_status before = gc_status();
    handle_requests(4000);
    struct gc_status after = gc_status();
    printf("%-12s %14zu %13" PRIu64 " %9" PRIu64 " %14zu\n", how, before.roots,
           after.runs - before.runs, after.dropped_roots - before.dropped_roots, after.roots);
}

int main(void)
{
    struct gc_heap *heap = use_new_heap();
    printf("%-12s %14s %13s %9s %14s\n", "", "roots at start", "runs inside", "dropped",
           "roots at end");

    handle_requests(3000); /* what went on before */
    time_critical_part("unprepared");

    gc_disable();
    time_critical_part("only off");
    gc_enable();

    gc_disable();
    gc_collect_cycles();
    time_critical_part("as advised");
    gc_enable();

    /* Now there is time. gc_collect_heap(), because the second try has dropped roots. */
    gc_collect_heap();
    printf("alive at the end: %" PRIu64 "\n", gc_status().live_nodes);
    gc_heap_free(heap);
    return EXIT_SUCCESS;
}
