/* clock.h - the time since some beginning, which nobody sets (CLOCK_MONOTONIC). */
#pragma once

#include <stdint.h>
#include <time.h>

static inline int64_t clock_nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static inline int64_t clock_milliseconds(void)
{
    return clock_nanoseconds() / 1000000;
}

/* As of the kernel's last tick, some milliseconds ago: for what is asked at each
 * request. */
static inline int64_t clock_milliseconds_roughly(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}
