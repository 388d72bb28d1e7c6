/*
 * What the program was called with.
 */
#ifndef PACKAGE_OPTIONS_H
#define PACKAGE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct options {
    char **paths; /* of indexes; none: the sample */
    size_t path_count;
    const char *closure; /* a package's name, or NULL */
    uint64_t fail_after; /* allocations; UINT64_MAX: never */
    bool progress;
    bool no_times;
    bool all;
    bool help;
};

/* False: the command line was wrong, which has been said on standard error. */
bool options_read(struct options *options, int argument_count, char **arguments);

void options_print_help(void);

/* Where the sample is; on failure a line on standard error says where it was looked for. */
bool options_find_sample(char *path, size_t size);

#endif
