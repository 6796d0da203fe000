#include "archive/residence.h"

/* Of both, so that both are read at once. */
bool residence_has(struct residence *residence, const struct shard *shard,
                   struct record_place place, struct pager *pager, struct waker waker)
{
    struct file_part record = shard_part(shard, place.record_offset, place.record_size);
    struct file_part axis = shard_part(shard, place.axis_offset, place.axis_size);
    bool has_record = pager_has(pager, &record, waker, &residence->asked_record);
    bool has_axis = pager_has(pager, &axis, waker, &residence->asked_axis);

    return has_record && has_axis;
}

void residence_expect(const struct shard *shard, struct record_place place,
                      struct pager *pager)
{
    struct file_part record = shard_part(shard, place.record_offset, place.record_size);
    struct file_part axis = shard_part(shard, place.axis_offset, place.axis_size);

    pager_expect(pager, &record);
    pager_expect(pager, &axis);
}
