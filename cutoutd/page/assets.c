#include "page/assets.h"

#include <string.h>

const char *asset_hashed(const char *name)
{
    const struct asset *asset = assets;

    while (strcmp(asset->name, name) != 0)
        asset++;
    return asset->hashed;
}

static void respond(const struct asset *asset, const struct request *request,
                    struct response *response)
{
    struct buffer *out = response_bytes(response, 200, asset->content_type);
    bool is_gzip = request_accepts_gzip(request);

    buffer_add(out, is_gzip ? asset->gzip : asset->bytes,
               is_gzip ? asset->gzip_length : asset->length);
    if (is_gzip)
        response_header_add(response, "Content-Encoding", "gzip");
    response_header_add(response, "Vary", "Accept-Encoding");
    response_header_add(response, "Cache-Control", "public, max-age=31536000, immutable");
    response_header_add(response, "X-Content-Type-Options", "nosniff");
}

enum status assets_serve(void *context, const struct request *request,
                         struct response *response, struct failure *failure)
{
    (void)context;
    for (const struct asset *asset = assets; asset->name; asset++) {
        if (strcmp(asset->hashed, request->rest) == 0) {
            respond(asset, request, response);
            return STATUS_OK;
        }
    }
    return failure_set(failure, STATUS_NOT_FOUND, "no such asset");
}
