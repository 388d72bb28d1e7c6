#include "govern/monitor_page.h"

#include <sys/mman.h>

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "records are shared between processes");
_Static_assert((int)RC_FIGURES <= RC_RECORD_WORDS_MAX, "a record is too small");
_Static_assert((int)RC_STANDINGS <= RC_RECORD_WORDS_MAX, "a record is too small");

/* A writing takes some nanoseconds; who is in the way for longer is not running. */
#define ATTEMPTS 1000

static size_t size_of_page(unsigned places)
{
    return sizeof(struct rc_page) + places * sizeof(struct rc_shared_place);
}

struct rc_page *rc__page_new(unsigned places)
{
    void *memory =
        mmap(NULL, size_of_page(places), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return NULL;
    }
    struct rc_page *page = memory;
    page->places = places;
    return page;
}

void rc__page_free(struct rc_page *page)
{
    if (page != NULL) {
        munmap(page, size_of_page(page->places));
    }
}

static void write_words(struct rc_record *record, uint64_t odd, const uint64_t *words,
                        unsigned count)
{
    atomic_store_explicit(&record->sequence, odd, memory_order_relaxed);
    /* No word may be seen before the odd sequence ... */
    atomic_thread_fence(memory_order_release);
    for (unsigned i = 0; i < count; i++) {
        atomic_store_explicit(&record->words[i], words[i], memory_order_relaxed);
    }
    /* ... and the even one not before all words. */
    atomic_store_explicit(&record->sequence, odd + 1, memory_order_release);
}

void rc__record_write(struct rc_record *record, const uint64_t *words, unsigned count)
{
    uint64_t sequence = atomic_load_explicit(&record->sequence, memory_order_relaxed);
    /* It is odd already where the one before was killed in between. */
    write_words(record, sequence | 1, words, count);
}

static bool try_to_read(const struct rc_record *record, uint64_t *words, unsigned count)
{
    uint64_t before = atomic_load_explicit(&record->sequence, memory_order_acquire);
    if ((before & 1) != 0) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        words[i] = atomic_load_explicit(&record->words[i], memory_order_relaxed);
    }
    atomic_thread_fence(memory_order_acquire);
    return atomic_load_explicit(&record->sequence, memory_order_relaxed) == before;
}

bool rc__record_read(const struct rc_record *record, uint64_t *words, unsigned count)
{
    uint64_t read[RC_RECORD_WORDS_MAX];
    for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (try_to_read(record, read, count)) {
            for (unsigned i = 0; i < count; i++) {
                words[i] = read[i];
            }
            return true;
        }
    }
    return false;
}

void rc__page_count(struct rc_page *page, enum rc_count count)
{
    atomic_fetch_add_explicit(&page->counts[count], 1, memory_order_relaxed);
}
