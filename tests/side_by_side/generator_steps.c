#include "generator_steps.h"

#include <stdarg.h>
#include <string.h>

#define VARIABLES GENERATOR_VARIABLES
#define GLOBALS   GENERATOR_GLOBALS
/* Each can double what there is to be dumped. */
#define MAX_NESTINGS 8

/* ---- chance ------------------------------------------------------------- */

uint64_t generator_random(struct generator *generator)
{
    generator->state ^= generator->state << 13;
    generator->state ^= generator->state >> 7;
    generator->state ^= generator->state << 17;
    return generator->state;
}

size_t generator_below(struct generator *generator, size_t limit)
{
    return (size_t)((generator_random(generator) >> 11) % limit);
}

bool generator_chance(struct generator *generator, size_t percent)
{
    return generator_below(generator, 100) < percent;
}

/* ---- lines -------------------------------------------------------------- */

void generator_emit(struct generator *generator, const char *format, ...)
{
    struct scenario *scenario = generator->scenario;
    if (scenario->count < SCENARIO_LINES) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(scenario->lines[scenario->count++], SCENARIO_LINE, format, arguments);
        va_end(arguments);
    }
}

/* ---- places ------------------------------------------------------------- */

static void add_property(struct generator *generator, char *text)
{
    static const char *const names[] = {".a", ".a", ".b", ".b", ".c", ".x", ".y"};
    strcat(text, names[generator_below(generator, sizeof names / sizeof names[0])]);
}

static void add_key(struct generator *generator, char *text)
{
    static const char *const keys[] = {"[0]", "[0]", "[1]", "[k]", "[k]", "[l]"};
    strcat(text, keys[generator_below(generator, sizeof keys / sizeof keys[0])]);
}

static struct spot pick_root(struct generator *generator)
{
    struct spot spot = {.is_variable = true};
    bool is_global = generator_chance(generator, generator->family == FAMILY_WILD ? 20 : 8);
    size_t index = generator_below(generator, is_global ? GLOBALS : generator->variables);
    snprintf(spot.text, sizeof spot.text, "%c%zu", is_global ? 'g' : 'v', index);
    spot.root = is_global ? VARIABLES + index : index;
    return spot;
}

/* One that probably holds that, if there is one. */
static struct spot pick_holding(struct generator *generator, enum guess guess)
{
    struct spot spot = pick_root(generator);
    for (int tries = 0; tries < 12 && generator->guesses[spot.root] != guess; tries++) {
        spot = pick_root(generator);
    }
    return spot;
}

static struct spot pick_spot(struct generator *generator)
{
    struct spot spot = pick_root(generator);
    if (!generator_chance(generator, 45)) {
        return spot;
    }
    if (generator->guesses[spot.root] == GUESS_OBJECT) {
        add_property(generator, spot.text);
        spot.is_variable = false;
    } else if (generator->guesses[spot.root] == GUESS_ARRAY) {
        add_key(generator, spot.text);
        spot.is_variable = false;
    }
    if (!spot.is_variable && generator_chance(generator, 15)) {
        if (generator_chance(generator, 60)) {
            add_property(generator, spot.text);
        } else {
            add_key(generator, spot.text);
        }
    }
    return spot;
}

static struct spot pick_link(struct generator *generator)
{
    struct spot spot = pick_holding(generator, GUESS_OBJECT);
    add_property(generator, spot.text);
    spot.is_variable = false;
    return spot;
}

static void guess(struct generator *generator, const struct spot *spot, enum guess guess)
{
    if (spot->is_variable) {
        generator->guesses[spot->root] = guess;
    }
}

static enum guess guess_of(const struct generator *generator, const struct spot *spot)
{
    return spot->is_variable ? generator->guesses[spot->root] : GUESS_OBJECT;
}

/* ---- operations --------------------------------------------------------- */

/* The more often one is here, the more often it is picked. */
static const char *const plain_classes[] = {"Plain", "Plain", "Bare", NULL};
static const char *const quiet_classes[] = {"Plain", "Plain", "Plain", "Bare", "Log", NULL};
static const char *const calm_classes[] = {"Plain", "Plain",    "Plain",  "Bare",  "Log",
                                           "Log",   "Rescue",   "Litter", "Breed", "KeepLink",
                                           "Swap",  "Entangle", "Loop",   NULL};
static const char *const wild_classes[] = {
    "Plain",      "Plain",   "Plain", "Bare",     "Log",    "Rescue", "Rescue",
    "KeepLink",   "Litter",  "Breed", "Entangle", "Loop",   "Swap",   "Adopt",
    "Unlink",     "Unlink",  "Steal", "Steal",    "Attach", "Enlist", "DropGlobal",
    "TakeGlobal", "Collect", "Peek",  NULL};
static const char *const *const classes[FAMILIES] = {
    [FAMILY_ROOTS] = quiet_classes, [FAMILY_CALM] = calm_classes,  [FAMILY_WILD] = wild_classes,
    [FAMILY_MAPS] = calm_classes,   [FAMILY_FULL] = plain_classes,
};

static const char *pick_class(struct generator *generator)
{
    const char *const *names = classes[generator->classes];
    size_t count = 0;
    while (names[count] != NULL) {
        count++;
    }
    return names[generator_below(generator, count)];
}

void generator_object_at(struct generator *generator, struct spot spot)
{
    const char *class_name = pick_class(generator);
    int id = generator->next_id++;
    bool keeps = strcmp(class_name, "Rescue") == 0 || strcmp(class_name, "KeepLink") == 0;
    if (keeps && generator->kept_count < GENERATOR_KEPT) {
        generator->kept[generator->kept_count++] = id;
    }
    generator_emit(generator, "new %s %s %d", spot.text, class_name, id);
    if (generator->family == FAMILY_FULL) {
        generator_emit(generator, "set %s.z %s", spot.text, spot.text);
    }
    guess(generator, &spot, GUESS_OBJECT);
}

static bool may_nest(struct generator *generator, const struct spot *spot)
{
    enum guess what = guess_of(generator, spot);
    return what != GUESS_ARRAY || generator->nestings++ < MAX_NESTINGS;
}

void generator_link(struct generator *generator)
{
    struct spot to = pick_link(generator);
    struct spot from = pick_holding(generator, GUESS_OBJECT);
    generator_emit(generator, "%s %s %s", generator_chance(generator, 70) ? "set" : "put", to.text,
                   from.text);
}

static void assign(struct generator *generator)
{
    struct spot to = pick_spot(generator);
    struct spot from = pick_spot(generator);
    if (may_nest(generator, &from)) {
        generator_emit(generator, "%s %s %s", generator_chance(generator, 70) ? "set" : "put",
                       to.text, from.text);
        guess(generator, &to, guess_of(generator, &from));
    }
}

static void bind(struct generator *generator)
{
    struct spot to = pick_spot(generator);
    struct spot from = pick_spot(generator);
    if (strcmp(to.text, from.text) != 0 && may_nest(generator, &from)) {
        generator_emit(generator, "bind %s %s", to.text, from.text);
        guess(generator, &to, guess_of(generator, &from));
    }
}

static void make_array(struct generator *generator)
{
    struct spot to = pick_spot(generator);
    struct spot from = pick_spot(generator);
    if (generator->family == FAMILY_ROOTS) {
        from = pick_holding(generator, GUESS_OBJECT);
    } else if (generator_chance(generator, 35)) {
        generator_emit(generator, "list %s %zu", to.text, generator_below(generator, 100));
        guess(generator, &to, GUESS_ARRAY);
        return;
    }
    if (may_nest(generator, &from)) {
        generator_emit(generator, "%s %s %s",
                       generator_chance(generator, 60) ? "listof" : "listref", to.text, from.text);
        guess(generator, &to, GUESS_ARRAY);
    }
}

/* An array with references, some of them with no other handle any more, is copied and separated. */
static void separate_array(struct generator *generator)
{
    struct spot array = pick_holding(generator, GUESS_ARRAY);
    struct spot copy = pick_root(generator);
    struct spot item = pick_holding(generator, GUESS_OBJECT);
    if (generator->nestings++ >= MAX_NESTINGS || array.root == copy.root) {
        return;
    }
    bool in_itself = array.text[0] == 'v' && generator_chance(generator, 25);
    generator_emit(generator, "%s %s %s", in_itself ? "listref" : "pushref", array.text,
                   in_itself ? array.text : item.text);
    generator_emit(generator, "set %s %s", copy.text, array.text);
    generator->guesses[copy.root] = GUESS_ARRAY;
    struct spot last = in_itself ? array : item;
    if (last.text[0] == 'v' && generator_chance(generator, 60)) {
        generator_emit(generator, "unset %s", last.text);
        generator->guesses[last.root] = GUESS_OTHER;
    }
    generator_emit(generator, "set %s[k] %s", copy.text, pick_root(generator).text);
}

static void push(struct generator *generator)
{
    struct spot array = pick_holding(generator, GUESS_ARRAY);
    struct spot item = pick_spot(generator);
    if (may_nest(generator, &item)) {
        generator_emit(generator, "%s %s %s", generator_chance(generator, 60) ? "push" : "pushref",
                       array.text, item.text);
    }
}

static void drop(struct generator *generator)
{
    struct spot spot = pick_spot(generator);
    switch (generator_below(generator, 10)) {
    case 0:
        generator_emit(generator, "int %s %zu", spot.text, generator_below(generator, 100));
        break;
    case 1:
        generator_emit(generator, "str %s", spot.text);
        break;
    case 2:
    case 3:
        generator_emit(generator, "null %s", spot.text);
        break;
    default:
        if (spot.is_variable && spot.text[0] == 'g') {
            generator_emit(generator, "null %s", spot.text);
        } else {
            generator_emit(generator, "unset %s", spot.text);
        }
        break;
    }
    guess(generator, &spot, GUESS_OTHER);
}

static void use_weak(struct generator *generator)
{
    size_t weak = generator_below(generator, 4);
    struct spot spot = pick_holding(generator, GUESS_OBJECT);
    switch (generator_below(generator, 6)) {
    case 0:
    case 1:
    case 2:
        generator_emit(generator, "weak w%zu %s", weak, spot.text);
        break;
    case 3:
        generator_emit(generator, "sameweak w%zu w%zu", weak, generator_below(generator, 4));
        break;
    case 4:
        spot = pick_spot(generator);
        generator_emit(generator, "fromweak %s w%zu", spot.text, weak);
        guess(generator, &spot, GUESS_OBJECT);
        break;
    default:
        generator_emit(generator, "check w%zu", weak);
        break;
    }
}

static void use_kept(struct generator *generator)
{
    if (generator->kept_count == 0) {
        return;
    }
    int id = generator->kept[generator_below(generator, generator->kept_count)];
    if (generator_chance(generator, 50)) {
        generator_emit(generator, "unkeep %d", id);
        return;
    }
    struct spot spot = pick_spot(generator);
    generator_emit(generator, "kept %s %d", spot.text, id);
    guess(generator, &spot, GUESS_OBJECT);
}

/* The maps' own keys, whose values are objects, are never part of a cycle: v5. */
static void use_map(struct generator *generator)
{
    size_t map = generator_below(generator, 2);
    struct spot key = pick_holding(generator, GUESS_OBJECT);
    switch (generator_below(generator, 12)) {
    case 0:
        generator_emit(generator, "map m%zu", map);
        break;
    case 1:
        generator_emit(generator, "mapdrop m%zu", map);
        break;
    case 2:
        generator_emit(generator, "mapplace m%zu %s", map, key.text);
        break;
    case 3:
        generator_emit(generator, "new v5 Plain %d", generator->next_id++);
        break;
    case 4:
        generator_emit(generator, "unset v5");
        break;
    case 5:
    case 6:
        generator_emit(generator, "mapnew m%zu v5 Log %d", map, generator->next_id++);
        break;
    case 7:
        generator_emit(generator, "mapget m%zu %s", map,
                       generator_chance(generator, 30) ? "v5" : key.text);
        break;
    case 8:
        generator_emit(generator, "mapunset m%zu %s", map,
                       generator_chance(generator, 30) ? "v5" : key.text);
        break;
    case 9:
        generator_emit(generator, "mapcount m%zu", map);
        break;
    default:
        generator_emit(generator, "mapset m%zu %s %zu", map, key.text,
                       generator_below(generator, 100));
        break;
    }
}

static void collect(struct generator *generator)
{
    bool shows_roots = generator->family == FAMILY_ROOTS || generator->family == FAMILY_FULL;
    if (shows_roots) {
        generator_emit(generator, "status");
        generator_emit(generator, "threshold");
    }
    if (generator->family == FAMILY_FULL && !generator_chance(generator, 10)) {
        return;
    }
    generator_emit(generator, "collect");
    if (generator->family == FAMILY_MAPS) {
        generator_emit(generator, "mapcount m%zu", generator_below(generator, 2));
    } else if (shows_roots || generator_chance(generator, 20)) {
        generator_emit(generator, "settle");
    }
}

static void look(struct generator *generator)
{
    struct spot spot = pick_spot(generator);
    switch (generator_below(generator, 8)) {
    case 0:
        generator_emit(generator, "status");
        break;
    case 1:
        generator_emit(generator, "count %s", pick_holding(generator, GUESS_ARRAY).text);
        break;
    case 2:
        generator_emit(generator, "same %s %s", spot.text, pick_spot(generator).text);
        break;
    case 3:
        generator_emit(generator, generator_chance(generator, 40) ? "disable" : "enable");
        break;
    default:
        if (generator->family != FAMILY_MAPS) {
            generator_emit(generator, "dump %s", spot.text);
        }
        break;
    }
}

void generator_object(struct generator *generator)
{
    generator_object_at(generator, pick_spot(generator));
}

/* ---- which one ---------------------------------------------------------- */

typedef void (*step)(struct generator *generator);

static void take_one_of(struct generator *generator, const step *steps, size_t count)
{
    steps[generator_below(generator, count)](generator);
}

/* The more often one is here, the more often it is taken. */
static const step general_steps[] = {generator_link,
                                     generator_link,
                                     generator_link,
                                     generator_link,
                                     assign,
                                     assign,
                                     bind,
                                     make_array,
                                     make_array,
                                     push,
                                     push,
                                     drop,
                                     drop,
                                     drop,
                                     drop,
                                     drop,
                                     use_kept,
                                     separate_array,
                                     collect,
                                     collect,
                                     look,
                                     generator_object,
                                     generator_object,
                                     generator_object,
                                     generator_object};
static const step object_steps[] = {
    generator_link, generator_link, generator_link, generator_link,   assign,          bind, drop,
    drop,           drop,           collect,        generator_object, generator_object};

void generator_step(struct generator *generator)
{
    if (generator->family == FAMILY_FULL) {
        take_one_of(generator, object_steps, sizeof object_steps / sizeof object_steps[0]);
    } else if (generator->family == FAMILY_MAPS && generator_chance(generator, 15)) {
        use_map(generator);
    } else if (generator->family != FAMILY_ROOTS && generator_chance(generator, 8)) {
        use_weak(generator);
    } else {
        take_one_of(generator, general_steps, sizeof general_steps / sizeof general_steps[0]);
    }
}
