#include "package_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "Usage: package_graph [OPTION]... [FILE]...\n"
    "\n"
    "Reads Debian package indexes, builds a graph of objects that refer to each\n"
    "other, asks it a few questions and lets it go, to show what counting frees and\n"
    "what only the collector can.\n"
    "\n"
    "A FILE is an index in deb822 form, such as /var/lib/dpkg/status or an unpacked\n"
    "Packages file; - is standard input. Without one the sample is read that comes\n"
    "with the program.\n"
    "\n"
    "  --closure NAME   say also what would have to be installed for NAME\n"
    "  --all            cut no list off\n"
    "  --progress       show progress also if standard error is no terminal\n"
    "  --no-times       leave out the times, which differ from run to run\n"
    "  --fail-after N   for tests: there is no memory after N allocations\n"
    "  -h, --help       print this, and nothing else\n"
    "\n"
    "Exit status: 0 all went well, 1 the input or the output was at fault or\n"
    "something was left in memory, 2 the command line was.\n";

void options_print_help(void)
{
    fputs(help, stdout);
}

/* ---- the command line ----------------------------------------------------- */

static bool refuse(const char *what, const char *argument)
{
    fprintf(stderr, "package_graph: %s: %s (--help says more)\n", what, argument);
    return false;
}

static bool read_number(const char *text, uint64_t *number)
{
    char *end = NULL;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0') {
        return refuse("this is no number", text);
    }
    *number = value;
    return true;
}

static bool read_flag(struct options *options, const char *argument)
{
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {{"--all", &options->all},
                 {"--progress", &options->progress},
                 {"--no-times", &options->no_times},
                 {"--help", &options->help},
                 {"-h", &options->help}};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (strcmp(argument, flags[i].name) == 0) {
            *flags[i].flag = true;
            return true;
        }
    }
    return refuse("there is no such option", argument);
}

static bool takes_value(const char *argument)
{
    return strcmp(argument, "--closure") == 0 || strcmp(argument, "--fail-after") == 0;
}

static bool read_valued(struct options *options, const char *argument, const char *value)
{
    if (value == NULL) {
        return refuse("a value is missing behind the option", argument);
    }
    if (strcmp(argument, "--closure") == 0) {
        options->closure = value;
        return true;
    }
    return read_number(value, &options->fail_after);
}

bool options_read(struct options *options, int argument_count, char **arguments)
{
    *options = (struct options){.paths = arguments, .fail_after = UINT64_MAX};
    bool only_paths = false;
    for (int i = 1; i < argument_count; i++) {
        char *argument = arguments[i];
        if (only_paths || argument[0] != '-' || argument[1] == '\0') {
            /* Never ahead of `i`, so paths may take the arguments' place. */
            options->paths[options->path_count++] = argument;
        } else if (strcmp(argument, "--") == 0) {
            only_paths = true;
        } else if (takes_value(argument)) {
            i++;
            if (!read_valued(options, argument, i < argument_count ? arguments[i] : NULL)) {
                return false;
            }
        } else if (!read_flag(options, argument)) {
            return false;
        }
    }
    return true;
}

/* ---- the sample ----------------------------------------------------------- */

/* Writes the folder of this program, with a slash at its end, or nothing. */
static void program_folder(char *folder, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", folder, size - 1);
    folder[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash != NULL) {
        slash[1] = '\0';
    }
}

static bool is_readable(const char *path)
{
    return access(path, R_OK) == 0;
}

bool options_find_sample(char *path, size_t size)
{
    char folder[2048];
    program_folder(folder, sizeof folder);
    const struct {
        const char *folder;
        const char *path;
    } places[] = {{"", PACKAGE_GRAPH_SAMPLE},
                  {folder, PACKAGE_GRAPH_SAMPLE_FROM_PROGRAM},
                  {folder, "sample/packages.txt"},
                  {"", "examples/package_graph/sample/packages.txt"},
                  {"", "sample/packages.txt"}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        int length = snprintf(path, size, "%s%s", places[i].folder, places[i].path);
        if (length > 0 && (size_t)length < size && is_readable(path)) {
            return true;
        }
    }
    fputs("package_graph: the sample, sample/packages.txt, is neither where it was when\n"
          "the program was built nor beside the program or here; name an index instead,\n"
          "for instance: package_graph /var/lib/dpkg/status\n",
          stderr);
    return false;
}
