/*
 * Paths: which references keep an object, from something that the program holds.
 *
 * They are found without memory of their own. The trial counts of a collection
 * say which objects are held from outside; after that their place holds the
 * distance from the nearest of these. Each step is one walk over the heap for
 * all paths that are looked for.
 */
#ifndef RCYCLE_INSPECT_PATH_H
#define RCYCLE_INSPECT_PATH_H

#include "collector/collector.h"

#define RC_PATH_OBJECTS 24

struct rc_path {
    struct gc_object *target;
    struct gc_object *holders[RC_PATH_OBJECTS]; /* from the target's own on, upwards */
    uint32_t count;
    bool is_complete; /* the last one, or the target if there are none, is held by the program */
};

/* Looks for the shortest path to each target. Returns false, and nothing is found, while a
   collection runs; a run in slices is given up. O(objects * length of the longest path). */
bool rc__paths_find(struct gc_heap *heap, struct rc_path *paths, size_t count);

/* Writes a path as "App .services > array ["cache"] > array". Returns what snprintf() would. */
int rc__path_write(const struct rc_path *path, char *text, size_t bytes);

#endif
