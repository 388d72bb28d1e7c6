/*
 * The clock of the steps is the wall clock, which is cheap to read. It runs on
 * while the machine runs other programs, so from a long step is taken off what
 * the process did not get: wall clock less processor time since both clocks were
 * last read together. They are read after each long step and now and then, so
 * that what was lost in between was lost in this step.
 */
#include "bench_steps.h"
#include "bench_support.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PAUSES_MOST    ((size_t)1 << 20)
#define STEPS_TOGETHER 1024 /* steps after which the clocks are read together again */

static uint64_t pauses_ns[PAUSES_MOST];
static size_t pauses;
static uint64_t steps;
static int64_t step_began_ns;
static int64_t wall_together_ns;
static int64_t processor_together_ns;

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* What the process was not given since the last call, in nanoseconds. */
static int64_t read_together(void)
{
    int64_t wall_ns = read_clock(CLOCK_MONOTONIC);
    int64_t processor_ns = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    int64_t lost_ns = wall_ns - wall_together_ns - (processor_ns - processor_together_ns);
    wall_together_ns = wall_ns;
    processor_together_ns = processor_ns;
    return lost_ns > 0 ? lost_ns : 0;
}

static void record_long_step(int64_t step_ns)
{
    step_ns -= read_together();
    if (step_ns >= BENCH_PAUSE_NS && pauses < PAUSES_MOST) {
        pauses_ns[pauses++] = (uint64_t)step_ns;
    }
}

void bench_steps_begin(void)
{
    /* Its pages are there before the first step: no step has to wait for them. */
    memset(pauses_ns, 1, sizeof pauses_ns);
    pauses = 0;
    steps = 0;
    read_together();
    step_began_ns = read_clock(CLOCK_MONOTONIC);
}

void bench_step_end(void)
{
    int64_t now_ns = read_clock(CLOCK_MONOTONIC);
    int64_t step_ns = now_ns - step_began_ns;
    step_began_ns = now_ns;
    steps++;
    if (step_ns >= BENCH_PAUSE_NS) {
        record_long_step(step_ns);
        step_began_ns = read_clock(CLOCK_MONOTONIC);
    } else if (steps % STEPS_TOGETHER == 0) {
        read_together();
        step_began_ns = read_clock(CLOCK_MONOTONIC);
    }
}

/* The most memory that the process has had, in KiB. */
static uint64_t peak_kib(void)
{
    uint64_t kib = 0;
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (sscanf(line, "VmHWM: %" SCNu64, &kib) == 1) {
            break;
        }
    }
    if (status != NULL) {
        fclose(status);
    }
    return kib;
}

void bench_steps_report(void)
{
    fprintf(stderr, "steps %" PRIu64 "\npeak %" PRIu64 "\n", steps, peak_kib());
    for (size_t i = 0; i < pauses; i++) {
        fprintf(stderr, "pause %" PRIu64 "\n", pauses_ns[i]);
    }
}
