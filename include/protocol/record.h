/*
 * record.h - what a registry of the Virtual Observatory is told of a collection: a
 * VOResource record (VODataService 1.2, CatalogService).
 */
#pragma once

#include "archive/catalogue.h"
#include "service/service.h"
#include "sky/moc.h"

/* Finer maps make records that registries do not like (VODataService 1.2, section 3.2);
 * the record names the place of the fine one. */
enum { RECORD_MOC_ORDER = 6 };

struct record {
    const struct service_settings *settings;
    const struct collection_settings *collection;
    const struct catalogue_summary *summary;
    const struct moc *moc;
    int64_t time; /* of its making, seconds since 1970 */
    struct arena *arena;
};

void record_write(const struct record *record, struct buffer *out);
