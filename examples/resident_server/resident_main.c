/*
 * A resident HTTP server: a master, which opens the socket and watches, and
 * workers that answer. README.md says what to try with it.
 */
#include "resident_worker.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <rcycle/monitor.h>
#include <rcycle/rcycle.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

struct settings {
    unsigned port;
    unsigned workers;
    unsigned limit_mib;
    unsigned period_ms;
    unsigned stable_ms;
};

static const char usage[] =
    "resident_server [--port n] [--workers n] [--limit mib] [--period ms] [--stable ms]\n"
    "  --port     on 127.0.0.1; 0: any that is free, which is printed     (8080)\n"
    "  --workers  processes that answer                                     (2)\n"
    "  --limit    MiB for each; it is replaced when it is over 80 percent  (48)\n"
    "  --period   how often sizes are looked at, in milliseconds         (1000)\n"
    "  --stable   workers that are full sooner are replaced with delays   (1000)\n";

/* ---- settings ---------------------------------------------------------------------------- */

static int read_number(const char *text, unsigned *number)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value > 1000000) {
        return -1;
    }
    *number = (unsigned)value;
    return 0;
}

static int read_settings(int count, char **words, struct settings *settings)
{
    const struct {
        const char *name;
        unsigned *number;
    } known[] = {
        {"--port", &settings->port},        {"--workers", &settings->workers},
        {"--limit", &settings->limit_mib},  {"--period", &settings->period_ms},
        {"--stable", &settings->stable_ms},
    };
    for (int i = 1; i < count; i += 2) {
        unsigned *number = NULL;
        for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
            number = strcmp(words[i], known[k].name) == 0 ? known[k].number : number;
        }
        if (number == NULL || i + 1 == count || read_number(words[i + 1], number) != 0) {
            return -1;
        }
    }
    return settings->port <= 65535 ? 0 : -1;
}

/* ---- the socket -------------------------------------------------------------------------- */

/*
 * One socket with one queue for all workers: what waits in it is taken by
 * whoever has time. It stays open while workers come and go.
 */
static int open_listening(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int on = 1;
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listening < 0) {
        return -1;
    }
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listening, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listening, SOMAXCONN) != 0) {
        close(listening);
        return -1;
    }
    return listening;
}

static unsigned port_of(int listening)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int result = getsockname(listening, (struct sockaddr *)&address, &length);
    return result == 0 ? ntohs(address.sin_port) : 0;
}

/* ---- the service -------------------------------------------------------------------------- */

/* What a worker says of itself before it goes: the largest types, and which containers grew. */
static void post_mortem(FILE *out, void *context)
{
    (void)context;
    gc_watch_post_mortem(out);
}

static enum gc_result run(const struct settings *settings, struct service *service)
{
    struct gc_monitor_options options = gc_monitor_options_default();
    options.name = "resident_server";
    options.work = serve;
    options.context = service;
    options.workers = settings->workers;
    options.limit_bytes = settings->limit_mib * MIB;
    options.period_ms = settings->period_ms;
    options.stable_ms = settings->stable_ms;
    options.post_mortem = post_mortem;

    struct gc_monitor *monitor;
    enum gc_result result = gc_monitor_new(&options, &monitor);
    if (result != GC_OK) {
        return result;
    }
    service->drain_ms = options.drain_ms / 2; /* the rest is for what is unfinished then */
    result = gc_monitor_install_signals(monitor);
    if (result == GC_OK) {
        result = gc_monitor_run(monitor);
    }
    gc_monitor_free(monitor);
    return result;
}

int main(int count, char **words)
{
    struct settings settings = {
        .port = 8080, .workers = 2, .limit_mib = 48, .period_ms = 1000, .stable_ms = 1000};
    if (read_settings(count, words, &settings) != 0) {
        fputs(usage, stderr);
        return EXIT_FAILURE;
    }
    struct service service = {.listening = open_listening(settings.port), .idle_seconds = 10};
    if (service.listening < 0) {
        perror("resident_server: 127.0.0.1");
        return EXIT_FAILURE;
    }
    printf("http://127.0.0.1:%u/\n", port_of(service.listening));
    fflush(stdout);
    enum gc_result result = run(&settings, &service);
    if (result != GC_OK) {
        fprintf(stderr, "resident_server: %s\n", gc_result_text(result));
    }
    return result == GC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
