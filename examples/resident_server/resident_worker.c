#include "resident_worker.h"

#include "resident_routes.h"
#include <microhttpd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct server {
    struct gc_monitor_worker *worker;
    struct routes *routes;
    struct MHD_Daemon *daemon;
};

/* ---- requests ------------------------------------------------------------------------ */

static enum MHD_Result respond(struct server *server, struct MHD_Connection *connection,
                               unsigned code, char *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(text);
        return MHD_NO;
    }
    MHD_add_response_header(response, "Content-Type", "text/plain");
    if (gc_monitor_draining(server->worker)) {
        /* The client's next request goes over a new connection, to another worker. */
        MHD_add_response_header(response, "Connection", "close");
    }
    enum MHD_Result result = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *upload, size_t *upload_size, void **of_request)
{
    struct server *server = context;
    (void)version;
    (void)upload;
    if (*of_request == NULL) { /* the headers are there, a body may follow */
        *of_request = server;
        gc_monitor_request_begin(server->worker);
        return MHD_YES;
    }
    if (*upload_size != 0) {
        *upload_size = 0;
        return MHD_YES;
    }
    char *text = NULL;
    const char *id = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "id");
    unsigned code =
        strcmp(method, "GET") == 0 ? routes_answer(server->routes, path, id, &text) : 405;
    if (text == NULL) {
        code = code == 405 ? code : 503;
        text = strdup(code == 405 ? "GET is all there is\n" : "no memory\n");
    }
    return text == NULL ? MHD_NO : respond(server, connection, code, text);
}

static void on_request_end(void *context, struct MHD_Connection *connection, void **of_request,
                           enum MHD_RequestTerminationCode code)
{
    struct server *server = context;
    (void)connection;
    (void)code;
    if (*of_request != NULL) {
        gc_monitor_request_end(server->worker);
    }
}

/* ---- waiting and serving -------------------------------------------------------------- */

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Waits for requests, for the master if `master` is not negative, and for at most a second. */
static void wait_and_serve(struct server *server, int master)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;
    if (MHD_get_timeout(server->daemon, &wait_ms) != MHD_YES || wait_ms > 1000) {
        wait_ms = 1000;
    }
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd waits[] = {
        {.fd = info->epoll_fd, .events = POLLIN},
        {.fd = master, .events = POLLIN},
    };
    poll(waits, 2, (int)wait_ms);
    MHD_run(server->daemon);
}

static unsigned connections_of(const struct server *server)
{
    return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)
        ->num_connections;
}

/*
 * From now on other workers take what waits on the listening socket. Each of our
 * connections gets its answer, and goes with it; one that is idle stays until its
 * next request, which may be on its way already.
 */
static void drain(struct server *server, const struct service *service)
{
    uint64_t end_ms = now_ms() + service->drain_ms;
    MHD_quiesce_daemon(server->daemon);
    while (connections_of(server) > 0 && now_ms() < end_ms) {
        wait_and_serve(server, -1);
        gc_monitor_safepoint(server->worker); /* keeps the figures fresh */
    }
}

/* ---- a worker's life ------------------------------------------------------------------ */

static struct MHD_Daemon *start_daemon(struct server *server, const struct service *service)
{
    return MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, server,
                            MHD_OPTION_LISTEN_SOCKET, service->listening,
                            MHD_OPTION_NOTIFY_COMPLETED, on_request_end, server,
                            MHD_OPTION_CONNECTION_TIMEOUT, service->idle_seconds, MHD_OPTION_END);
}

int serve(struct gc_monitor_worker *worker, void *context)
{
    const struct service *service = context;
    struct server server = {.worker = worker, .routes = routes_open(worker)};
    if (server.routes == NULL) {
        return EXIT_FAILURE;
    }
    server.daemon = start_daemon(&server, service);
    if (server.daemon == NULL) {
        routes_close(server.routes);
        return EXIT_FAILURE;
    }
    gc_monitor_ready(worker);
    while (gc_monitor_safepoint(worker)) {
        wait_and_serve(&server, gc_monitor_fd(worker));
    }
    drain(&server, service);
    MHD_stop_daemon(server.daemon);
    gc_monitor_post_mortem(worker); /* as long as there is something to be seen */
    routes_close(server.routes);
    return EXIT_SUCCESS;
}
