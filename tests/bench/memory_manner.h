/*
 * Three ways to own memory, so that the whole programs of section B are written
 * once: counted (rcycle), collected (Boehm's collector), by hand (malloc).
 *
 * A program says `keep` where it copies a reference, `drop` where it gives one
 * up, and `dispose` where it knows, from the structure of its data, that an
 * object is dead. The first two are nothing unless objects are counted, the
 * last one is nothing unless they are freed by hand. `switch_collector` and
 * `collect_all` are nothing where there is no collector.
 */
#ifndef RCYCLE_BENCH_MEMORY_MANNER_H
#define RCYCLE_BENCH_MEMORY_MANNER_H

#include "bench_support.h"
#include <stdbool.h>
#include <string.h>

#if defined(BENCH_COUNTED)

#include "bench_rcycle.h"

#define BY_HAND 0
#define HEADER  struct gc_object gc;
/* Bytes that a struct of another manner needs more, to be of the same size. */
#define PADDING 0
#define DESCRIBE(name, member)                                                              \
    static const struct gc_field name##_fields[] = {GC_FIELD_OBJECTS(struct name, member)}; \
    static const struct gc_type name##_type = {                                             \
        #name, sizeof(struct name), name##_fields, 1, NULL, NULL, NULL, 0};
#define MAKE(name) ((struct name *)bench_checked(gc_new(&name##_type)))

static inline void *keep(void *object)
{
    return gc_retain(object);
}

static inline void drop(void *object)
{
    gc_release(object);
}

static inline void dispose(void *object)
{
    (void)object;
}

static inline void begin_program(void)
{
    bench_heap_begin_default();
}

static inline void end_program(void)
{
    bench_heap_end();
}

static inline void switch_collector(bool on)
{
    if (on) {
        gc_enable();
    } else {
        gc_disable();
    }
}

static inline void collect_all(void)
{
    gc_collect_cycles();
}

#else

#define HEADER
#define PADDING 16
#define DESCRIBE(name, member)
#define MAKE(name) ((struct name *)make(sizeof(struct name)))

static inline void *keep(void *object)
{
    return object;
}

static inline void drop(void *object)
{
    (void)object;
}

#if defined(BENCH_COLLECTED)

#include <gc.h>

#define BY_HAND 0

static inline void *make(size_t bytes)
{
    return GC_MALLOC(bytes);
}

static inline void dispose(void *object)
{
    (void)object;
}

static inline void begin_program(void)
{
    GC_INIT();
}

/* It counts how often it has been switched off. */
static inline void switch_collector(bool on)
{
    if (on && GC_is_disabled()) {
        GC_enable();
    } else if (!on && !GC_is_disabled()) {
        GC_disable();
    }
}

static inline void collect_all(void)
{
    GC_gcollect();
}

#else

#include <stdlib.h>

#define BY_HAND 1

static inline void *make(size_t bytes)
{
    void *object = malloc(bytes);
    if (object == NULL) {
        bench_fail();
    }
    memset(object, 0, bytes);
    /* A compiler may leave out an allocation that it sees freed. */
    __asm__ volatile("" : "+r"(object) : : "memory");
    return object;
}

static inline void dispose(void *object)
{
    free(object);
}

static inline void begin_program(void)
{
}

static inline void switch_collector(bool on)
{
    (void)on;
}

static inline void collect_all(void)
{
}

#endif

static inline void end_program(void)
{
}

#endif

/* Changes a reference: `object` is handed over, what was there before is given up. */
#define SET(place, object)       \
    do {                         \
        void *set_old = (place); \
        (place) = (object);      \
        drop(set_old);           \
    } while (0)

#endif
