/* waker_list.h - those who wait for one and the same thing. */
#pragma once

#include "base/waker.h"

#include <stddef.h>

/* Zeroed, it is empty. */
struct waker_list {
    struct waker *wakers;
    size_t count;
};

/* One who asks again and again is in it once. */
void waker_list_add(struct waker_list *list, struct waker waker);

/* Wake all, and empty it. Without locks held: whoever is woken may come at once. */
void waker_list_call(struct waker_list *list);

void waker_list_finish(struct waker_list *list); /* wakes nobody */
