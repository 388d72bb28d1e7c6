#include "small_stack.h"

#include <pthread.h>
#include <rcycle/heap.h>

#define STACK_BYTES (256 * 1024)

struct job {
    void (*action)(void *argument);
    void *argument;
    struct gc_heap *heap;
};

static void *run_job(void *argument)
{
    const struct job *job = argument;
    gc_heap_use(job->heap);
    job->action(job->argument);
    gc_heap_use(NULL);
    return NULL;
}

static int run_in_thread(struct job *job)
{
    pthread_attr_t attributes;
    pthread_t thread;
    int error = pthread_attr_init(&attributes);
    if (error == 0) {
        error = pthread_attr_setstacksize(&attributes, STACK_BYTES);
    }
    if (error == 0) {
        error = pthread_create(&thread, &attributes, run_job, job);
    }
    pthread_attr_destroy(&attributes);
    return error != 0 ? error : pthread_join(thread, NULL);
}

int small_stack_run(void (*action)(void *argument), void *argument)
{
    struct job job = {action, argument, gc_heap_current()};
    gc_heap_use(NULL);
    int error = run_in_thread(&job);
    gc_heap_use(job.heap);
    return error;
}
