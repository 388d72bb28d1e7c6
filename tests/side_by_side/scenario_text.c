#include "scenario_text.h"

#include <string.h>

void words_split(const char *line, struct words *words)
{
    snprintf(words->text, sizeof words->text, "%s", line);
    char *rest = words->text;
    for (size_t i = 0; i < LINE_WORDS; i++) {
        words->at[i] = rest;
        rest += strcspn(rest, " ");
        if (*rest != '\0') {
            *rest++ = '\0';
        }
    }
}

bool scenario_may_depend_on_order(const struct scenario *scenario)
{
    return strncmp(scenario->name, "wild", 4) == 0;
}

void scenario_write(FILE *out, const struct scenario *scenario)
{
    fprintf(out, "scenario %s\n", scenario->name);
    for (size_t i = 0; i < scenario->count; i++) {
        fprintf(out, "%s\n", scenario->lines[i]);
    }
    fprintf(out, "end\n");
}

/* Without its newline; comments and empty lines are left out. */
static bool next_line(FILE *in, char *line, size_t size)
{
    while (fgets(line, (int)size, in) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '\0' && line[0] != '/') {
            return true;
        }
    }
    return false;
}

bool scenario_read(FILE *in, struct scenario *scenario)
{
    char line[256];
    scenario->count = 0;
    if (!next_line(in, line, sizeof line) || strncmp(line, "scenario ", 9) != 0) {
        return false;
    }
    snprintf(scenario->name, sizeof scenario->name, "%.*s", SCENARIO_LINE - 1, line + 9);
    while (next_line(in, line, sizeof line)) {
        if (strcmp(line, "end") == 0) {
            return true;
        }
        if (scenario->count == SCENARIO_LINES || strlen(line) >= SCENARIO_LINE) {
            return false;
        }
        strcpy(scenario->lines[scenario->count++], line);
    }
    return false;
}
