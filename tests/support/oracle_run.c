/*
 * A run of the oracle: worlds, chance, and the report when something is wrong.
 */
#include "oracle_ops.h"

#include "collector/collector.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SECONDS_FOR_A_HANG 100

static struct oracle the_oracle;

/* ---- chance ------------------------------------------------------------- */

static uint64_t next_random(struct oracle *oracle)
{
    oracle->random ^= oracle->random << 13;
    oracle->random ^= oracle->random >> 7;
    oracle->random ^= oracle->random << 17;
    return oracle->random;
}

static size_t below(struct oracle *oracle, size_t bound)
{
    return (size_t)((next_random(oracle) >> 11) % bound);
}

size_t oracle_below(struct oracle_world *world, size_t bound)
{
    return below(world->oracle, bound);
}

bool oracle_percent(struct oracle_world *world, unsigned percent)
{
    return oracle_below(world, 100) < percent;
}

/* Neighbouring seeds begin far apart. */
static uint64_t scramble(uint64_t seed)
{
    seed = (seed + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
    seed = (seed ^ (seed >> 29)) * 0x94d049bb133111ebu;
    seed ^= seed >> 32;
    return seed == 0 ? 1 : seed;
}

/* ---- the trail ---------------------------------------------------------- */

static void print_note(const struct oracle_note *note)
{
    fprintf(stderr, "oracle:   %8" PRIu64 "  %s\n", note->step, note->text);
}

void oracle_note(struct oracle_world *world, const char *format, ...)
{
    struct oracle *oracle = world->oracle;
    struct oracle_note *note = &oracle->trail[oracle->trail_next++ % ORACLE_TRAIL];
    va_list arguments;
    va_start(arguments, format);
    note->step = oracle->step;
    vsnprintf(note->text, sizeof note->text, format, arguments);
    va_end(arguments);
    if (oracle->traces) {
        print_note(note);
    }
}

static void print_trail(const struct oracle *oracle)
{
    fprintf(stderr, "oracle: profile \"%s\", in \"%s\"; the last things done, step by step:\n",
            oracle->profile->name, oracle->op == NULL ? "no operation" : oracle->op->name);
    for (size_t i = 0; i < ORACLE_TRAIL; i++) {
        const struct oracle_note *note = &oracle->trail[(oracle->trail_next + i) % ORACLE_TRAIL];
        if (note->step > 0) {
            print_note(note);
        }
    }
    fprintf(stderr,
            "oracle: again with ORACLE_SEED=%" PRIu64 " ORACLE_STEPS=%" PRIu64
            ", all of it with ORACLE_TRACE=1\n",
            oracle->seed, oracle->step);
}

void oracle_fail(struct oracle_world *world, const char *format, ...)
{
    struct oracle *oracle = world->oracle;
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "oracle: seed %" PRIu64 ", step %" PRIu64 ", heap %td: ", oracle->seed,
            oracle->step, world - oracle->worlds);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    print_trail(oracle);
    longjmp(oracle->failed, 1);
}

/* ---- when the program itself goes down ---------------------------------- */

static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGALRM};
#define SIGNALS (sizeof signals / sizeof signals[0])

static struct sigaction handlers_before[SIGNALS];
static const struct oracle *watched;

static void restore_signals(void)
{
    for (size_t i = 0; i < SIGNALS; i++) {
        sigaction(signals[i], &handlers_before[i], NULL);
    }
}

static void report_going_down(void)
{
    if (watched != NULL) {
        const struct oracle *oracle = watched;
        watched = NULL;
        fprintf(stderr, "oracle: seed %" PRIu64 ", step %" PRIu64 ": the program goes down\n",
                oracle->seed, oracle->step);
        print_trail(oracle);
    }
}

/* What was there before gets the same fault once more. */
static void go_down(int number)
{
    restore_signals();
    report_going_down();
    if (number == SIGALRM) {
        fprintf(stderr, "oracle: this step takes more than %d s\n", SECONDS_FOR_A_HANG);
        abort();
    }
}

#if defined __GNUC__
/* Sanitizers have it: what to do before they end the program. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void watch_sanitizers(void)
{
    if (__sanitizer_set_death_callback != NULL) {
        __sanitizer_set_death_callback(report_going_down);
    }
}
#else
static void watch_sanitizers(void)
{
}
#endif

static void watch(const struct oracle *oracle)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = go_down;
    watched = oracle;
    for (size_t i = 0; i < SIGNALS; i++) {
        sigaction(signals[i], &action, &handlers_before[i]);
    }
    watch_sanitizers();
}

static void unwatch(void)
{
    alarm(0);
    watched = NULL;
    restore_signals();
}

/* ---- worlds ------------------------------------------------------------- */

struct oracle_world *oracle_world_in_use(void)
{
    struct oracle *oracle = &the_oracle;
    struct gc_heap *heap = gc_heap_current();
    size_t index = 0;
    while (index + 1 < oracle->world_count && oracle->worlds[index].heap != heap) {
        index++;
    }
    return &oracle->worlds[index];
}

static void add_up(const struct gc_pause *pause, void *context)
{
    ((struct oracle_world *)context)->told_freed += pause->freed;
}

static void listen(struct oracle_world *world)
{
    struct gc_heap *before = gc_heap_use(world->heap);
    gc_pause_set_hook(add_up, world);
    gc_heap_use(before);
}

/* Mostly a traversal looks for another way, as it does in large graphs, after few turns. */
static void lose_patience(struct oracle_world *world)
{
    static const uint32_t turns[] = {1, 2, 5, RC_TURNS_LEAST};
    uint64_t choice = oracle_below(world, sizeof turns / sizeof turns[0]);
    rc__collector_of(world->heap)->turns_least = turns[choice];
}

bool oracle_world_begin(struct oracle_world *world, struct oracle *oracle, size_t capacity)
{
    memset(world, 0, sizeof *world);
    struct gc_options options = gc_options_default();
    options.enabled = true;
    options.root_buffer_entries = capacity;
    world->oracle = oracle;
    world->capacity = capacity;
    oracle_set_policy(world, &options);
    world->heap = gc_heap_new(&options);
    model_begin(&world->model);
    if (world->heap == NULL) {
        return false;
    }
    listen(world);
    lose_patience(world);
    if (oracle->profile->manner.sliced) {
        oracle_cut(world);
    }
    if (oracle->profile->manner.cuts) {
        oracle_cut_releases(world);
    }
    return true;
}

static void keep_figures(struct oracle_world *world)
{
    struct gc_heap *current = gc_heap_use(world->heap);
    struct gc_status status = gc_status();
    gc_heap_use(current);
    world->oracle->runs += status.runs;
    world->oracle->young_runs += status.minor_runs;
    world->oracle->pauses += status.slices;
    world->oracle->collected += status.collected;
}

static void end(struct oracle_world *world)
{
    keep_figures(world);
    gc_heap_free(world->heap);
    world->heap = NULL;
    model_end(&world->model);
}

static void release_handles(struct oracle_world *world)
{
    for (size_t i = 0; i < ORACLE_PLACES; i++) {
        oracle_release(world, oracle_variable(world, i));
    }
    for (size_t i = 0; i < ORACLE_HOLDS; i++) {
        oracle_hold(world, i, 0);
    }
    for (size_t i = 0; i < ORACLE_WATCHES; i++) {
        oracle_watch(world, i, oracle_view_of(oracle_temp(world, 0)));
    }
}

void oracle_world_end(struct oracle_world *world)
{
    gc_heap_use(world->heap);
    oracle_checkpoint(world);
    world->tame = oracle_percent(world, 50);
    release_handles(world);
    /* What was hidden behind garbage, or spared for a destructor, goes only after that. */
    world->tame = true;
    release_handles(world);
    for (int i = 0; i < 2 || gc_status().live_nodes > 0; i++) {
        size_t before = world->model.live_nodes;
        uint64_t destructors = world->oracle->destructors;
        oracle_collect(world, true);
        bool goes_on = world->model.live_nodes < before || world->oracle->destructors > destructors;
        oracle_expect(world, before == 0 || goes_on, "%zu nodes are left at the end", before);
    }
    oracle_checkpoint(world);
    oracle_expect(world, gc_memory_usage(false) == 0, "%zu bytes in use at the end",
                  gc_memory_usage(false));
    end(world);
}

static size_t count_hooks(const struct model_node *nodes, bool dead)
{
    size_t hooks = 0;
    for (const struct model_node *node = nodes; node != NULL;
         node = dead ? node->chain : node->next) {
        const struct oracle_form *form = node->kind == MODEL_STRUCT ? node->form : NULL;
        hooks += form != NULL && form->type->free != NULL;
    }
    return hooks;
}

/* Destructors that make more objects run for some rounds only, so none does. */
void oracle_world_abandon(struct oracle_world *world)
{
    keep_figures(world);
    world->ends = true;
    gc_heap_free(world->heap);
    for (const struct model_node *node = world->model.alive; node != NULL; node = node->next) {
        oracle_expect(world, !node->awaits,
                      "the heap has ended without the destructor of #%" PRIu64, node->number);
    }
    size_t hooks = count_hooks(world->model.alive, false) + count_hooks(world->model.dead, true) +
                   count_hooks(world->model.late, true);
    oracle_expect(world, world->freed == hooks,
                  "%zu structs were freed with the heap, expected %zu", world->freed, hooks);
    world->heap = NULL;
    model_end(&world->model);
}

/* ---- a run -------------------------------------------------------------- */

/* Once in a while something of the manner. */
static const struct oracle_choice *choices_of(struct oracle *oracle)
{
    const struct oracle_manner *manner = &oracle->profile->manner;
    if (manner->cuts && below(oracle, 6) == 0) {
        return oracle_parts_choices;
    }
    bool slices = manner->sliced && below(oracle, 4) == 0;
    return slices ? oracle_slices_choices : oracle->profile->choices;
}

static const struct oracle_op *choose(struct oracle *oracle)
{
    const struct oracle_choice *choices = choices_of(oracle);
    size_t sum = 0;
    for (size_t i = 0; choices[i].op != NULL; i++) {
        sum += choices[i].weight;
    }
    size_t chance = below(oracle, sum);
    size_t index = 0;
    while (chance >= choices[index].weight) {
        chance -= choices[index++].weight;
    }
    return choices[index].op;
}

/* Sizes of the root buffer, and what is done with them, so that any 48 neighbouring seeds have all
   combinations, and any 30 have most. */
static size_t capacity_of(uint64_t seed)
{
    static const size_t capacities[] = {1, 50, 4, 10000, 2, 300};
    return capacities[seed % 6];
}

static const struct oracle_profile *profile_of(const struct oracle_profiles *profiles,
                                               uint64_t seed)
{
    uint64_t index = seed / 6 + 3 * (seed % 6);
    bool floods = capacity_of(seed) == GC_ROOT_BUFFER_MAX_ENTRIES && seed / 6 % 5 < 2 &&
                  profiles->flood_count > 0;
    return floods ? &profiles->floods[seed / 6 % profiles->flood_count]
                  : &profiles->profiles[index % profiles->count];
}

static bool begin(struct oracle *oracle, const struct oracle_profiles *profiles, uint64_t seed)
{
    memset(oracle, 0, sizeof *oracle);
    oracle->seed = seed;
    oracle->random = scramble(seed);
    oracle->traces = getenv("ORACLE_TRACE") != NULL;
    size_t capacity = capacity_of(seed);
    oracle->profile = profile_of(profiles, seed);
    oracle->world_count = 1 + below(oracle, ORACLE_WORLDS);
    for (size_t i = 0; i < oracle->world_count; i++) {
        if (!oracle_world_begin(&oracle->worlds[i], oracle, capacity)) {
            return false;
        }
    }
    return true;
}

/* Now and then another heap takes over, or a world ends and a new one takes its place. */
static struct oracle_world *change_world(struct oracle *oracle, struct oracle_world *world)
{
    if (below(oracle, 40) == 0) {
        world = &oracle->worlds[below(oracle, oracle->world_count)];
        gc_heap_use(world->heap);
    }
    if (below(oracle, 3000) == 0) {
        size_t capacity = world->capacity;
        (below(oracle, 2) == 0 ? oracle_world_end : oracle_world_abandon)(world);
        oracle_world_begin(world, oracle, capacity);
        gc_heap_use(world->heap);
    }
    return world;
}

static void step(struct oracle *oracle, struct oracle_world *world)
{
    oracle->op = choose(oracle);
    oracle->op->run(world);
    oracle->op = NULL;
    oracle->nodes += world->model.live_nodes;
    world->credit += 40;
    if (world->credit > world->model.live_nodes + 40) {
        world->credit = 0;
        oracle_checkpoint(world);
    }
}

static void run(struct oracle *oracle, uint64_t steps, time_t until)
{
    struct oracle_world *world = &oracle->worlds[0];
    gc_heap_use(world->heap);
    for (oracle->step = 1; until != 0 || oracle->step <= steps; oracle->step++) {
        if (oracle->step % 1024 == 1) {
            alarm(SECONDS_FOR_A_HANG);
            if (until != 0 && time(NULL) >= until) {
                break;
            }
        }
        world = change_world(oracle, world);
        step(oracle, world);
    }
    for (size_t i = 0; i < oracle->world_count; i++) {
        oracle_world_end(&oracle->worlds[i]);
    }
}

static bool run_with(const struct oracle_profiles *profiles, uint64_t seed, uint64_t steps,
                     unsigned seconds)
{
    struct oracle *oracle = &the_oracle;
    struct gc_heap *heap_before = gc_heap_use(NULL);
    volatile bool passed = false;
    watch(oracle);
    if (begin(oracle, profiles, seed) && setjmp(oracle->failed) == 0) {
        run(oracle, steps, seconds == 0 ? 0 : time(NULL) + (time_t)seconds);
        passed = true;
    }
    unwatch();
    gc_heap_use(heap_before);
    if (passed) {
        fprintf(stderr,
                "oracle: seed %" PRIu64 ", \"%s\", buffers of %zu: %" PRIu64 " steps, %" PRIu64
                " calls, %" PRIu64 " nodes on average, %" PRIu64 " runs, %" PRIu64
                " of them young, %" PRIu64 " ended in slices, %" PRIu64 " pauses, %" PRIu64
                " collected, %" PRIu64 " destructors\n",
                seed, oracle->profile->name, capacity_of(seed), oracle->step - 1,
                oracle->operations, oracle->nodes / oracle->step, oracle->runs, oracle->young_runs,
                oracle->slices_ended, oracle->pauses, oracle->collected, oracle->destructors);
    }
    return passed;
}

bool oracle_run(uint64_t seed, uint64_t steps, unsigned seconds)
{
    return run_with(&oracle_whole_profiles, seed, steps, seconds);
}

bool oracle_run_in_slices(uint64_t seed, uint64_t steps, unsigned seconds)
{
    return run_with(&oracle_sliced_profiles, seed, steps, seconds);
}

bool oracle_run_in_parts(uint64_t seed, uint64_t steps, unsigned seconds)
{
    return run_with(&oracle_cut_profiles, seed, steps, seconds);
}
