/*
 * What one wants to know of a process that has grown too large.
 */
#include "core/current.h"
#include <inttypes.h>
#include <rcycle/inspect.h>
#include <rcycle/memory.h>
#include <rcycle/watch.h>

#define TYPES_SHOWN    12
#define SUSPECTS_SHOWN 12

static void write_bytes(FILE *out, double bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    for (; bytes >= 1024 && unit < 4; unit++) {
        bytes /= 1024;
    }
    fprintf(out, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
}

static void write_figure(FILE *out, const char *name, size_t bytes)
{
    fprintf(out, "  %-22s", name);
    write_bytes(out, (double)bytes);
    fputc('\n', out);
}

static void write_memory(FILE *out)
{
    struct gc_memory_status status = gc_memory_status();
    fputs("memory\n", out);
    write_figure(out, "in use", status.live_bytes);
    write_figure(out, "in use at the most", status.live_peak_bytes);
    write_figure(out, "external", status.external_bytes);
    write_figure(out, "from the system", status.system_bytes);
    write_figure(out, "of that reusable", status.reusable_bytes);
    if (status.limit_bytes > 0) {
        write_figure(out, "limit", status.limit_bytes);
        fprintf(out, "  made for the limit    %" PRIu64 " collections, %" PRIu64 " calls refused\n",
                status.collections, status.refusals);
    }
}

static void write_types(FILE *out)
{
    struct gc_census_row rows[128];
    size_t count = gc_inspect_census(rows, sizeof rows / sizeof rows[0]);
    fputs("types by bytes\n", out);
    for (size_t i = 0; i < count && i < TYPES_SHOWN; i++) {
        fputs("  ", out);
        write_bytes(out, (double)(rows[i].bytes + rows[i].external_bytes));
        fprintf(out, " in %" PRIu64 " of %s\n", rows[i].count,
                rows[i].name == NULL ? "no name" : rows[i].name);
    }
}

static void write_growth(FILE *out, const struct gc_watch_report *report)
{
    if (report->verdict < GC_WATCH_SLOWING) {
        return;
    }
    fprintf(out, "; %.3g a request", report->entries_per_request);
    if (report->bytes_per_request > 0) {
        fputs(", ", out);
        write_bytes(out, report->bytes_per_request);
    }
    if (report->verdict == GC_WATCH_GROWING) {
        fprintf(out, ", %u %% sure", report->confidence);
    }
    if (report->requests_to_limit != UINT64_MAX) {
        fprintf(out, "; limit in %" PRIu64 " requests, %.0f s", report->requests_to_limit,
                (double)report->ns_to_limit / 1e9);
    }
}

static void write_report(FILE *out, const struct gc_watch_report *report)
{
    fprintf(out, "%s, %" PRIu64 " after %" PRIu64 " requests",
            gc_watch_verdict_text(report->verdict), report->entries, report->requests);
    write_growth(out, report);
    fputs(report->gone ? "; it is gone\n" : "\n", out);
}

static void write_watches(FILE *out)
{
    struct gc_watch_report report;
    if (gc_watch_look_at_heap(&report) != GC_OK) {
        return;
    }
    fputs("watches\n  bytes of the heap: ", out);
    write_report(out, &report);
    for (const struct gc_watch *watch = gc_watch_next(NULL); watch != NULL;
         watch = gc_watch_next(watch)) {
        (void)gc_watch_look(watch, &report);
        fprintf(out, "  %s: ", report.name);
        write_report(out, &report);
    }
}

static void write_suspects(FILE *out)
{
    struct gc_watch_suspect suspects[SUSPECTS_SHOWN];
    size_t count = gc_watch_suspects(suspects, SUSPECTS_SHOWN);
    if (count == 0) {
        return;
    }
    fputs("what else grows\n", out);
    for (size_t i = 0; i < count && i < SUSPECTS_SHOWN; i++) {
        const struct gc_watch_suspect *suspect = &suspects[i];
        fprintf(out, "  %s%s: ", suspect->is_type ? "objects of the type of " : "", suspect->path);
        write_report(out, &suspect->report);
        if (!suspect->is_type) {
            fprintf(out, "    added last: %s\n", suspect->added);
        }
    }
}

void gc_watch_post_mortem(FILE *out)
{
    if (out == NULL || rc__heap_current() == NULL) {
        return;
    }
    fputs("rcycle post-mortem\n", out);
    write_memory(out);
    write_types(out);
    write_watches(out);
    write_suspects(out);
}
