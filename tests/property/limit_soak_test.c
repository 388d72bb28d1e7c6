/*
 * Random programs under a memory limit: at no moment is it passed, nothing is
 * lost when a call is refused, and garbage never stays for good.
 *
 * The programs build, share, link and drop values of all kinds, with destructors
 * that do the same, external memory, a pressure callback that drops things, and
 * limits that change. SOAK_SECONDS=n goes on with new seeds for so long.
 */
#include "checks.h"
#include "fixture.h"

#include <stdlib.h>
#include <time.h>

#define SEEDS     12
#define STEPS     6000
#define VARIABLES 24

static uint64_t random_state;
static zval variables[VARIABLES];
static unsigned depth; /* of destructors and callbacks that act */

static unsigned draw(unsigned below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state % below);
}

static zval *any(void)
{
    return &variables[draw(VARIABLES)];
}

/* ---- what there is ----------------------------------------------------------------- */

static void act(void);

static void act_in_destructor(zval *self)
{
    if (depth < 3) {
        depth++;
        if (draw(8) == 0) {
            zval_assign(any(), zval_copy(self));
        }
        act();
        depth--;
    }
}

static const char *const properties[] = {"a", "b"};
static const struct zval_class classes[] = {
    {"plain", properties, 2, NULL, 0},
    {"dying", properties, 2, act_in_destructor, 0},
    {"acyclic", properties, 2, act_in_destructor, ZVAL_CLASS_ACYCLIC},
};

struct holder {
    struct gc_object gc;
    zval value;
    size_t external_bytes;
};

static void free_holder(void *self)
{
    gc_memory_external_remove(self, ((struct holder *)self)->external_bytes);
}

static const struct gc_field holder_fields[] = {GC_FIELD_ZVAL(struct holder, value)};
static const struct gc_type holder_type = {.name = "holder",
                                           .size = sizeof(struct holder),
                                           .fields = holder_fields,
                                           .field_count = 1,
                                           .free = free_holder};

static zval new_holder(void)
{
    struct holder *holder = gc_new(&holder_type);
    size_t bytes = draw(5000);
    if (holder != NULL && gc_memory_external_add(holder, bytes) == GC_OK) {
        holder->external_bytes = bytes;
    }
    return zval_native(holder);
}

static zval new_value(void)
{
    static const char bytes[100000];
    switch (draw(8)) {
    case 0:
        return zval_int(1);
    case 1:
        return zval_string(bytes, draw(draw(50) == 0 ? sizeof bytes : 300));
    case 2:
        return zval_array();
    case 3:
        return zval_weakmap();
    case 4:
        return new_holder();
    case 5:
        return zval_weakref(any());
    default:
        return zval_object(&classes[draw(3)]);
    }
}

/* ---- what is done -------------------------------------------------------------------- */

/* A cycle through an acyclic one would stay for ever. It is held, for under pressure the variable
   may come to hold another. */
static void write_to_object(zval object, const char *key)
{
    if (zval_class_of(&object) != &classes[2]) {
        (void)zval_property_set(&object, key, zval_copy(any()));
    }
    zval_release(&object);
}

static void write_to(zval *variable)
{
    char key[16];
    snprintf(key, sizeof key, "%u", draw(30));
    struct holder *holder = zval_to_native(variable);
    switch (zval_type_of(variable)) {
    case ZVAL_ARRAY:
        if (draw(2) == 0) {
            (void)zval_array_push(variable, zval_copy(any()));
        } else {
            (void)zval_array_set(variable, key, zval_copy(any()));
        }
        break;
    case ZVAL_OBJECT:
        write_to_object(zval_copy(variable), draw(2) == 0 ? "a" : key);
        break;
    case ZVAL_WEAKMAP:
        (void)zval_weakmap_set(variable, any(), zval_copy(any()));
        break;
    case ZVAL_NATIVE:
        zval_assign(&holder->value, zval_copy(any()));
        break;
    default:
        break;
    }
}

static void remove_from(zval *variable)
{
    char key[16];
    snprintf(key, sizeof key, "%u", draw(30));
    (void)zval_array_remove(variable, key);
    (void)zval_array_remove_at(variable, (int64_t)draw(30));
    (void)zval_property_remove(variable, key);
}

static void act(void)
{
    switch (draw(12)) {
    case 0:
    case 1:
    case 2:
        zval_assign(any(), new_value());
        break;
    case 3:
        zval_release(any());
        break;
    case 4:
        zval_assign(any(), zval_copy(any()));
        break;
    case 5:
        remove_from(any());
        break;
    case 6:
        zval_assign(any(), zval_reference(any()));
        break;
    case 7:
        zval_assign(any(), zval_weakref_get(any()));
        break;
    default:
        write_to(any());
        break;
    }
}

static void under_pressure(enum gc_pressure stage, void *context)
{
    (void)context;
    depth++;
    for (unsigned i = 0; i < 4 && stage < GC_PRESSURE_LIMIT; i++) {
        act();
    }
    for (unsigned i = draw(4); i > 0; i--) {
        zval_release(any());
    }
    depth--;
}

/* ---- runs --------------------------------------------------------------------------------- */

static size_t limit;
static struct gc_memory_status total; /* of what all runs did for their limits */

static void change_limit(void)
{
    size_t wanted = 2000 + draw(draw(4) > 0 ? 20000 : 300000);
    if (gc_memory_set_limit(wanted) == GC_OK) {
        limit = wanted;
    }
}

static void assert_within_limit(uint64_t seed, unsigned step)
{
    struct gc_memory_status status = gc_memory_status();
    if (status.live_bytes + status.external_bytes > limit) {
        fail_msg("seed %d, step %u: %zu bytes in use and %zu external, over %zu", (int)seed, step,
                 status.live_bytes, status.external_bytes, limit);
    }
}

static void use_heap(enum gc_policy policy)
{
    struct gc_options options = gc_options_default();
    options.policy = policy;
    options.root_buffer_entries = 20 + draw(300);
    options.idle_return_ns = draw(2);
    options.pause_budget_ns = draw(2);
    gc_heap_use(gc_heap_new(&options));
    gc_memory_on_pressure(under_pressure, NULL);
    limit = SIZE_MAX;
    change_limit();
}

static void step(unsigned number)
{
    act();
    if (number % 500 == 0) {
        change_limit();
    }
    if (number % 97 == 0) {
        draw(2) == 0 ? gc_disable() : gc_enable();
    }
    if (number % 61 == 0) {
        (void)gc_step(draw(2000));
    }
    if (number % 251 == 0) {
        assert_sound();
    }
}

static void end_heap(void)
{
    for (unsigned i = 0; i < VARIABLES; i++) {
        zval_release(&variables[i]);
    }
    depth = 3; /* destructors do nothing more */
    gc_enable();
    while (gc_collect_heap() > 0) {
    }
    for (unsigned i = 0; i < VARIABLES; i++) {
        zval_release(&variables[i]);
    }
    gc_collect_heap();
    depth = 0;
    assert_sound();
    assert_nodes(0);
    assert_int_equal(gc_memory_usage(false), 0);
    assert_int_equal(gc_memory_status().external_bytes, 0);
    struct gc_heap *heap = gc_heap_use(NULL);
    gc_heap_free(heap);
}

static void keep_figures(void)
{
    struct gc_memory_status status = gc_memory_status();
    total.collections += status.collections;
    total.callbacks += status.callbacks;
    total.refusals += status.refusals;
}

static void run(uint64_t seed)
{
    random_state = (seed + 1) * 88172645463325252u;
    use_heap(seed % 2 == 0 ? GC_POLICY_CLASSIC : GC_POLICY_GENERATIONAL);
    for (unsigned number = 1; number <= STEPS; number++) {
        step(number);
        assert_within_limit(seed, number);
    }
    keep_figures();
    end_heap();
}

static void random_programs_stay_within_their_limit(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        run(seed);
    }
    assert_true(total.collections > 100);
    assert_true(total.callbacks > 100);
    assert_true(total.refusals > 100);
}

static void and_go_on_for_as_long_as_one_wants(void **state)
{
    (void)state;
    const char *seconds = getenv("SOAK_SECONDS");
    time_t until = time(NULL) + (seconds == NULL ? 0 : atoi(seconds));
    for (uint64_t seed = SEEDS; time(NULL) < until; seed++) {
        run(seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_programs_stay_within_their_limit),
        cmocka_unit_test(and_go_on_for_as_long_as_one_wants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
