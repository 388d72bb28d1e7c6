/*
 * What a checked build does when it detects misuse; see gc_misuse_set_handler().
 * RC_MISUSE(condition, message) is true, after having reported, when a checked
 * build finds the condition true, and constant false in other builds: the
 * caller then does nothing.
 */
#ifndef RCYCLE_BASE_MISUSE_H
#define RCYCLE_BASE_MISUSE_H

#include "base/compiler.h"
#include <stdbool.h>

void rc__misuse_report(const char *message);

#ifdef RCYCLE_CHECKED
#define RC_CHECKED 1
#else
#define RC_CHECKED 0
#endif

#define RC_MISUSE(condition, message) \
    (RC_CHECKED && RC_UNLIKELY(condition) && (rc__misuse_report(message), true))

#endif
