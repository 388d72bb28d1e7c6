#include "generator.h"

#include "generator_steps.h"

/* Several objects, each linked to the next; then the variables let go of them. */
static void make_ring(struct generator *generator, size_t drop_percent)
{
    size_t size = 2 + generator_below(generator, generator->variables - 2);
    for (size_t i = 0; i < size; i++) {
        struct spot spot = {.root = i, .is_variable = true};
        snprintf(spot.text, sizeof spot.text, "v%zu", i);
        generator_object_at(generator, spot);
    }
    for (size_t i = 0; i < size; i++) {
        generator_emit(generator, "set v%zu.%c v%zu", i,
                       generator_chance(generator, 70) ? 'a' : 'b', (i + 1) % size);
    }
    for (size_t extra = generator_below(generator, 4); extra > 0; extra--) {
        generator_link(generator);
    }
    for (size_t i = 0; i < size; i++) {
        if (generator_chance(generator, drop_percent)) {
            generator_emit(generator, generator_chance(generator, 50) ? "unset v%zu" : "null v%zu",
                           i);
            generator->guesses[i] = GUESS_OTHER;
        }
    }
}

/* Garbage with destructors, and then as much without as nearly fills the buffer. In this family
   nothing dies by counting, since PHP has dying objects in the buffer for a moment. */
static void fill_buffer(struct generator *generator)
{
    generator->classes = FAMILY_CALM;
    for (size_t rings = generator_below(generator, 4); rings > 0; rings--) {
        make_ring(generator, 100);
    }
    generator->classes = FAMILY_FULL;
    generator_emit(generator, "status");
    generator_emit(generator, "flood %zu", 9975 + generator_below(generator, 28));
}

static void emit_final_looks(struct generator *generator)
{
    static const char *const behind[] = {"", ".a", ".b", ".x"};
    generator_emit(generator, "status");
    if (generator->family == FAMILY_MAPS) {
        return;
    }
    for (size_t i = 0; i < generator->variables; i++) {
        for (size_t j = 0; j < sizeof behind / sizeof behind[0]; j++) {
            if (j == 0 || generator->guesses[i] == GUESS_OBJECT) {
                generator_emit(generator, "dump v%zu%s", i, behind[j]);
            }
        }
    }
    for (size_t i = 0; i < GENERATOR_GLOBALS; i++) {
        generator_emit(generator, "dump g%zu", i);
    }
    generator_emit(generator, "collect");
    bool has_weak = generator->family == FAMILY_CALM || generator->family == FAMILY_WILD;
    for (size_t i = 0; i < 4 && has_weak; i++) {
        generator_emit(generator, "check w%zu", i);
    }
}

void scenario_generate(struct scenario *scenario, uint64_t seed)
{
    static const char *const names[FAMILIES] = {[FAMILY_ROOTS] = "roots",
                                                [FAMILY_CALM] = "calm",
                                                [FAMILY_WILD] = "wild",
                                                [FAMILY_MAPS] = "maps",
                                                [FAMILY_FULL] = "full"};
    static const enum family families[] = {FAMILY_ROOTS, FAMILY_ROOTS, FAMILY_CALM, FAMILY_CALM,
                                           FAMILY_CALM,  FAMILY_CALM,  FAMILY_CALM, FAMILY_WILD,
                                           FAMILY_WILD,  FAMILY_WILD,  FAMILY_WILD, FAMILY_WILD,
                                           FAMILY_WILD,  FAMILY_MAPS,  FAMILY_MAPS, FAMILY_FULL};
    struct generator generator = {.scenario = scenario, .next_id = 1};
    generator.state = seed * 0x9e3779b97f4a7c15u + 88172645463325252u;
    for (int i = 0; i < 8; i++) {
        (void)generator_random(&generator);
    }
    generator.family = families[generator_below(&generator, sizeof families / sizeof families[0])];
    generator.classes = generator.family;
    generator.variables =
        generator.family == FAMILY_MAPS ? GENERATOR_VARIABLES - 1 : GENERATOR_VARIABLES;
    scenario->count = 0;
    snprintf(scenario->name, sizeof scenario->name, "%s-%llu", names[generator.family],
             (unsigned long long)seed);
    if (generator.family == FAMILY_FULL) {
        fill_buffer(&generator);
    }
    size_t length = 10 + generator_below(&generator, 60);
    while (scenario->count < length) {
        if (generator_chance(&generator, 5)) {
            make_ring(&generator, 85);
        } else {
            generator_step(&generator);
        }
    }
    emit_final_looks(&generator);
}
