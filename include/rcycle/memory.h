/**
 * @file
 * How much memory the current heap uses.
 */
#ifndef RCYCLE_MEMORY_H
#define RCYCLE_MEMORY_H

#include <rcycle/export.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Bytes in use.
 * @param from_system false: the blocks that the program holds, each with the
 *        size it occupies; true: the pages that the heap holds from the system
 *        for that, idle ones that it has not given back included.
 */
RCYCLE_EXPORT size_t gc_memory_usage(bool from_system);

/** The most that gc_memory_usage() has been, since the start or the last reset. */
RCYCLE_EXPORT size_t gc_memory_peak(bool from_system);

/** Lets the peaks begin anew at what is in use now. */
RCYCLE_EXPORT void gc_memory_reset_peak(void);

/**
 * Testing aid: lets the current heap's allocations fail, so that a program can
 * prove that it survives. The next @p successes ones succeed, all after them
 * fail until gc_memory_fail_never().
 */
RCYCLE_EXPORT void gc_memory_fail_after(uint64_t successes);

/**
 * Ends what gc_memory_fail_after() began.
 * @return how many allocations failed.
 */
RCYCLE_EXPORT uint64_t gc_memory_fail_never(void);

#ifdef __cplusplus
}
#endif

#endif
