/*
 * Log lines of the monitor: one JSON object a line, for machines.
 *
 * Owns its way to the log's descriptor. A line goes out with one write, and a
 * line that cannot be written is lost and counted.
 *
 * L1  Writing never waits: a pipe or terminal is opened anew without blocking, a
 *     socket is sent to without waiting. (The flags of the descriptor itself are
 *     shared with other processes, and stay as they are.)
 * L2  Writing never signals: SIGPIPE of a closed pipe is taken back.
 * L3  What was cut off, on a full disk, is ended by a line feed before the next
 *     line, so that a line is whole or broken by itself.
 */
#ifndef RCYCLE_GOVERN_MONITOR_LOG_H
#define RCYCLE_GOVERN_MONITOR_LOG_H

#include "base/compiler.h"
#include "govern/monitor_page.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rc_log {
    int fd; /* -1: no log */
    bool is_own;
    bool is_socket;
    bool is_cut;
    const char *name; /* of the service */
    struct rc_page *page;
};

/* A line as long as a pipe takes in one piece. */
#define RC_LINE_BYTES 4096

struct rc_line {
    bool has_fields;
    size_t length;
    char text[RC_LINE_BYTES];
};

void rc__log_open(struct rc_log *log, int fd, const char *name, struct rc_page *page);
void rc__log_close(struct rc_log *log);

/*
 * A line is begun, gets its fields, and is written. Keys need no escaping. Text
 * may hold any bytes; what is not UTF-8 in it is replaced, what is too long cut.
 */
void rc__line_begin(struct rc_line *line, const struct rc_log *log, const char *event);
void rc__line_text(struct rc_line *line, const char *key, const char *text, size_t length);
void rc__line_word(struct rc_line *line, const char *key, const char *word);
void rc__line_number(struct rc_line *line, const char *key, uint64_t number);
void rc__line_write(struct rc_line *line, struct rc_log *log);

#endif
