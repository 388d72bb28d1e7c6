#include "package_closure.h"

#include "package_numbers.h"

bool closure_begin(struct closure *closure, const struct package_graph *graph)
{
    size_t count = graph->figures.packages;
    closure->graph = graph;
    closure->walked = numbers_new(count, 0);
    closure->waiting = numbers_new(count, 0);
    closure->walk = 0;
    return zval_type_of(&closure->walked) == ZVAL_ARRAY &&
           zval_type_of(&closure->waiting) == ZVAL_ARRAY;
}

void closure_end(struct closure *closure)
{
    zval_release(&closure->walked);
    zval_release(&closure->waiting);
}

bool closure_holds(const struct closure *closure, int64_t number)
{
    return numbers_at(&closure->walked, number) == closure->walk;
}

bool closure_ever_held(const struct closure *closure, int64_t number)
{
    return numbers_at(&closure->walked, number) != 0;
}

/* Puts the package in line, unless this walk has found it before. */
static void find(struct closure *closure, int64_t number, int64_t *waiting)
{
    if (!closure_holds(closure, number)) {
        numbers_put(&closure->walked, number, closure->walk);
        numbers_put(&closure->waiting, (*waiting)++, number);
    }
}

struct closure_weight closure_walk(struct closure *closure, int64_t start)
{
    struct closure_weight weight = {0, 0};
    int64_t waiting = 0;
    closure->walk++;
    find(closure, start, &waiting);
    while (waiting > 0) {
        int64_t number = numbers_at(&closure->waiting, --waiting);
        const zval *package = graph_package(closure->graph, number);
        const zval *needs = model_property(package, PACKAGE_DEPENDS);
        struct zval_array_cursor cursor = {0};
        const zval *needed;
        while (zval_array_next(needs, &cursor, NULL, &needed)) {
            find(closure, package_integer(needed, PACKAGE_NUMBER), &waiting);
        }
        weight.packages++;
        weight.kib += package_integer(package, PACKAGE_KIB);
    }
    return weight;
}
