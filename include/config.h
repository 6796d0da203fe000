/*
 * config.h - cutoutd.conf: INI, one table of settings, unknown keys and bad values are errors with file and line.
 *
 * Sections [server], [publisher], and [collection NAME], one for each collection.
 */
#pragma once

#include "base/status.h"
#include "http/server.h"
#include "protocol/service.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_collection {
    struct collection_settings settings;
    const char *archive_folder;
    const char *cache_folder;
    int ingest_workers;      /* 0: as many as processors */
    int read_through_workers;
    int check_seconds;       /* how often serve compares archive and cache; 0: only at start and on SIGHUP */
    int64_t shard_bytes;
    bool allow_network_folder;
};

struct config {
    struct server_settings server;
    struct service_settings service;
    struct config_collection *collections;
    size_t collection_count;
};

enum status config_open(const char *path, struct config **out, struct failure *failure);
void config_close(struct config *config); /* NULL is fine */

/* The collection of that name, or NULL. */
const struct config_collection *config_find(const struct config *config, const char *name);

/* One row for each setting, for documentation and its test. */
struct config_setting {
    const char *section; /* "server", "publisher", "collection" */
    const char *key;
    const char *type;    /* "text", "integer", "bytes", "seconds", "folder", "boolean" */
    const char *fallback; /* as written in the file; NULL: required */
    const char *sentence;
};
extern const struct config_setting config_settings[];
extern const size_t config_setting_count;
