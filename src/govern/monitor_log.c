#include "govern/monitor_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- the descriptor ------------------------------------------------------- */

static int open_anew(int fd)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void rc__log_open(struct rc_log *log, int fd, const char *name, struct rc_page *page)
{
    *log = (struct rc_log){.fd = fd, .name = name, .page = page};
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) {
        return;
    }
    log->is_socket = S_ISSOCK(status.st_mode);
    if (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode)) {
        int own = open_anew(fd);
        if (own >= 0) {
            log->fd = own;
            log->is_own = true;
        }
    }
}

void rc__log_close(struct rc_log *log)
{
    if (log->is_own) {
        close(log->fd);
    }
    log->fd = -1;
    log->is_own = false;
}

static ssize_t put(const struct rc_log *log, const char *text, size_t length)
{
    ssize_t written;
    do {
        written = log->is_socket ? send(log->fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL)
                                 : write(log->fd, text, length);
    } while (written < 0 && errno == EINTR);
    return written;
}

/* As put(), and where that raises SIGPIPE nobody sees it. */
static ssize_t put_quietly(const struct rc_log *log, const char *text, size_t length)
{
    sigset_t pipe_signal, before, pending;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    ssize_t written = put(log, text, length);
    if (written < 0 && errno == EPIPE && !sigismember(&pending, SIGPIPE)) {
        sigtimedwait(&pipe_signal, NULL, &(struct timespec){0, 0});
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return written;
}

/* ---- lines ---------------------------------------------------------------- */

/* Of the room, so much is kept for the end of the line. */
#define END_BYTES 4

static void add_byte(struct rc_line *line, char byte)
{
    if (line->length < RC_LINE_BYTES - END_BYTES) {
        line->text[line->length++] = byte;
    }
}

static void add(struct rc_line *line, const char *text)
{
    while (*text != '\0') {
        add_byte(line, *text++);
    }
}

/* How many bytes of valid UTF-8 make the character at `text`; 0: it is none. */
static size_t character_length(const unsigned char *text, size_t length)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t bytes = text[0] < 0x80   ? 1
                   : text[0] < 0xc0 ? 0
                   : text[0] < 0xe0 ? 2
                   : text[0] < 0xf0 ? 3
                   : text[0] < 0xf8 ? 4
                                    : 0;
    if (bytes <= 1 || bytes > length) {
        return bytes == 1 ? 1 : 0;
    }
    uint32_t code = text[0] & (0xffu >> (bytes + 1));
    for (size_t i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (text[i] & 0x3fu);
    }
    bool is_surrogate = code >= 0xd800 && code < 0xe000;
    return code < lowest[bytes] || code > 0x10ffff || is_surrogate ? 0 : bytes;
}

/* One character, escaped where JSON wants it so. Returns how many bytes of the text it was. */
static size_t add_character(struct rc_line *line, const unsigned char *text, size_t length)
{
    char escape[8];
    size_t bytes = character_length(text, length);
    if (bytes == 0) {
        add(line, "\\ufffd");
        return 1;
    }
    if (text[0] < 0x20 || text[0] == 0x7f) {
        snprintf(escape, sizeof escape, "\\u%04x", text[0]);
        add(line, escape);
        return 1;
    }
    if (text[0] == '"' || text[0] == '\\') {
        add_byte(line, '\\');
    }
    for (size_t i = 0; i < bytes; i++) {
        add_byte(line, (char)text[i]);
    }
    return bytes;
}

static void add_key(struct rc_line *line, const char *key)
{
    add(line, line->has_fields ? ",\"" : "\"");
    line->has_fields = true;
    add(line, key);
    add(line, "\":");
}

/* A field that would not fit whole, with the end of the line, is left out or cut here. */
static bool has_room(const struct rc_line *line, size_t bytes)
{
    return line->length + bytes + END_BYTES <= RC_LINE_BYTES;
}

void rc__line_text(struct rc_line *line, const char *key, const char *text, size_t length)
{
    if (!has_room(line, strlen(key) + 16)) {
        return;
    }
    add_key(line, key);
    add_byte(line, '"');
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t done = 0; done < length && has_room(line, 16);) {
        done += add_character(line, bytes + done, length - done);
    }
    add_byte(line, '"');
}

void rc__line_word(struct rc_line *line, const char *key, const char *word)
{
    rc__line_text(line, key, word, strlen(word));
}

void rc__line_number(struct rc_line *line, const char *key, uint64_t number)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    if (has_room(line, strlen(key) + sizeof digits + 4)) {
        add_key(line, key);
        add(line, digits);
    }
}

static void add_time(struct rc_line *line)
{
    struct timespec now;
    struct tm parts;
    char day[32], text[48];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, sizeof text, "%s.%03ldZ", day, now.tv_nsec / 1000000);
    rc__line_word(line, "time", text);
}

void rc__line_begin(struct rc_line *line, const struct rc_log *log, const char *event)
{
    line->length = 0;
    line->has_fields = false;
    add(line, log->is_cut ? "\n{" : "{");
    add_time(line);
    rc__line_word(line, "service", log->name);
    rc__line_word(line, "event", event);
}

void rc__line_write(struct rc_line *line, struct rc_log *log)
{
    if (log->fd < 0) {
        return;
    }
    line->text[line->length++] = '}';
    line->text[line->length++] = '\n';
    ssize_t written = put_quietly(log, line->text, line->length);
    if (written > 0) {
        log->is_cut = (size_t)written < line->length;
    }
    if (written != (ssize_t)line->length) {
        rc__page_count(log->page, RC_COUNT_LOG_LOST);
    }
}
