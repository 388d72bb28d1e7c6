/*
 * Iterations over an array that random writes change, against a model that
 * keeps the elements in order and knows which cursor has been where.
 *
 * With one cursor anything may happen. With several, no write removes an element
 * that one of them returned last: only then does zval_array_next() promise that
 * each visits every element that stays.
 */
#include "checks.h"
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#define KEYS    40 /* half of them integers, half strings */
#define CURSORS 3
#define ENTRIES 4096

struct entry {
    int key;
    int value;
    bool is_there;
    bool was_visited[CURSORS];
};

struct model {
    struct entry entries[ENTRIES]; /* in the order they were added */
    size_t used;
    struct zval_array_cursor cursors[CURSORS];
    int last[CURSORS]; /* the key that each returned last; -1: none */
    size_t cursor_count;
    zval array;
    zval copy; /* shares the array now and then */
    uint64_t first_seed;
    uint64_t seed;
};

static struct model model;

static unsigned random_below(unsigned limit)
{
    model.seed = model.seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(model.seed >> 33) % limit;
}

/* ---- the model's side --------------------------------------------------------- */

static struct entry *find(int key)
{
    for (size_t i = 0; i < model.used; i++) {
        if (model.entries[i].is_there && model.entries[i].key == key) {
            return &model.entries[i];
        }
    }
    return NULL;
}

static struct entry *first_not_visited(size_t cursor)
{
    for (size_t i = 0; i < model.used; i++) {
        if (model.entries[i].is_there && !model.entries[i].was_visited[cursor]) {
            return &model.entries[i];
        }
    }
    return NULL;
}

static bool was_returned_last(int key)
{
    for (size_t i = 0; i < model.cursor_count; i++) {
        if (model.last[i] == key) {
            return true;
        }
    }
    return false;
}

/* ---- both sides ------------------------------------------------------------------ */

static void set(int key, int value)
{
    char name[32];
    struct entry *entry = find(key);
    snprintf(name, sizeof name, "key %d", key);
    if (entry == NULL) {
        assert_true(model.used < ENTRIES);
        entry = &model.entries[model.used++];
        *entry = (struct entry){.key = key, .is_there = true};
    }
    entry->value = value;
    if (key % 2 == 0) {
        assert_ok(zval_array_set_at(&model.array, key / 2, zval_int(value)));
    } else {
        assert_ok(zval_array_set(&model.array, name, zval_int(value)));
    }
}

static void remove_key(int key)
{
    char name[32];
    struct entry *entry = find(key);
    snprintf(name, sizeof name, "key %d", key);
    enum gc_result expected = entry == NULL ? GC_ENOKEY : GC_OK;
    if (key % 2 == 0) {
        assert_result(expected, zval_array_remove_at(&model.array, key / 2));
    } else {
        assert_result(expected, zval_array_remove(&model.array, name));
    }
    if (entry != NULL) {
        entry->is_there = false;
    }
}

static int number_of(const zval *key)
{
    const char *name = zval_string_bytes(key, NULL);
    int number = -1;
    if (name == NULL) {
        return (int)zval_to_int(key) * 2;
    }
    sscanf(name, "key %d", &number);
    return number;
}

/* One step of a cursor: the first element it has not visited, or the end. */
static bool step(size_t cursor)
{
    zval key;
    const zval *item;
    struct entry *expected = first_not_visited(cursor);
    bool found = zval_array_next(&model.array, &model.cursors[cursor], &key, &item);
    assert_int_equal(found, expected != NULL);
    if (found) {
        assert_int_equal(number_of(&key), expected->key);
        assert_int(item, expected->value);
        expected->was_visited[cursor] = true;
        model.last[cursor] = expected->key;
    }
    return found;
}

/* ---- random writes ------------------------------------------------------------------ */

static void write_something(void)
{
    int key = (int)random_below(KEYS);
    bool may_be_removed = model.cursor_count == 1 || !was_returned_last(key);
    switch (random_below(8)) {
    case 0:
    case 1:
        set(key, (int)random_below(1000));
        break;
    case 2:
    case 3:
    case 4:
        if (may_be_removed) {
            remove_key(key);
        }
        break;
    case 5:
        if (model.cursor_count == 1 && model.last[0] >= 0) {
            remove_key(model.last[0]);
        }
        break;
    case 6:
        zval_release(&model.copy);
        model.copy = zval_copy(&model.array);
        break;
    default:
        zval_release(&model.copy);
        break;
    }
}

static void begin(uint64_t seed, size_t cursor_count)
{
    memset(&model, 0, sizeof model);
    model.first_seed = model.seed = seed;
    model.cursor_count = cursor_count;
    model.array = zval_array();
    memset(model.last, 0xff, sizeof model.last);
    unsigned count = random_below(KEYS);
    for (unsigned i = 0; i < count; i++) {
        set((int)(random_below(2) == 0 ? i * 2 % KEYS : random_below(KEYS)), (int)i);
    }
}

static void run(uint64_t seed, size_t cursor_count)
{
    begin(seed, cursor_count);
    for (int i = 0; i < 200; i++) {
        unsigned writes = random_below(6);
        for (unsigned j = 0; j < writes; j++) {
            write_something();
        }
        step(random_below((unsigned)cursor_count));
    }
    for (size_t cursor = 0; cursor < cursor_count; cursor++) {
        while (step(cursor)) {
        }
    }
    assert_sound();
    zval_release(&model.array);
    zval_release(&model.copy);
}

static void run_seeds(size_t cursor_count)
{
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        run(seed, cursor_count);
    }
}

/* A failed assertion leaves the seed behind. */
static int end_model(void **state)
{
    if (zval_type_of(&model.array) != ZVAL_UNDEF) {
        print_error("failed with seed %llu, %zu cursors\n", (unsigned long long)model.first_seed,
                    model.cursor_count);
        zval_release(&model.array);
        zval_release(&model.copy);
    }
    return fixture_end(state);
}

#define model_test(function) cmocka_unit_test_setup_teardown(function, fixture_begin, end_model)

static void one_cursor_visits_what_the_model_says(void **state)
{
    (void)state;
    run_seeds(1);
}

static void several_cursors_visit_what_the_model_says(void **state)
{
    (void)state;
    run_seeds(2);
    run_seeds(CURSORS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        model_test(one_cursor_visits_what_the_model_says),
        model_test(several_cursors_visit_what_the_model_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
