/*
 * The collector off, the buffer full: roots that are dropped, and how what they
 * stood for is found again.
 *
 * gc_disable() keeps a full buffer from starting a run. Possible roots are still
 * recorded, since that is cheaper than to ask; but when the buffer is full there
 * is no room for another, and making room would need the very run that is not
 * wanted. The root is dropped, and *counted*, for this is the one way to lose
 * sight of a dead cycle: no handle leads to it, and no root either.
 *
 * gc_collect_heap() needs no roots: it starts from every object there is.
 *
 * Output:
 *     off, and 10,000 cycles left        roots: 10000 full  dropped: 0  alive: 10000
 *     5 more                             roots: 10000 full  dropped: 5  alive: 10005
 *     on again: nothing happens yet      roots: 10000 full  dropped: 5  alive: 10005
 *     gc_collect_cycles() frees 10000
 *     the 5 have no root                 roots:     0       dropped: 5  alive: 5
 *     gc_collect_cycles() frees 0
 *     gc_collect_heap() frees 5
 *     found; what was counted stays      roots:     0       dropped: 5  alive: 0
 */
#include <inttypes.h>
#include <rcycle/rcycle.h>
#include <stdio.h>
#include <stdlib.h>

static void fail(enum gc_result why)
{
    fprintf(stderr, "05_dropped_roots: %s\n", gc_result_text(why));
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

/* Objects that only they themselves refer to: each is a dead cycle and one possible root. */
static void leave_cycles(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        zval object = zval_object(NULL);
        enum gc_result result = zval_property_set(&object, "self", zval_copy(&object));
        if (result != GC_OK) {
            fail(result);
        }
        zval_release(&object);
    }
}

static void print_state(const char *what)
{
    struct gc_status status = gc_status();
    printf("%-34s roots: %5zu%-6s dropped: %" PRIu64 "  alive: %" PRIu64 "\n", what, status.roots,
           status.full ? " full" : "", status.dropped_roots, status.live_nodes);
}

static void lose_sight(void)
{
    gc_disable();
    leave_cycles(10000);
    print_state("off, and 10,000 cycles left");
    leave_cycles(5);
    print_state("5 more");
}

static void find_again(void)
{
    gc_enable();
    print_state("on again: nothing happens yet");

    printf("gc_collect_cycles() frees %zu\n", gc_collect_cycles());
    print_state("the 5 have no root");
    printf("gc_collect_cycles() frees %zu\n", gc_collect_cycles());

    /* Costs time in proportion to the whole heap, dead or alive: for when dropped_roots has grown.
     */
    printf("gc_collect_heap() frees %zu\n", gc_collect_heap());
    print_state("found; what was counted stays");
}

int main(void)
{
    struct gc_heap *heap = use_new_heap();
    lose_sight();
    find_again();
    gc_heap_free(heap);
    return EXIT_SUCCESS;
}
