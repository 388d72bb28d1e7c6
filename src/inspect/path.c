#include "inspect/path.h"

#include "collector/tracer.h"
#include "inspect/objects.h"

#define FAR UINT32_MAX

/* ---- distances ----------------------------------------------------------- */

struct measuring {
    struct gc_visitor visitor; /* first */
    const struct rc_collector *collector;
    uint32_t distance; /* of the object that is looked into */
    bool any;
};

/* Where the distance of an object stands; NULL: the count has not come to it. */
static uint32_t *distance_of(const struct rc_collector *collector, const struct gc_object *object)
{
    const struct rc_page *page = rc__page_of(object);
    if (page->epoch != collector->epoch) {
        return NULL;
    }
    return rc__trial_of(page, object);
}

static void begin_distance(void *context, struct gc_object *object)
{
    struct measuring *measuring = context;
    uint32_t *distance = distance_of(measuring->collector, object);
    if (distance != NULL) {
        *distance = *distance != RC_TRIAL_SEEN ? 0 : FAR;
    }
}

static void measure_child(struct gc_visitor *visitor, struct gc_object *child)
{
    struct measuring *measuring = (struct measuring *)(void *)visitor;
    uint32_t *distance = distance_of(measuring->collector, child);
    if (distance != NULL && *distance == FAR) {
        *distance = measuring->distance + 1;
        measuring->any = true;
    }
}

static void skip_leaf(struct gc_visitor *visitor, struct gc_object *leaf)
{
    (void)visitor;
    (void)leaf;
}

static void measure_from(void *context, struct gc_object *object)
{
    struct measuring *measuring = context;
    const uint32_t *distance = distance_of(measuring->collector, object);
    if (distance != NULL && *distance == measuring->distance) {
        rc__walk(object, &measuring->visitor, measure_child, skip_leaf);
    }
}

static void measure_heap(struct rc_collector *collector)
{
    struct measuring measuring = {
        .visitor = {measure_child, skip_leaf}, .collector = collector, .any = true};
    rc__epoch_begin(collector, RC_SCOPE_HEAP);
    rc__count_heap(collector);
    rc__for_each_object(&collector->heap, begin_distance, &measuring);
    while (measuring.any && measuring.distance < RC_PATH_OBJECTS) {
        measuring.any = false;
        rc__for_each_object(&collector->heap, measure_from, &measuring);
        measuring.distance++;
    }
}

/* ---- going up ------------------------------------------------------------ */

struct climbing {
    struct gc_visitor visitor; /* first */
    const struct rc_collector *collector;
    struct rc_path *paths;
    size_t count;
    struct gc_object *holder; /* the object that is looked into */
    bool from_untraced;       /* holders without a distance are wanted */
    bool any;
};

static struct gc_object *end_of(const struct rc_path *path)
{
    return path->count == 0 ? path->target : path->holders[path->count - 1];
}

static uint32_t far_or_distance(const struct climbing *climbing, const struct gc_object *object)
{
    const uint32_t *distance = distance_of(climbing->collector, object);
    return distance == NULL ? FAR : *distance;
}

/* A holder that is nearer to the program than what it holds; for what has no distance any. */
static bool is_step(const struct climbing *climbing, const struct gc_object *child)
{
    if (climbing->from_untraced) {
        return true;
    }
    return far_or_distance(climbing, climbing->holder) < far_or_distance(climbing, child);
}

static bool is_wanted(const struct climbing *climbing, const struct rc_path *path)
{
    if (path->is_complete || path->count == RC_PATH_OBJECTS) {
        return false;
    }
    return !climbing->from_untraced || far_or_distance(climbing, end_of(path)) == 0;
}

static void climb(struct gc_visitor *visitor, struct gc_object *child)
{
    struct climbing *climbing = (struct climbing *)(void *)visitor;
    for (size_t i = 0; i < climbing->count; i++) {
        struct rc_path *path = &climbing->paths[i];
        if (end_of(path) == child && is_wanted(climbing, path) && is_step(climbing, child)) {
            path->holders[path->count++] = climbing->holder;
            climbing->any = true;
        }
    }
}

static void climb_from(void *context, struct gc_object *object)
{
    struct climbing *climbing = context;
    bool is_traced = distance_of(climbing->collector, object) != NULL;
    if (is_traced != climbing->from_untraced) {
        climbing->holder = object;
        rc__walk(object, &climbing->visitor, climb, skip_leaf);
    }
}

/* What is held from outside of what was counted is held by the program, unless an acyclic object is
   found that holds it. */
static void finish(struct climbing *climbing)
{
    climbing->from_untraced = true;
    rc__for_each_object(&climbing->collector->heap, climb_from, climbing);
    for (size_t i = 0; i < climbing->count; i++) {
        struct rc_path *path = &climbing->paths[i];
        bool is_held = far_or_distance(climbing, end_of(path)) == 0;
        bool is_untraced = distance_of(climbing->collector, end_of(path)) == NULL;
        path->is_complete = is_held || is_untraced;
    }
}

bool rc__paths_find(struct gc_heap *heap, struct rc_path *paths, size_t count)
{
    struct rc_collector *collector = rc__collector_of(heap);
    if (heap->collecting || heap->ending) {
        return false;
    }
    struct climbing climbing = {.visitor = {climb, skip_leaf},
                                .collector = collector,
                                .paths = paths,
                                .count = count,
                                .any = true};
    rc__slices_give_up(collector);
    measure_heap(collector);
    while (climbing.any) {
        climbing.any = false;
        rc__for_each_object(heap, climb_from, &climbing);
    }
    finish(&climbing);
    rc__epoch_give_up(collector);
    return true;
}
