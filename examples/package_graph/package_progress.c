#include "package_progress.h"

#include <stdio.h>
#include <unistd.h>

struct progress progress_new(bool forced, const char *what)
{
    bool is_terminal = isatty(STDERR_FILENO) == 1;
    return (struct progress){
        .what = what, .is_on = forced || is_terminal, .is_terminal = is_terminal};
}

void progress_begin(struct progress *progress, size_t total)
{
    progress->total = total;
    progress->done = 0;
    progress->percent_shown = 0;
}

void progress_add(struct progress *progress, size_t step, size_t packages)
{
    progress->done += step;
    if (!progress->is_on || progress->total == 0) {
        return;
    }
    size_t percent = (size_t)((double)progress->done / (double)progress->total * 100.0);
    if (percent < progress->percent_shown + (progress->is_terminal ? 1 : 10)) {
        return;
    }
    progress->percent_shown = percent;
    fprintf(stderr, "%s%s %3zu %%, %zu packages%s", progress->is_terminal ? "\r" : "",
            progress->what, percent, packages, progress->is_terminal ? "" : "\n");
    fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->is_on && progress->is_terminal && progress->percent_shown > 0) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    progress->percent_shown = 0;
}
