/*
 * Section B: whole programs with own structs, in each manner of owning memory.
 * The small ones; trees are in tree_programs.c, graphs in graph_programs.c.
 */
#include "program_workloads.h"

/* ---- churn: rings, made and dropped ------------------------------------------ */

struct churn_node {
    HEADER
    struct churn_node *links[2];
    uint64_t number;
    char rest[24 + PADDING];
};
DESCRIBE(churn_node, links)

static void dispose_ring(struct churn_node *first, size_t size)
{
    for (struct churn_node *node = first; size > 0; size--) {
        struct churn_node *next = node->links[0];
        dispose(node);
        node = next;
    }
}

static void churn_rings(void *context)
{
    struct churn *churn = context;
    for (size_t made = 0; made < churn->nodes; made += churn->ring) {
        struct churn_node *first = MAKE(churn_node);
        struct churn_node *last = first;
        for (size_t i = 1; i < churn->ring; i++) {
            last->links[0] = MAKE(churn_node);
            last = last->links[0];
            last->number = i;
        }
        last->links[0] = keep(first);
        churn->sum += last->number;
        drop(first);
        if (BY_HAND) {
            dispose_ring(first, churn->ring);
        }
    }
}

void churn_run(size_t nodes, size_t ring, bench_work make_rings)
{
    struct churn churn = {.nodes = nodes, .ring = ring};
    begin_program();
    double elapsed_ns = bench_measure(make_rings, &churn);
    bench_report(elapsed_ns, (double)nodes, churn.sum);
    end_program();
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

/* ---- closures: a function and its environment that hold each other ------------ */

struct function {
    HEADER
    struct environment *links[1];
    uint64_t (*code)(struct function *self);
};
DESCRIBE(function, links)

struct environment {
    HEADER
    struct function *links[1];
    uint64_t captured;
};
DESCRIBE(environment, links)

static uint64_t call_captured(struct function *self)
{
    return self->links[0]->captured;
}

static void make_closures(void *context)
{
    struct closures *closures = context;
    for (size_t i = 0; i < closures->pairs; i++) {
        struct environment *environment = MAKE(environment);
        struct function *function = MAKE(function);
        environment->captured = i;
        environment->links[0] = keep(function);
        function->links[0] = environment;
        function->code = call_captured;
        closures->sum += function->code(function);
        drop(function);
        dispose(environment);
        dispose(function);
    }
}

void closures_run(size_t pairs, bench_work make_pairs)
{
    struct closures closures = {.pairs = pairs};
    begin_program();
    double elapsed_ns = bench_measure(make_pairs, &closures);
    bench_report(elapsed_ns, (double)pairs, closures.sum);
    end_program();
}

static void closures(size_t size)
{
    closures_run(size, make_closures);
}

/* ---- composer: much retaining and releasing, and no garbage -------------------- */

#define COMPOSER_ROUNDS 25

struct package {
    HEADER
    struct package *links[4];
    uint64_t number;
};
DESCRIBE(package, links)

struct composer {
    struct package **packages;
    size_t count;
    uint64_t sum;
};

static void build_packages(struct composer *composer)
{
    for (size_t i = 0; i < composer->count; i++) {
        composer->packages[i] = MAKE(package);
        composer->packages[i]->number = i;
    }
    for (size_t i = 0; i < composer->count; i++) {
        for (unsigned link = 0; link < 4; link++) {
            composer->packages[i]->links[link] =
                keep(composer->packages[bench_random() % composer->count]);
        }
    }
}

/* Four times in turn to every package, so that no two candidates in a row are the same. */
static void touch_packages(void *context)
{
    struct composer *composer = context;
    for (unsigned round = 0; round < COMPOSER_ROUNDS * 4; round++) {
        for (size_t i = 0; i < composer->count; i++) {
            struct package *package = keep(composer->packages[i]);
            composer->sum += package->number;
            drop(package);
        }
    }
}

static void drop_packages(struct composer *composer)
{
    for (size_t i = 0; i < composer->count; i++) {
        drop(composer->packages[i]);
        dispose(composer->packages[i]);
    }
}

static void run_composer(size_t size)
{
    struct composer composer = {.count = size};
    composer.packages = program_array(size);
    build_packages(&composer);
    double elapsed_ns = bench_measure(touch_packages, &composer);
    bench_report(elapsed_ns, (double)size * COMPOSER_ROUNDS * 4, composer.sum);
    drop_packages(&composer);
    program_array_end(composer.packages);
}

static void composer(size_t size)
{
    begin_program();
    run_composer(size);
    end_program();
}

#ifdef BENCH_COUNTED
/* As composer, the collector off while the pairs run. */
static void composer_off(size_t size)
{
    begin_program();
    gc_disable();
    run_composer(size);
    end_program();
}
#endif

/* ---- lru: a cache in a list and an array --------------------------------------- */

#define LRU_TURNS 3

struct entry {
    HEADER
    struct entry *links[2]; /* towards the newest, towards the oldest */
    size_t key;
};
DESCRIBE(entry, links)

struct lru {
    struct entry **by_key;
    struct entry *ends; /* a ring: its links are the oldest and the newest */
    uint32_t *keys;
    size_t capacity;
    size_t turns;
    size_t used;
    uint64_t hits;
};

enum {
    NEWER,
    OLDER
};

/* The list's own references move with the entry; nothing is left that refers to it. */
static void unlink_entry(struct entry *entry)
{
    struct entry *newer = entry->links[NEWER];
    struct entry *older = entry->links[OLDER];
    entry->links[NEWER] = NULL;
    entry->links[OLDER] = NULL;
    SET(newer->links[OLDER], keep(older));
    SET(older->links[NEWER], keep(newer));
    drop(newer);
    drop(older);
}

static void link_newest(struct entry *ends, struct entry *entry)
{
    struct entry *second = keep(ends->links[OLDER]);
    entry->links[NEWER] = keep(ends);
    entry->links[OLDER] = keep(second);
    SET(ends->links[OLDER], keep(entry));
    SET(second->links[NEWER], keep(entry));
    drop(second);
}

static void evict_oldest(struct lru *lru)
{
    struct entry *oldest = keep(lru->ends->links[NEWER]);
    SET(lru->by_key[oldest->key], NULL);
    unlink_entry(oldest);
    drop(oldest);
    dispose(oldest);
    lru->used--;
}

static void insert_entry(struct lru *lru, size_t key)
{
    if (lru->used == lru->capacity) {
        evict_oldest(lru);
    }
    struct entry *entry = MAKE(entry);
    entry->key = key;
    link_newest(lru->ends, entry);
    lru->by_key[key] = entry;
    lru->used++;
}

static void use_cache(void *context)
{
    struct lru *lru = context;
    for (size_t i = 0; i < lru->turns; i++) {
        struct entry *entry = keep(lru->by_key[lru->keys[i]]);
        if (entry == NULL) {
            insert_entry(lru, lru->keys[i]);
            continue;
        }
        unlink_entry(entry);
        link_newest(lru->ends, entry);
        lru->hits++;
        drop(entry);
    }
}

static struct entry *empty_ring(void)
{
    struct entry *ends = MAKE(entry);
    ends->links[NEWER] = keep(ends);
    ends->links[OLDER] = keep(ends);
    return ends;
}

/* One key in ten has no room: with random keys, nine of ten are found once the cache is full. */
static void lru(size_t size)
{
    struct lru lru = {.capacity = size, .turns = size * LRU_TURNS};
    size_t universe = size + size / 9;
    lru.keys = bench_memory(lru.turns, sizeof *lru.keys);
    for (size_t i = 0; i < lru.turns; i++) {
        lru.keys[i] = (uint32_t)(bench_random() % universe);
    }
    begin_program();
    lru.by_key = program_array(universe);
    lru.ends = empty_ring();
    double elapsed_ns = bench_measure(use_cache, &lru);
    bench_report(elapsed_ns, (double)lru.turns, lru.hits);
    end_program();
}

const struct bench_workload program_workloads[] = {
    {"churn-1", churn_1},
    {"churn-10", churn_10},
    {"churn-100", churn_100},
    {"closures", closures},
    {"composer", composer},
#ifdef BENCH_COUNTED
    {"composer-off", composer_off},
#endif
    {"lru", lru},
    {NULL, NULL},
};
