#include "govern/monitor_notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the environment ------------------------------------------------------ */

/* A path, or with '@' in front a name in the abstract namespace. */
static bool read_address(struct rc_notify *notify)
{
    const char *path = secure_getenv("NOTIFY_SOCKET");
    if (path == NULL || (path[0] != '/' && path[0] != '@')) {
        return false;
    }
    size_t length = strlen(path);
    if (length >= sizeof notify->address.sun_path) {
        return false;
    }
    notify->address.sun_family = AF_UNIX;
    memcpy(notify->address.sun_path, path, length + 1);
    if (path[0] == '@') {
        notify->address.sun_path[0] = '\0';
    }
    notify->address_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    return true;
}

static uint64_t read_number(const char *variable)
{
    const char *text = secure_getenv(variable);
    return text == NULL ? 0 : strtoull(text, NULL, 10);
}

/* Twice as often as wanted, as its manual advises; only if this process is meant. */
static uint64_t read_watchdog_ns(void)
{
    uint64_t pid = read_number("WATCHDOG_PID");
    uint64_t microseconds = read_number("WATCHDOG_USEC");
    bool is_meant = pid == 0 || pid == (uint64_t)getpid();
    return is_meant && microseconds < UINT64_MAX / 1000 ? microseconds * 1000 / 2 : 0;
}

void rc__notify_open(struct rc_notify *notify, bool wanted, struct rc_page *page)
{
    *notify = (struct rc_notify){.socket = -1, .page = page, .said = RC_SERVICE_STARTING};
    if (wanted && read_address(notify)) {
        notify->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        notify->watchdog_ns = read_watchdog_ns();
    }
}

void rc__notify_close(struct rc_notify *notify)
{
    if (notify->socket >= 0) {
        close(notify->socket);
    }
    notify->socket = -1;
}

/* ---- messages --------------------------------------------------------------- */

static bool tell(struct rc_notify *notify, const char *message)
{
    ssize_t sent;
    do {
        sent = sendto(notify->socket, message, strlen(message), MSG_NOSIGNAL | MSG_DONTWAIT,
                      (const struct sockaddr *)&notify->address, notify->address_length);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) {
        rc__page_count(notify->page, RC_COUNT_NOTIFY_LOST);
    }
    return sent >= 0;
}

static void tell_service(struct rc_notify *notify, enum rc_service service, uint64_t now_ns)
{
    char message[96] = "";
    if (service == notify->said) {
        return;
    }
    switch (service) {
    case RC_SERVICE_STARTING:
        break;
    case RC_SERVICE_READY:
        snprintf(message, sizeof message, "READY=1\nMAINPID=%ld", (long)getpid());
        break;
    case RC_SERVICE_RELOADING:
        snprintf(message, sizeof message, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, now_ns / 1000);
        break;
    case RC_SERVICE_STOPPING:
        snprintf(message, sizeof message, "STOPPING=1");
        break;
    }
    if (message[0] == '\0' || tell(notify, message)) {
        notify->said = service;
    }
}

static void tell_status(struct rc_notify *notify, const char *status)
{
    char message[sizeof notify->status + 8];
    if (strcmp(status, notify->status) != 0) {
        snprintf(message, sizeof message, "STATUS=%s", status);
        if (tell(notify, message)) {
            snprintf(notify->status, sizeof notify->status, "%s", status);
        }
    }
}

void rc__notify_state(struct rc_notify *notify, enum rc_service service, const char *status,
                      uint64_t now_ns)
{
    if (notify->socket < 0) {
        return;
    }
    tell_service(notify, service, now_ns);
    tell_status(notify, status);
    if (notify->watchdog_ns > 0 && now_ns >= notify->next_beat_ns) {
        tell(notify, "WATCHDOG=1");
        notify->next_beat_ns = now_ns + notify->watchdog_ns;
    }
}

uint64_t rc__notify_due_ns(const struct rc_notify *notify)
{
    return notify->socket >= 0 && notify->watchdog_ns > 0 ? notify->next_beat_ns : UINT64_MAX;
}
