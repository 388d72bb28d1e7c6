/*
 * Every step of a workload timed, so that pauses are seen as the program sees
 * them, whoever makes them. A step that takes longer than BENCH_PAUSE_NS is a
 * pause, and all pauses are reported. All peers do it in the same way.
 */
#ifndef RCYCLE_BENCH_STEPS_H
#define RCYCLE_BENCH_STEPS_H

#include <stddef.h>

#define BENCH_PAUSE_NS 100000

/* The first step begins. */
void bench_steps_begin(void);

/* A step is over, and the next one begins. */
void bench_step_end(void);

/* Writes the number of steps, all pauses and the process's peak memory to standard error. */
void bench_steps_report(void);

#endif
