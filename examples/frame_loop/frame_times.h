/*
 * How long frames took: recorded, summed up in a table, written to a file and
 * drawn.
 */
#ifndef FRAME_TIMES_H
#define FRAME_TIMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The frames of one way to run the collector. */
struct frame_times {
    const char *way;
    uint64_t *frame_ns; /* by frame; owned */
    size_t frames;
    size_t late; /* those that ended after the next one should have begun */
    uint64_t collected;
    size_t peak_bytes;
};

/* Room for `frames`. False: no memory. */
bool frame_times_begin(struct frame_times *times, const char *way, size_t frames);
void frame_times_end(struct frame_times *times);

void frame_times_heading(FILE *out);
/* A line: the middle frame, the hundredth worst, the worst, how many were late; what was
   collected meanwhile, and the most memory in use. */
void frame_times_summarise(FILE *out, const struct frame_times *times);

/* A line a frame, a column for each of `count` ways, milliseconds. False: errno says why not. */
bool frame_times_write(const char *path, const struct frame_times *all, size_t count);

/* Draws what frame_times_write() has written, with gnuplot. False: it is not there or failed. */
bool frame_times_draw(const char *data, const char *picture, const struct frame_times *all,
                      size_t count, double frame_ms);

#endif
