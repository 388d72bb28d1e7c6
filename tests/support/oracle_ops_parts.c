/*
 * What is done while something waits of releases that were cut.
 */
#include "oracle_ops.h"

static void grow(struct oracle_world *world)
{
    oracle_note(world, "make something while something waits");
    oracle_grow(world, 0);
    oracle_store(world, 0);
}
const struct oracle_op oracle_op_grow = {"grow", grow};

/* Shorter parts, or longer ones, also of smaller objects, or of none. */
static void part(struct oracle_world *world)
{
    oracle_cut_releases(world);
    oracle_note(world, "parts of %u objects, of %zu places", oracle_part(world),
                oracle_large_places(world));
}
const struct oracle_op oracle_op_part = {"part", part};
