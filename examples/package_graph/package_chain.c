#include "package_chain.h"

#include "package_numbers.h"

struct chains {
    const struct package_graph *graph;
    const struct cycles *cycles;
    zval length; /* component -> links of the longest chain that begins in it */
    zval next;   /* component -> the package that the chain goes on with; -1: it ends */
    int64_t best;
};

/* What the package needs lies in components whose chains are known, or in its own. */
static void lengthen(struct chains *chains, int64_t number)
{
    int64_t component = numbers_at(&chains->cycles->component, number);
    const zval *package = graph_package(chains->graph, number);
    const zval *needs = model_property(package, PACKAGE_DEPENDS);
    struct zval_array_cursor cursor = {0};
    const zval *needed;
    while (zval_array_next(needs, &cursor, NULL, &needed)) {
        int64_t target = package_integer(needed, PACKAGE_NUMBER);
        int64_t below = numbers_at(&chains->cycles->component, target);
        int64_t length = numbers_at(&chains->length, below) + 1;
        if (below != component && length > numbers_at(&chains->length, component)) {
            numbers_put(&chains->length, component, length);
            numbers_put(&chains->next, component, target);
        }
    }
    if (numbers_at(&chains->length, component) >
        numbers_at(&chains->length, numbers_at(&chains->cycles->component, chains->best))) {
        chains->best = number;
    }
}

static zval write_down(const struct chains *chains)
{
    zval chain = zval_array();
    int64_t number = chains->best;
    while (number >= 0) {
        if (zval_array_push(&chain, zval_int(number)) != GC_OK) {
            zval_release(&chain);
            break;
        }
        number = numbers_at(&chains->next, numbers_at(&chains->cycles->component, number));
    }
    return chain;
}

zval chain_longest(const struct package_graph *graph, const struct cycles *cycles)
{
    size_t components = (size_t)cycles->components + 1;
    struct chains chains = {.graph = graph,
                            .cycles = cycles,
                            .length = numbers_new(components, 1),
                            .next = numbers_new(components, -1)};
    zval chain = zval_undef();
    if (zval_type_of(&chains.length) == ZVAL_ARRAY && zval_type_of(&chains.next) == ZVAL_ARRAY) {
        for (size_t i = 0; i < graph->figures.packages; i++) {
            lengthen(&chains, numbers_at(&cycles->order, (int64_t)i));
        }
        chain = write_down(&chains);
    }
    zval_release(&chains.length);
    zval_release(&chains.next);
    return chain;
}
