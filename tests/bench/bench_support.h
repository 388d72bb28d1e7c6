/*
 * What all benchmark programs in C share: the random numbers, the clock, the
 * report and the table of workloads.
 *
 * Each program is called `PROGRAM WORKLOAD SIZE` and prints one line on
 * standard output, the nanoseconds per node of the measured part alone. A line
 * on standard error says how much work was done, so that two programs can be
 * compared.
 */
#ifndef RCYCLE_BENCH_SUPPORT_H
#define RCYCLE_BENCH_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

/* xorshift64, seed 88172645463325252, without the sign bit: the same numbers in every program. */
uint64_t bench_random(void);

typedef void (*bench_work)(void *context);

/* Runs `work` and returns the processor time that it took, in nanoseconds. */
double bench_measure(bench_work work, void *context);

/* All that is counted under callgrind happens below this function. */
void bench_measured_part(bench_work work, void *context);

/* `nodes` is what the time is divided by, `count` what other programs are to agree with. */
void bench_report(double elapsed_ns, double nodes, uint64_t count);

/* Says that a figure is not a time, and prints it. */
void bench_report_figure(double figure);

/* Ends the program: there is no memory. */
void bench_fail(void);

/* Never NULL; the bytes are zero. */
void *bench_memory(size_t count, size_t bytes);

struct bench_workload {
    const char *name;
    void (*run)(size_t size);
};

/* The last entry of a table has no name; so has the last of the tables. */
int bench_main(int argc, char **argv, const struct bench_workload *const *tables);

#endif
