/*
 * A doubly linked list of structs of your own.
 *
 * Any struct can be counted and collected. It begins with a `struct gc_object`,
 * and a `struct gc_type` says where in it the references are. A doubly linked
 * list is nothing but cycles: each pair of neighbours holds each other, so the
 * list as a whole can only be freed by the collector, while a single element
 * that is unlinked goes at once, by its count.
 *
 * Output:
 *     A list of four:
 *         forwards:  Aria Bolero Canon Dirge
 *         backwards: Dirge Canon Bolero Aria
 *         Bolero has 2 references: Aria's and Canon's
 *     Bolero is unlinked:
 *         forwards:  Aria Canon Dirge
 *         backwards: Dirge Canon Aria
 *         freed: 1, by its count and at once
 *     The program drops the list:
 *         freed: 1; the other three hold each other
 *     The collector frees 3:
 *         freed: 4 in all, 0 bytes in use
 */
#include <inttypes.h>
#include <rcycle/rcycle.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct track {
    struct gc_object gc; /* always the first member, and the library's own */
    struct track *next;
    struct track *previous;
    char *title; /* memory of our own, not counted */
};

static unsigned titles_freed;

/* Called when a track's memory is about to go, by its count or by the collector. What `next` and
   `previous` referred to has been given up already; what the library does not know of is for us to
   give back. */
static void free_title(void *self)
{
    struct track *track = self;
    free(track->title);
    titles_freed++;
}

/* A link missing here would count as a reference from outside: the list would never be collected,
   but nothing would be freed too early. */
static const struct gc_field track_fields[] = {
    GC_FIELD_OBJECT(struct track, next),
    GC_FIELD_OBJECT(struct track, previous),
};

static const struct gc_type track_type = {
    .name = "track",
    .size = sizeof(struct track),
    .fields = track_fields,
    .field_count = sizeof track_fields / sizeof track_fields[0],
    .free = free_title,
};

static void out_of_memory(void)
{
    fprintf(stderr, "02_linked_list: no memory\n");
    exit(EXIT_FAILURE);
}

/* A new track, all zero but for its title. Its count is 1: the caller's reference. */
static struct track *track_new(const char *title)
{
    struct track *track = gc_new(&track_type);
    if (track == NULL) {
        out_of_memory();
    }
    track->title = malloc(strlen(title) + 1);
    if (track->title == NULL) {
        out_of_memory();
    }
    strcpy(track->title, title);
    return track;
}

/* Writes a link: takes a reference to the new target before it gives up the one to the old, since
   the old may be all that keeps the new alive. Either may be NULL: both calls allow it. */
static void set_link(struct track **link, struct track *target)
{
    struct track *before = *link;
    *link = gc_retain(target);
    gc_release(before);
}

static void join(struct track *left, struct track *right)
{
    set_link(&left->next, right);
    set_link(&right->previous, left);
}

/* Returns a reference to the first of them; the others are held by their neighbours. */
static struct track *list_of(const char *const *titles, size_t count)
{
    struct track *first = track_new(titles[0]);
    struct track *last = first;
    for (size_t i = 1; i < count; i++) {
        struct track *track = track_new(titles[i]);
        join(last, track);
        gc_release(track); /* ours; its neighbour has its own */
        last = track;
    }
    return first;
}

/* Walking takes no references: nothing is released meanwhile. */
static void print_list(const struct track *track)
{
    const struct track *last = NULL;
    printf("    forwards: ");
    for (; track != NULL; track = track->next) {
        printf(" %s", track->title);
        last = track;
    }
    printf("\n    backwards:");
    for (; last != NULL; last = last->previous) {
        printf(" %s", last->title);
    }
    printf("\n");
}

int main(void)
{
    static const char *const titles[] = {"Aria", "Bolero", "Canon", "Dirge"};
    struct track *first = list_of(titles, 4);
    printf("A list of four:\n");
    print_list(first);
    printf("    Bolero has %" PRIu32 " references: Aria's and Canon's\n", gc_refcount(first->next));

    printf("Bolero is unlinked:\n");
    join(first, first->next->next);
    print_list(first);
    printf("    freed: %u, by its count and at once\n", titles_freed);

    printf("The program drops the list:\n");
    gc_release(first);
    printf("    freed: %u; the other three hold each other\n", titles_freed);

    size_t nodes = gc_collect_cycles();
    printf("The collector frees %zu:\n", nodes);
    printf("    freed: %u in all, %zu bytes in use\n", titles_freed, gc_memory_usage(false));
    return EXIT_SUCCESS;
}
