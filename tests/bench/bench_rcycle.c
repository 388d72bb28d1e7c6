/*
 * Our own program: the workloads of all sections.
 */
#include "bench_rcycle.h"
#include "program_workloads.h"
#include <stdio.h>

static struct gc_heap *heap;

static void use_new_heap(const struct gc_options *options)
{
    heap = gc_heap_new(options);
    if (heap == NULL) {
        bench_fail();
    }
    gc_heap_use(heap);
}

void bench_heap_begin(size_t nodes, bool enabled)
{
    struct gc_options options = gc_options_default();
    /* The holder is one more candidate than there are nodes. */
    options.root_buffer_entries = nodes < 3999999 ? nodes + 1 : 4000000;
    options.enabled = enabled;
    use_new_heap(&options);
}

void bench_heap_begin_default(void)
{
    use_new_heap(NULL);
}

void bench_heap_end(void)
{
    fprintf(stderr, "heap-peak %zu\nheap-system-peak %zu\n", gc_memory_peak(false),
            gc_memory_peak(true));
    gc_heap_use(NULL);
    gc_heap_free(heap);
}

struct collection {
    bool whole_heap;
    size_t freed;
};

static void collect(void *context)
{
    struct collection *collection = context;
    collection->freed += collection->whole_heap ? gc_collect_heap() : gc_collect_cycles();
}

void bench_collection(double nodes, unsigned times, bench_work touch, void *context)
{
    double elapsed_ns = 0;
    struct collection collection = {.freed = 0};
    for (unsigned i = 0; i < times; i++) {
        if (touch != NULL) {
            touch(context);
        }
        /* What found no room in the buffer is to be looked at too. */
        collection.whole_heap = gc_status().dropped_roots > 0;
        elapsed_ns += bench_measure(collect, &collection);
    }
    bench_report(elapsed_ns, nodes * times, collection.freed);
}

void *bench_checked(void *object)
{
    if (object == NULL) {
        bench_fail();
    }
    return object;
}

int main(int argc, char **argv)
{
    static const struct bench_workload *const tables[] = {
        collection_structs,
        collection_values,
        program_workloads,
        tree_programs,
        graph_programs,
        growth_programs,
        growth_fork,
        growth_values,
        program_values,
        small_costs,
        NULL,
    };
    return bench_main(argc, argv, tables);
}
