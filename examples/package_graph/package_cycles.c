/*
 * Tarjan's algorithm ("Depth-First Search and Linear Graph Algorithms", 1972),
 * with its recursion written out as a path: a chain of dependencies may be as
 * long as the index, the C stack is not.
 */
#include "package_cycles.h"

#include "package_numbers.h"

struct search {
    const struct package_graph *graph;
    struct cycles *cycles;
    zval entered; /* number -> when the search came there, from 1; 0: not yet */
    zval low;     /* number -> the earliest entered that it is known to lead back to */
    zval next;    /* number -> how many of its links have been followed */
    zval path;    /* numbers from where the search began to where it is */
    zval held;    /* numbers entered whose component is not complete */
    int64_t path_length;
    int64_t held_count;
    int64_t time;
    int64_t ordered;
};

/* ---- the search ----------------------------------------------------------- */

static void enter(struct search *search, int64_t number)
{
    search->time++;
    numbers_put(&search->entered, number, search->time);
    numbers_put(&search->low, number, search->time);
    numbers_put(&search->path, search->path_length++, number);
    numbers_put(&search->held, search->held_count++, number);
}

static void lower(struct search *search, int64_t number, int64_t low)
{
    if (low < numbers_at(&search->low, number)) {
        numbers_put(&search->low, number, low);
    }
}

/* What is held from `number` on is one component. */
static void complete(struct search *search, int64_t number)
{
    struct cycles *cycles = search->cycles;
    int64_t member;
    cycles->components++;
    do {
        member = numbers_at(&search->held, --search->held_count);
        numbers_put(&cycles->component, member, cycles->components);
        numbers_put(&cycles->order, search->ordered++, member);
    } while (member != number);
}

static void leave(struct search *search, int64_t number)
{
    int64_t low = numbers_at(&search->low, number);
    if (low == numbers_at(&search->entered, number)) {
        complete(search, number);
    }
    search->path_length--;
    if (search->path_length > 0) {
        lower(search, numbers_at(&search->path, search->path_length - 1), low);
    }
}

/* Follows the next link of the package at the end of the path, or leaves it. */
static void step(struct search *search)
{
    int64_t number = numbers_at(&search->path, search->path_length - 1);
    int64_t position = numbers_at(&search->next, number);
    const zval *package = graph_package(search->graph, number);
    if ((size_t)position == package_links(package, PACKAGE_DEPENDS)) {
        leave(search, number);
        return;
    }
    numbers_put(&search->next, number, position + 1);
    const zval *needed = package_link_at(package, PACKAGE_DEPENDS, (size_t)position);
    int64_t target = package_integer(needed, PACKAGE_NUMBER);
    int64_t entered = numbers_at(&search->entered, target);
    if (entered == 0) {
        enter(search, target);
    } else if (numbers_at(&search->cycles->component, target) == 0) {
        lower(search, number, entered);
    }
}

static void search_all(struct search *search)
{
    int64_t count = (int64_t)search->graph->figures.packages;
    for (int64_t start = 0; start < count; start++) {
        if (numbers_at(&search->entered, start) != 0) {
            continue;
        }
        enter(search, start);
        while (search->path_length > 0) {
            step(search);
        }
    }
}

/* ---- the groups ----------------------------------------------------------- */

/* Adds the package to its group, if its component has another member. */
static enum gc_result group(struct cycles *cycles, const zval *sizes, int64_t number)
{
    int64_t component = numbers_at(&cycles->component, number);
    int64_t size = numbers_at(sizes, component);
    if (size < 2) {
        return GC_OK;
    }
    cycles->packages++;
    cycles->largest = (size_t)size > cycles->largest ? (size_t)size : cycles->largest;
    zval *members = zval_array_slot_at(&cycles->groups, component);
    if (members == NULL) {
        return GC_ENOMEM;
    }
    if (zval_type_of(members) == ZVAL_NULL) {
        zval_assign(members, zval_array());
    }
    return zval_array_push(members, zval_int(number));
}

/* By number, so that the members of a group, and the groups, are in the order of the index. */
static bool group_all(struct cycles *cycles, size_t count)
{
    zval sizes = numbers_new((size_t)cycles->components + 1, 0);
    bool has_memory = zval_type_of(&sizes) == ZVAL_ARRAY;
    for (size_t i = 0; has_memory && i < count; i++) {
        int64_t component = numbers_at(&cycles->component, (int64_t)i);
        numbers_put(&sizes, component, numbers_at(&sizes, component) + 1);
    }
    for (size_t i = 0; has_memory && i < count; i++) {
        has_memory = group(cycles, &sizes, (int64_t)i) == GC_OK;
    }
    zval_release(&sizes);
    return has_memory;
}

/* ---- all ------------------------------------------------------------------ */

bool cycles_find(struct cycles *cycles, const struct package_graph *graph)
{
    size_t count = graph->figures.packages;
    *cycles = (struct cycles){
        .component = numbers_new(count, 0), .order = numbers_new(count, 0), .groups = zval_array()};
    struct search search = {.graph = graph,
                            .cycles = cycles,
                            .entered = numbers_new(count, 0),
                            .low = numbers_new(count, 0),
                            .next = numbers_new(count, 0),
                            .path = numbers_new(count, 0),
                            .held = numbers_new(count, 0)};
    zval *lists[] = {&search.entered, &search.low,        &search.next,   &search.path,
                     &search.held,    &cycles->component, &cycles->order, &cycles->groups};
    bool has_memory = true;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        has_memory = has_memory && zval_type_of(lists[i]) == ZVAL_ARRAY;
    }
    if (has_memory) {
        search_all(&search);
        has_memory = group_all(cycles, count);
    }
    for (size_t i = 0; i < 5; i++) {
        zval_release(lists[i]);
    }
    return has_memory;
}

void cycles_release(struct cycles *cycles)
{
    zval_release(&cycles->component);
    zval_release(&cycles->order);
    zval_release(&cycles->groups);
}
