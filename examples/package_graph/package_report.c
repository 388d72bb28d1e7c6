#include "package_report.h"

#include "package_numbers.h"
#include "package_print.h"
#include <inttypes.h>
#include <stdio.h>

enum {
    NAME_COLUMNS = 26,
    BAR_COLUMNS = 36,
    NAMES_AGAIN_SHOWN = 8,
    NAMES_SHOWN = 60, /* in one list; with --all there is no limit */
    CYCLES_SHOWN = 32
};

static const char *name_of(const struct package_graph *graph, int64_t number)
{
    return package_name(graph_package(graph, number));
}

/* The packages' names, `mark` behind each but the last one; "..." for those beyond `limit`. */
static void flow_names(struct print_flow *flow, const struct package_graph *graph,
                       const zval *numbers, const char *mark, size_t limit)
{
    size_t left = zval_array_count(numbers);
    struct zval_array_cursor cursor = {0};
    const zval *number;
    while (limit > 0 && zval_array_next(numbers, &cursor, NULL, &number)) {
        limit--;
        left--;
        print_flow_word(flow, name_of(graph, zval_to_int(number)), left > 0 ? mark : "");
    }
    if (left > 0) {
        print_flow_word(flow, "...", "");
    }
    print_flow_end(flow);
}

/* ---- the graph ------------------------------------------------------------ */

static void report_again(const struct package_graph *graph)
{
    struct print_flow flow = {0};
    size_t left = zval_array_count(&graph->again);
    size_t shown = 0;
    struct zval_array_cursor cursor = {0};
    zval name;
    print_row(print_grouped(graph->figures.again),
              "paragraphs gave way to a later one on the same");
    while (left > 0 && shown < NAMES_AGAIN_SHOWN &&
           zval_array_next(&graph->again, &cursor, &name, NULL)) {
        shown++;
        print_flow_word(&flow, zval_string_bytes(&name, NULL), --left > 0 ? "," : "");
    }
    if (left > 0) {
        print_flow_word(&flow, "...", "");
    }
    print_flow_end(&flow);
}

void report_graph(const struct package_graph *graph, const char *source, struct report_style style)
{
    const struct graph_figures *figures = &graph->figures;
    printf("THE GRAPH of %.60s\n\n", source);
    print_row(print_grouped(figures->input_bytes), "bytes of text");
    print_row(print_grouped(figures->packages), "packages");
    if (figures->left_out > 0) {
        print_row(print_grouped(figures->left_out), "left out, as they are not installed");
    }
    if (figures->again > 0) {
        report_again(graph);
    }
    print_row(print_grouped(figures->virtuals), "virtual packages: names that packages provide");
    print_row(print_grouped(figures->provides),
              "links to what a package provides, and as many back");
    print_row(print_grouped(figures->depends), "links to what a package needs, and as many back");
    print_row(print_grouped(figures->recommends), "links to what it recommends");
    print_row(print_grouped(figures->unmet_depends), "needs that nothing here meets");
    print_row(print_grouped(figures->unmet_recommends), "recommendations that nothing here meets");
    print_row(print_grouped(figures->nodes), "nodes in all: objects, and the arrays in them");
    print_row(print_grouped(figures->bytes), "bytes");
    print_row(print_grouped(figures->runs), "runs of the collector meanwhile");
    if (style.has_times) {
        print_row(print_ms(style.load_ns), "ms from text to graph");
    }
}

/* ---- the answers ---------------------------------------------------------- */

static void report_most_needed(const struct package_graph *graph, const zval *most_needed)
{
    size_t most = 0;
    struct zval_array_cursor cursor = {0};
    const zval *number;
    printf("\nMOST NEEDED, by so many packages directly\n\n");
    while (zval_array_next(most_needed, &cursor, NULL, &number)) {
        const zval *package = graph_package(graph, zval_to_int(number));
        size_t links = package_links(package, PACKAGE_NEEDED_BY);
        most = most == 0 ? links : most;
        int bar = (int)(links * BAR_COLUMNS / most);
        printf("%*s  %-*s %.*s\n", PRINT_FIGURE_COLUMNS, print_grouped(links).text, NAME_COLUMNS,
               package_name(package), bar, "####################################");
    }
}

static void report_weight(struct closure_weight weight)
{
    print_row(print_grouped((uint64_t)weight.kib), "KiB");
    print_row(print_grouped((uint64_t)weight.packages), "packages, itself included");
}

static void report_heaviest(const struct package_graph *graph, const struct answers *answers)
{
    const zval *package = graph_package(graph, answers->heaviest);
    const char *section = zval_string_bytes(model_property(package, PACKAGE_SECTION), NULL);
    printf("\nHEAVIEST with all that it needs: %s (%s)\n\n", package_name(package),
           section == NULL ? "no section" : section);
    report_weight(answers->heaviest_weight);
}

static void report_chain(const struct package_graph *graph, const zval *chain, size_t limit)
{
    struct print_flow flow = {0};
    printf("\nLONGEST CHAIN, each needing the next; a cycle on the way counts as one\n\n");
    print_row(print_grouped(zval_array_count(chain)), "packages");
    flow_names(&flow, graph, chain, " >", limit);
}

/* The cycles of one size, each in a line of its own, or pairs one after the other. */
static void report_cycles_of(const struct package_graph *graph, const struct cycles *cycles,
                             size_t size, bool all, size_t *may_show)
{
    struct print_flow flow = {0};
    struct zval_array_cursor cursor = {0};
    const zval *group;
    while (*may_show > 0 && zval_array_next(&cycles->groups, &cursor, NULL, &group)) {
        if (zval_array_count(group) != size) {
            continue;
        }
        --*may_show;
        if (flow.column == 0) {
            printf("%*zu ", PRINT_FIGURE_COLUMNS, size);
            flow.column = PRINT_TEXT_COLUMN - 1;
        }
        if (size == 2) {
            print_flow_word(&flow, name_of(graph, numbers_at(group, 0)), " +");
            print_flow_word(&flow, name_of(graph, numbers_at(group, 1)), ";");
        } else {
            flow_names(&flow, graph, group, "", all ? size : NAMES_SHOWN);
        }
    }
    print_flow_end(&flow);
}

/* The largest size below `size` that a cycle has; 0: there is none. */
static size_t next_size(const struct cycles *cycles, size_t size)
{
    size_t next = 0;
    struct zval_array_cursor cursor = {0};
    const zval *group;
    while (zval_array_next(&cycles->groups, &cursor, NULL, &group)) {
        size_t count = zval_array_count(group);
        next = count < size && count > next ? count : next;
    }
    return next;
}

static void report_cycles(const struct package_graph *graph, const struct cycles *cycles, bool all)
{
    size_t count = zval_array_count(&cycles->groups);
    size_t may_show = all ? count : CYCLES_SHOWN;
    printf("\nDEPENDENCY CYCLES, each member needing all the others\n\n");
    print_row(print_grouped(count), "cycles");
    print_row(print_grouped(cycles->packages), "packages on them");
    if (count == 0) {
        return;
    }
    size_t hidden = count > may_show ? count - may_show : 0;
    printf("\n%*s  members\n", PRINT_FIGURE_COLUMNS, "of size");
    for (size_t size = cycles->largest; size > 0 && may_show > 0; size = next_size(cycles, size)) {
        report_cycles_of(graph, cycles, size, all, &may_show);
    }
    if (hidden > 0) {
        print_row(print_grouped(hidden), "more, which --all lists");
    }
}

void report_answers(const struct package_graph *graph, const struct answers *answers,
                    struct report_style style)
{
    report_most_needed(graph, &answers->most_needed);
    report_heaviest(graph, answers);
    report_chain(graph, &answers->chain, style.has_all ? SIZE_MAX : NAMES_SHOWN);
    report_cycles(graph, &answers->cycles, style.has_all);
    if (style.has_times) {
        printf("\n%*s  ms for all answers\n", PRINT_FIGURE_COLUMNS, print_ms(style.ask_ns).text);
    }
}

void report_closure(const struct package_graph *graph, const struct answers *answers,
                    const zval *asked)
{
    struct print_flow flow = {0};
    const char *version = zval_string_bytes(model_property(asked, PACKAGE_VERSION), NULL);
    printf("\nTO INSTALL %s %s\n\n", package_name(asked), version == NULL ? "" : version);
    report_weight(answers->closure_weight);
    flow_names(&flow, graph, &answers->closure, "", SIZE_MAX);
}

/* ---- letting go ----------------------------------------------------------- */

static void print_pair(const char *text, struct print_figure left, struct print_figure right)
{
    printf("  %-34s %*s %*s\n", text, PRINT_FIGURE_COLUMNS + 4, left.text, PRINT_FIGURE_COLUMNS + 8,
           right.text);
}

static void print_counts(const char *text, uint64_t left, uint64_t right)
{
    print_pair(text, print_grouped(left), print_grouped(right));
}

/* Those in the buffer, and those that a young run has found alive. */
static uint64_t possible_roots(const struct gc_status *status)
{
    return status->roots + status->remembered;
}

static void report_dropped_roots(const struct drop *whole, const struct drop *forward)
{
    uint64_t dropped = whole->at_counted.dropped_roots;
    uint64_t dropped_forward = forward->at_counted.dropped_roots;
    if (dropped + dropped_forward > 0) {
        print_counts("  for which the buffer had no room", dropped, dropped_forward);
        print_counts("nodes left to gc_collect_heap()", whole->found_in_heap,
                     forward->found_in_heap);
    }
}

void report_drops(const struct drop *whole, const struct drop *forward, struct report_style style)
{
    printf("\nLETTING GO\n\n");
    printf("  %-34s %*s %*s\n", "", PRINT_FIGURE_COLUMNS + 4, "with links back",
           PRINT_FIGURE_COLUMNS + 8, "without them");
    print_counts("nodes", whole->before.nodes, forward->before.nodes);
    print_counts("freed by counting", whole->before.nodes - whole->counted.nodes,
                 forward->before.nodes - forward->counted.nodes);
    print_counts("freed only by the collector", whole->found + whole->found_in_heap,
                 forward->found + forward->found_in_heap);
    print_counts("left", whole->collected.nodes, forward->collected.nodes);
    printf("\n");
    print_counts("bytes", whole->before.bytes, forward->before.bytes);
    print_counts("bytes after counting", whole->counted.bytes, forward->counted.bytes);
    print_counts("bytes after collecting", whole->collected.bytes, forward->collected.bytes);
    printf("\n");
    print_counts("possible roots after counting", possible_roots(&whole->at_counted),
                 possible_roots(&forward->at_counted));
    report_dropped_roots(whole, forward);
    print_counts("possible roots after collecting", possible_roots(&whole->at_collected),
                 possible_roots(&forward->at_collected));
    print_counts("runs of the collector", whole->at_collected.runs, forward->at_collected.runs);
    if (style.has_times) {
        print_pair("ms counting", print_ms(whole->count_ns), print_ms(forward->count_ns));
        print_pair("ms collecting", print_ms(whole->collect_ns), print_ms(forward->collect_ns));
        print_pair("ms of the longest pause", print_ms(whole->at_collected.max_pause_ns),
                   print_ms(forward->at_collected.max_pause_ns));
    }
    printf("\n"
           "Each link back closes a cycle with its link forward. Without them only the\n"
           "cycles in what packages need and recommend, and all that hangs on those, are\n"
           "left to the collector.\n\n");
}

bool report_left(struct drop_state left)
{
    if (left.nodes == 0 && left.bytes == 0) {
        printf("Nothing is left: 0 nodes, 0 bytes.\n");
        return true;
    }
    fprintf(stderr, "package_graph: something is left: %" PRIu64 " nodes, %zu bytes\n", left.nodes,
            left.bytes);
    return false;
}
