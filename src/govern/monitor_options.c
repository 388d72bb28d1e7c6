#include "govern/monitor_master.h"
#include <stdlib.h>
#include <string.h>

struct gc_monitor_options gc_monitor_options_default(void)
{
    return (struct gc_monitor_options){
        .name = "service",
        .workers = 2,
        .replace_at_once = 1,
        .limit_percent = 80,
        .jitter_percent = 5,
        .period_ms = 1000,
        .start_ms = 60000,
        .collect_ms = 5000,
        .drain_ms = 30000,
        .terminate_ms = 5000,
        .back_off_ms = 100,
        .back_off_max_ms = 30000,
        .stable_ms = 10000,
        .crash_loop = 5,
        .log_fd = 2,
        .proc_path = "/proc",
        .notify = true,
    };
}

enum gc_result rc__monitor_options_check(const struct gc_monitor_options *options)
{
    if (options->work == NULL || options->name == NULL || options->proc_path == NULL) {
        return GC_EINVAL;
    }
    bool workers_fit = options->workers >= 1 && options->workers <= GC_MONITOR_WORKERS_MAX &&
                       options->replace_at_once >= 1 &&
                       options->replace_at_once <= options->workers;
    bool percents_fit = options->limit_percent >= 1 && options->limit_percent <= 100 &&
                        options->jitter_percent <= 50;
    bool times_fit = options->period_ms >= 1 && options->back_off_ms >= 1 &&
                     options->back_off_max_ms >= options->back_off_ms && options->stable_ms >= 1;
    bool others_fit = options->crash_loop >= 1 && options->log_fd >= -1;
    return workers_fit && percents_fit && times_fit && others_fit ? GC_OK : GC_ERANGE;
}

bool rc__monitor_options_copy(struct gc_monitor_options *copy,
                              const struct gc_monitor_options *options)
{
    char *name = strdup(options->name);
    char *proc_path = strdup(options->proc_path);
    if (name == NULL || proc_path == NULL) {
        free(name);
        free(proc_path);
        return false;
    }
    *copy = *options;
    copy->name = name;
    copy->proc_path = proc_path;
    return true;
}

void rc__monitor_options_free(struct gc_monitor_options *copy)
{
    /* They are const for those who read them. */
    free((void *)(uintptr_t)copy->name);
    free((void *)(uintptr_t)copy->proc_path);
}
