/*
 * A service under load while its workers are replaced, crash-free and crashing:
 * no request fails, and none is answered twice. The workers run a small HTTP
 * server on the socket that they share; the client is strict (monitor_load.h).
 */
#include "monitor_bed.h"
#include "monitor_load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <rcycle/memory.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB         ((size_t)1 << 20)
#define CONNECTIONS 64
#define REQUEST_MAX 2048

/* ---- the server: a connection at a time in a slot, one answer at a time -------------------- */

struct guest {
    int fd; /* -1: the slot is free */
    size_t length;
    char request[REQUEST_MAX];
};

struct server {
    struct gc_monitor_worker *worker;
    int listening;
    zval kept; /* what "/leak" adds to */
    struct guest guests[CONNECTIONS];
};

static int listening_of_test;

static int open_listening(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(listening >= 0);
    assert_int_equal(bind(listening, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listening, 128), 0);
    assert_int_equal(getsockname(listening, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return listening;
}

static void accept_guests(struct server *server)
{
    for (size_t i = 0; i < CONNECTIONS; i++) {
        struct guest *guest = &server->guests[i];
        if (guest->fd < 0) {
            guest->fd = accept4(server->listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
            guest->length = 0;
            if (guest->fd < 0) {
                return;
            }
        }
    }
}

static void leave(struct guest *guest)
{
    close(guest->fd);
    guest->fd = -1;
}

static void act(struct server *server, const char *request)
{
    char piece[4096];
    memset(piece, 'x', sizeof piece);
    if (strncmp(request, "GET /leak", 9) == 0) {
        zval_array_push(&server->kept, zval_string(piece, sizeof piece));
    } else if (strncmp(request, "GET /cycle", 10) == 0) {
        zval loop = zval_array();
        zval_array_push(&loop, zval_reference(&loop));
        zval_release(&loop);
    }
}

static void answer(struct server *server, struct guest *guest)
{
    char body[64], text[256];
    bool closes = gc_monitor_draining(server->worker);
    const char *id = strstr(guest->request, "?id=");
    gc_monitor_request_begin(server->worker);
    act(server, guest->request);
    int length =
        snprintf(body, sizeof body, "id %lu, done\n", id == NULL ? 0 : strtoul(id + 4, NULL, 10));
    length = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s",
                      length, closes ? "Connection: close\r\n" : "", body);
    send(guest->fd, text, (size_t)length, MSG_NOSIGNAL);
    gc_monitor_request_end(server->worker);
    guest->length = 0;
    if (closes) {
        leave(guest);
    }
}

static void attend(struct server *server, struct guest *guest)
{
    ssize_t got = recv(guest->fd, guest->request + guest->length,
                       sizeof guest->request - 1 - guest->length, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        leave(guest);
        return;
    }
    guest->length += got > 0 ? (size_t)got : 0;
    guest->request[guest->length] = '\0';
    if (strstr(guest->request, "\r\n\r\n") != NULL && guest->length > 0) {
        answer(server, guest);
    }
}

/* Waits for guests, and for new ones if `accepts`. Returns how many guests there are. */
static unsigned serve_once(struct server *server, bool accepts)
{
    struct pollfd waits[CONNECTIONS + 2];
    unsigned count = 0;
    for (size_t i = 0; i < CONNECTIONS; i++) {
        waits[i] = (struct pollfd){.fd = server->guests[i].fd, .events = POLLIN};
        count += server->guests[i].fd >= 0;
    }
    waits[CONNECTIONS] = (struct pollfd){.fd = accepts ? server->listening : -1, .events = POLLIN};
    waits[CONNECTIONS + 1] =
        (struct pollfd){.fd = accepts ? gc_monitor_fd(server->worker) : -1, .events = POLLIN};
    poll(waits, CONNECTIONS + 2, 100);
    for (size_t i = 0; i < CONNECTIONS; i++) {
        if (waits[i].revents != 0) {
            attend(server, &server->guests[i]);
        }
    }
    if (waits[CONNECTIONS].revents != 0) {
        accept_guests(server);
    }
    return count;
}

static int serve_http(struct gc_monitor_worker *worker, void *context)
{
    (void)context;
    static struct server server;
    server.worker = worker;
    server.listening = listening_of_test;
    server.kept = zval_array();
    for (size_t i = 0; i < CONNECTIONS; i++) {
        server.guests[i].fd = -1;
    }
    gc_monitor_ready(worker);
    while (gc_monitor_safepoint(worker)) {
        serve_once(&server, true);
    }
    close(server.listening);
    while (serve_once(&server, false) > 0) {
        gc_monitor_safepoint(worker);
    }
    zval_release(&server.kept);
    return 0;
}

/* ---- the service, and its load ----------------------------------------------------------------
 */

static pid_t service;
static uint16_t port;

static int begin(void **state)
{
    listening_of_test = open_listening(&port);
    return bed_begin(state);
}

static int end(void **state)
{
    if (service > 0) { /* of a test that failed */
        kill(service, SIGKILL);
        waitpid(service, NULL, 0);
        service = 0;
    }
    close(listening_of_test);
    return bed_end(state);
}

#define service_test(function) cmocka_unit_test_setup_teardown(function, begin, end)

static void start_service(struct gc_monitor_options *options)
{
    options->work = serve_http;
    service = fork();
    if (service == 0) {
        struct gc_monitor *monitor;
        if (gc_monitor_new(options, &monitor) != GC_OK ||
            gc_monitor_install_signals(monitor) != GC_OK || gc_monitor_run(monitor) != GC_OK) {
            _exit(70);
        }
        gc_monitor_free(monitor);
        _exit(0);
    }
    assert_true(service > 0);
    /* Before that a signal might find no handler. */
    uint64_t deadline_ns = bed_deadline_ns();
    while (bed_logged("\"event\":\"ready\"") < options->workers) {
        bed_check_time(deadline_ns, "ready", __FILE__, __LINE__);
        poll(NULL, 0, 2);
    }
}

static void stop_service(void)
{
    int status = -1;
    uint64_t deadline_ns = bed_deadline_ns();
    kill(service, SIGTERM);
    while (waitpid(service, &status, WNOHANG) == 0) {
        bed_check_time(deadline_ns, "service stopped", __FILE__, __LINE__);
        poll(NULL, 0, 2);
    }
    service = 0;
    assert_int_equal(status, 0);
}

/* All requests that workers counted, by their last log line each. */
static uint64_t requests_logged(void)
{
    uint64_t sum = 0;
    for (const char *at = bed_log(); (at = strstr(at, "\"event\":\"ended\"")) != NULL; at++) {
        const char *end = strchr(at, '\n');
        const char *requests = strstr(at, "\"requests\":");
        if (requests != NULL && requests < end) {
            sum += strtoull(requests + strlen("\"requests\":"), NULL, 10);
        }
    }
    return sum;
}

/*
 * Loads the service until so many have been replaced, but at least with some
 * requests; then stops it under load, or after it.
 */
static void load_until(unsigned replacements, void (*between)(void))
{
    static const char *const paths[] = {"/leak", "/cycle", "/clean", "/leak"};
    struct monitor_load_options options = {.port = port,
                                           .connections = 8,
                                           .requests = UINT64_MAX,
                                           .paths = paths,
                                           .path_count = 4,
                                           .idle_every = 50,
                                           .idle_ms = 5};
    struct monitor_load *load = monitor_load_new(&options);
    const struct monitor_load_result *result = monitor_load_result(load);
    uint64_t deadline_ns = bed_deadline_ns();
    uint64_t next_look = 0;
    while (result->failed + result->twice == 0) {
        monitor_load_step(load, 10);
        bed_check_time(deadline_ns, "replacements", __FILE__, __LINE__);
        if (result->answered >= next_look) {
            next_look += 500;
            if (between != NULL) {
                between();
            }
            if (bed_logged("\"event\":\"retiring\"") >= replacements) {
                break;
            }
        }
    }
    /* What has been asked is answered; nothing more is. */
    monitor_load_finish(load);
    while (monitor_load_step(load, 10)) {
        bed_check_time(deadline_ns, "last answers", __FILE__, __LINE__);
    }
    assert_string_equal(result->first_fault, "");
    assert_int_equal(result->failed, 0);
    assert_int_equal(result->twice, 0);
    assert_int_equal(result->answered, result->sent);
    uint64_t sent = result->sent;
    monitor_load_free(load);
    stop_service();
    assert_int_equal(requests_logged(), sent);
}

/* ---- tests --------------------------------------------------------------------------------------
 */

static void no_request_is_lost_while_leaking_workers_are_replaced(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.limit_bytes = 48 * MIB;
    options.proc_path = "/nonexistent"; /* only what leaks counts, whatever the program's size */
    options.replace_bytes = 8 * MIB;
    start_service(&options);
    load_until(8, NULL);
    assert_true(bed_logged("\"event\":\"retiring\"") >= 8);
    assert_int_equal(bed_logged("\"signal\""), 0);
    assert_int_equal(bed_logged("\"exit_code\":0"), bed_logged("\"event\":\"ended\""));
}

static void reload_when_idle(void)
{
    if (bed_logged("\"event\":\"reload\"") == bed_logged("\"event\":\"reloaded\"")) {
        kill(service, SIGHUP);
    }
}

static void no_request_is_lost_while_workers_are_reloaded(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 3;
    options.replace_at_once = 2;
    start_service(&options);
    load_until(12, reload_when_idle);
    assert_true(bed_logged("\"reason\":\"reload\"") >= 12);
}

static void no_request_is_lost_with_a_single_worker(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.workers = 1;
    start_service(&options);
    load_until(6, reload_when_idle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        service_test(no_request_is_lost_while_leaking_workers_are_replaced),
        service_test(no_request_is_lost_while_workers_are_reloaded),
        service_test(no_request_is_lost_with_a_single_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
