/*
 * What the snippets of the documentation take for granted: the headers, and the
 * functions that a reader is to imagine. And what runs them.
 */
#ifndef RCYCLE_SNIPPETS_TAKEN_FOR_GRANTED_H
#define RCYCLE_SNIPPETS_TAKEN_FOR_GRANTED_H

#undef NDEBUG
#include <assert.h>
#include <pthread.h>
#include <rcycle/monitor.h>
#include <rcycle/rcycle.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In a heap of its own; the mark says where its output begins. */
static inline void run_snippet(int line, void (*snippet)(void))
{
    struct gc_heap *heap = gc_heap_new(NULL);
    assert(heap != NULL);
    struct gc_heap *before = gc_heap_use(heap);
    printf("@ %d\n", line);
    snippet();
    gc_heap_use(heap);
    assert(gc_heap_verify(heap, stderr) == 0);
    gc_heap_use(before);
    gc_heap_free(heap);
}

/* ---- a game --------------------------------------------------------------- */

static inline bool frame_begin(void)
{
    static int frames;
    return frames++ < 3;
}

static inline void simulate_and_draw(void)
{
}

static inline uint64_t time_left_ns(void)
{
    return 1000000;
}

/* ---- a service ------------------------------------------------------------- */

struct server;

static inline int open_listening_socket(void)
{
    return -1;
}

static inline struct server *open_server(int listening)
{
    (void)listening;
    return NULL;
}

static inline void wait_and_serve(struct server *server, int monitor)
{
    (void)server;
    (void)monitor;
}

static inline void stop_accepting(struct server *server)
{
    (void)server;
}

static inline void finish_what_is_open(struct server *server)
{
    (void)server;
}

static inline bool serve_request(void)
{
    static int requests;
    return requests++ < 3;
}

#endif
