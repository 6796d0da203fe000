/*
 * memory.h - memory that is there, or no program.
 *
 * Sizes that a stranger controls are limited before they come here, so running out is the
 * operator's business: one line on stderr and the end, for the supervisor to start anew.
 */
#pragma once

#include <stddef.h>

void *memory_take(size_t size); /* uninitialised; free() it */
void *memory_take_zeroed(size_t count, size_t size);
void *memory_resize(void *memory, size_t size);
char *memory_copy_string(const char *text); /* NULL gives NULL */

/* Allocate one zeroed object of the type of *pointer. */
#define memory_new(pointer) ((pointer) = memory_take_zeroed(1, sizeof(*(pointer))))
