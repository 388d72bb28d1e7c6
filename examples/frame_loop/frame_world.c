#include "frame_world.h"

#include <string.h>

struct tile {
    struct gc_object gc;
    struct tile *left;
    struct tile *right;
    uint32_t visits;
};

static const struct gc_field tile_fields[] = {GC_FIELD_OBJECT(struct tile, left),
                                              GC_FIELD_OBJECT(struct tile, right)};
static const struct gc_type tile_type = {
    .name = "tile", .size = sizeof(struct tile), .fields = tile_fields, .field_count = 2};

struct particle {
    struct gc_object gc;
    struct effect *effect;
    struct particle *next;
    float x, y;
    float across, down; /* a frame */
};

static const struct gc_field particle_fields[] = {GC_FIELD_OBJECT(struct particle, effect),
                                                  GC_FIELD_OBJECT(struct particle, next)};
static const struct gc_type particle_type = {.name = "particle",
                                             .size = sizeof(struct particle),
                                             .fields = particle_fields,
                                             .field_count = 2};

struct effect {
    struct gc_object gc;
    struct tile *tile;
    struct particle *first;
};

static const struct gc_field effect_fields[] = {GC_FIELD_OBJECT(struct effect, tile),
                                                GC_FIELD_OBJECT(struct effect, first)};
static const struct gc_type effect_type = {
    .name = "effect", .size = sizeof(struct effect), .fields = effect_fields, .field_count = 2};

/* ---- the scenery ------------------------------------------------------------ */

/* The collector is off meanwhile: whoever loads a level knows that nothing of it is garbage. */
static bool build_scenery(struct world *world)
{
    struct tile *last = NULL;
    for (size_t i = 0; i < world->tiles; i++) {
        struct tile *tile = gc_new(&tile_type);
        if (tile == NULL) {
            return false;
        }
        tile->left = last; /* the handle becomes the reference */
        if (last == NULL) {
            world->first_tile = gc_retain(tile);
        } else {
            last->right = gc_retain(tile);
        }
        last = tile;
    }
    gc_release(last);
    return true;
}

bool world_begin(struct world *world, size_t tiles)
{
    memset(world, 0, sizeof *world);
    world->tiles = tiles;
    world->random = 88172645463325252u;
    gc_disable();
    bool done = build_scenery(world);
    gc_enable();
    return done;
}

/* ---- effects ---------------------------------------------------------------- */

static uint64_t next_random(struct world *world)
{
    world->random ^= world->random << 13;
    world->random ^= world->random >> 7;
    world->random ^= world->random << 17;
    return world->random;
}

static float random_speed(struct world *world)
{
    return (float)(next_random(world) % 1000) / 500.0f - 1.0f;
}

/* A tile some steps from the first one. The walk gives up a handle at each step, so the tiles
   become possible roots, and from a tile all of the scenery can be reached. */
static struct tile *walk_to_tile(struct world *world)
{
    struct tile *tile = gc_retain(world->first_tile);
    for (uint64_t steps = next_random(world) % 8; steps > 0 && tile->right != NULL; steps--) {
        struct tile *next = gc_retain(tile->right);
        gc_release(tile);
        tile = next;
    }
    tile->visits++;
    return tile;
}

static bool add_particles(struct world *world, struct effect *effect)
{
    for (size_t i = 0; i < WORLD_PARTICLES; i++) {
        struct particle *particle = gc_new(&particle_type);
        if (particle == NULL) {
            return false;
        }
        particle->across = random_speed(world);
        particle->down = random_speed(world);
        particle->effect = gc_retain(effect);
        particle->next = effect->first;
        effect->first = particle;
    }
    return true;
}

static bool make_effects(struct world *world, struct effect **effects)
{
    for (size_t i = 0; i < WORLD_EFFECTS_A_FRAME; i++) {
        struct effect *effect = gc_new(&effect_type);
        if (effect == NULL) {
            return false;
        }
        effects[i] = effect;
        effect->tile = walk_to_tile(world);
        if (!add_particles(world, effect)) {
            return false;
        }
    }
    return true;
}

static void move_particles(struct world *world, const struct effect *effect)
{
    for (struct particle *particle = effect->first; particle != NULL; particle = particle->next) {
        particle->x += particle->across;
        particle->y += particle->down;
        world->sum += (double)(particle->x + particle->y);
    }
}

static void forget_effects(struct effect **effects)
{
    for (size_t i = 0; i < WORLD_EFFECTS_A_FRAME; i++) {
        gc_release(effects[i]);
        effects[i] = NULL;
    }
}

bool world_frame(struct world *world)
{
    for (size_t age = 0; age < WORLD_EFFECT_FRAMES; age++) {
        for (size_t i = 0; i < WORLD_EFFECTS_A_FRAME; i++) {
            if (world->effects[age][i] != NULL) {
                move_particles(world, world->effects[age][i]);
            }
        }
    }
    struct effect **oldest = world->effects[world->frames++ % WORLD_EFFECT_FRAMES];
    forget_effects(oldest);
    return make_effects(world, oldest);
}

void world_end(struct world *world)
{
    for (size_t age = 0; age < WORLD_EFFECT_FRAMES; age++) {
        forget_effects(world->effects[age]);
    }
    gc_release(world->first_tile);
    world->first_tile = NULL;
}
