/*
 * The packages of a distribution as objects that refer to each other: what
 * counting frees of such a graph, and what only a collector can.
 *
 * package_text       reads a text, and words complaints
 * package_paragraph  takes it apart into paragraphs and fields
 * package_relation   takes a field such as Depends apart
 * package_model      the classes Package and Virtual, and the graph
 * package_load, package_link  build the graph
 * package_answers    asks it, with package_closure, package_cycles, package_chain
 * package_drop       lets it go
 * package_report     prints
 */
#include "package_load.h"
#include "package_options.h"
#include "package_report.h"

#include <stdio.h>
#include <stdlib.h>

enum exit_status {
    EXIT_ALL_WELL = 0,
    EXIT_AT_FAULT = 1,
    EXIT_CALLED_WRONGLY = 2
};

struct program {
    struct options options;
    struct package_texts texts;
    struct package_text *text_list; /* the same texts, to be released */
    char source[128];               /* what the report calls them */
    struct report_style style;
    struct drop_state left; /* when all was let go, in all heaps together */
    struct complaint complaint;
};

/* ---- the texts ------------------------------------------------------------ */

static void release_texts(struct program *program)
{
    for (size_t i = 0; i < program->texts.count; i++) {
        package_text_release(&program->text_list[i]);
    }
    free(program->text_list);
}

static bool read_texts(struct program *program, char **paths, size_t count)
{
    program->text_list = calloc(count, sizeof *program->text_list);
    program->texts.texts = program->text_list;
    if (program->text_list == NULL) {
        return complain(&program->complaint, paths[0], 0, "there is no memory for its text");
    }
    for (size_t i = 0; i < count; i++) {
        if (!package_text_read(&program->text_list[i], paths[i], &program->complaint)) {
            return false;
        }
        program->texts.count++;
    }
    return true;
}

static void name_source(struct program *program)
{
    const struct options *options = &program->options;
    if (options->path_count == 0) {
        snprintf(program->source, sizeof program->source, "the sample, a part of Debian 12");
    } else if (options->path_count == 1) {
        snprintf(program->source, sizeof program->source, "%.60s", options->paths[0]);
    } else {
        snprintf(program->source, sizeof program->source, "%.40s and %zu more", options->paths[0],
                 options->path_count - 1);
    }
}

/* ---- one graph ------------------------------------------------------------ */

static bool load(struct program *program, struct package_graph *graph, bool with_back_links)
{
    struct progress progress =
        progress_new(program->options.progress,
                     with_back_links ? "loading" : "loading again, without links back");
    uint64_t begin_ns = drop_clock_ns();
    bool is_loaded =
        graph_load(graph, program->texts, with_back_links, &progress, &program->complaint);
    program->style.load_ns = drop_clock_ns() - begin_ns;
    return is_loaded;
}

/* The package that was asked about; NULL with a complaint: it is not there. */
static const zval *find_asked(struct program *program, const struct package_graph *graph)
{
    const char *name = program->options.closure;
    const zval *package = zval_array_get(&graph->index, name);
    if (package != NULL) {
        return package;
    }
    const zval *virtual_ = zval_array_get(&graph->virtuals, name);
    if (virtual_ != NULL) {
        const zval *providers = model_property(virtual_, VIRTUAL_PROVIDERS);
        complain(&program->complaint, "package_graph", 0,
                 "%.80s is a virtual package; %s is one that provides it", name,
                 package_name(zval_array_get_at(providers, 0)));
    } else {
        complain(&program->complaint, "package_graph", 0, "there is no package %.80s in this index",
                 name);
    }
    return NULL;
}

static bool ask_and_report(struct program *program, const struct package_graph *graph)
{
    struct answers answers;
    const zval *asked = NULL;
    if (program->options.closure != NULL) {
        asked = find_asked(program, graph);
        if (asked == NULL) {
            return false;
        }
    }
    uint64_t begin_ns = drop_clock_ns();
    bool is_answered = answers_find(&answers, graph, asked);
    program->style.ask_ns = drop_clock_ns() - begin_ns;
    if (is_answered) {
        report_graph(graph, program->source, program->style);
        report_answers(graph, &answers, program->style);
        if (asked != NULL) {
            report_closure(graph, &answers, asked);
        }
    } else {
        complain(&program->complaint, "package_graph", 0, "no answers: %s",
                 gc_result_text(GC_ENOMEM));
    }
    answers_release(&answers);
    return is_answered;
}

/* A graph in a heap of its own, so that the collector's figures begin anew. */
static bool run_graph(struct program *program, bool with_back_links, struct drop *drop)
{
    struct package_graph graph = {0};
    struct gc_heap *heap = gc_heap_new(NULL);
    if (heap == NULL) {
        return complain(&program->complaint, program->source, 0, "there is no memory for a heap");
    }
    gc_heap_use(heap);
    if (program->options.fail_after != UINT64_MAX) {
        gc_memory_fail_after(program->options.fail_after);
    }
    bool is_done = load(program, &graph, with_back_links) &&
                   (!with_back_links || ask_and_report(program, &graph));
    gc_memory_fail_never();
    *drop = graph_drop(&graph);
    program->left.nodes += drop->collected.nodes;
    program->left.bytes += drop->collected.bytes;
    gc_heap_use(NULL);
    gc_heap_free(heap);
    return is_done;
}

/* ---- all ------------------------------------------------------------------ */

static bool run(struct program *program)
{
    struct options *options = &program->options;
    char sample[4096];
    char *sample_path = sample;
    char **paths = options->paths;
    size_t count = options->path_count;
    if (count == 0) {
        if (!options_find_sample(sample, sizeof sample)) {
            return false;
        }
        paths = &sample_path;
        count = 1;
    }
    name_source(program);
    struct drop whole;
    struct drop forward;
    bool is_done = read_texts(program, paths, count) && run_graph(program, true, &whole) &&
                   run_graph(program, false, &forward);
    if (is_done) {
        report_drops(&whole, &forward, program->style);
    }
    release_texts(program);
    return is_done;
}

int main(int argument_count, char **arguments)
{
    struct program program = {.source = ""};
    if (!options_read(&program.options, argument_count, arguments)) {
        return EXIT_CALLED_WRONGLY;
    }
    if (program.options.help) {
        options_print_help();
        return EXIT_ALL_WELL;
    }
    program.style.has_times = !program.options.no_times;
    program.style.has_all = program.options.all;
    bool is_done = run(&program);
    if (program.complaint.line[0] != '\0') {
        fprintf(stderr, "%s\n", program.complaint.line);
    }
    bool is_empty = report_left(program.left);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("package_graph: the report cannot be written\n", stderr);
        return EXIT_AT_FAULT;
    }
    return is_done && is_empty ? EXIT_ALL_WELL : EXIT_AT_FAULT;
}
