/*
 * Runs scenarios in PHP and here, and compares what both print.
 *
 *     side_by_side [--seed S] [--count N] [--seconds T] [--file F] [--show]
 *
 * N random scenarios, of the seeds from S on; or as many as fit into T seconds;
 * or those of a file. --show prints both traces in full. A difference is
 * reduced to the fewest lines that show it. Ends with 1 if there was one, or if
 * too many had to be set aside, and with 77 if there is no PHP 8.2 to compare with.
 */
#include "generator.h"
#include "operations.h"
#include "php_side.h"
#include "reducer.h"
#include "traces.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCH     500
#define MAX_IDS   256
#define SKIPPED   77
#define MAX_FOUND 10

struct options {
    const char *php;
    const char *script;
    const char *file;
    uint64_t seed;
    uint64_t count;
    uint64_t seconds;
    bool show;
};

struct tally {
    uint64_t run;
    uint64_t same;
    uint64_t depend_on_order;
    uint64_t different;
};

/* ---- if we crash -------------------------------------------------------- */

static const struct scenario *current;

static void write_text(const char *text)
{
    (void)!write(STDERR_FILENO, text, strlen(text));
}

/* So that it is known in which scenario. */
static void on_crash(int number)
{
    for (size_t i = 0; current != NULL && i < current->count; i++) {
        write_text(current->lines[i]);
        write_text("\n");
    }
    write_text(current == NULL ? "" : current->name);
    write_text(": crash\n");
    signal(number, SIG_DFL);
    raise(number);
}

/* ---- one scenario ------------------------------------------------------- */

static void run_ours(const struct scenario *scenario, const struct trace *php, struct trace *ours)
{
    long ids[MAX_IDS];
    size_t id_count = trace_destructed(php, ids, MAX_IDS);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        abort();
    }
    current = scenario;
    scenario_run(scenario, ids, id_count, out);
    current = NULL;
    fclose(out);
    trace_begin(ours, text);
}

static enum comparison judge(const struct scenario *scenario, const struct trace *php,
                             const struct options *options)
{
    struct trace ours;
    size_t part;
    run_ours(scenario, php, &ours);
    enum comparison result = traces_compare(php, &ours, &part);
    if (result == TRACES_DEPEND_ON_ORDER && !scenario_may_depend_on_order(scenario)) {
        result = TRACES_DIFFER;
    }
    if (options->show) {
        printf("%s: %s\n", scenario->name, result == TRACES_SAME ? "same" : "different");
        traces_print(stdout, php, &ours, result == TRACES_SAME ? php->count : part);
    }
    trace_end(&ours);
    return result;
}

/* ---- reducing ----------------------------------------------------------- */

struct court {
    struct php_side *side;
    const struct options *options;
};

static void judge_all(void *context, const struct scenario *scenarios, size_t count, bool *disagree)
{
    const struct court *court = context;
    struct trace *traces = calloc(count, sizeof *traces);
    if (traces == NULL) {
        abort();
    }
    php_side_run(court->side, scenarios, count, traces);
    for (size_t i = 0; i < count; i++) {
        disagree[i] = judge(&scenarios[i], &traces[i], court->options) == TRACES_DIFFER;
        trace_end(&traces[i]);
    }
    free(traces);
}

static void report(struct php_side *side, const struct options *options,
                   const struct scenario *scenario)
{
    struct scenario shortest = *scenario;
    struct options quiet = *options;
    quiet.show = false;
    struct court court = {side, &quiet};
    scenario_reduce(&shortest, judge_all, &court);
    printf("\n---- PHP | ours, reduced\n");
    scenario_write(stdout, &shortest);
    quiet.show = true;
    bool disagree;
    judge_all(&court, &shortest, 1, &disagree);
}

/* ---- many --------------------------------------------------------------- */

static void run_batch(struct php_side *side, const struct options *options,
                      const struct scenario *scenarios, size_t count, struct tally *tally)
{
    static struct trace traces[BATCH];
    php_side_run(side, scenarios, count, traces);
    for (size_t i = 0; i < count; i++) {
        enum comparison result = judge(&scenarios[i], &traces[i], options);
        tally->run++;
        tally->same += result == TRACES_SAME;
        tally->depend_on_order += result == TRACES_DEPEND_ON_ORDER;
        tally->different += result == TRACES_DIFFER;
        if (result == TRACES_DIFFER && tally->different <= MAX_FOUND) {
            report(side, options, &scenarios[i]);
        }
        trace_end(&traces[i]);
    }
}

static void run_random(struct php_side *side, const struct options *options, struct tally *tally)
{
    static struct scenario scenarios[BATCH];
    time_t ends = time(NULL) + (time_t)options->seconds;
    uint64_t done = 0;
    while (options->seconds > 0 ? time(NULL) < ends : done < options->count) {
        size_t count = BATCH;
        if (options->seconds == 0 && options->count - done < BATCH) {
            count = (size_t)(options->count - done);
        }
        for (size_t i = 0; i < count; i++) {
            scenario_generate(&scenarios[i], options->seed + done + i);
        }
        run_batch(side, options, scenarios, count, tally);
        done += count;
    }
}

static bool run_file(struct php_side *side, const struct options *options, struct tally *tally)
{
    static struct scenario scenario;
    FILE *in = fopen(options->file, "r");
    if (in == NULL) {
        perror(options->file);
        return false;
    }
    while (scenario_read(in, &scenario)) {
        run_batch(side, options, &scenario, 1, tally);
    }
    bool complete = feof(in) != 0;
    fclose(in);
    return complete && tally->run > 0;
}

/* Those set aside prove nothing, so there must be few. */
static bool is_good(const struct tally *tally)
{
    return tally->different == 0 && tally->depend_on_order <= 1 + tally->run / 500;
}

static bool parse_options(int argc, char **argv, struct options *options)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--show") == 0) {
            options->show = true;
            continue;
        }
        if (value == NULL) {
            return false;
        }
        i++;
        if (strcmp(argv[i - 1], "--seed") == 0) {
            options->seed = strtoull(value, NULL, 10);
        } else if (strcmp(argv[i - 1], "--count") == 0) {
            options->count = strtoull(value, NULL, 10);
        } else if (strcmp(argv[i - 1], "--seconds") == 0) {
            options->seconds = strtoull(value, NULL, 10);
        } else if (strcmp(argv[i - 1], "--file") == 0) {
            options->file = value;
        } else if (strcmp(argv[i - 1], "--php") == 0) {
            options->php = value;
        } else {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options options = {.php = SIDE_PHP, .script = SIDE_SCRIPT, .seed = 1, .count = 1000};
    struct tally tally = {0};
    struct php_side side;
    if (!parse_options(argc, argv, &options)) {
        fprintf(stderr, "usage: side_by_side [--seed S] [--count N] [--seconds T] [--file F] "
                        "[--php PROGRAM] [--show]\n");
        return 2;
    }
    if (!php_side_begin(&side, options.php, options.script)) {
        printf("skipped: '%s' is not PHP 8.2\n", options.php);
        return SKIPPED;
    }
    signal(SIGSEGV, on_crash);
    signal(SIGABRT, on_crash);
    bool complete = true;
    if (options.file != NULL) {
        complete = run_file(&side, &options, &tally);
    } else {
        run_random(&side, &options, &tally);
    }
    php_side_end(&side);
    printf("%llu scenarios: %llu the same, %llu part by the order of destructors, %llu differ\n",
           (unsigned long long)tally.run, (unsigned long long)tally.same,
           (unsigned long long)tally.depend_on_order, (unsigned long long)tally.different);
    return complete && is_good(&tally) ? 0 : 1;
}
