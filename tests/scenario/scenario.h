/*
 * What the scenarios share: short words for building graphs, and one assertion
 * over the figures that a scenario prescribes.
 *
 * A scenario is named after the test of PHP's own suite that it restates, or
 * `extra_` if that suite has none like it. PHP's code is turned into calls so:
 *
 *     $a = $b      zval_assign(&a, zval_copy(&b))     unset($a)   zval_release(&a)
 *     $a =& $b     rebind(&a, zval_reference(&b))     $a[0] = $b  put(&a, 0, zval_copy(&b))
 *
 * Counts are those of the suite or were measured with PHP 8.2. Where rcycle
 * differs on purpose, a comment says so.
 */
#ifndef RCYCLE_TESTS_SCENARIO_H
#define RCYCLE_TESTS_SCENARIO_H

/* cmocka.h needs the three before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fixture.h"

/* The scenarios are for the classic policy and this buffer. */
#define SCENARIO_ROOTS          10000

#define scenario_test(function) fixture_test(function)

/* ---- building ----------------------------------------------------------- */

static inline void ok(enum gc_result result)
{
    assert_string_equal(gc_result_text(result), gc_result_text(GC_OK));
}

static inline void push(zval *array, zval item)
{
    ok(zval_array_push(array, item));
}

static inline void put(zval *array, int64_t key, zval item)
{
    ok(zval_array_set_at(array, key, item));
}

static inline void set(zval *object, const char *name, zval value)
{
    ok(zval_property_set(object, name, value));
}

/* PHP's `=&` for a variable that may hold something: makes it the handle, then drops the old. */
static inline void rebind(zval *variable, zval handle)
{
    zval before = *variable;
    *variable = handle;
    zval_release(&before);
}

/* $a = []; $a[0] =& $a; */
static inline zval self_array(void)
{
    zval array = zval_array();
    push(&array, zval_reference(&array));
    return array;
}

/* $o = new stdClass; $o->self = $o; */
static inline zval self_object(void)
{
    zval object = zval_object(NULL);
    set(&object, "self", zval_copy(&object));
    return object;
}

/* The same as garbage at once: one possible root, one node. */
static inline void drop_self_object(void)
{
    zval object = self_object();
    zval_release(&object);
}

static inline void drop_self_array(void)
{
    zval array = self_array();
    zval_release(&array);
}

/* An array holding `count` arrays, each with element 0 a reference to itself. */
static inline zval array_of_self_arrays(int64_t count)
{
    zval holder = zval_array();
    for (int64_t i = 0; i < count; i++) {
        push(&holder, zval_array());
        zval *inner = zval_array_slot_at(&holder, i);
        put(inner, 0, zval_reference(inner));
    }
    return holder;
}

/* Makes `count` possible roots that are alive, held by the array `holder`. */
static inline void add_live_roots(zval *holder, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        zval object = zval_object(NULL);
        push(holder, zval_copy(&object));
        zval_release(&object);
    }
}

/* ---- figures ------------------------------------------------------------ */

struct figures {
    uint64_t runs;
    uint64_t collected;
    size_t roots;
    uint64_t live_nodes;
    uint64_t dropped_roots;
};

static inline void check_figure(const char *name, uint64_t found, uint64_t expected,
                                const char *file, int line)
{
    if (found != expected) {
        print_error("gc_status().%s is %ju, expected %ju\n", name, (uintmax_t)found,
                    (uintmax_t)expected);
        _fail(file, line);
    }
}

static inline void check_figures(struct figures expected, const char *file, int line)
{
    struct gc_status status = gc_status();
    check_figure("runs", status.runs, expected.runs, file, line);
    check_figure("collected", status.collected, expected.collected, file, line);
    check_figure("roots", status.roots, expected.roots, file, line);
    check_figure("live_nodes", status.live_nodes, expected.live_nodes, file, line);
    check_figure("dropped_roots", status.dropped_roots, expected.dropped_roots, file, line);
    check_figure("threshold", status.threshold, SCENARIO_ROOTS + 1, file, line);
    check_figure("buffer_size", status.buffer_size, SCENARIO_ROOTS, file, line);
}

/* expect_figures(.runs = 1, .collected = 2): what is not named is expected to be 0. */
#define expect_figures(...) check_figures((struct figures){__VA_ARGS__}, __FILE__, __LINE__)

#endif
