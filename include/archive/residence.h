/* residence.h - whether a record and its axis are in memory: the door of the cache for
 * those who may not wait for a disk. */
#pragma once

#include "archive/shard.h"
#include "base/pager.h"
#include "base/waker.h"

#include <stdbool.h>
#include <stdint.h>

struct record_place {
    int64_t record_offset, record_size;
    int64_t axis_offset, axis_size;
};

/* The memory of one who asks for one spectrum after the other; zeroed, he has not. */
struct residence {
    bool asked_record, asked_axis; /* pager_has() */
};

/* If not, both are read, and the waker is called when it is worth asking again. */
bool residence_has(struct residence *residence, const struct shard *shard,
                   struct record_place place, struct pager *pager, struct waker waker);

/* They will be wanted soon. */
void residence_expect(const struct shard *shard, struct record_place place,
                      struct pager *pager);
