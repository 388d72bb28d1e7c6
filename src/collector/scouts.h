/*
 * Scouts go ahead of the scan where that has but one way to go.
 *
 * A list that lies in the memory at random is blackened at the pace of a cache
 * miss for each of its objects: where the next one is, only the one before it
 * tells. But there is a lot of white left to look at meanwhile. So up to 64
 * white objects, spread over the pages, become *posts*, and from each of them
 * two scouts set out, the first along its first reference, the second along its
 * second one, and go on from object to object as long as each leads to one more
 * only. All of them wait for their memory at the same time.
 *
 * A scout leaves a note, in place of the trial count, which nobody needs any
 * more: from which post it has come, and whether where it went on to is all that
 * the object refers to. Once a post is found to be black, all of its two trails
 * is, without a visit; what refers to more is visited. A trail that comes to
 * another post ends there, and makes that black, too. So the scan has to go but
 * from where it is to the next post.
 *
 * The two trails of a post have notes of their own, so that one goes through
 * the other one of another post: in a list linked both ways scouts come from
 * both sides.
 */
#ifndef RCYCLE_COLLECTOR_SCOUTS_H
#define RCYCLE_COLLECTOR_SCOUTS_H

#include "collector/collector.h"

#define RC_POSTS 64u

struct rc_posts {
    unsigned count;
    uint64_t black; /* bit i: post i has been found to be, and so have its trails */
    struct gc_object *objects[RC_POSTS];
    uint64_t leads_to[RC_POSTS]; /* bit i: a trail of this post ends at post i */
};

/* Chooses posts among what is white, and sends the scouts out. What is pending stays so. O(what
   is white, with its references) at the most. */
void rc__scouts_go(struct rc_collector *collector, struct rc_posts *posts);

/* Blackens the trails of posts that have been found to be black since the last time. O(seen), if
   there are any. */
void rc__scouts_follow(struct rc_collector *collector, struct rc_posts *posts);

/* Takes the notes of what is white back. */
void rc__scouts_forget(struct rc_collector *collector);

#endif
