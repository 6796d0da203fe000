/*
 * shard_set.h - the shards of a cache folder that are mapped, and what threads hold them.
 *
 * A shard is mapped once for the process, when a thread first wants it. That thread then
 * holds it by one count under the set's lock, and lends it out any number of times by a
 * count of its own, without a lock. A shard whose file has gone stays mapped until the
 * last thread lets go.
 */
#pragma once

#include "archive/shard.h"
#include "base/status.h"
#include "base/waker.h"

#include <stdbool.h>
#include <stdint.h>

/* One for the process. */
struct shard_set;

/* The pager is borrowed; NULL: none. */
struct shard_set *shard_set_open(const char *folder, struct pager *pager);
void shard_set_close(struct shard_set *set); /* no thread may hold any; NULL is fine */
uint64_t shard_set_count(struct shard_set *set); /* mapped ones */

/* One for each thread. */
struct shard_holder;

struct shard_holder *shard_holder_open(struct shard_set *set);
void shard_holder_close(struct shard_holder *holder); /* none may be lent; NULL is fine */

/* Let go of the shards that are not lent and whose files have gone, as compaction does;
 * of the lent ones when they come back. */
void shard_holder_refresh(struct shard_holder *holder);

/* A shard that this thread holds. */
struct held_shard;

/* STATUS_PENDING: what tells a good shard is not in memory; the waker will be called. One
 * that wakes nobody waits here. */
enum status shard_holder_lend(struct shard_holder *holder, int64_t number,
                              struct waker waker, struct held_shard **out,
                              struct failure *failure);
void held_shard_give_back(struct held_shard *held);
const struct shard *held_shard_view(const struct held_shard *held);

/* Whether some thread has compared the record there with its checksum. Only blocks of
 * SHARD_SET_CELL bytes and more are remembered; smaller ones take no time to check. */
enum { SHARD_SET_CELL = 4096 };
bool held_shard_is_checked(const struct held_shard *held, int64_t offset);
void held_shard_set_checked(struct held_shard *held, int64_t offset);
