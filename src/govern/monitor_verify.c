#include "govern/monitor_master.h"

/* M2, of what belongs to a process and what does not outlive it. */
static bool has_what_its_state_has(const struct rc_place *place)
{
    bool has_process = rc__place_has_process(place);
    bool has_socket_of_nobody = !has_process && place->socket >= 0;
    return has_process == (place->process.pid > 0) && !has_socket_of_nobody;
}

/* M3 */
static bool is_tied_rightly(const struct gc_monitor *monitor, const struct rc_place *place)
{
    if (place->predecessor < 0) {
        return true;
    }
    bool may_succeed = place->state == GC_MONITOR_STARTING ||
                       place->state == GC_MONITOR_BACKING_OFF || place->comes_back;
    return may_succeed && (unsigned)place->predecessor < monitor->place_count &&
           monitor->places[place->predecessor].state == GC_MONITOR_RETIRING;
}

static unsigned count_successors(const struct gc_monitor *monitor, const struct rc_place *place)
{
    unsigned count = 0;
    for (unsigned i = 0; i < monitor->place_count; i++) {
        count += monitor->places[i].predecessor == (int)(place - monitor->places);
    }
    return count;
}

const char *rc__monitor_verify(const struct gc_monitor *monitor)
{
    if (monitor->place_count != monitor->options.workers + monitor->options.replace_at_once) {
        return "M1: the places are not as many as workers and replacements";
    }
    for (unsigned i = 0; i < monitor->place_count; i++) {
        const struct rc_place *place = &monitor->places[i];
        bool is_retiring = place->state == GC_MONITOR_RETIRING;
        if (!has_what_its_state_has(place)) {
            return "M2: a process without a state for it, or a state without its process";
        }
        if (!is_tied_rightly(monitor, place)) {
            return "M3: a successor of nobody who retires";
        }
        if (count_successors(monitor, place) != (is_retiring ? 1 : 0)) {
            return "M3: one retires without a successor, or with two";
        }
        if (place->comes_back && !rc__place_has_process(place) &&
            place->state != GC_MONITOR_BACKING_OFF) {
            return "M5: nothing comes back of a place that is gone";
        }
    }
    return NULL;
}
