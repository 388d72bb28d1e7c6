#include "base/entropy.h"

#include "base/clock.h"
#include <stdint.h>
#include <sys/random.h>

void rc__entropy_fill(void *bytes, size_t length)
{
    if (getrandom(bytes, length, GRND_NONBLOCK) == (ssize_t)length) {
        return;
    }
    uint64_t state = rc__clock_ns() ^ (uint64_t)(uintptr_t)&state ^ (uint64_t)(uintptr_t)bytes;
    unsigned char *out = bytes;
    for (size_t i = 0; i < length; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        out[i] = (unsigned char)(state >> 56);
    }
}
