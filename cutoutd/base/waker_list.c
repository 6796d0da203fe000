#include "base/waker_list.h"

#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>

static bool is_same(struct waker a, struct waker b)
{
    return a.wake == b.wake && a.where == b.where && a.whom == b.whom;
}

void waker_list_add(struct waker_list *list, struct waker waker)
{
    size_t count = list->count;

    for (size_t i = 0; i < count; i++)
        if (is_same(list->wakers[i], waker))
            return;
    if ((count & (count - 1)) == 0) /* the room is a power of two, and full */
        list->wakers =
            memory_resize(list->wakers, (count ? 2 * count : 1) * sizeof(waker));
    list->wakers[list->count++] = waker;
}

void waker_list_call(struct waker_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        waker_call(list->wakers[i]);
    waker_list_finish(list);
}

void waker_list_finish(struct waker_list *list)
{
    free(list->wakers);
    *list = (struct waker_list){0};
}
