/*
 * The rule by which the watch decides, on the patterns that it has to tell apart:
 * each with many seeds.
 *
 * A leak has to be found, and stay found, from some request on. What is bounded
 * must not be accused at any request at all. What looks like a leak for a while,
 * whatever one does, must not be accused from some request on.
 */
#include "checks.h"
#include "govern/watch_trend.h"

#include <string.h>

#define SEEDS     60
#define MOST_KEYS 5000

/* ---- randomness ----------------------------------------------------------------- */

static uint64_t random_state;

static uint64_t draw(uint64_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % below;
}

static bool with_probability(unsigned of_1000)
{
    return draw(1000) < of_1000;
}

/* ---- patterns: the number after request n ------------------------------------------ */

/* What a pattern remembers. */
static struct {
    uint64_t kept;
    uint64_t passing;
    bool keys[MOST_KEYS];
} now;

static uint64_t one_a_request(uint64_t n)
{
    return n;
}

static uint64_t some_requests(uint64_t n)
{
    (void)n;
    return now.kept += with_probability(300);
}

static uint64_t one_in_50(uint64_t n)
{
    return n / 50;
}

static uint64_t one_in_50_at_random(uint64_t n)
{
    (void)n;
    return now.kept += with_probability(20);
}

static uint64_t ten_at_once(uint64_t n)
{
    return n / 10 * 10;
}

static uint64_t under_noise(uint64_t n)
{
    return n + draw(20);
}

static uint64_t after_a_warm_up(uint64_t n)
{
    now.kept += n > 50 && with_probability(330);
    return n <= 50 ? n * 10 : 500 + now.kept;
}

static uint64_t after_1000_good_ones(uint64_t n)
{
    return 100 + draw(10) + (n > 1000 ? n - 1000 : 0);
}

static uint64_t beside_a_clean_up(uint64_t n)
{
    now.passing++;
    if (n % 100 == 0) {
        now.kept += now.passing / 5;
        now.passing = 0;
    }
    return now.kept + now.passing;
}

static uint64_t beside_a_peak(uint64_t n)
{
    return n + (n == 77 ? 5000 : 0);
}

static uint64_t ever_faster(uint64_t n)
{
    return n * n / 40;
}

static uint64_t bytes_of_a_heap(uint64_t n)
{
    return 10000000 + n * 1000 + draw(100000);
}

static uint64_t pieces_of_any_size(uint64_t n)
{
    (void)n;
    return now.kept += with_probability(5) ? 40000 : 200;
}

static uint64_t beside_a_cache(uint64_t n)
{
    now.kept += with_probability(500);
    return now.kept + (n < 100 ? n : 100);
}

static uint64_t under_a_square_wave(uint64_t n)
{
    return n + (n / 40 % 2 == 0 ? 300 : 0);
}

static uint64_t constant(uint64_t n)
{
    (void)n;
    return 17;
}

static uint64_t noise(uint64_t n)
{
    (void)n;
    return 100 + draw(40);
}

static uint64_t random_keys(uint64_t count)
{
    bool *key = &now.keys[draw(count)];
    now.kept += !*key;
    *key = true;
    return now.kept;
}

static uint64_t keys_50(uint64_t n)
{
    (void)n;
    return random_keys(50);
}

static uint64_t keys_100(uint64_t n)
{
    (void)n;
    return random_keys(100);
}

static uint64_t keys_300(uint64_t n)
{
    (void)n;
    return random_keys(300);
}

static uint64_t keys_1000(uint64_t n)
{
    (void)n;
    return random_keys(1000);
}

static uint64_t keys_5000(uint64_t n)
{
    (void)n;
    return random_keys(5000);
}

static uint64_t keys_in_turn(uint64_t n)
{
    return n < 120 ? n : 120;
}

static uint64_t one_large_request(uint64_t n)
{
    return n < 150 ? 10 : 5000;
}

static uint64_t three_large_requests(uint64_t n)
{
    return 10 + (n > 30) * 1000u + (n > 80) * 1000u + (n > 150) * 1000u;
}

static uint64_t cache_of_100(uint64_t n)
{
    (void)n;
    now.kept += now.kept < 100 && with_probability(900);
    return now.kept;
}

static uint64_t cache_halved(uint64_t n)
{
    (void)n;
    now.kept = now.kept < 150 ? now.kept + 1 : 75;
    return now.kept;
}

static uint64_t cleaned_up_every_97(uint64_t n)
{
    return n % 97;
}

static uint64_t warm_up(uint64_t n)
{
    return n < 50 ? n * 10 : 500;
}

static uint64_t queue(uint64_t n)
{
    (void)n;
    uint64_t leaving = draw(4);
    now.kept += draw(3);
    now.kept = now.kept > leaving ? now.kept - leaving : 0;
    return now.kept;
}

static uint64_t walk_within_40(uint64_t n)
{
    (void)n;
    if (draw(2) == 0) {
        now.kept += now.kept < 40;
    } else {
        now.kept -= now.kept > 0;
    }
    return now.kept;
}

static uint64_t up_and_down(uint64_t n)
{
    uint64_t phase = n % 90;
    return 500 + (phase < 45 ? phase : 90 - phase) * 10 + draw(20);
}

static uint64_t day_and_night(uint64_t n)
{
    now.passing = n == 1 ? draw(3000) : now.passing;
    uint64_t phase = (n + now.passing) % 3000;
    return 500 + (phase < 1500 ? phase : 3000 - phase) + draw(20);
}

static uint64_t cleaned_up_every_5000(uint64_t n)
{
    return n % 5000 + draw(10);
}

/* ---- runs ----------------------------------------------------------------------------- */

struct pattern {
    const char *name;
    uint64_t (*number)(uint64_t n);
    uint64_t from; /* the request from which on the verdict has to hold */
    uint64_t until;
};

static struct rc_trend trend;

static void begin(uint64_t seed)
{
    random_state = (seed + 1) * 88172645463325252u;
    memset(&now, 0, sizeof now);
    memset(&trend, 0, sizeof trend);
}

/* How many requests from `from` on end with an accusation. */
static uint64_t count_accusations(const struct pattern *pattern, uint64_t seed)
{
    uint64_t accusations = 0;
    begin(seed);
    for (uint64_t n = 1; n <= pattern->until; n++) {
        rc__trend_add(&trend, pattern->number(n));
        bool is_accused = rc__trend_verdict(&trend).verdict == GC_WATCH_GROWING;
        accusations += n >= pattern->from && is_accused;
    }
    return accusations;
}

static void leaks_without_chance_are_found_and_stay_found(void **state)
{
    (void)state;
    static const struct pattern patterns[] = {
        {"one a request", one_a_request, 200, 50000},
        {"one in 50", one_in_50, 1500, 50000},
        {"ten at once", ten_at_once, 300, 20000},
        {"beside a peak", beside_a_peak, 200, 5000},
        {"ever faster", ever_faster, 200, 1000},
        {"under a square wave", under_a_square_wave, 1500, 30000},
        {"beside a clean-up", beside_a_clean_up, 5000, 30000},
    };
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        uint64_t accusations = count_accusations(&patterns[i], 0);
        uint64_t expected = patterns[i].until - patterns[i].from + 1;
        if (accusations != expected) {
            fail_msg("%s: expected %d accusations, not %d", patterns[i].name, (int)expected,
                     (int)accusations);
        }
    }
}

/* Chance may let some look as if they slowed down, at some of the requests. */
static void leaks_under_chance_are_found_by_nearly_all_seeds(void **state)
{
    (void)state;
    static const struct pattern patterns[] = {
        {"some requests", some_requests, 400, 2000},
        {"one in 50 at random", one_in_50_at_random, 4000, 8000},
        {"under noise", under_noise, 400, 2000},
        {"after a warm-up", after_a_warm_up, 1500, 4000},
        {"after 1000 good ones", after_1000_good_ones, 1200, 4000},
        {"bytes of a heap", bytes_of_a_heap, 600, 4000},
        {"pieces of any size", pieces_of_any_size, 2000, 8000},
        {"beside a cache", beside_a_cache, 2000, 4000},
    };
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        uint64_t looks = patterns[i].until - patterns[i].from + 1;
        uint64_t accusations = 0;
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            accusations += count_accusations(&patterns[i], seed);
        }
        if (accusations * 100 < looks * SEEDS * 90) {
            fail_msg("%s: accused at %d of %d requests only", patterns[i].name, (int)accusations,
                     (int)(looks * SEEDS));
        }
    }
}

static void what_is_bounded_is_never_accused_by_any_seed(void **state)
{
    (void)state;
    static const struct pattern patterns[] = {
        {"constant", constant, 1, 5000},
        {"noise", noise, 1, 20000},
        {"50 keys", keys_50, 1, 5000},
        {"100 keys", keys_100, 1, 5000},
        {"120 keys in turn", keys_in_turn, 1, 5000},
        {"one large request", one_large_request, 1, 5000},
        {"three large requests", three_large_requests, 1, 5000},
        {"cache of 100", cache_of_100, 1, 5000},
        {"cache that is halved", cache_halved, 1, 10000},
        {"cleaned up every 97", cleaned_up_every_97, 1, 10000},
        {"warm-up", warm_up, 1, 5000},
        {"queue", queue, 1, 20000},
        {"walk within 40", walk_within_40, 1, 10000},
        {"up and down", up_and_down, 1, 10000},
    };
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            if (count_accusations(&patterns[i], seed) > 0) {
                fail_msg("%s: accused with seed %d", patterns[i].name, (int)seed);
            }
        }
    }
}

static void what_looks_like_a_leak_at_first_is_acquitted_in_time(void **state)
{
    (void)state;
    static const struct pattern patterns[] = {
        {"300 keys", keys_300, 400, 5000},
        {"1000 keys", keys_1000, 700, 8000},
        {"5000 keys", keys_5000, 3500, 30000},
        {"day and night", day_and_night, 3000, 30000},
        {"cleaned up every 5000", cleaned_up_every_5000, 5000, 40000},
    };
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            uint64_t accusations = count_accusations(&patterns[i], seed);
            if (accusations > 0) {
                fail_msg("%s: accused %d times with seed %d", patterns[i].name, (int)accusations,
                         (int)seed);
            }
        }
    }
}

/* ---- the other verdicts --------------------------------------------------------------- */

static void assert_verdict_on(uint64_t (*number)(uint64_t n), uint64_t requests,
                              enum gc_watch_verdict expected)
{
    begin(0);
    for (uint64_t n = 1; n <= requests; n++) {
        rc__trend_add(&trend, number(n));
    }
    assert_string_equal(gc_watch_verdict_text(rc__trend_verdict(&trend).verdict),
                        gc_watch_verdict_text(expected));
}

static void each_verdict_has_its_pattern(void **state)
{
    (void)state;
    assert_verdict_on(one_a_request, 159, GC_WATCH_TOO_EARLY);
    assert_verdict_on(one_a_request, 160, GC_WATCH_RISING);
    assert_verdict_on(one_a_request, 192, GC_WATCH_GROWING);
    assert_verdict_on(constant, 5000, GC_WATCH_STEADY);
    assert_verdict_on(noise, 5000, GC_WATCH_STEADY);
    assert_verdict_on(cleaned_up_every_97, 5000, GC_WATCH_STEADY);
    assert_verdict_on(one_large_request, 400, GC_WATCH_STOPPED);
    assert_verdict_on(keys_100, 2000, GC_WATCH_STOPPED);
    assert_verdict_on(keys_5000, 6000, GC_WATCH_SLOWING);
}

static void the_slope_is_that_of_the_pattern(void **state)
{
    (void)state;
    begin(0);
    for (uint64_t n = 1; n <= 5000; n++) {
        rc__trend_add(&trend, 7 * n + draw(5));
    }
    struct rc_trend_verdict verdict = rc__trend_verdict(&trend);
    assert_int_equal(verdict.verdict, GC_WATCH_GROWING);
    assert_in_range((int)(verdict.growth_per_sample * 100), 695, 705);
    assert_int_equal(verdict.confidence, 99);
}

static void a_leak_that_ends_is_accused_no_more(void **state)
{
    (void)state;
    begin(0);
    for (uint64_t n = 1; n <= 1000; n++) {
        rc__trend_add(&trend, n);
    }
    assert_int_equal(rc__trend_verdict(&trend).verdict, GC_WATCH_GROWING);
    rc__trend_add(&trend, 0);
    assert_true(rc__trend_verdict(&trend).verdict != GC_WATCH_GROWING);
    begin(0);
    for (uint64_t n = 1; n <= 3000; n++) {
        rc__trend_add(&trend, n < 1000 ? n : 1000);
    }
    assert_int_equal(rc__trend_verdict(&trend).verdict, GC_WATCH_STOPPED);
}

static void the_largest_numbers_do_no_harm(void **state)
{
    (void)state;
    begin(0);
    for (uint64_t n = 1; n <= 3000; n++) {
        rc__trend_add(&trend, n % 2 == 0 ? UINT64_MAX : 0);
    }
    assert_int_equal(rc__trend_verdict(&trend).verdict, GC_WATCH_STEADY);
    begin(0);
    for (uint64_t n = 1; n <= 3000; n++) {
        rc__trend_add(&trend, UINT64_MAX - 3000 + n);
    }
    assert_int_equal(rc__trend_verdict(&trend).verdict, GC_WATCH_GROWING);
}

/* Nothing but that it ends, and says something. */
static void any_numbers_get_a_verdict(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        begin(seed);
        uint64_t number = 0;
        unsigned shift = (unsigned)draw(64);
        for (uint64_t n = 1; n <= 3000; n++) {
            shift = with_probability(5) ? (unsigned)draw(64) : shift;
            number = with_probability(500) ? number + (draw(UINT64_MAX) >> shift)
                                           : draw(UINT64_MAX) >> shift;
            rc__trend_add(&trend, number);
            struct rc_trend_verdict verdict = rc__trend_verdict(&trend);
            assert_in_range(verdict.verdict, GC_WATCH_TOO_EARLY, GC_WATCH_GROWING);
            assert_true(verdict.growth_per_sample >= 0);
            assert_true(verdict.confidence <= 99);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaks_without_chance_are_found_and_stay_found),
        cmocka_unit_test(leaks_under_chance_are_found_by_nearly_all_seeds),
        cmocka_unit_test(what_is_bounded_is_never_accused_by_any_seed),
        cmocka_unit_test(what_looks_like_a_leak_at_first_is_acquitted_in_time),
        cmocka_unit_test(each_verdict_has_its_pattern),
        cmocka_unit_test(the_slope_is_that_of_the_pattern),
        cmocka_unit_test(a_leak_that_ends_is_accused_no_more),
        cmocka_unit_test(the_largest_numbers_do_no_harm),
        cmocka_unit_test(any_numbers_get_a_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
