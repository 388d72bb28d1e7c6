/*
 * Section B with values: objects of a class, as a program in a language on top
 * of rcycle would use them.
 */
#include "bench_rcycle.h"
#include "program_workloads.h"

static const char *const node_properties[] = {"a", "b", "number"};
static const struct zval_class node_class = {
    .name = "Node", .properties = node_properties, .property_count = 3};

static const char *const package_properties[] = {"w", "x", "y", "z", "number"};
static const struct zval_class package_class = {
    .name = "Package", .properties = package_properties, .property_count = 5};

static const char *const twig_properties[] = {"left", "right"};
static const struct zval_class twig_class = {
    .name = "Twig", .properties = twig_properties, .property_count = 2};

static void put(const zval *object, size_t property, zval value)
{
    zval_assign(zval_property_at((zval *)(uintptr_t)object, property), value);
}

static zval *property(const zval *object, size_t index)
{
    return zval_property_at((zval *)(uintptr_t)object, index);
}

/* ---- churn ------------------------------------------------------------------- */

static void churn_rings(void *context)
{
    struct churn *churn = context;
    for (size_t made = 0; made < churn->nodes; made += churn->ring) {
        zval first = zval_object(&node_class);
        const zval *last = &first;
        for (size_t i = 1; i < churn->ring; i++) {
            put(last, 0, zval_object(&node_class));
            last = property(last, 0);
            put(last, 2, zval_int((int64_t)i));
        }
        put(last, 0, zval_copy(&first));
        churn->sum += churn->ring - 1;
        zval_release(&first);
    }
}

static void churn_1(size_t size)
{
    churn_run(size, 1, churn_rings);
}

static void churn_10(size_t size)
{
    churn_run(size, 10, churn_rings);
}

static void churn_100(size_t size)
{
    churn_run(size, 100, churn_rings);
}

/* ---- closures ------------------------------------------------------------------ */

static void make_closures(void *context)
{
    struct closures *closures = context;
    for (size_t i = 0; i < closures->pairs; i++) {
        zval environment = zval_object(&twig_class);
        zval function = zval_object(&twig_class);
        put(&environment, 0, zval_copy(&function));
        put(&environment, 1, zval_int((int64_t)i));
        put(&function, 0, environment);
        closures->sum += (uint64_t)zval_to_int(property(property(&function, 0), 1));
        zval_release(&function);
    }
}

static void closures(size_t size)
{
    closures_run(size, make_closures);
}

/* ---- composer -------------------------------------------------------------------- */

struct composer {
    zval packages;
    size_t count;
    uint64_t sum;
};

static void touch_packages(void *context)
{
    struct composer *composer = context;
    for (unsigned round = 0; round < 100; round++) {
        for (size_t i = 0; i < composer->count; i++) {
            zval package = zval_copy(zval_array_get_at(&composer->packages, (int64_t)i));
            composer->sum += (uint64_t)zval_to_int(property(&package, 4));
            zval_release(&package);
        }
    }
}

static void build_packages(struct composer *composer)
{
    composer->packages = zval_array();
    for (size_t i = 0; i < composer->count; i++) {
        zval package = zval_object(&package_class);
        put(&package, 4, zval_int((int64_t)i));
        zval_array_push(&composer->packages, package);
    }
    for (size_t i = 0; i < composer->count; i++) {
        for (size_t link = 0; link < 4; link++) {
            size_t other = bench_random() % composer->count;
            put(zval_array_get_at(&composer->packages, (int64_t)i), link,
                zval_copy(zval_array_get_at(&composer->packages, (int64_t)other)));
        }
    }
}

static void run_composer(size_t size, bool enabled)
{
    struct composer composer = {.count = size};
    bench_heap_begin_default();
    build_packages(&composer);
    if (!enabled) {
        gc_disable();
    }
    double elapsed_ns = bench_measure(touch_packages, &composer);
    bench_report(elapsed_ns, (double)size * 100, composer.sum);
    zval_release(&composer.packages);
    bench_heap_end();
}

static void composer(size_t size)
{
    run_composer(size, true);
}

static void composer_off(size_t size)
{
    run_composer(size, false);
}

/* ---- binary-trees ------------------------------------------------------------------ */

static zval grow_twigs(unsigned depth)
{
    zval twig = zval_object(&twig_class);
    if (depth > 0) {
        put(&twig, 0, grow_twigs(depth - 1));
        put(&twig, 1, grow_twigs(depth - 1));
    }
    return twig;
}

static uint64_t count_twigs(const zval *twig)
{
    const zval *left = property(twig, 0);
    return zval_type_of(left) != ZVAL_OBJECT
               ? 1
               : 1 + count_twigs(left) + count_twigs(property(twig, 1));
}

struct binary_trees {
    unsigned depth;
    uint64_t sum;
};

static uint64_t grow_and_count(unsigned depth)
{
    zval twig = grow_twigs(depth);
    uint64_t count = count_twigs(&twig);
    zval_release(&twig);
    return count;
}

static void grow_trees(void *context)
{
    struct binary_trees *trees = context;
    trees->sum += grow_and_count(trees->depth + 1);
    zval long_lived = grow_twigs(trees->depth);
    for (unsigned depth = 4; depth <= trees->depth; depth += 2) {
        size_t times = (size_t)1 << (trees->depth - depth + 4);
        for (size_t i = 0; i < times; i++) {
            trees->sum += grow_and_count(depth);
        }
    }
    trees->sum += count_twigs(&long_lived);
    zval_release(&long_lived);
}

static void binary_trees(size_t size)
{
    struct binary_trees trees = {.depth = (unsigned)size};
    bench_heap_begin_default();
    double elapsed_ns = bench_measure(grow_trees, &trees);
    bench_report(elapsed_ns, (double)trees.sum, trees.sum);
    bench_heap_end();
}

const struct bench_workload program_values[] = {
    {"churn-1-zval", churn_1},           {"churn-10-zval", churn_10},
    {"churn-100-zval", churn_100},       {"closures-zval", closures},
    {"composer-zval", composer},         {"composer-off-zval", composer_off},
    {"binary-trees-zval", binary_trees}, {NULL, NULL},
};
