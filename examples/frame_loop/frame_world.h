/*
 * The world of the frame loop: what stands by, and what comes and goes.
 *
 * The scenery is a row of tiles, each of which knows both its neighbours: it is
 * alive all the time, and everything in it can be reached from any tile.
 *
 * An effect is a burst of particles at a tile. It holds its first particle, each
 * particle holds the next one and the effect: when the world forgets an effect,
 * it is a cycle that counting alone would never free.
 */
#ifndef FRAME_WORLD_H
#define FRAME_WORLD_H

#include <rcycle/rcycle.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORLD_EFFECTS_A_FRAME 150
#define WORLD_EFFECT_FRAMES   30 /* how long one is seen */
#define WORLD_PARTICLES       7

struct tile;
struct effect;

struct world {
    struct tile *first_tile;
    size_t tiles;
    uint64_t random;
    struct effect *effects[WORLD_EFFECT_FRAMES][WORLD_EFFECTS_A_FRAME]; /* by frame, in turn */
    size_t frames;
    double sum; /* of all positions, so that the work is done */
};

/* Builds the scenery in the current heap. False: no memory. */
bool world_begin(struct world *world, size_t tiles);

/* One frame: moves all particles, forgets the oldest effects, makes new ones. False: no memory. */
bool world_frame(struct world *world);

/* Forgets everything; the heap frees it. */
void world_end(struct world *world);

#endif
