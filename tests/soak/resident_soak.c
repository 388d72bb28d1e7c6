/*
 * The resident server under load until it has answered many requests and replaced
 * many workers; counts what failed, and records the memory of all its processes.
 *
 *     resident_soak server requests replacements folder
 *
 * writes into the folder: memory.csv (seconds, processes, resident MiB of all,
 * resident MiB of the largest, replacements), server.log, summary.txt. Ends with
 * 1 unless every request was answered once and as many workers were replaced.
 */
#include "base/clock.h"
#include "monitor_load.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_MIB    32
#define WORKERS      3
#define SAMPLE_NS    UINT64_C(100000000)
#define TIME_LIMIT_S 280

static const char *const paths[] = {"/leak/static", "/cycle",       "/leak/singleton",
                                    "/clean",       "/leak/global", "/cycle"};

struct soak {
    const char *folder;
    pid_t server;
    uint16_t port;
    uint64_t begin_ns;
    uint64_t next_sample_ns;
    FILE *csv;
    unsigned retiring; /* log lines seen so far */
    FILE *log;
    double most_mib;    /* resident, all processes together */
    double largest_mib; /* a single one */
    uint64_t requests_logged;
    unsigned ended_badly;
};

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "resident_soak: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static FILE *open_in_folder(const struct soak *soak, const char *name, const char *mode)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", soak->folder, name);
    FILE *file = fopen(path, mode);
    if (file == NULL) {
        give_up(path);
    }
    return file;
}

/* ---- the server ---------------------------------------------------------------------------- */

static _Noreturn void become_server(const char *program, int out, int log)
{
    char limit[16], workers[16];
    snprintf(limit, sizeof limit, "%d", LIMIT_MIB);
    snprintf(workers, sizeof workers, "%d", WORKERS);
    dup2(out, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execl(program, program, "--port", "0", "--workers", workers, "--limit", limit, "--period", "50",
          "--stable", "50", (char *)NULL);
    give_up(program);
}

/* Its first line says where it listens. */
static void start_server(struct soak *soak, const char *program)
{
    int out[2];
    if (pipe(out) != 0) {
        give_up("pipe");
    }
    FILE *log = open_in_folder(soak, "server.log", "w");
    soak->server = fork();
    if (soak->server == 0) {
        become_server(program, out[1], fileno(log));
    }
    fclose(log);
    close(out[1]);
    char line[64] = "";
    FILE *in = fdopen(out[0], "r");
    if (in == NULL || fgets(line, sizeof line, in) == NULL ||
        sscanf(line, "http://127.0.0.1:%" SCNu16, &soak->port) != 1) {
        give_up("the server does not say where it listens");
    }
    fclose(in);
    soak->log = open_in_folder(soak, "server.log", "r");
}

/* ---- looking at it -----------------------------------------------------------------------------
 */

static double resident_mib(long pid)
{
    char path[64];
    unsigned long all = 0, resident = 0;
    snprintf(path, sizeof path, "/proc/%ld/statm", pid);
    FILE *file = fopen(path, "r");
    if (file != NULL) {
        if (fscanf(file, "%lu %lu", &all, &resident) != 2) {
            resident = 0;
        }
        fclose(file);
    }
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1024 * 1024);
}

/* Reads on in the log: what was replaced, what ended, and with how many requests. */
static void read_log(struct soak *soak)
{
    char line[8192];
    clearerr(soak->log);
    while (fgets(line, sizeof line, soak->log) != NULL) {
        soak->retiring += strstr(line, "\"event\":\"retiring\"") != NULL;
        if (strstr(line, "\"event\":\"ended\"") != NULL) {
            const char *requests = strstr(line, "\"requests\":");
            soak->requests_logged +=
                requests == NULL ? 0 : strtoull(requests + strlen("\"requests\":"), NULL, 10);
            soak->ended_badly += strstr(line, "\"exit_code\":0") == NULL;
        }
    }
}

static void sample(struct soak *soak)
{
    char path[64];
    long pid;
    unsigned processes = 1;
    double sum = resident_mib(soak->server), largest = sum;
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)soak->server,
             (long)soak->server);
    FILE *children = fopen(path, "r");
    while (children != NULL && fscanf(children, "%ld", &pid) == 1) {
        double mib = resident_mib(pid);
        sum += mib;
        largest = mib > largest ? mib : largest;
        processes++;
    }
    if (children != NULL) {
        fclose(children);
    }
    soak->most_mib = sum > soak->most_mib ? sum : soak->most_mib;
    soak->largest_mib = largest > soak->largest_mib ? largest : soak->largest_mib;
    fprintf(soak->csv, "%.3f,%u,%.2f,%.2f,%u\n", (double)(rc__clock_ns() - soak->begin_ns) / 1e9,
            processes, sum, largest, soak->retiring);
}

static void look(struct soak *soak)
{
    uint64_t now_ns = rc__clock_ns();
    if (now_ns >= soak->next_sample_ns) {
        soak->next_sample_ns = now_ns + SAMPLE_NS;
        read_log(soak);
        sample(soak);
    }
}

/* ---- the run ----------------------------------------------------------------------------------
 */

static bool goes_on(const struct soak *soak, const struct monitor_load_result *result,
                    uint64_t requests, unsigned replacements)
{
    bool is_enough = result->answered >= requests && soak->retiring >= replacements;
    bool is_late = rc__clock_ns() - soak->begin_ns > TIME_LIMIT_S * UINT64_C(1000000000);
    return !is_enough && !is_late && result->failed == 0;
}

static struct monitor_load_result load_server(struct soak *soak, uint64_t requests,
                                              unsigned replacements)
{
    struct monitor_load_options options = {
        .port = soak->port,
        .connections = 16,
        .requests = UINT64_MAX,
        .paths = paths,
        .path_count = sizeof paths / sizeof *paths,
        .idle_every = 1000,
        .idle_ms = 20,
    };
    struct monitor_load *load = monitor_load_new(&options);
    if (load == NULL) {
        give_up("load");
    }
    while (goes_on(soak, monitor_load_result(load), requests, replacements)) {
        monitor_load_step(load, 10);
        look(soak);
    }
    monitor_load_finish(load);
    while (monitor_load_step(load, 10)) {
        look(soak);
    }
    struct monitor_load_result result = *monitor_load_result(load);
    monitor_load_free(load);
    return result;
}

static bool stop_server(struct soak *soak)
{
    int status = -1;
    kill(soak->server, SIGTERM);
    waitpid(soak->server, &status, 0);
    read_log(soak);
    return status == 0;
}

static void write_summary(const struct soak *soak, const struct monitor_load_result *result,
                          double seconds, FILE *out)
{
    fprintf(out,
            "requests      %" PRIu64 " sent, %" PRIu64 " answered, %" PRIu64 " failed, %" PRIu64
            " answered twice\n",
            result->sent, result->answered, result->failed, result->twice);
    fprintf(out, "counted       %" PRIu64 " by the workers\n", soak->requests_logged);
    fprintf(out, "connections   %" PRIu64 ", of which %" PRIu64 " were closed by an answer\n",
            result->connects, result->closes);
    fprintf(out, "replacements  %u, ended other than by exit code 0: %u\n", soak->retiring,
            soak->ended_badly);
    fprintf(out,
            "memory        %.1f MiB at most in all processes, %.1f in one; limit %d for each of"
            " %d workers\n",
            soak->most_mib, soak->largest_mib, LIMIT_MIB, WORKERS);
    fprintf(out, "time          %.1f s, %.0f requests a second\n", seconds,
            (double)result->answered / seconds);
    if (result->first_fault[0] != '\0') {
        fprintf(out, "first fault   %s\n", result->first_fault);
    }
}

int main(int count, char **words)
{
    if (count != 5) {
        fprintf(stderr, "resident_soak server requests replacements folder\n");
        return EXIT_FAILURE;
    }
    uint64_t requests = strtoull(words[2], NULL, 10);
    unsigned replacements = (unsigned)strtoul(words[3], NULL, 10);
    struct soak soak = {.folder = words[4]};
    soak.csv = open_in_folder(&soak, "memory.csv", "w");
    fprintf(soak.csv, "seconds,processes,resident_mib,largest_mib,replacements\n");
    soak.begin_ns = rc__clock_ns();
    start_server(&soak, words[1]);
    struct monitor_load_result result = load_server(&soak, requests, replacements);
    double seconds = (double)(rc__clock_ns() - soak.begin_ns) / 1e9;
    bool stopped = stop_server(&soak);
    fclose(soak.csv);
    fclose(soak.log);

    FILE *summary = open_in_folder(&soak, "summary.txt", "w");
    write_summary(&soak, &result, seconds, summary);
    fclose(summary);
    write_summary(&soak, &result, seconds, stdout);
    bool is_right = stopped && result.failed == 0 && result.twice == 0 && soak.ended_badly == 0 &&
                    result.answered == result.sent && result.answered == soak.requests_logged &&
                    result.answered >= requests && soak.retiring >= replacements;
    return is_right ? EXIT_SUCCESS : EXIT_FAILURE;
}
