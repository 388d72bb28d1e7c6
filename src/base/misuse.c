#include "base/misuse.h"

#include <rcycle/heap.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

static gc_misuse_handler installed_handler;
static void *installed_context;

void gc_misuse_set_handler(gc_misuse_handler handler, void *context)
{
    installed_handler = handler;
    installed_context = context;
}

bool gc_misuse_is_checked(void)
{
    return RC_CHECKED != 0;
}

void rc__misuse_report(const char *message)
{
    if (installed_handler != NULL) {
        installed_handler(message, installed_context);
        return;
    }
    fprintf(stderr, "rcycle: misuse: %s\n", message);
    abort();
}
