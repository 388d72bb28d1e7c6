/*
 * What the server answers. Some of its routes leak, on purpose.
 */
#ifndef RESIDENT_ROUTES_H
#define RESIDENT_ROUTES_H

#include <rcycle/monitor.h>

struct routes;

/* The containers that the routes use; NULL without memory. */
struct routes *routes_open(struct gc_monitor_worker *worker);
void routes_close(struct routes *routes);

/*
 * Answers a path with text, which is to be freed. `id` is the request's own
 * number, or NULL.
 * Returns the status code of HTTP; 0: no memory.
 */
unsigned routes_answer(struct routes *routes, const char *path, const char *id, char **text);

#endif
