/*
 * capabilities.h - what a collection offers, as VOSI tells it: one row for each standard.
 *
 * A row is told only while service_endpoints has its path, so a service that is not there
 * is not announced.
 */
#pragma once

#include "base/buffer.h"
#include "service/service.h"

#include <stdbool.h>

struct capability_param {
    const char *name;
    bool is_required;
    const char *unit; /* or NULL */
    const char *ucd;
    const char *type;      /* VODataService's: "string", "real", "integer" */
    const char *arraysize; /* or NULL: one */
    const char *description;
};

struct capability {
    const char *standard_id;
    const char *path;      /* behind /{c}/ */
    const char *type;      /* xsi:type of the capability, with its prefix; or NULL */
    const char *interface; /* xsi:type: "vs:ParamHTTP", "vr:WebBrowser" */
    const char *role;      /* "std"; NULL for those of VOSI and DALI */
    const char *version;   /* of the interface, or NULL */
    const char *use;       /* "full", "base" */
    const char *url_end;   /* behind the path: "?", or "" */
    bool takes_post;
    const char *result_type;               /* or NULL */
    const struct capability_param *params; /* ended by a nameless one; or NULL */
    /* What the standard has besides, behind the interface; or NULL. */
    void (*write_more)(const struct service_settings *settings,
                       const struct collection_settings *collection, struct buffer *out);
};

/* Ended by one without a standard. */
extern const struct capability capabilities[];

/* A capability element for each row that is served, as the document has them and records
 * of registries. The prefixes xsi, vr, vs, ssap and tr must be bound. */
void capabilities_write_rows(const struct service_settings *settings,
                             const struct collection_settings *collection,
                             struct buffer *out);

/* The document (VOSI 1.1, section 3.1). */
void capabilities_write(const struct service_settings *settings,
                        const struct collection_settings *collection, struct buffer *out);
