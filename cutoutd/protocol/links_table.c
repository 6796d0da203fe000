#include "protocol/links_table.h"

#include "format/votable.h"

const char LINKS_ID_FIELD[] = "ID";

static const struct votable_field fields[] = {
    {.id = LINKS_ID_FIELD,
     .name = "ID",
     .datatype = "char",
     .arraysize = "*",
     .ucd = "meta.id;meta.main",
     .description = "The identifier as it was asked for"},
    {.name = "access_url",
     .datatype = "char",
     .arraysize = "*",
     .ucd = "meta.ref.url",
     .description = "Where to get it"},
    {.name = "service_def",
     .datatype = "char",
     .arraysize = "*",
     .ucd = "meta.ref",
     .description = "XML ID of the service's descriptor in this document"},
    {.name = "error_message",
     .datatype = "char",
     .arraysize = "*",
     .ucd = "meta.code.error",
     .description = "Why there is no link"},
    {.name = "description",
     .datatype = "char",
     .arraysize = "*",
     .ucd = "meta.note",
     .description = "What it is"},
    {.name = "semantics",
     .datatype = "char",
     .arraysize = "*",
     .ucd = "meta.code",
     .description = "How it relates to the identifier"},
    {.name = "content_type",
     .datatype = "char",
     .arraysize = "*",
     .ucd = "meta.code.mime",
     .description = "Its media type"},
    {.name = "content_length",
     .datatype = "long",
     .unit = "byte",
     .ucd = "phys.size;meta.file",
     .null = "-1",
     .description = "Its size"},
    {.name = "content_qualifier",
     .datatype = "char",
     .arraysize = "*",
     .description = "What kind of data product it is"},
    {.name = "local_semantics",
     .datatype = "char",
     .arraysize = "*",
     .ucd = "meta.id.assoc",
     .description = "The same for all links of a kind in this service"},
    {.name = "link_auth",
     .datatype = "char",
     .arraysize = "*",
     .ucd = "meta.code",
     .description = "Whether one has to say who one is"},
    {.name = "link_authorized",
     .datatype = "boolean",
     .ucd = "meta.code",
     .description = "Whether the caller may follow the link"},
};

void links_table_fields(struct buffer *out)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        votable_field(out, &fields[i]);
}

void links_table_row(struct buffer *out, const struct link *link)
{
    votable_row_open(out);
    votable_cell_text(out, link->id);
    votable_cell_text(out, link->access_url);
    votable_cell_text(out, link->service_def);
    votable_cell_text(out, link->error_message);
    votable_cell_text(out, link->description);
    votable_cell_text(out, link->semantics);
    votable_cell_text(out, link->content_type);
    if (link->content_length == LINK_LENGTH_UNKNOWN)
        votable_cell_text(out, NULL);
    else
        votable_cell_integer(out, link->content_length);
    votable_cell_text(out, link->content_qualifier);
    votable_cell_text(out, link->local_semantics);
    votable_cell_text(out, link->error_message ? NULL : "false");
    votable_cell_text(out, link->error_message ? NULL : "T");
    votable_row_close(out);
}
