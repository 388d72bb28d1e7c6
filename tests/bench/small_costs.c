/*
 * Section D: what single operations cost.
 */
#include "bench_rcycle.h"

#define OBJECTS 1000 /* few enough to stay in the nearest cache, and in the root buffer */

struct slots {
    struct gc_object gc;
    struct slots *links[2];
    int64_t number;
};

static const struct gc_field slots_fields[] = {GC_FIELD_OBJECTS(struct slots, links)};
static const struct gc_type slots_type = {
    .name = "slots", .size = sizeof(struct slots), .fields = slots_fields, .field_count = 1};

static const char *const slot_names[] = {"a", "b", "number"};
static const struct zval_class slots_class = {
    .name = "Slots", .properties = slot_names, .property_count = 3};

/* ---- a retain and its release --------------------------------------------------- */

struct pairs {
    struct slots *objects[OBJECTS];
    zval values[OBJECTS];
    size_t rounds;
};

/* The compiler is not to see that the second operation undoes the first. */
static inline void hide(void *object)
{
    __asm__ volatile("" : : "r"(object) : "memory");
}

static void counted_pairs(void *context)
{
    struct pairs *pairs = context;
    for (size_t round = 0; round < pairs->rounds; round++) {
        for (size_t i = 0; i < OBJECTS; i++) {
            struct slots *object = gc_retain(pairs->objects[i]);
            hide(object);
            gc_release(object);
        }
    }
}

static void bare_pairs(void *context)
{
    struct pairs *pairs = context;
    for (size_t round = 0; round < pairs->rounds; round++) {
        for (size_t i = 0; i < OBJECTS; i++) {
            struct slots *object = pairs->objects[i];
            object->gc.refcount++;
            hide(object);
            object->gc.refcount--;
            hide(object);
        }
    }
}

static void value_pairs(void *context)
{
    struct pairs *pairs = context;
    for (size_t round = 0; round < pairs->rounds; round++) {
        for (size_t i = 0; i < OBJECTS; i++) {
            zval copy = zval_copy(&pairs->values[i]);
            zval_release(&copy);
        }
    }
}

static void run_pairs(size_t size, bench_work work)
{
    static struct pairs pairs;
    bench_heap_begin_default();
    pairs.rounds = (size + OBJECTS - 1) / OBJECTS;
    for (size_t i = 0; i < OBJECTS; i++) {
        pairs.objects[i] = bench_checked(gc_new(&slots_type));
        pairs.values[i] = zval_object(&slots_class);
    }
    double elapsed_ns = bench_measure(work, &pairs);
    bench_report(elapsed_ns, (double)(pairs.rounds * OBJECTS), pairs.objects[0]->gc.refcount);
    bench_heap_end();
}

static void pair(size_t size)
{
    run_pairs(size, counted_pairs);
}

static void pair_bare(size_t size)
{
    run_pairs(size, bare_pairs);
}

static void pair_zval(size_t size)
{
    run_pairs(size, value_pairs);
}

/* ---- bytes a node ------------------------------------------------------------------ */

static void run_bytes(size_t size, bool values, bool from_system)
{
    bench_heap_begin_default();
    gc_disable();
    size_t before_bytes = gc_memory_usage(from_system);
    for (size_t i = 0; i < size; i++) {
        /* Nothing has to hold them: they go with their heap. */
        if (values) {
            zval object = zval_object(&slots_class);
            hide(object.payload.counted);
        } else {
            hide(bench_checked(gc_new(&slots_type)));
        }
    }
    size_t used_bytes = gc_memory_usage(from_system) - before_bytes;
    bench_report_figure((double)used_bytes / (double)size);
    bench_heap_end();
}

static void bytes(size_t size)
{
    run_bytes(size, false, false);
}

static void bytes_system(size_t size)
{
    run_bytes(size, false, true);
}

static void bytes_zval(size_t size)
{
    run_bytes(size, true, false);
}

static void bytes_system_zval(size_t size)
{
    run_bytes(size, true, true);
}

/* ---- the first collection ------------------------------------------------------------ */

static void make_and_collect(void *context)
{
    struct slots *object = bench_checked(gc_new(&slots_type));
    object->links[0] = gc_retain(object);
    gc_release(object);
    *(size_t *)context += gc_collect_cycles();
}

/* A program that makes one cycle: from its first call to the library to the cycle's end. */
static void first(size_t size)
{
    (void)size;
    size_t freed = 0;
    double elapsed_ns = bench_measure(make_and_collect, &freed);
    bench_report(elapsed_ns, 1, freed);
}

const struct bench_workload small_costs[] = {
    {"pair", pair},
    {"pair-bare", pair_bare},
    {"pair-zval", pair_zval},
    {"bytes", bytes},
    {"bytes-system", bytes_system},
    {"bytes-zval", bytes_zval},
    {"bytes-system-zval", bytes_system_zval},
    {"first", first},
    {NULL, NULL},
};
