/*
 * Small clusters of garbage go on their own, in a run in slices.
 *
 * What slices find is a suspicion, and has to be counted once more in one go.
 * That is long if there is much of it. But most garbage comes in small groups
 * that have nothing to do with each other. A *cluster* is a suspect and all
 * suspects that it reaches. If every reference to a member is found in a
 * member, nothing from outside holds any of them, whatever the rest of the heap
 * is like: that is the last count of slices.c, for a few objects alone. So they
 * are freed, and the next slice may begin.
 *
 * What is held by other suspects is tried again as part of a cluster of these,
 * a few times. How large a cluster may be follows from the budget. What belongs
 * to a larger one, or has a destructor or very many references, or to do with a
 * weak map, is left to the end of the run. Pages without suspects are closed, so
 * that the end has to do with none but the rest.
 *
 * Of a suspect that is in no cluster the trial count says how often it was
 * tried; of a member it counts the references found, and the pending bit says
 * that it is one.
 */
#include "collector/tracer.h"
#include "core/lifetime.h"

/* A member takes at most about so long, from being found to being freed: a slice that begins a
   cluster at its very end is longer by half of its budget, seldom by all of it. */
#define MEMBER_NS   60u
#define MEMBERS_MIN 256u
#define MEMBERS_MAX 4096u
#define TRIES_MAX   4u

struct cluster {
    struct gc_visitor visitor; /* first */
    struct rc_collector *collector;
    bool is_open; /* it reaches a suspect that cannot be a member */
    uint32_t count;
    uint32_t most;
    struct gc_object *objects[MEMBERS_MAX];
    uint8_t tries[MEMBERS_MAX];
};

/* ---- members ------------------------------------------------------------ */

static uint32_t *trial_of(const struct gc_object *object)
{
    return rc__trial_of(rc__page_of(object), object);
}

/* How often a suspect that is in no cluster was tried. */
static uint32_t tries_of(const struct gc_object *object)
{
    return *trial_of(object) - RC_TRIAL_SEEN;
}

static void flip_membership(const struct gc_object *object)
{
    const struct rc_page *page = rc__page_of(object);
    uint32_t place = rc__page_place_of(page, object);
    rc__colours_of(page, place)->pending ^= rc__place_bit(place);
}

static bool is_key(const struct rc_collector *collector, const struct gc_object *object)
{
    return (object->info & RC_INFO_WEAK) != 0 &&
           rc__weak_record(&collector->heap.weak, object)->entries != NULL;
}

/* Nothing but its references, and weak references to it, is to be thought of when it goes. */
static bool is_simple(const struct rc_collector *collector, struct gc_object *object)
{
    return rc__is_alive(object) && !rc__awaits_destructor(object) && !is_key(collector, object) &&
           rc__kind_of(object) != RC_KIND_WEAKMAP &&
           rc__walk_extent(object) <= collector->part_places;
}

static bool join(struct cluster *cluster, struct gc_object *object)
{
    uint32_t tries = tries_of(object);
    if (cluster->count == cluster->most || tries >= TRIES_MAX ||
        !is_simple(cluster->collector, object)) {
        return false;
    }
    cluster->objects[cluster->count] = object;
    cluster->tries[cluster->count++] = (uint8_t)tries;
    flip_membership(object);
    *trial_of(object) = RC_TRIAL_SEEN;
    return true;
}

/* One that has become a possible root since the run began has been in the program's hands, and is
   for the next run. */
static bool is_suspect(const struct rc_collector *collector, const struct gc_object *object)
{
    return rc__is_white(collector, object) && rc__entry_of(object) == 0;
}

static void reach_object(struct gc_visitor *visitor, struct gc_object *child)
{
    struct cluster *cluster = (struct cluster *)(void *)visitor;
    if (cluster->is_open || !is_suspect(cluster->collector, child)) {
        return;
    }
    const struct rc_page *page = rc__page_of(child);
    uint32_t place = rc__page_place_of(page, child);
    bool is_member = rc__bit(rc__colours_of(page, place)->pending, place);
    if (is_member || join(cluster, child)) {
        ++*trial_of(child);
    } else {
        cluster->is_open = true;
    }
}

static void reach_leaf(struct gc_visitor *visitor, struct gc_object *child)
{
    (void)visitor;
    (void)child;
}

static void gather(struct cluster *cluster, struct gc_object *first)
{
    if (!join(cluster, first)) {
        cluster->is_open = true;
        *trial_of(first) = RC_TRIAL_SEEN + TRIES_MAX;
    }
    for (uint32_t i = 0; i < cluster->count && !cluster->is_open; i++) {
        rc__walk(cluster->objects[i], &cluster->visitor, reach_object, reach_leaf);
    }
}

static bool is_garbage(const struct cluster *cluster)
{
    bool is_held = cluster->is_open;
    for (uint32_t i = 0; i < cluster->count && !is_held; i++) {
        const struct gc_object *object = cluster->objects[i];
        is_held = *trial_of(object) - RC_TRIAL_SEEN != object->refcount;
    }
    return !is_held;
}

/* ---- what becomes of it ------------------------------------------------- */

static void release_outside(struct gc_visitor *visitor, struct gc_object *child)
{
    (void)visitor;
    if ((child->info & RC_INFO_DEAD) == 0) {
        gc_release(child);
    }
}

static void release_leaf(struct gc_visitor *visitor, struct gc_object *child)
{
    (void)visitor;
    rc__leaf_release(child);
}

/* As rc__collect_white() does: all leave the sight of weak references before any hook runs, and
   their references go before any slot does. Returns the nodes. */
static size_t free_members(struct cluster *cluster)
{
    struct gc_heap *heap = &cluster->collector->heap;
    size_t nodes = 0;
    for (uint32_t i = 0; i < cluster->count; i++) {
        struct gc_object *object = cluster->objects[i];
        nodes += rc__is_node(object);
        if (RC_UNLIKELY((object->info & RC_INFO_WEAK) != 0)) {
            rc__weak_detach(&heap->weak, object, &heap->orphans);
        }
        rc__bury(object);
    }
    for (uint32_t i = 0; i < cluster->count; i++) {
        struct gc_object *object = cluster->objects[i];
        rc__walk(object, &cluster->visitor, release_outside, release_leaf);
        rc__object_dismantle(object);
    }
    for (uint32_t i = 0; i < cluster->count; i++) {
        rc__space_free(rc__page_of(cluster->objects[i]), cluster->objects[i]);
    }
    return nodes;
}

/* Members of an open cluster are not tried again: it stays open. */
static void dissolve(struct cluster *cluster)
{
    for (uint32_t i = 0; i < cluster->count; i++) {
        struct gc_object *object = cluster->objects[i];
        *trial_of(object) = RC_TRIAL_SEEN + (cluster->is_open ? TRIES_MAX : cluster->tries[i] + 1u);
        flip_membership(object);
    }
}

static uint32_t most_members(const struct rc_budget *budget)
{
    uint64_t most = budget->all_ns / MEMBER_NS;
    most = most > MEMBERS_MIN ? most : MEMBERS_MIN;
    return most < MEMBERS_MAX ? (uint32_t)most : MEMBERS_MAX;
}

static size_t try_cluster(struct rc_collector *collector, struct gc_object *first)
{
    struct cluster cluster;
    cluster.visitor = (struct gc_visitor){reach_object, reach_leaf};
    cluster.collector = collector;
    cluster.count = 0;
    cluster.most = most_members(&collector->budget);
    cluster.is_open = false;
    gather(&cluster, first);
    rc__budget_spend(&collector->budget, 2 * cluster.count + 1);
    if (!is_garbage(&cluster)) {
        dissolve(&cluster);
        return 0;
    }
    cluster.visitor = (struct gc_visitor){release_outside, release_leaf};
    return free_members(&cluster);
}

/* ---- the phase ---------------------------------------------------------- */

/* False: the budget is spent first; what has been tried is passed over the next time. */
static bool free_in_page(struct rc_collector *collector, struct rc_page *page, size_t *nodes)
{
    uint32_t end = (rc__page_last_word(page) + 1) * 64;
    for (uint32_t place = rc__page_first_word(page) * 64; place < end; place++) {
        if (rc__white_bits(page, place / 64) == 0) {
            place |= 63;
        } else if (rc__place_is_white(page, place) &&
                   rc__page_trial(page)[place] == RC_TRIAL_SEEN) {
            if (rc__budget_is_spent(&collector->budget)) {
                return false;
            }
            *nodes += try_cluster(collector, rc__page_object(page, place));
        }
    }
    rc__budget_spend(&collector->budget, rc__page_words(page));
    return true;
}

static bool has_suspects(const struct rc_page *page)
{
    uint64_t white = 0;
    RC_EACH_WORD(word, page) {
        white |= rc__white_bits(page, word);
    }
    return white != 0;
}

/* The run has no more business here, and whatever it still comes to in this page is outside. */
static void close_page(struct rc_collector *collector, struct rc_page *page)
{
    rc__promote_in_page(collector, page);
    rc__page_forget_trial(page);
    page->epoch = RC_NEVER_OPEN;
    if (page->used == 0) {
        rc__space_free_all(page);
    }
}

bool rc__free_clusters(struct rc_collector *collector, size_t *freed)
{
    size_t nodes = 0;
    struct rc_page *page;
    while ((page = *collector->link) != NULL && !rc__budget_is_spent(&collector->budget) &&
           free_in_page(collector, page, &nodes)) {
        if (has_suspects(page)) {
            collector->link = &page->touched_next;
        } else {
            *collector->link = page->touched_next;
            close_page(collector, page);
        }
    }
    collector->heap.live_nodes -= nodes;
    collector->collected += nodes;
    *freed += nodes;
    return page == NULL;
}
