/*
 * waker.h - how somebody who waits is told that the time has come.
 *
 * A plain value, copied freely. `wake` may be called from any thread, any number of
 * times, and after the waiting one has gone: it looks `whom` up and does nothing when it
 * is no more. The zero value wakes nobody.
 */
#pragma once

#include <stdint.h>

struct waker {
    void (*wake)(void *where, uint64_t whom);
    void *where;
    uint64_t whom;
};

static inline void waker_call(struct waker waker)
{
    if (waker.wake)
        waker.wake(waker.where, waker.whom);
}
