/*
 * deadline.h - absolute time limits that cost nothing to set.
 *
 * Everything in one list has the same time to live, so it expires in the order it came:
 * the list is sorted by itself, and only its front is ever looked at.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A member of at most one list, embedded in what expires. */
struct deadline {
    struct deadline *previous, *next;
    int64_t at; /* nanoseconds, on the caller's clock */
};

struct deadlines {
    struct deadline ends; /* next: the front; previous: the back */
    int64_t duration;     /* nanoseconds */
};

void deadlines_init(struct deadlines *deadlines, int seconds);

/* Take it out of the list it is in, if any (a zeroed one is in none), and put it at the
 * back of this one. */
void deadline_set(struct deadline *deadline, struct deadlines *list, int64_t now);
void deadline_clear(struct deadline *deadline);

/* From now on nothing in the list has more time than this. */
void deadlines_shorten(struct deadlines *deadlines, int64_t nanoseconds, int64_t now);

/* The front of the list if its time is over, else NULL. */
struct deadline *deadlines_expired(struct deadlines *deadlines, int64_t now);

/* The front of the list, or NULL. */
struct deadline *deadlines_front(const struct deadlines *deadlines);
