#include "http/deadline.h"

void deadlines_init(struct deadlines *deadlines, int seconds)
{
    deadlines->ends.previous = deadlines->ends.next = &deadlines->ends;
    deadlines->duration = (int64_t)seconds * 1000000000;
}

void deadline_clear(struct deadline *deadline)
{
    if (!deadline->next)
        return;
    deadline->previous->next = deadline->next;
    deadline->next->previous = deadline->previous;
    deadline->previous = deadline->next = NULL;
}

void deadline_set(struct deadline *deadline, struct deadlines *list, int64_t now)
{
    deadline_clear(deadline);
    deadline->at = now + list->duration;
    deadline->next = &list->ends;
    deadline->previous = list->ends.previous;
    deadline->previous->next = deadline;
    list->ends.previous = deadline;
}

void deadlines_shorten(struct deadlines *deadlines, int64_t nanoseconds, int64_t now)
{
    if (nanoseconds >= deadlines->duration)
        return;
    deadlines->duration = nanoseconds;
    for (struct deadline *next = deadlines->ends.next; next != &deadlines->ends;
         next = next->next)
        if (next->at > now + nanoseconds)
            next->at = now + nanoseconds;
}

struct deadline *deadlines_front(const struct deadlines *deadlines)
{
    return deadlines->ends.next != &deadlines->ends ? deadlines->ends.next : NULL;
}

struct deadline *deadlines_expired(struct deadlines *deadlines, int64_t now)
{
    struct deadline *front = deadlines_front(deadlines);

    return front && front->at <= now ? front : NULL;
}
