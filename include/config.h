/*
 * config.h - cutoutd.conf: INI, one table of settings, unknown keys and bad values are
 * errors with file and line.
 *
 * Sections [server], [jobs], [publisher], and [collection NAME], one for each collection.
 * The only setting without a default is a collection's archive: two lines make a service.
 */
#pragma once

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/status.h"
#include "http/server.h"
#include "service/service.h"
#include "uws/uws.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct config_collection {
    struct collection_settings settings;
    const char *archive_folder;
    const char *cache_folder;
    int ingest_workers;       /* 0: as many as processors */
    int read_through_workers; /* 0: no read-through */
    int unknown_seconds;      /* how long an unknown ID is remembered */
    bool keep_in_step;        /* serve runs ingest by itself */
    int check_seconds;        /* ... this often; 0: only at start and on SIGHUP */
    int64_t shard_bytes;
    bool allow_network_folder;
};

/* Everything it points to lives in its arena. */
struct config {
    struct server_settings server;
    int disk_threads; /* 0: those that serve wait for the disk */
    struct service_settings service;
    struct uws_settings jobs;
    struct config_collection *collections;
    size_t collection_count;
    struct arena arena;
};

/*
 * The first thing that is wrong is a STATUS_BAD_SETTING "FILE:LINE: what". A setting
 * without a value has its default; texts that have none are NULL.
 */
enum status config_open(const char *path, struct config **out, struct failure *failure);
void config_close(struct config *config); /* NULL is fine */
DEFINE_AUTO(struct config, config_close)

/* The same from an open file. `path` is its name in messages, and relative folders are
 * taken from there. */
enum status config_read(FILE *file, const char *path, struct config **out,
                        struct failure *failure);

/* Defaults for all, with one collection: what a folder of FITS files needs. */
enum status config_of_folder(const char *collection, const char *folder,
                             struct config **out, struct failure *failure);

/* The collection of that name; STATUS_NOT_FOUND names those that there are. */
enum status config_find(const struct config *config, const char *name,
                        const struct config_collection **out, struct failure *failure);

enum config_type {
    CONFIG_TEXT,
    CONFIG_ADDRESS,   /* HOST:PORT, [IPv6]:PORT or *:PORT */
    CONFIG_AUTHORITY, /* of an IVOID */
    CONFIG_URL,
    CONFIG_FOLDER, /* a relative one is taken from the folder of the file */
    CONFIG_INTEGER,
    CONFIG_SECONDS, /* a number, or with a unit: 30s, 10m, 2h */
    CONFIG_BYTES,   /* a number, or with a unit: 64k, 8M, 1G (powers of 1024) */
    CONFIG_BOOLEAN, /* yes or no */
};

/* One row for each setting; drives the reader, the documentation and its test. */
struct config_setting {
    const char *section; /* "server", "jobs", "publisher", "collection" */
    const char *key;
    enum config_type type;
    const char *fallback; /* as written in the file; "": none; NULL: required */
    int64_t least, most;  /* of a number */
    size_t offset;        /* in struct config, or in struct config_collection */
    const char *sentence;
};
extern const struct config_setting config_settings[];
extern const size_t config_setting_count;
extern const char *const config_type_names[];
