/*
 * What there is to be seen of a monitor, read from the shared page alone: the
 * same in the master and in every worker.
 */
#include "base/clock.h"
#include "govern/monitor_master.h"
#include <inttypes.h>
#include <stdio.h>

#define NS_PER_MS 1000000u

/* ---- names -------------------------------------------------------------------- */

const char *gc_monitor_state_name(enum gc_monitor_state state)
{
    switch (state) {
    case GC_MONITOR_GONE:
        return "gone";
    case GC_MONITOR_STARTING:
        return "starting";
    case GC_MONITOR_READY:
        return "ready";
    case GC_MONITOR_ASKED:
        return "asked";
    case GC_MONITOR_RETIRING:
        return "retiring";
    case GC_MONITOR_DRAINING:
        return "draining";
    case GC_MONITOR_TERMINATING:
        return "terminating";
    case GC_MONITOR_KILLED:
        return "killed";
    case GC_MONITOR_BACKING_OFF:
        return "backing_off";
    }
    return "unknown";
}

const char *gc_monitor_reason_name(enum gc_monitor_reason reason)
{
    switch (reason) {
    case GC_MONITOR_NO_REASON:
        return "none";
    case GC_MONITOR_LIMIT:
        return "limit";
    case GC_MONITOR_RELOAD:
        return "reload";
    case GC_MONITOR_REQUEST:
        return "request";
    case GC_MONITOR_SILENT:
        return "silent";
    case GC_MONITOR_START_TIMEOUT:
        return "start_timeout";
    case GC_MONITOR_STOP:
        return "stop";
    case GC_MONITOR_EXIT:
        return "exit";
    case GC_MONITOR_CRASH:
        return "crash";
    }
    return "unknown";
}

/* ---- figures --------------------------------------------------------------------- */

unsigned gc_monitor_places(const struct gc_monitor *monitor)
{
    return monitor == NULL ? 0 : monitor->page->places;
}

static uint64_t age_ms(uint64_t since_ns)
{
    uint64_t now_ns = rc__clock_ns();
    return now_ns > since_ns ? (now_ns - since_ns) / NS_PER_MS : 0;
}

static void fill_standing(struct gc_monitor_figures *figures, const uint64_t *words)
{
    figures->state = (enum gc_monitor_state)words[RC_STANDING_STATE];
    figures->reason = (enum gc_monitor_reason)words[RC_STANDING_REASON];
    figures->pid = (int64_t)words[RC_STANDING_PID];
    figures->number = words[RC_STANDING_NUMBER];
    figures->state_ms = age_ms(words[RC_STANDING_SINCE_NS]);
    figures->failures = (unsigned)words[RC_STANDING_FAILURES];
    figures->replace_bytes = (size_t)words[RC_STANDING_REPLACE_BYTES];
    figures->start_bytes = (size_t)words[RC_STANDING_START_BYTES];
    figures->resident_bytes = (size_t)words[RC_STANDING_RESIDENT_BYTES];
}

static void fill_published(struct gc_monitor_figures *figures, const uint64_t *words)
{
    figures->published = true;
    figures->live_bytes = (size_t)words[RC_FIGURE_LIVE_BYTES];
    figures->system_bytes = (size_t)words[RC_FIGURE_SYSTEM_BYTES];
    figures->live_nodes = words[RC_FIGURE_LIVE_NODES];
    figures->roots = words[RC_FIGURE_ROOTS];
    figures->runs = words[RC_FIGURE_RUNS];
    figures->collected = words[RC_FIGURE_COLLECTED];
    figures->last_pause_ns = words[RC_FIGURE_LAST_PAUSE_NS];
    figures->max_pause_ns = words[RC_FIGURE_MAX_PAUSE_NS];
    figures->requests = words[RC_FIGURE_REQUESTS];
    figures->requests_open = words[RC_FIGURE_REQUESTS_OPEN];
    figures->safepoint_ms = age_ms(words[RC_FIGURE_SAFEPOINT_NS]);
}

enum gc_result gc_monitor_figures(const struct gc_monitor *monitor, unsigned place,
                                  struct gc_monitor_figures *figures)
{
    if (monitor == NULL || figures == NULL) {
        return GC_EINVAL;
    }
    if (place >= monitor->page->places) {
        return GC_ERANGE;
    }
    const struct rc_shared_place *shared = &monitor->page->place[place];
    uint64_t words[RC_RECORD_WORDS_MAX];
    *figures = (struct gc_monitor_figures){.state = GC_MONITOR_GONE};
    if (!rc__record_read(&shared->standing, words, RC_STANDINGS)) {
        return GC_OK;
    }
    fill_standing(figures, words);
    /* Those of a worker that was here before are not its successor's. */
    if (rc__record_read(&shared->figures, words, RC_FIGURES) && words[RC_FIGURE_NUMBER] != 0 &&
        words[RC_FIGURE_NUMBER] == figures->number) {
        fill_published(figures, words);
    }
    return GC_OK;
}

enum gc_result gc_monitor_counts(const struct gc_monitor *monitor, struct gc_monitor_counts *counts)
{
    if (monitor == NULL || counts == NULL) {
        return GC_EINVAL;
    }
    uint64_t count[RC_COUNTS];
    for (unsigned i = 0; i < RC_COUNTS; i++) {
        count[i] = atomic_load_explicit(&monitor->page->counts[i], memory_order_relaxed);
    }
    *counts = (struct gc_monitor_counts){
        .master = monitor->page->master,
        .started = count[RC_COUNT_STARTED],
        .became_ready = count[RC_COUNT_BECAME_READY],
        .asked = count[RC_COUNT_ASKED],
        .settled = count[RC_COUNT_SETTLED],
        .replaced_limit = count[RC_COUNT_REPLACED_LIMIT],
        .replaced_reload = count[RC_COUNT_REPLACED_RELOAD],
        .replaced_request = count[RC_COUNT_REPLACED_REQUEST],
        .replaced_silent = count[RC_COUNT_REPLACED_SILENT],
        .exits = count[RC_COUNT_EXITS],
        .crashes = count[RC_COUNT_CRASHES],
        .crash_loops = count[RC_COUNT_CRASH_LOOPS],
        .start_timeouts = count[RC_COUNT_START_TIMEOUTS],
        .terminated = count[RC_COUNT_TERMINATED],
        .killed = count[RC_COUNT_KILLED],
        .fork_failures = count[RC_COUNT_FORK_FAILURES],
        .reloads = count[RC_COUNT_RELOADS],
        .limit_below_start = count[RC_COUNT_LIMIT_BELOW_START],
        .sizes_unknown = count[RC_COUNT_SIZES_UNKNOWN],
        .log_lost = count[RC_COUNT_LOG_LOST],
        .notify_lost = count[RC_COUNT_NOTIFY_LOST],
    };
    return GC_OK;
}

/* ---- the page ----------------------------------------------------------------------- */

static double in_mib(uint64_t bytes)
{
    return (double)bytes / (1024 * 1024);
}

static void write_head(const struct gc_monitor *monitor, const struct gc_monitor_counts *counts,
                       FILE *out)
{
    const struct gc_monitor_options *options = &monitor->options;
    uint64_t up_ms = age_ms(monitor->page->born_ns);
    fprintf(out, "service   %s, master %" PRId64 ", up %" PRIu64 ".%03" PRIu64 " s\n",
            options->name, counts->master, up_ms / 1000, up_ms % 1000);
    fprintf(out, "workers   %u wanted, at most %u replaced at once\n", options->workers,
            options->replace_at_once);
    if (options->limit_bytes != 0) {
        fprintf(out, "limit     %.1f MiB for each\n", in_mib(options->limit_bytes));
    }
}

static void write_counts(const struct gc_monitor_counts *counts, FILE *out)
{
    fprintf(out,
            "started   %" PRIu64 ", of these ready %" PRIu64 ", start timeouts %" PRIu64
            ", fork failures %" PRIu64 "\n",
            counts->started, counts->became_ready, counts->start_timeouts, counts->fork_failures);
    fprintf(out, "asked     %" PRIu64 " to collect, which helped %" PRIu64 "\n", counts->asked,
            counts->settled);
    fprintf(out,
            "replaced  %" PRIu64 " for the limit, %" PRIu64 " to reload, %" PRIu64
            " on request, %" PRIu64 " silent\n",
            counts->replaced_limit, counts->replaced_reload, counts->replaced_request,
            counts->replaced_silent);
    fprintf(out,
            "ended     %" PRIu64 " exits, %" PRIu64 " crashes, %" PRIu64
            " crash loops; sent SIGTERM %" PRIu64 ", SIGKILL %" PRIu64 "\n",
            counts->exits, counts->crashes, counts->crash_loops, counts->terminated,
            counts->killed);
    fprintf(out,
            "trouble   limit below start %" PRIu64 ", sizes unknown %" PRIu64
            ", log lines lost %" PRIu64 ", notifications lost %" PRIu64 "\n",
            counts->limit_below_start, counts->sizes_unknown, counts->log_lost,
            counts->notify_lost);
}

#define COLUMNS "%-7s %-7s %-11s %-8s %9s %5s %9s %9s %9s %9s %7s %9s %7s %9s\n"

static void write_place(const struct gc_monitor_figures *figures, FILE *out)
{
    fprintf(out, "%-7" PRIu64 " %-7" PRId64 " %-11s %-8s ", figures->number, figures->pid,
            gc_monitor_state_name(figures->state),
            figures->reason == GC_MONITOR_NO_REASON ? "-"
                                                    : gc_monitor_reason_name(figures->reason));
    if (!figures->published) {
        fprintf(out, "%9s\n", "-");
        return;
    }
    fprintf(out,
            "%9" PRIu64 " %5" PRIu64 " %9.1f %9.1f %9.1f %9.1f %7" PRIu64 " %9" PRIu64 " %7" PRIu64
            " %9.3f\n",
            figures->requests, figures->requests_open, in_mib(figures->live_bytes),
            in_mib(figures->system_bytes), in_mib(figures->resident_bytes),
            in_mib(figures->replace_bytes), figures->roots, figures->collected, figures->runs,
            (double)figures->max_pause_ns / NS_PER_MS);
}

enum gc_result gc_monitor_write_status(const struct gc_monitor *monitor, FILE *out)
{
    struct gc_monitor_counts counts;
    if (out == NULL || gc_monitor_counts(monitor, &counts) != GC_OK) {
        return GC_EINVAL;
    }
    write_head(monitor, &counts, out);
    write_counts(&counts, out);
    fprintf(out, "\nSizes are MiB, pauses ms.\n" COLUMNS, "worker", "pid", "state", "reason",
            "requests", "open", "live", "system", "resident", "replaced", "roots", "collected",
            "runs", "max_pause");
    for (unsigned i = 0; i < monitor->page->places; i++) {
        struct gc_monitor_figures figures;
        gc_monitor_figures(monitor, i, &figures);
        if (figures.state != GC_MONITOR_GONE) {
            write_place(&figures, out);
        }
    }
    return fflush(out) == 0 && !ferror(out) ? GC_OK : GC_ENOMEM;
}
