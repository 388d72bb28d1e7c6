#include "collector/scouts.h"
#include "collector/tracer.h"

/* The note of a white object is RC_TRIAL_SEEN, and for each of the two trails a byte: the number of
   the post, from 1 on, 0 if no scout has been here, and whether that is all that the object leads
   to. Of a post it is the number of that, and a mark. */
#define TRAIL_POST   0x7Fu
#define TRAIL_IS_ALL 0x80u
#define TRAIL_BITS   8u
#define NOTE_IS_POST 0x10000u

/* An object that may have more of them is left to the scan, unless they are the pointers of an own
   struct, or properties. */
#define REFERENCES_LOOKED_AT 16u

struct rc_scout {
    struct gc_object *from; /* visited */
    struct gc_object *to;   /* not yet */
    uint8_t post;
    uint8_t trail; /* 0 or 1 */
};

struct rc_scouting {
    struct gc_visitor visitor; /* first */
    struct rc_collector *collector;
    struct rc_posts *posts;
    struct rc_links links; /* of the type met last */

    /* The object that is visited, where it has been come to from, and to which it leads. */
    const struct gc_object *self;
    const struct gc_object *from;
    const struct gc_object *post;
    unsigned count;
    struct gc_object *children[2]; /* the first of them */

    unsigned scout_count;
    struct rc_scout scouts[2 * RC_POSTS];
};

RC_INLINE uint32_t *note_of(const struct gc_object *object)
{
    return rc__trial_of(rc__page_of(object), object);
}

/* ---- a scout ------------------------------------------------------------ */

RC_INLINE void look_at_child(struct gc_visitor *visitor, struct gc_object *child)
{
    struct rc_scouting *scouting = (struct rc_scouting *)(void *)visitor;
    bool is_known = child == scouting->self || child == scouting->from || child == scouting->post;
    if (is_known || (scouting->count > 0 && child == scouting->children[0])) {
        return;
    }
    if (scouting->count < 2) {
        scouting->children[scouting->count] = child;
    }
    scouting->count++;
}

static void look_at_leaf(struct gc_visitor *visitor, struct gc_object *child)
{
    (void)visitor;
    (void)child;
}

/* Finds to what an object leads. False: to too much, or in ways that depend on others; or it is
   dead, and may be in the middle of being taken apart. */
RC_INLINE bool look_at(struct rc_scouting *scouting, struct gc_object *object,
                       const struct rc_scout *scout)
{
    enum rc_kind kind = rc__kind_of(object);
    scouting->self = object;
    scouting->from = scout->from;
    scouting->post = scouting->posts->objects[scout->post];
    scouting->count = 0;
    if (!rc__is_alive(object) || (object->info & RC_INFO_WEAK) != 0 || kind == RC_KIND_WEAKMAP) {
        return false;
    }
    if (RC_LIKELY(kind == RC_KIND_NATIVE && rc__links_of(&scouting->links, object))) {
        rc__walk_links(object, &scouting->links, &scouting->visitor, look_at_child);
        return true;
    }
    if (rc__walk_extent(object) > REFERENCES_LOOKED_AT) {
        return false;
    }
    rc__walk(object, &scouting->visitor, look_at_child, look_at_leaf);
    return true;
}

RC_INLINE void note_all(const struct rc_scout *scout, struct gc_object *object)
{
    *note_of(object) |= TRAIL_IS_ALL << (scout->trail * TRAIL_BITS);
}

/* Where the note will be is known once the page's descriptor has been read, and guessed before: the
   objects are mostly of one size. */
RC_INLINE void set_out_for(struct rc_scout *scout, struct gc_object *from, struct gc_object *to)
{
    scout->from = from;
    scout->to = to;
    rc__prefetch_bytes(to, rc__page_of(from)->slot_bytes);
    rc__prefetch(rc__page_of(to));
    rc__prefetch(rc__trial_at(to, rc__page_of(from)->shift));
}

/* A scout has come to a post, or to what only looks like one: see go_on(). */
static void meet_post(struct rc_posts *posts, const struct rc_scout *scout, uint32_t trails)
{
    unsigned met = (trails & TRAIL_POST) - 1;
    if (met < posts->count && posts->objects[met] == scout->to) {
        posts->leads_to[scout->post] |= (uint64_t)1 << met;
        note_all(scout, scout->from);
    }
}

/* False: its way is over. What has not been seen, or is not for this run, is left to the scan. What
   is black mostly has a trial count below that of white. Where it has not, because its count is at
   the top, or it was found black by its colour alone, it is taken for white, or for a post: it
   takes a note that does no harm, or the scan is left to see. */
RC_INLINE bool go_on(struct rc_scouting *scouting, struct rc_scout *scout)
{
    struct gc_object *object = scout->to;
    const struct rc_page *page = rc__page_of(object);
    uint32_t *note = rc__trial_of(page, object);
    if (page->epoch != scouting->collector->epoch || *note == RC_TRIAL_UNSEEN) {
        return false;
    }
    if (*note < RC_TRIAL_SEEN) {
        note_all(scout, scout->from);
        return false;
    }
    uint32_t trails = *note - RC_TRIAL_SEEN;
    unsigned shift = scout->trail * TRAIL_BITS;
    if ((trails & NOTE_IS_POST) != 0) {
        meet_post(scouting->posts, scout, trails);
        return false;
    }
    if ((trails >> shift & TRAIL_POST) != 0) {
        return false;
    }
    *note |= (scout->post + 1u) << shift;
    note_all(scout, scout->from);
    if (!look_at(scouting, object, scout) || scouting->count > 1) {
        return false;
    }
    if (scouting->count == 0) {
        note_all(scout, object);
        return false;
    }
    set_out_for(scout, object, scouting->children[0]);
    return true;
}

/* ---- the posts ---------------------------------------------------------- */

static uint64_t words_of(const struct rc_collector *collector)
{
    uint64_t words = 0;
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        words += rc__page_words(page);
    }
    return words;
}

static void make_post(struct rc_posts *posts, struct rc_page *page, uint32_t place)
{
    unsigned post = posts->count++;
    posts->objects[post] = rc__page_object(page, place);
    posts->leads_to[post] = 0;
    rc__page_trial(page)[place] = RC_TRIAL_SEEN + NOTE_IS_POST + post + 1;
}

/* One in so many words, or in the next that has a white object. */
static void choose_posts(struct rc_collector *collector, struct rc_posts *posts)
{
    uint64_t words = words_of(collector);
    uint64_t due = 0;
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        RC_EACH_WORD(word, page) {
            uint64_t white = rc__white_bits(page, word);
            due += RC_POSTS;
            if (due >= words && white != 0 && posts->count < RC_POSTS) {
                due -= words;
                make_post(posts, page, word * 64 + rc__lowest_bit(white));
            }
        }
    }
}

static void send_scouts_out(struct rc_scouting *scouting, unsigned post)
{
    struct gc_object *object = scouting->posts->objects[post];
    struct rc_scout scout = {.from = object, .post = (uint8_t)post};
    bool is_plain = look_at(scouting, object, &scout);
    for (; is_plain && scout.trail < 2 && scout.trail < scouting->count; scout.trail++) {
        set_out_for(&scout, object, scouting->children[scout.trail]);
        scouting->scouts[scouting->scout_count++] = scout;
    }
}

void rc__scouts_go(struct rc_collector *collector, struct rc_posts *posts)
{
    struct rc_scouting scouting = {
        .visitor = {look_at_child, look_at_leaf}, .collector = collector, .posts = posts};
    posts->count = 0;
    posts->black = 0;
    choose_posts(collector, posts);
    for (unsigned post = 0; post < posts->count; post++) {
        send_scouts_out(&scouting, post);
    }
    while (scouting.scout_count > 0) {
        for (unsigned i = scouting.scout_count; i-- > 0;) {
            if (!go_on(&scouting, &scouting.scouts[i])) {
                scouting.scouts[i] = scouting.scouts[--scouting.scout_count];
            }
        }
    }
}

/* ---- what they have found ----------------------------------------------- */

/* Posts that are black, and those to which these lead, and so on. */
static uint64_t black_posts(const struct rc_collector *collector, const struct rc_posts *posts)
{
    uint64_t black = posts->black;
    for (unsigned post = 0; post < posts->count; post++) {
        black |= (uint64_t)!rc__is_white(collector, posts->objects[post]) << post;
    }
    uint64_t followed = 0;
    while (followed != black) {
        unsigned post = rc__lowest_bit(black & ~followed);
        followed |= (uint64_t)1 << post;
        black |= posts->leads_to[post];
    }
    return black;
}

enum says {
    SAYS_NOTHING,
    IS_BLACK,
    ALL_IS_BLACK
};

RC_INLINE enum says trail_says(uint32_t trail, uint64_t black)
{
    uint32_t post = trail & TRAIL_POST;
    if (post == 0 || (black >> (post - 1) & 1) == 0) {
        return SAYS_NOTHING;
    }
    return (trail & TRAIL_IS_ALL) != 0 ? ALL_IS_BLACK : IS_BLACK;
}

static void follow_in_word(struct rc_collector *collector, struct rc_page *page, uint32_t word,
                           uint64_t black)
{
    uint64_t found = 0;
    uint64_t unvisited = 0;
    for (uint64_t white = rc__white_bits(page, word); white != 0; white &= white - 1) {
        uint32_t place = word * 64 + rc__lowest_bit(white);
        uint32_t *note = &rc__page_trial(page)[place];
        enum says first = trail_says(*note, black);
        enum says second = trail_says(*note >> TRAIL_BITS, black);
        if (first == SAYS_NOTHING && second == SAYS_NOTHING) {
            continue;
        }
        bool is_post = (*note & NOTE_IS_POST) != 0;
        bool is_all = first == ALL_IS_BLACK || second == ALL_IS_BLACK;
        found |= rc__place_bit(place);
        unvisited |= is_all && !is_post ? 0 : rc__place_bit(place);
        *note = RC_TRIAL_BLACK;
    }
    rc__page_colours(page, word)->live |= found;
    collector->findings.black += rc__count_bits(found);
    if (unvisited != 0) {
        rc__places_pend(collector, page, word, unvisited);
    }
}

void rc__scouts_follow(struct rc_collector *collector, struct rc_posts *posts)
{
    uint64_t black = black_posts(collector, posts);
    if (black == posts->black) {
        return;
    }
    posts->black = black;
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        RC_EACH_WORD(word, page) {
            follow_in_word(collector, page, word, black);
        }
    }
}

void rc__scouts_forget(struct rc_collector *collector)
{
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        RC_EACH_WORD(word, page) {
            for (uint64_t white = rc__white_bits(page, word); white != 0; white &= white - 1) {
                rc__page_trial(page)[word * 64 + rc__lowest_bit(white)] = RC_TRIAL_SEEN;
            }
        }
    }
}
