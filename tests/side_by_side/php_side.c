#include "php_side.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE *start(const struct php_side *side, const char *arguments, const char *file)
{
    char command[1024];
    snprintf(command, sizeof command, "'%s' -n %s '%s'", side->php, arguments, file);
    fflush(NULL);
    FILE *pipe = popen(command, "r");
    if (pipe == NULL) {
        abort();
    }
    return pipe;
}

static bool is_right_version(const struct php_side *side)
{
    char text[16] = "";
    FILE *pipe = start(side, "-r 'echo PHP_MAJOR_VERSION * 100 + PHP_MINOR_VERSION;' --", "");
    bool read = fgets(text, sizeof text, pipe) != NULL;
    return pclose(pipe) == 0 && read && strtol(text, NULL, 10) == 802;
}

bool php_side_begin(struct php_side *side, const char *php, const char *script)
{
    side->php = php;
    side->script = script;
    side->file[0] = '\0';
    if (!is_right_version(side)) {
        return false;
    }
    const char *folder = getenv("TMPDIR");
    int length = snprintf(side->file, sizeof side->file, "%s/rcycle_side_by_side.XXXXXX",
                          folder == NULL ? "/tmp" : folder);
    if (length < 0 || (size_t)length >= sizeof side->file) {
        abort();
    }
    int descriptor = mkstemp(side->file);
    if (descriptor < 0) {
        abort();
    }
    close(descriptor);
    return true;
}

void php_side_end(struct php_side *side)
{
    if (side->file[0] != '\0') {
        unlink(side->file);
    }
}

static void write_scenarios(const struct php_side *side, const struct scenario *scenarios,
                            size_t count)
{
    FILE *out = fopen(side->file, "w");
    if (out == NULL) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        scenario_write(out, &scenarios[i]);
    }
    fclose(out);
}

/* Reads what is between "scenario NAME" and "end NAME". NULL: that is not there to the end. */
static char *read_trace(FILE *pipe, const char *name)
{
    char line[256];
    char last[SCENARIO_LINE + 8];
    char *text = NULL;
    size_t size = 0;
    snprintf(last, sizeof last, "end %s\n", name);
    if (fgets(line, sizeof line, pipe) == NULL) {
        return NULL;
    }
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        abort();
    }
    bool complete = false;
    while (!complete && fgets(line, sizeof line, pipe) != NULL) {
        complete = strcmp(line, last) == 0;
        fputs(complete ? "" : line, out);
    }
    fclose(out);
    if (!complete) {
        free(text);
        return NULL;
    }
    return text;
}

static size_t run_until_crash(struct php_side *side, const struct scenario *scenarios, size_t count,
                              struct trace *traces)
{
    write_scenarios(side, scenarios, count);
    char script[512];
    snprintf(script, sizeof script, "'%s'", side->script);
    FILE *pipe = start(side, script, side->file);
    size_t done = 0;
    char *text;
    while (done < count && (text = read_trace(pipe, scenarios[done].name)) != NULL) {
        trace_begin(&traces[done++], text);
    }
    pclose(pipe);
    return done;
}

void php_side_run(struct php_side *side, const struct scenario *scenarios, size_t count,
                  struct trace *traces)
{
    size_t done = 0;
    while (done < count) {
        done += run_until_crash(side, scenarios + done, count - done, traces + done);
        if (done < count) {
            trace_begin(&traces[done++], strdup("PHP crashed\n"));
        }
    }
}
