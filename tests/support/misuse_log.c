#include "misuse_log.h"

#include <rcycle/heap.h>
#include <stdio.h>

static void note(const char *message, void *context)
{
    struct misuse_log *log = context;
    log->count++;
    snprintf(log->last, sizeof log->last, "%s", message);
}

void misuse_log_begin(struct misuse_log *log)
{
    *log = (struct misuse_log){0};
    gc_misuse_set_handler(note, log);
}

void misuse_log_end(void)
{
    gc_misuse_set_handler(NULL, NULL);
}
