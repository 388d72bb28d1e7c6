#include "package_answers.h"

#include "package_chain.h"
#include "package_numbers.h"

/* ---- most needed ---------------------------------------------------------- */

static size_t needed_by(const struct package_graph *graph, int64_t number)
{
    return package_links(graph_package(graph, number), PACKAGE_NEEDED_BY);
}

/* Puts the package where it belongs among the best, if it does; the least one makes room. */
static bool rank(const struct package_graph *graph, zval *best, int64_t number)
{
    size_t links = needed_by(graph, number);
    int64_t place = (int64_t)zval_array_count(best);
    if (links == 0 ||
        (place == ANSWERS_MOST_NEEDED && links <= needed_by(graph, numbers_at(best, place - 1)))) {
        return true;
    }
    if (place < ANSWERS_MOST_NEEDED && zval_array_push(best, zval_int(number)) != GC_OK) {
        return false;
    }
    place = (int64_t)zval_array_count(best) - 1;
    while (place > 0 && links > needed_by(graph, numbers_at(best, place - 1))) {
        numbers_put(best, place, numbers_at(best, place - 1));
        place--;
    }
    numbers_put(best, place, number);
    return true;
}

static bool find_most_needed(struct answers *answers, const struct package_graph *graph)
{
    answers->most_needed = zval_array();
    for (size_t i = 0; i < graph->figures.packages; i++) {
        if (!rank(graph, &answers->most_needed, (int64_t)i)) {
            return false;
        }
    }
    return true;
}

/* ---- closures ------------------------------------------------------------- */

/*
 * What another package needs cannot weigh more than that package, so whatever an
 * earlier walk came to is passed over. Going from the end of the order, where
 * those are that nothing needs, leaves few walks to be made.
 */
static bool find_heaviest(struct answers *answers, const struct package_graph *graph)
{
    struct closure closure;
    bool has_memory = closure_begin(&closure, graph);
    answers->heaviest_weight.kib = -1;
    for (size_t i = graph->figures.packages; has_memory && i > 0; i--) {
        int64_t number = numbers_at(&answers->cycles.order, (int64_t)i - 1);
        if (closure_ever_held(&closure, number)) {
            continue;
        }
        struct closure_weight weight = closure_walk(&closure, number);
        if (weight.kib > answers->heaviest_weight.kib) {
            answers->heaviest = number;
            answers->heaviest_weight = weight;
        }
    }
    closure_end(&closure);
    return has_memory;
}

static bool find_closure(struct answers *answers, const struct package_graph *graph, int64_t start)
{
    struct closure closure;
    bool has_memory = closure_begin(&closure, graph);
    answers->closure = zval_array();
    if (has_memory) {
        answers->closure_weight = closure_walk(&closure, start);
    }
    for (size_t i = 0; has_memory && i < graph->figures.packages; i++) {
        if (closure_holds(&closure, (int64_t)i)) {
            has_memory = zval_array_push(&answers->closure, zval_int((int64_t)i)) == GC_OK;
        }
    }
    closure_end(&closure);
    return has_memory;
}

/* ---- all ------------------------------------------------------------------ */

static bool find_chain(struct answers *answers, const struct package_graph *graph)
{
    answers->chain = chain_longest(graph, &answers->cycles);
    return zval_type_of(&answers->chain) == ZVAL_ARRAY;
}

bool answers_find(struct answers *answers, const struct package_graph *graph, const zval *asked)
{
    *answers = (struct answers){.heaviest = -1};
    return find_most_needed(answers, graph) && cycles_find(&answers->cycles, graph) &&
           find_heaviest(answers, graph) && find_chain(answers, graph) &&
           (asked == NULL || find_closure(answers, graph, package_integer(asked, PACKAGE_NUMBER)));
}

void answers_release(struct answers *answers)
{
    zval_release(&answers->most_needed);
    cycles_release(&answers->cycles);
    zval_release(&answers->chain);
    zval_release(&answers->closure);
}
