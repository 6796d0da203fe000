/*
 * keeper.h - keeps caches in step with their archives while serving: runs ingest, one
 * process a collection.
 *
 * Ingest itself compares archive and cache, so it is simply started: at the start, on
 * SIGHUP, and again some time after it ended; never two at once for one collection. It
 * ends with the server. One thread at a time.
 */
#pragma once

#include "base/cleanup.h"
#include "config.h"

struct keeper;

/* `program` is run as "PROGRAM ingest NAME --quiet --config CONFIG_PATH"; both and the
 * config are borrowed. */
struct keeper *keeper_open(const struct config *config, const char *program,
                           const char *config_path);
void keeper_close(struct keeper *keeper); /* ends what runs; NULL is fine */
DEFINE_AUTO(struct keeper, keeper_close)

/* Look after all collections; call it every second. */
void keeper_tick(struct keeper *keeper);
/* Start ingest as soon as no earlier one runs. */
void keeper_start_all(struct keeper *keeper);
