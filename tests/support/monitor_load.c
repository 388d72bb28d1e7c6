#include "monitor_load.h"

#include "base/clock.h"
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A connection's life: CLOSED -> CONNECTING -> IDLE -> WAITING -> IDLE or CLOSING -> CLOSED. */
enum line_state {
    LINE_CLOSED,
    LINE_CONNECTING,
    LINE_IDLE,    /* open, nothing asked; until `until_ns` */
    LINE_WAITING, /* asked, not answered */
    LINE_CLOSING  /* answered, and the server said that it would close */
};

struct line {
    enum line_state state;
    int fd;
    uint64_t id; /* of the request */
    uint64_t until_ns;
    size_t length;
    char buffer[16384];
};

struct monitor_load {
    struct monitor_load_options options;
    struct monitor_load_result result;
    struct line *lines;
    struct pollfd *polled;
};

struct monitor_load *monitor_load_new(const struct monitor_load_options *options)
{
    struct monitor_load *load = calloc(1, sizeof *load);
    if (load == NULL) {
        return NULL;
    }
    load->options = *options;
    load->lines = calloc(options->connections, sizeof *load->lines);
    load->polled = calloc(options->connections, sizeof *load->polled);
    if (load->lines == NULL || load->polled == NULL) {
        monitor_load_free(load);
        return NULL;
    }
    for (unsigned i = 0; i < options->connections; i++) {
        load->lines[i].fd = -1;
    }
    return load;
}

void monitor_load_free(struct monitor_load *load)
{
    if (load == NULL) {
        return;
    }
    for (unsigned i = 0; load->lines != NULL && i < load->options.connections; i++) {
        if (load->lines[i].fd >= 0) {
            close(load->lines[i].fd);
        }
    }
    free(load->lines);
    free(load->polled);
    free(load);
}

const struct monitor_load_result *monitor_load_result(const struct monitor_load *load)
{
    return &load->result;
}

void monitor_load_finish(struct monitor_load *load)
{
    load->options.requests = load->result.sent;
}

/* ---- the life of a connection -------------------------------------------------------- */

static void close_line(struct line *line)
{
    close(line->fd);
    line->fd = -1;
    line->state = LINE_CLOSED;
}

static void note_fault(struct monitor_load *load, const struct line *line, const char *what)
{
    if (load->result.first_fault[0] == '\0') {
        snprintf(load->result.first_fault, sizeof load->result.first_fault,
                 "request %" PRIu64 ": %s, errno %s, after \"%.80s\"", line->id, what,
                 strerror(errno), line->buffer);
    }
}

static void fail_line(struct monitor_load *load, struct line *line, const char *what)
{
    load->result.failed++;
    note_fault(load, line, what);
    close_line(line);
}

static bool is_done(const struct monitor_load *load)
{
    return load->result.answered + load->result.failed >= load->options.requests;
}

static bool has_more(const struct monitor_load *load)
{
    return load->result.sent < load->options.requests;
}

static void connect_line(struct monitor_load *load, struct line *line)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(load->options.port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    line->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (line->fd < 0) {
        return;
    }
    load->result.connects++;
    line->state = LINE_CONNECTING;
    if (connect(line->fd, (struct sockaddr *)&address, sizeof address) != 0 &&
        errno != EINPROGRESS) {
        /* A service that cannot be reached has failed a request that was to come. */
        load->result.sent++;
        fail_line(load, line, "no connection");
    }
}

static void become_idle(struct monitor_load *load, struct line *line)
{
    unsigned every = load->options.idle_every;
    bool is_long = every != 0 && load->result.sent % every == 0;
    line->state = LINE_IDLE;
    line->until_ns = rc__clock_ns() + (is_long ? load->options.idle_ms * UINT64_C(1000000) : 0);
}

static void finish_connecting(struct monitor_load *load, struct line *line)
{
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(line->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) {
        load->result.sent++;
        errno = error;
        fail_line(load, line, "no connection");
        return;
    }
    become_idle(load, line);
}

static void ask(struct monitor_load *load, struct line *line)
{
    char request[256];
    line->id = load->result.sent++;
    line->length = 0;
    line->buffer[0] = '\0';
    int length = snprintf(request, sizeof request,
                          "GET %s?id=%" PRIu64 " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                          load->options.paths[line->id % load->options.path_count], line->id);
    line->state = LINE_WAITING;
    /* It is short, and the connection has nothing under way: the system takes all of it. */
    if (send(line->fd, request, (size_t)length, MSG_NOSIGNAL) != length) {
        fail_line(load, line, "not sent");
    }
}

/* ---- answers ---------------------------------------------------------------------------- */

/* Bytes of the whole answer; 0: not all of it is there. */
static size_t answer_length(const struct line *line)
{
    const char *end = strstr(line->buffer, "\r\n\r\n");
    const char *length = strcasestr(line->buffer, "\r\nContent-Length:");
    if (end == NULL || length == NULL || length > end) {
        return 0;
    }
    size_t whole = (size_t)(end + 4 - line->buffer) +
                   strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
    return line->length >= whole ? whole : 0;
}

static bool is_right(const struct line *line)
{
    char expected[40];
    snprintf(expected, sizeof expected, "\r\n\r\nid %" PRIu64 ",", line->id);
    return strncmp(line->buffer, "HTTP/1.1 200 ", 13) == 0 &&
           strstr(line->buffer, expected) != NULL;
}

static void take_answer(struct monitor_load *load, struct line *line)
{
    size_t whole = answer_length(line);
    if (whole == 0) {
        return;
    }
    if (!is_right(line)) {
        fail_line(load, line, "wrong answer");
        return;
    }
    load->result.answered++;
    if (line->length > whole) {
        load->result.twice++;
        note_fault(load, line, "more than an answer");
    }
    bool closes = strcasestr(line->buffer, "\r\nConnection: close") != NULL;
    load->result.closes += closes;
    line->length = 0;
    if (closes) {
        line->state = LINE_CLOSING;
    } else {
        become_idle(load, line);
    }
}

static void note_end(struct monitor_load *load, struct line *line)
{
    if (line->state == LINE_WAITING) {
        fail_line(load, line, "closed without an answer");
    } else {
        load->result.idle_closes += line->state == LINE_IDLE;
        close_line(line);
    }
}

static void receive(struct monitor_load *load, struct line *line)
{
    ssize_t got =
        recv(line->fd, line->buffer + line->length, sizeof line->buffer - 1 - line->length, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) {
        note_end(load, line);
        return;
    }
    line->length += (size_t)got;
    line->buffer[line->length] = '\0';
    if (line->state == LINE_WAITING) {
        take_answer(load, line);
    } else {
        load->result.twice++; /* nothing was asked */
        note_fault(load, line, "an answer that nobody asked for");
        close_line(line);
    }
}

/* ---- steps ---------------------------------------------------------------------------------- */

static void advance(struct monitor_load *load, struct line *line)
{
    if (line->state == LINE_CLOSED && has_more(load)) {
        connect_line(load, line);
    }
    if (line->state == LINE_IDLE && has_more(load) && rc__clock_ns() >= line->until_ns) {
        receive(load, line); /* has the server closed it meanwhile? */
        if (line->state == LINE_IDLE) {
            ask(load, line);
        }
    }
}

static void react(struct monitor_load *load, struct line *line, short events)
{
    if (events == 0) {
        return;
    }
    if (line->state == LINE_CONNECTING) {
        finish_connecting(load, line);
    } else {
        receive(load, line);
    }
}

bool monitor_load_step(struct monitor_load *load, int wait_ms)
{
    unsigned count = load->options.connections;
    for (unsigned i = 0; i < count; i++) {
        struct line *line = &load->lines[i];
        advance(load, line);
        load->polled[i] = (struct pollfd){
            .fd = line->fd, .events = line->state == LINE_CONNECTING ? POLLOUT : POLLIN};
        if (line->state == LINE_CLOSED || line->state == LINE_IDLE) {
            wait_ms = wait_ms < 1 ? wait_ms : 1;
        }
    }
    if (poll(load->polled, count, wait_ms) > 0) {
        for (unsigned i = 0; i < count; i++) {
            react(load, &load->lines[i], load->polled[i].revents);
        }
    }
    return !is_done(load);
}
