#include "frame_times.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static double milliseconds(uint64_t nanoseconds)
{
    return (double)nanoseconds / 1e6;
}

bool frame_times_begin(struct frame_times *times, const char *way, size_t frames)
{
    *times = (struct frame_times){.way = way};
    times->frame_ns = calloc(frames, sizeof *times->frame_ns);
    return times->frame_ns != NULL;
}

void frame_times_end(struct frame_times *times)
{
    free(times->frame_ns);
    times->frame_ns = NULL;
}

/* ---- the table --------------------------------------------------------------- */

static int by_length(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

void frame_times_heading(FILE *out)
{
    fprintf(out, "%-22s %6s %8s %8s %8s %5s %10s %9s\n", "milliseconds a frame", "frames", "middle",
            "1 in 100", "longest", "late", "collected", "peak MiB");
}

void frame_times_summarise(FILE *out, const struct frame_times *times)
{
    size_t frames = times->frames;
    uint64_t *sorted = malloc((frames + 1) * sizeof *sorted);
    if (sorted == NULL || frames == 0) {
        free(sorted);
        return;
    }
    memcpy(sorted, times->frame_ns, frames * sizeof *sorted);
    qsort(sorted, frames, sizeof *sorted, by_length);
    fprintf(out, "%-22s %6zu %8.2f %8.2f %8.2f %5zu %10" PRIu64 " %9.1f\n", times->way, frames,
            milliseconds(sorted[frames / 2]), milliseconds(sorted[frames - 1 - frames / 100]),
            milliseconds(sorted[frames - 1]), times->late, times->collected,
            (double)times->peak_bytes / (1 << 20));
    free(sorted);
}

/* ---- data and picture -------------------------------------------------------- */

static void write_rows(FILE *file, const struct frame_times *all, size_t count)
{
    fputs("frame", file);
    for (size_t way = 0; way < count; way++) {
        fprintf(file, "\t%s", all[way].way);
    }
    for (size_t frame = 0; frame < all[0].frames; frame++) {
        fprintf(file, "\n%zu", frame);
        for (size_t way = 0; way < count; way++) {
            fprintf(file, "\t%.3f", milliseconds(all[way].frame_ns[frame]));
        }
    }
    fputc('\n', file);
}

bool frame_times_write(const char *path, const struct frame_times *all, size_t count)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        return false;
    }
    write_rows(file, all, count);
    bool written = ferror(file) == 0;
    return fclose(file) == 0 && written;
}

/* Names go into gnuplot's single quotes, where a quote is written twice. */
static void put_quoted(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text != '\0'; text++) {
        fputs(*text == '\'' ? "''" : (char[]){*text, '\0'}, out);
    }
    fputc('\'', out);
}

bool frame_times_draw(const char *data, const char *picture, const struct frame_times *all,
                      size_t count, double frame_ms)
{
    FILE *gnuplot = popen("command -v gnuplot >/dev/null && exec gnuplot", "w");
    if (gnuplot == NULL) {
        return false;
    }
    fputs("set terminal svg size 900,460 background 'white'\nset output ", gnuplot);
    put_quoted(gnuplot, picture);
    fputs("\nset datafile separator '\\t'\nset logscale y\nset grid\nset key outside top center "
          "horizontal noenhanced\nset xlabel 'frame'\nset ylabel 'milliseconds'\nplot ",
          gnuplot);
    for (size_t way = 0; way < count; way++) {
        put_quoted(gnuplot, data);
        fprintf(gnuplot, " using 1:%zu skip 1 with steps lw 1.5 title '%s', ", way + 2,
                all[way].way);
    }
    fprintf(gnuplot, "%f with lines lc 'black' title 'the time that a frame has'\n", frame_ms);
    return pclose(gnuplot) == 0;
}
