#include "govern/watch_trend.h"

#define EIGHTHS            8
#define LEVEL_0_WINDOWS    40
#define UPPER_WINDOWS      16
#define RISING_EIGHTHS     6
#define T_SQUARED_MIN      20.0
#define LEVEL_0_Z_SQUARED  1.5
#define UPPER_Z_SQUARED    3.0
#define LEVEL_0_STREAK     9
#define UPPER_STREAK       4
#define PRIOR_WINDOWS_MIN  2
#define PRIOR_WITH_PEAKS   8
#define PEAK_WINDOWS_IN    32
#define FASTER_THAN_BEFORE 1.5

/* ---- windows ------------------------------------------------------------ */

static const struct rc_window *window_at(const struct rc_trend_level *level, uint32_t index)
{
    uint32_t first = level->next + RC_TREND_WINDOWS - level->count;
    return &level->windows[(first + index) % RC_TREND_WINDOWS];
}

static void widen(struct rc_window *window, const struct rc_window *other, bool is_first)
{
    if (is_first || other->least < window->least) {
        window->least = other->least;
    }
    if (is_first || other->most > window->most) {
        window->most = other->most;
    }
}

/* Whether that closed a window. */
static bool add_to_level(struct rc_trend_level *level, const struct rc_window *part)
{
    widen(&level->open, part, level->open_count == 0);
    if (++level->open_count < RC_TREND_WINDOW_STEP) {
        return false;
    }
    level->open_count = 0;
    level->windows[level->next] = level->open;
    level->next = (level->next + 1) % RC_TREND_WINDOWS;
    level->count += level->count < RC_TREND_WINDOWS;
    return true;
}

/* ---- the floors of a level ---------------------------------------------- */

struct floors {
    uint64_t at[RC_TREND_WINDOWS];
    uint32_t steps; /* windows but one */
};

/* What has come since the last window counts too. */
static void find_floors(const struct rc_trend *trend, const struct rc_trend_level *level,
                        struct floors *floors)
{
    uint64_t floor = trend->last;
    for (uint32_t i = level->count; i-- > 0;) {
        uint64_t least = window_at(level, i)->least;
        floor = least < floor ? least : floor;
        floors->at[i] = floor;
    }
    floors->steps = level->count - 1;
}

static uint64_t growth_between(const struct floors *floors, uint32_t from_eighth,
                               uint32_t to_eighth)
{
    uint32_t from = from_eighth * floors->steps / EIGHTHS;
    uint32_t to = to_eighth * floors->steps / EIGHTHS;
    return floors->at[to] - floors->at[from];
}

static double square(double number)
{
    return number * number;
}

/* Of the change of the least from one window to the next, found from the differences between
   neighbours, so that growth that slows down is not taken for variance. A floor would hide what
   goes down again. */
static double variance_of(const struct rc_trend_level *level)
{
    double sum = 0;
    uint32_t first = (level->count - 1) / EIGHTHS + 2;
    for (uint32_t i = first; i < level->count; i++) {
        double before = (double)window_at(level, i - 1)->least;
        double change = (double)window_at(level, i)->least - before;
        double change_before = before - (double)window_at(level, i - 2)->least;
        sum += square(change - change_before);
    }
    return sum / (2 * (level->count - first));
}

/* Growth without any variance is as sure as can be. */
static double ratio_of(double numerator, double denominator)
{
    return denominator > numerator * 1e-6 ? numerator / denominator : numerator > 0 ? 1e6 : 0;
}

/* ---- rules -------------------------------------------------------------- */

/* The more windows a level has seen the more chances there were for an accident. */
static double t_squared_needed(const struct rc_trend *trend)
{
    double needed = T_SQUARED_MIN;
    for (uint64_t samples = trend->samples; samples >= 1024; samples /= 2) {
        needed += 1;
    }
    return needed;
}

static bool is_spread(const struct floors *floors)
{
    uint32_t rising = 0;
    for (uint32_t eighth = 0; eighth < EIGHTHS; eighth++) {
        rising += growth_between(floors, eighth, eighth + 1) > 0;
    }
    return rising >= RISING_EIGHTHS && growth_between(floors, 6, EIGHTHS) > 0;
}

static bool slows_down(const struct floors *floors, double variance, double z_squared_min)
{
    double before = (double)growth_between(floors, 1, 4);
    double after = (double)growth_between(floors, 5, EIGHTHS);
    double z_squared = ratio_of(square(before - after), variance * floors->steps * 0.75);
    return after < before * 0.9 && z_squared >= z_squared_min;
}

static void judge_level(const struct rc_trend *trend, struct rc_trend_level *level, uint32_t index)
{
    uint32_t samples_in_window = (uint32_t)RC_TREND_WINDOW_STEP << (2 * index);
    struct rc_trend_finding *finding = &level->finding;
    struct floors floors = {.steps = 0};
    find_floors(trend, level, &floors);
    double growth = (double)growth_between(&floors, 1, EIGHTHS);
    double variance = variance_of(level);
    double windows = floors.steps - floors.steps / EIGHTHS;
    double recent_windows = floors.steps - 5 * floors.steps / EIGHTHS;
    finding->growth_per_sample = growth / windows / samples_in_window;
    finding->recent_per_sample =
        (double)growth_between(&floors, 5, EIGHTHS) / recent_windows / samples_in_window;
    finding->t_squared = ratio_of(square(growth), variance * windows);
    finding->grows = finding->t_squared >= t_squared_needed(trend) && is_spread(&floors);
    finding->slows =
        slows_down(&floors, variance, index == 0 ? LEVEL_0_Z_SQUARED : UPPER_Z_SQUARED);
}

/* The most that the number was in the first `count` windows, without short peaks. */
static uint64_t most_but_for_peaks(const struct rc_trend_level *level, uint32_t count)
{
    uint64_t highest[3] = {0, 0, 0};
    for (uint32_t i = 0; i < count; i++) {
        uint64_t most = window_at(level, i)->most;
        for (uint32_t place = 0; place < 3; place++) {
            if (most > highest[place]) {
                uint64_t lower = highest[place];
                highest[place] = most;
                most = lower;
            }
        }
    }
    uint32_t peaks = count / PEAK_WINDOWS_IN;
    peaks = count >= PRIOR_WITH_PEAKS && peaks == 0 ? 1 : peaks;
    return highest[peaks];
}

static bool is_beyond(const struct rc_trend_level *level, uint32_t count, uint64_t floor)
{
    uint64_t most = most_but_for_peaks(level, count);
    uint64_t least = most;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t other = window_at(level, i)->least;
        least = other < least ? other : least;
    }
    return floor > most && floor - most >= most - least;
}

/* Rule 5, as far as the higher levels remember what was before. */
static bool leads_out(const struct rc_trend *trend, uint32_t index)
{
    const struct rc_trend_level *level = &trend->levels[index];
    uint64_t floor = window_at(level, level->count - 1)->least;
    floor = trend->last < floor ? trend->last : floor;
    uint32_t covered = level->count;
    for (uint32_t higher = index + 1; higher < RC_TREND_LEVELS; higher++) {
        const struct rc_trend_level *before = &trend->levels[higher];
        covered = covered / RC_TREND_WINDOW_STEP + 1;
        if (before->count >= covered + PRIOR_WINDOWS_MIN &&
            !is_beyond(before, before->count - covered, floor)) {
            return false;
        }
    }
    return true;
}

/* Rule 4, on the level and those above. */
static bool is_known_to_slow(const struct rc_trend *trend, uint32_t index)
{
    double growth = trend->levels[index].finding.recent_per_sample;
    if (trend->levels[index].finding.slows) {
        return true;
    }
    for (uint32_t higher = index + 1; higher < RC_TREND_LEVELS; higher++) {
        const struct rc_trend_finding *finding = &trend->levels[higher].finding;
        if (finding->slows && growth <= finding->recent_per_sample * FASTER_THAN_BEFORE) {
            return true;
        }
    }
    return false;
}

/* The highest level that accuses speaks. */
static void accuse(struct rc_trend *trend, uint32_t index)
{
    const struct rc_trend_level *level = &trend->levels[index];
    if (!trend->accused || index >= trend->accused_level) {
        trend->accused = true;
        trend->accused_level = index;
        trend->accused_beyond = most_but_for_peaks(level, level->count / 2);
        trend->accused_per_sample = level->finding.recent_per_sample;
    }
}

static bool goes_on(const struct rc_trend *trend, const struct rc_trend_finding *finding)
{
    return trend->last > trend->accused_beyond &&
           finding->recent_per_sample >= trend->accused_per_sample / 2;
}

static void look_at_level(struct rc_trend *trend, uint32_t index)
{
    struct rc_trend_level *level = &trend->levels[index];
    if (level->count < (index == 0 ? LEVEL_0_WINDOWS : UPPER_WINDOWS)) {
        return;
    }
    judge_level(trend, level, index);
    struct rc_trend_finding *finding = &level->finding;
    bool slows = is_known_to_slow(trend, index);
    bool all = finding->grows && !slows && leads_out(trend, index);
    finding->streak = all ? finding->streak + 1 : 0;
    if (finding->streak >= (index == 0 ? LEVEL_0_STREAK : UPPER_STREAK)) {
        accuse(trend, index);
    } else if (trend->accused && trend->accused_level == index) {
        trend->accused = !slows && goes_on(trend, finding);
    }
}

void rc__trend_add(struct rc_trend *trend, uint64_t value)
{
    struct rc_window part = {value, value};
    uint32_t closed = 0;
    trend->samples++;
    trend->last = value;
    trend->most = value > trend->most ? value : trend->most;
    while (closed < RC_TREND_LEVELS && add_to_level(&trend->levels[closed], &part)) {
        part = trend->levels[closed++].open;
    }
    while (closed-- > 0) {
        look_at_level(trend, closed);
    }
}

/* ---- verdict ------------------------------------------------------------ */

static unsigned confidence_of(double t_squared)
{
    double percent = 100 * t_squared / (1 + t_squared);
    return percent > 99 ? 99 : (unsigned)percent;
}

/* The level that knows most of the past. */
static uint32_t widest_level(const struct rc_trend *trend)
{
    uint32_t index = RC_TREND_LEVELS - 1;
    while (index > 0 && trend->levels[index].count < UPPER_WINDOWS) {
        index--;
    }
    return index;
}

static struct rc_trend_verdict verdict_of_acquitted(const struct rc_trend *trend)
{
    const struct rc_trend_level *level = &trend->levels[widest_level(trend)];
    struct rc_trend_verdict verdict = {GC_WATCH_STEADY, 0, 0};
    struct floors floors = {.steps = 0};
    find_floors(trend, level, &floors);
    if (floors.at[floors.steps] <= window_at(level, 0)->most) {
        return verdict;
    }
    verdict.growth_per_sample = level->finding.growth_per_sample;
    if (growth_between(&floors, 6, EIGHTHS) == 0) {
        verdict.verdict = GC_WATCH_STOPPED;
    } else {
        verdict.verdict = level->finding.slows ? GC_WATCH_SLOWING : GC_WATCH_RISING;
    }
    return verdict;
}

struct rc_trend_verdict rc__trend_verdict(const struct rc_trend *trend)
{
    if (trend->samples < RC_TREND_SAMPLES_MIN) {
        return (struct rc_trend_verdict){GC_WATCH_TOO_EARLY, 0, 0};
    }
    /* Much may have gone since the level was looked at. */
    if (trend->accused && trend->last > trend->accused_beyond) {
        const struct rc_trend_finding *finding = &trend->levels[trend->accused_level].finding;
        return (struct rc_trend_verdict){GC_WATCH_GROWING, finding->growth_per_sample,
                                         confidence_of(finding->t_squared)};
    }
    return verdict_of_acquitted(trend);
}
