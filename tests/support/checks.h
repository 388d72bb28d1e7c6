/*
 * cmocka, and assertions about values and results that say what was expected.
 */
#ifndef RCYCLE_TESTS_CHECKS_H
#define RCYCLE_TESTS_CHECKS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <rcycle/rcycle.h>

/* A call's result, shown as text when it is another one. */
#define assert_result(expected, call) \
    assert_string_equal(gc_result_text(call), gc_result_text(expected))
#define assert_ok(call) assert_result(GC_OK, call)

/* What a value is. `value` is a const zval *; NULL fails. */
#define assert_type(value, type)  checks_type((value), (type), __FILE__, __LINE__)
#define assert_int(value, number) checks_int((value), (number), __FILE__, __LINE__)
#define assert_text(value, text)  checks_text((value), (text), __FILE__, __LINE__)

/* A double, bit by bit, so that 0 and -0 differ. */
#define assert_double(value, number) checks_double((value), (number), __FILE__, __LINE__)

/* What zval_dump() writes; and a value that looks like another one. */
#define assert_dump(value, text) checks_dump((value), (text), __FILE__, __LINE__)

/* The figures of the current heap. */
#define assert_nodes(count) assert_int_equal(gc_status().live_nodes, (count))
#define assert_roots(count) assert_int_equal(gc_status().roots, (count))
#define assert_sound()      assert_int_equal(gc_heap_verify(NULL, stderr), 0)

/* The same object or string behind two values. */
#define assert_shared(left, right) \
    assert_ptr_equal((left)->payload.counted, (right)->payload.counted)
#define assert_not_shared(left, right) \
    assert_ptr_not_equal((left)->payload.counted, (right)->payload.counted)

void checks_type(const zval *value, enum zval_type type, const char *file, int line);
void checks_int(const zval *value, int64_t number, const char *file, int line);
void checks_text(const zval *value, const char *text, const char *file, int line);
void checks_double(const zval *value, double number, const char *file, int line);
void checks_dump(const zval *value, const char *text, const char *file, int line);

/* What zval_dump() writes, to be freed. */
char *checks_dump_of(const zval *value);

/* How many lines a text has. */
size_t checks_count_lines(const char *text);

/* The array [0, 1, ... count - 1]. */
zval checks_list(int count);

/* Whether an address sanitizer or valgrind takes the place of the system's allocator. */
bool checks_allocator_is_replaced(void);

#endif
