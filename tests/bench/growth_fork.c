/*
 * Section C: how much of a child's memory stops being its parent's by one
 * collection in the child.
 */
#include "program_workloads.h"
#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Bytes that belong to this process alone. */
static uint64_t private_bytes(void)
{
    uint64_t kib = 0;
    char line[256];
    FILE *rollup = fopen("/proc/self/smaps_rollup", "r");
    if (rollup == NULL) {
        fputs("no /proc/self/smaps_rollup\n", stderr);
        _exit(1);
    }
    while (fgets(line, sizeof line, rollup) != NULL) {
        if (sscanf(line, "Private_Dirty: %" SCNu64, &kib) == 1) {
            break;
        }
    }
    fclose(rollup);
    return kib * 1024;
}

static void collect_in_child(size_t size)
{
    private_bytes(); /* what it needs itself is private from now on */
    uint64_t before_bytes = private_bytes();
    switch_collector(true);
    collect_all();
    bench_report_figure((double)(private_bytes() - before_bytes) / (double)size);
    fflush(stdout);
    _exit(0);
}

/* The list is as its building left it: no collection has looked at it before. */
static void fork_bytes(size_t size)
{
    begin_program();
    live_list_build(size);
    pid_t child = fork();
    if (child == 0) {
        collect_in_child(size);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        fputs("no child\n", stderr);
        exit(1);
    }
    end_program();
}

const struct bench_workload growth_fork[] = {
    {"fork", fork_bytes},
    {NULL, NULL},
};
