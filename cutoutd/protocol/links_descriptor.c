#include "protocol/links_descriptor.h"

#include "format/votable.h"

#include <stddef.h>

static const char STANDARD_ID[] = "ivo://ivoa.net/std/DataLink#links-1.1";
static const char CONTENT_TYPE[] = "application/x-votable+xml;content=datalink";

static void add_service(struct buffer *out, const char *access_url)
{
    votable_param_text(out, "standardID", STANDARD_ID);
    votable_param_text(out, "accessURL", access_url);
    votable_param_text(out, "contentType", CONTENT_TYPE);
}

static void add_id_param(struct buffer *out, const char *ref)
{
    votable_param(out,
                  &(struct votable_field){
                      .name = "ID",
                      .datatype = "char",
                      .arraysize = "*",
                      .ucd = "meta.id;meta.main",
                      .ref = ref,
                      .description = "Publisher DID of the spectrum; may be repeated",
                  },
                  "");
}

void links_descriptor_write(const struct links_descriptor *descriptor, struct buffer *out)
{
    votable_resource_open(out, "meta", NULL, "DataLink: what belongs to a spectrum",
                          "adhoc:service");
    votable_description(out, "What belongs to a spectrum: the spectrum itself, the "
                             "archive's file, pictures, parts of it by wavelength");
    add_service(out, descriptor->access_url);
    votable_group_open(out, "inputParams", NULL);
    add_id_param(out, descriptor->id_ref);
    votable_group_close(out);
    votable_resource_close(out);
}

static void add_example(struct buffer *out, const char *url)
{
    votable_param(out,
                  &(struct votable_field){
                      .name = "exampleURL",
                      .datatype = "char",
                      .arraysize = "*",
                      .description = "The links of one spectrum",
                  },
                  url);
}

static void add_format_param(struct buffer *out)
{
    static const struct votable_field format = {
        .name = "RESPONSEFORMAT",
        .datatype = "char",
        .arraysize = "*",
        .ucd = "meta.code.mime",
        .description = "How the answer is labelled",
    };
    static const char *const options[] = {"application/x-votable+xml", "text/xml", NULL};

    votable_param_values(out, &format, "", NULL, NULL, options);
}

void links_self_description_write(const char *access_url, const char *example,
                                  struct buffer *out)
{
    votable_resource_open(out, "meta", NULL, "Links", "adhoc:this");
    votable_description(out, "The service that made this document");
    add_service(out, access_url);
    if (example)
        add_example(out, example);
    votable_group_open(out, "inputParams", NULL);
    add_id_param(out, NULL);
    add_format_param(out);
    votable_group_close(out);
    votable_resource_close(out);
}
