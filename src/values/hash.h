/*
 * Hashes that nobody outside the process can foresee, so that chosen keys
 * cannot make a table slow: SipHash-1-3 for bytes (Aumasson and Bernstein,
 * 2012), a keyed multiplication for integers.
 */
#ifndef RCYCLE_VALUES_HASH_H
#define RCYCLE_VALUES_HASH_H

#include "base/compiler.h"
#include <stddef.h>
#include <stdint.h>

struct rc_hash_secret {
    uint64_t words[4];
};

extern struct rc_hash_secret rc__hash_secret;

/* Draws the secret, once in the life of the process; before any hash is taken. */
void rc__hash_begin(void);

/* Never 0. */
uint64_t rc__hash_bytes(const char *bytes, size_t length);

RC_INLINE uint64_t rc__hash_integer(int64_t key)
{
    uint64_t mixed = ((uint64_t)key ^ rc__hash_secret.words[2]) * (rc__hash_secret.words[3] | 1);
    mixed ^= mixed >> 32;
    mixed *= 0x9e3779b97f4a7c15u;
    return mixed ^ mixed >> 29;
}

#endif
