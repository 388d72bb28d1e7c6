/*
 * A loop at 60 frames a second, in which garbage cycles come and go while a
 * large scenery stands by, under each way to run the collector. README.md says
 * what is to be seen.
 */
#include "frame_times.h"
#include "frame_world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FRAMES_A_SECOND 60
#define FRAME_NS        (1000000000 / FRAMES_A_SECOND)
#define MARGIN_NS       1000000 /* of a frame's idle time that is left alone */

struct settings {
    size_t nodes;
    size_t frames;
    bool waits; /* for the next frame to be due */
    const char *data;
    const char *picture;
};

/* One way to run the collector. */
struct way {
    const char *name;
    enum gc_policy policy;
    uint64_t pause_budget_ns;
    bool steps_when_idle;
};

static const struct way ways[] = {
    {"classic", GC_POLICY_CLASSIC, 0, false},
    {"generational", GC_POLICY_GENERATIONAL, 0, false},
    {"budget of 500 us", GC_POLICY_GENERATIONAL, 500000, false},
    {"steps in the idle time", GC_POLICY_GENERATIONAL, 500000, true},
};

#define WAYS (sizeof ways / sizeof ways[0])

/* ---- the loop ------------------------------------------------------------------ */

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void wait_until(uint64_t due_ns)
{
    struct timespec due = {.tv_sec = (time_t)(due_ns / 1000000000u),
                           .tv_nsec = (long)(due_ns % 1000000000u)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR) {
    }
}

/* What is left of the frame, but for the margin, is the collector's. */
static void collect_when_idle(uint64_t due_ns)
{
    uint64_t now = now_ns();
    if (now + MARGIN_NS < due_ns) {
        gc_step(due_ns - MARGIN_NS - now);
    }
}

static bool run_frames(const struct settings *settings, const struct way *way, struct world *world,
                       struct frame_times *times)
{
    uint64_t began_ns = now_ns();
    for (; times->frames < settings->frames; times->frames++) {
        uint64_t due_ns = began_ns + FRAME_NS;
        if (!world_frame(world)) {
            return false;
        }
        if (way->steps_when_idle) {
            collect_when_idle(due_ns);
        }
        uint64_t ended_ns = now_ns();
        times->frame_ns[times->frames] = ended_ns - began_ns;
        times->late += ended_ns > due_ns;
        if (settings->waits && ended_ns < due_ns) {
            wait_until(due_ns);
        }
        began_ns = settings->waits && ended_ns < due_ns ? due_ns : now_ns();
    }
    return true;
}

static bool run_way(const struct settings *settings, const struct way *way,
                    struct frame_times *times)
{
    struct gc_options options = gc_options_default();
    options.enabled = true;
    options.policy = way->policy;
    options.pause_budget_ns = way->pause_budget_ns;
    struct gc_heap *heap = gc_heap_new(&options);
    if (heap == NULL) {
        return false;
    }
    gc_heap_use(heap);
    static struct world world;
    bool done = world_begin(&world, settings->nodes);
    if (done) {
        gc_collect_cycles(); /* the level is loaded: this once a pause does not matter */
        uint64_t collected = gc_status().collected;
        done = run_frames(settings, way, &world, times);
        times->collected = gc_status().collected - collected;
        times->peak_bytes = gc_memory_peak(false);
    }
    world_end(&world);
    gc_heap_free(heap);
    return done;
}

/* ---- what it was told -------------------------------------------------------- */

static const char usage[] =
    "usage: frame_loop [option...]\n"
    "  --nodes N     nodes that stand by; 100,000 unless told otherwise\n"
    "  --frames N    for each way to run the collector; 300\n"
    "  --no-wait     each frame begins when the one before it has ended\n"
    "  --data FILE   where the times of all frames go; frame_loop.tsv\n"
    "  --plot FILE   where the picture goes, if gnuplot is there; frame_loop.svg\n";

static bool read_number(const char *text, size_t most, size_t *number)
{
    char *end = NULL;
    errno = 0;
    unsigned long long read = text == NULL ? 0 : strtoull(text, &end, 10);
    if (text == NULL || end == text || *end != '\0' || errno != 0 || read == 0 || read > most ||
        strchr(text, '-') != NULL) {
        return false;
    }
    *number = (size_t)read;
    return true;
}

static bool read_option(const char *name, const char *value, struct settings *settings)
{
    if (strcmp(name, "--nodes") == 0) {
        return read_number(value, 100000000, &settings->nodes);
    }
    if (strcmp(name, "--frames") == 0) {
        return read_number(value, 1000000, &settings->frames);
    }
    const char **path = strcmp(name, "--data") == 0   ? &settings->data
                        : strcmp(name, "--plot") == 0 ? &settings->picture
                                                      : NULL;
    if (path == NULL || value == NULL) {
        return false;
    }
    *path = value;
    return true;
}

static bool read_arguments(char **arguments, struct settings *settings)
{
    for (; *arguments != NULL; arguments++) {
        if (strcmp(*arguments, "--no-wait") == 0) {
            settings->waits = false;
        } else if (read_option(arguments[0], arguments[1], settings)) {
            arguments++;
        } else {
            return false;
        }
    }
    return true;
}

/* ---- the whole ---------------------------------------------------------------- */

static int complain(const char *about, const char *why)
{
    fprintf(stderr, "frame_loop: %s: %s\n", about, why);
    return EXIT_FAILURE;
}

static int run_all(const struct settings *settings, struct frame_times *all)
{
    printf("%zu nodes stand by; a frame has %.1f ms\n\n", settings->nodes, FRAME_NS / 1e6);
    frame_times_heading(stdout);
    for (size_t i = 0; i < WAYS; i++) {
        if (!frame_times_begin(&all[i], ways[i].name, settings->frames) ||
            !run_way(settings, &ways[i], &all[i])) {
            return complain(ways[i].name, "no memory");
        }
        frame_times_summarise(stdout, &all[i]);
        fflush(stdout);
    }
    if (!frame_times_write(settings->data, all, WAYS)) {
        return complain(settings->data, strerror(errno));
    }
    printf("\n%s: every frame\n", settings->data);
    if (frame_times_draw(settings->data, settings->picture, all, WAYS, FRAME_NS / 1e6)) {
        printf("%s: the same as a picture\n", settings->picture);
    } else {
        printf("no picture: gnuplot is not there\n");
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct settings settings = {.nodes = 100000,
                                .frames = 300,
                                .waits = true,
                                .data = "frame_loop.tsv",
                                .picture = "frame_loop.svg"};
    if (argc < 1 || !read_arguments(argv + 1, &settings)) {
        fputs(usage, stderr);
        return 2;
    }
    struct frame_times all[WAYS] = {0};
    int status = run_all(&settings, all);
    for (size_t i = 0; i < WAYS; i++) {
        frame_times_end(&all[i]);
    }
    return status;
}
