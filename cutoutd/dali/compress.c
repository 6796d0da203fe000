#include "dali/compress.h"

#include "base/cleanup.h"

#include <libdeflate.h>
#include <stdlib.h>

/* The quickest: VOTables are so repetitive that it takes nine tenths off them. */
enum { LEVEL = 1 };

DEFINE_AUTO(struct libdeflate_compressor, libdeflate_free_compressor)

void compress_answer(struct response *response)
{
    AUTO(libdeflate_free_compressor)
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(LEVEL);
    struct buffer *plain = &response->bytes;
    struct buffer packed = {0};
    size_t room;

    if (!compressor)
        abort();
    if (response->kind != BODY_BYTES || plain->length == 0)
        return;
    room = libdeflate_gzip_compress_bound(compressor, plain->length);
    buffer_added(&packed,
                 libdeflate_gzip_compress(compressor, plain->bytes, plain->length,
                                          buffer_room(&packed, room), room));
    buffer_finish(plain);
    *plain = packed;
    response_header_add(response, "Content-Encoding", "gzip");
}
