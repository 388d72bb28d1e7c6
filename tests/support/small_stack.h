/*
 * Running something where recursion would show: on a stack of 256 KiB.
 */
#ifndef RCYCLE_TESTS_SMALL_STACK_H
#define RCYCLE_TESTS_SMALL_STACK_H

/*
 * Runs `action` in a thread with that stack, with the caller's heap in use, and
 * waits for it. The action must not assert: cmocka's assertions work in the
 * thread of the test only. Returns 0, or an error number.
 */
int small_stack_run(void (*action)(void *argument), void *argument);

#endif
