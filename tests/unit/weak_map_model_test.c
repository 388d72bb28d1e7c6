/*
 * Random programs over keys and weak maps against a model: after a collection
 * exactly those entries are left whose key is reached, an entry's value leading
 * on only if its key is reached itself.
 */
#include "checks.h"
#include "fixture.h"

#include <string.h>

#define MAPS  4
#define KEYS  60
#define STEPS 4000
#define NONE  (-1)

/* A key has a variable, which may be dropped while the object lives on, and a strong link. */
struct model {
    zval map[MAPS];
    zval key[KEYS];  /* the variables; undef: dropped */
    zval weak[KEYS]; /* what the object answers to */
    int link[KEYS];  /* the key that the object's property leads to */
    int value[MAPS][KEYS];
    bool entry[MAPS][KEYS];
    bool reached[KEYS];
    uint64_t random;
};

static int below(struct model *model, int bound)
{
    model->random = model->random * 6364136223846793005u + 1442695040888963407u;
    return (int)((model->random >> 33) % (uint64_t)bound);
}

static void forget_key(struct model *model, int key)
{
    model->link[key] = NONE;
    for (int map = 0; map < MAPS; map++) {
        model->entry[map][key] = false;
    }
}

/* ---- steps ------------------------------------------------------------------------------ */

/* A new object for a key whose object has gone. */
static void make_key(struct model *model, int key)
{
    zval target = zval_weakref_get(&model->weak[key]);
    if (zval_type_of(&target) == ZVAL_OBJECT) {
        zval_assign(&model->key[key], target); /* the variable is back */
        return;
    }
    forget_key(model, key);
    zval_assign(&model->key[key], zval_object(NULL));
    zval_assign(&model->weak[key], zval_weakref(&model->key[key]));
}

static bool is_held(const struct model *model, int key)
{
    return zval_type_of(&model->key[key]) != ZVAL_UNDEF;
}

static void link_keys(struct model *model, int from, int to)
{
    if (is_held(model, from) && is_held(model, to)) {
        assert_ok(zval_property_set(&model->key[from], "link", zval_copy(&model->key[to])));
        model->link[from] = to;
    }
}

static void set_entry(struct model *model, int map, int key, int value)
{
    if (is_held(model, key) && is_held(model, value)) {
        zval copy = zval_copy(&model->key[value]);
        assert_ok(zval_weakmap_set(&model->map[map], &model->key[key], copy));
        model->entry[map][key] = true;
        model->value[map][key] = value;
    }
}

static void remove_entry(struct model *model, int map, int key)
{
    if (is_held(model, key)) {
        enum gc_result expected = model->entry[map][key] ? GC_OK : GC_ENOKEY;
        assert_result(expected, zval_weakmap_remove(&model->map[map], &model->key[key]));
        model->entry[map][key] = false;
    }
}

static void replace_map(struct model *model, int map)
{
    zval_assign(&model->map[map], zval_weakmap());
    memset(model->entry[map], 0, sizeof model->entry[map]);
}

static void take_a_step(struct model *model)
{
    int key = below(model, KEYS);
    int other = below(model, KEYS);
    int map = below(model, MAPS);
    switch (below(model, 16)) {
    case 0:
    case 1:
    case 2:
    case 3:
        make_key(model, key);
        break;
    case 4:
    case 5:
    case 6:
        zval_release(&model->key[key]);
        break;
    case 7:
        remove_entry(model, map, key);
        break;
    case 8:
    case 9:
        link_keys(model, key, other);
        break;
    case 10:
        if (below(model, 50) == 0) {
            replace_map(model, map);
        }
        break;
    default:
        set_entry(model, map, key, other);
        break;
    }
}

/* ---- the model's answer --------------------------------------------------------------------- */

static bool reach(struct model *model, int key)
{
    if (key == NONE || model->reached[key]) {
        return false;
    }
    model->reached[key] = true;
    return true;
}

/* Round after round, until nothing new is reached. */
static void find_reached(struct model *model)
{
    bool more = true;
    memset(model->reached, 0, sizeof model->reached);
    for (int key = 0; key < KEYS; key++) {
        model->reached[key] = is_held(model, key);
    }
    while (more) {
        more = false;
        for (int key = 0; key < KEYS; key++) {
            more |= model->reached[key] && reach(model, model->link[key]);
            for (int map = 0; map < MAPS; map++) {
                more |= model->reached[key] && model->entry[map][key] &&
                        reach(model, model->value[map][key]);
            }
        }
    }
}

static void assert_map_agrees(const struct model *model, int map)
{
    size_t expected = 0;
    for (int key = 0; key < KEYS; key++) {
        bool is_there = model->entry[map][key] && model->reached[key];
        expected += is_there;
        if (is_there) {
            zval target = zval_weakref_get(&model->weak[key]);
            zval value = zval_weakref_get(&model->weak[model->value[map][key]]);
            const zval *found = zval_weakmap_get(&model->map[map], &target);
            assert_non_null(found);
            assert_true(zval_identical(found, &value));
            zval_release(&value);
            zval_release(&target);
        }
    }
    assert_int_equal(zval_weakmap_count(&model->map[map]), expected);
}

static void assert_agreement(struct model *model)
{
    uint64_t alive = MAPS;
    find_reached(model);
    assert_sound();
    for (int key = 0; key < KEYS; key++) {
        zval target = zval_weakref_get(&model->weak[key]);
        assert_int_equal(zval_type_of(&target) == ZVAL_OBJECT, model->reached[key]);
        zval_release(&target);
        alive += model->reached[key];
        if (!model->reached[key]) {
            forget_key(model, key);
        }
    }
    assert_nodes(alive);
    for (int map = 0; map < MAPS; map++) {
        assert_map_agrees(model, map);
    }
}

/* ---- one seed
 * ------------------------------------------------------------------------------------ */

static void run_seed(uint64_t seed)
{
    struct model model = {.random = seed};
    for (int key = 0; key < KEYS; key++) {
        forget_key(&model, key);
    }
    for (int map = 0; map < MAPS; map++) {
        model.map[map] = zval_weakmap();
    }
    for (int step = 0; step < STEPS; step++) {
        take_a_step(&model);
        if (below(&model, 40) == 0) {
            (void)(below(&model, 4) == 0 ? gc_collect_heap() : gc_collect_cycles());
            assert_agreement(&model);
        }
    }
    for (int key = 0; key < KEYS; key++) {
        zval_release(&model.key[key]);
        zval_release(&model.weak[key]);
    }
    for (int map = 0; map < MAPS; map++) {
        zval_release(&model.map[map]);
    }
}

static void maps_agree_with_the_model(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        run_seed(seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(maps_agree_with_the_model),
        fixture_test_small(maps_agree_with_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
