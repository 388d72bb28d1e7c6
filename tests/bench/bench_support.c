/*
 * The random numbers, the clock, the report and the table of workloads.
 */
#include "bench_support.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t bench_random(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state & INT64_MAX;
}

/* Processor time: what else runs on the machine meanwhile is not counted. */
static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

__attribute__((noinline)) void bench_measured_part(bench_work work, void *context)
{
    work(context);
    /* Without this the call above would be a jump, and the end of it invisible to callgrind. */
    __asm__ volatile("" ::: "memory");
}

double bench_measure(bench_work work, void *context)
{
    double began_ns = now_ns();
    bench_measured_part(work, context);
    return now_ns() - began_ns;
}

void bench_report(double elapsed_ns, double nodes, uint64_t count)
{
    fprintf(stderr, "count %" PRIu64 "\n", count);
    printf("%.6g\n", elapsed_ns / nodes);
}

void bench_report_figure(double figure)
{
    printf("%.6g\n", figure);
}

void bench_fail(void)
{
    fputs("no memory\n", stderr);
    exit(1);
}

void *bench_memory(size_t count, size_t bytes)
{
    void *memory = calloc(count == 0 ? 1 : count, bytes);
    if (memory == NULL) {
        bench_fail();
    }
    return memory;
}

static int list_workloads(const char *program, const struct bench_workload *const *tables)
{
    fprintf(stderr, "usage: %s WORKLOAD SIZE\n", program);
    for (; *tables != NULL; tables++) {
        for (const struct bench_workload *entry = *tables; entry->name != NULL; entry++) {
            fprintf(stderr, "  %s\n", entry->name);
        }
    }
    return 2;
}

int bench_main(int argc, char **argv, const struct bench_workload *const *tables)
{
    char *end = NULL;
    size_t size = argc == 3 ? strtoul(argv[2], &end, 10) : 0;
    if (argc != 3 || end == argv[2] || *end != '\0' || size > 100000000) {
        return list_workloads(argv[0], tables);
    }
    for (const struct bench_workload *const *table = tables; *table != NULL; table++) {
        for (const struct bench_workload *entry = *table; entry->name != NULL; entry++) {
            if (strcmp(entry->name, argv[1]) == 0) {
                entry->run(size);
                return 0;
            }
        }
    }
    return list_workloads(argv[0], tables);
}
