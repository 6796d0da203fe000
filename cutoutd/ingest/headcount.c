#include "ingest/headcount.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct headcount {
    struct walk_settings settings;
    struct walk *walk;
    pthread_t thread;
    atomic_bool is_unwanted;
    atomic_bool is_over;
    atomic_int_least64_t total;
};

static void *count(void *context)
{
    struct headcount *headcount = context;
    struct walk_item item;

    while (!atomic_load(&headcount->is_unwanted) && walk_next(headcount->walk, &item))
        if (item.kind == WALK_FILE)
            atomic_fetch_add(&headcount->total, 1);
    atomic_store(&headcount->is_over, true);
    return NULL;
}

struct headcount *headcount_open(const struct walk_settings *walk)
{
    struct headcount *headcount = memory_new(headcount);
    struct failure ignored; /* the work itself will say what is wrong with the folder */

    headcount->settings = *walk;
    headcount->settings.names_only = true;
    if (walk_open(&headcount->settings, &headcount->walk, &ignored) == STATUS_OK) {
        if (pthread_create(&headcount->thread, NULL, count, headcount) == 0)
            return headcount;
        walk_close(headcount->walk);
    }
    free(headcount);
    return NULL;
}

void headcount_close(struct headcount *headcount)
{
    if (!headcount)
        return;
    atomic_store(&headcount->is_unwanted, true);
    pthread_join(headcount->thread, NULL);
    walk_close(headcount->walk);
    free(headcount);
}

int64_t headcount_total(const struct headcount *headcount, bool *is_over)
{
    *is_over = headcount && atomic_load(&headcount->is_over);
    return headcount ? atomic_load(&headcount->total) : -1;
}
