#include "traces.h"

#include <stdlib.h>
#include <string.h>

void trace_begin(struct trace *trace, char *text)
{
    size_t newlines = 0;
    for (const char *at = text; *at != '\0'; at++) {
        newlines += *at == '\n';
    }
    trace->text = text;
    trace->count = 0;
    trace->lines = calloc(newlines + 1, sizeof *trace->lines);
    if (trace->lines == NULL) {
        abort();
    }
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        trace->lines[trace->count++] = line;
    }
}

void trace_end(struct trace *trace)
{
    free(trace->lines);
    free(trace->text);
    memset(trace, 0, sizeof *trace);
}

static bool is_event(const struct trace *trace, size_t line)
{
    return line < trace->count && trace->lines[line][0] == '~';
}

size_t trace_destructed(const struct trace *trace, long *ids, size_t limit)
{
    size_t count = 0;
    for (size_t i = 0; i < trace->count && count < limit; i++) {
        if (is_event(trace, i) && strchr(trace->lines[i], ' ') == NULL) {
            ids[count++] = strtol(trace->lines[i] + 1, NULL, 10);
        }
    }
    return count;
}

/* ---- lines -------------------------------------------------------------- */

static bool lines_match(const char *php, const char *ours)
{
    while (*php != '\0' && *ours != '\0') {
        size_t php_word = strcspn(php, " ");
        size_t our_word = strcspn(ours, " ");
        bool same = php_word == our_word && memcmp(php, ours, php_word) == 0;
        if (!same && (our_word != 1 || *ours != '?')) {
            return false;
        }
        php += php_word + (php[php_word] == ' ');
        ours += our_word + (ours[our_word] == ' ');
    }
    return *php == *ours;
}

static size_t end_of_events(const struct trace *trace, size_t line)
{
    while (is_event(trace, line)) {
        line++;
    }
    return line;
}

static size_t count_line(const struct trace *trace, size_t from, size_t to, const char *text)
{
    size_t count = 0;
    for (; from < to; from++) {
        count += strcmp(trace->lines[from], text) == 0;
    }
    return count;
}

/* ---- comparing ---------------------------------------------------------- */

/* The events from a line on are the same ones, in any order. */
static bool events_match(const struct trace *php, const struct trace *ours, size_t from)
{
    size_t to = end_of_events(php, from);
    if (to != end_of_events(ours, from)) {
        return false;
    }
    for (size_t i = from; i < to; i++) {
        const char *text = php->lines[i];
        if (count_line(php, from, to, text) != count_line(ours, from, to, text)) {
            return false;
        }
    }
    return true;
}

static bool match_loosely(const struct trace *php, const struct trace *ours, size_t *part)
{
    size_t line = 0;
    for (; line < php->count && line < ours->count; line++) {
        *part = line;
        if (!events_match(php, ours, line)) {
            return false;
        }
        line = end_of_events(php, line);
        if (line == php->count || line == ours->count) {
            break;
        }
        if (!lines_match(php->lines[line], ours->lines[line])) {
            *part = line;
            return false;
        }
    }
    *part = line;
    return line >= php->count && line >= ours->count;
}

/* At the first line that differs, each side runs a destructor that the other runs later on in the
   same step. */
static bool part_by_order(const struct trace *php, const struct trace *ours)
{
    size_t line = 0;
    while (line < php->count && line < ours->count &&
           lines_match(php->lines[line], ours->lines[line])) {
        line++;
    }
    if (!is_event(php, line) || !is_event(ours, line)) {
        return false;
    }
    return count_line(php, line, end_of_events(php, line), ours->lines[line]) > 0 &&
           count_line(ours, line, end_of_events(ours, line), php->lines[line]) > 0;
}

enum comparison traces_compare(const struct trace *php, const struct trace *ours, size_t *part)
{
    if (match_loosely(php, ours, part)) {
        return TRACES_SAME;
    }
    return part_by_order(php, ours) ? TRACES_DEPEND_ON_ORDER : TRACES_DIFFER;
}

/* ---- printing ----------------------------------------------------------- */

void traces_print(FILE *out, const struct trace *php, const struct trace *ours, size_t part)
{
    size_t from = part < php->count ? part : php->count;
    while (from > 0 && php->lines[from - 1][0] != '#') {
        from--;
    }
    from -= from > 0;
    for (size_t i = from; i < part + 12 && (i < php->count || i < ours->count); i++) {
        const char *left = i < php->count ? php->lines[i] : "(end)";
        const char *right = i < ours->count ? ours->lines[i] : "(end)";
        fprintf(out, "%c %-36s | %s\n", lines_match(left, right) ? ' ' : '!', left, right);
    }
}
