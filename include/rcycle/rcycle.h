/**
 * @file
 * rcycle: reference counting that finds its cycles.
 *
 * One include for values, own structs, the collector, memory and the leak watch.
 * What the library guarantees, in one breath: **by value moves, by pointer
 * borrows**; no call aborts, exits or sets a global error; out of memory
 * changes nothing; releasing and collecting cannot fail.
 */
#ifndef RCYCLE_RCYCLE_H
#define RCYCLE_RCYCLE_H

#include <rcycle/gc.h>
#include <rcycle/heap.h>
#include <rcycle/inspect.h>
#include <rcycle/memory.h>
#include <rcycle/object.h>
#include <rcycle/result.h>
#include <rcycle/version.h>
#include <rcycle/watch.h>
#include <rcycle/weak.h>
#include <rcycle/zval.h>

#endif
