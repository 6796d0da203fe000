/* Any body: its IDs, or its failure, do not depend on the pieces that it comes in, and
 * there are no more of them than the limit says, or than it has bytes. */
#include "bulk/bulk_upload.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 50 };

struct result {
    enum status status;
    int64_t ids;
    char last[2048];
};

static void read_in_pieces(const char *body, size_t size, size_t piece,
                           struct result *out)
{
    struct bulk_ids *ids = bulk_ids_open(LIMIT);
    struct failure failure = {0};
    struct bulk_upload *upload;
    struct params params;
    struct arena arena;
    const char *id = "";
    enum status status;

    arena_init(&arena);
    params_init(&params, &arena);
    status = bulk_upload_open("multipart/form-data; boundary=b", &params, ids, &upload,
                              &failure);
    assert(!status);
    for (size_t at = 0; at < size && !status; at += piece)
        status = bulk_upload_add(upload, body + at, size - at < piece ? size - at : piece,
                                 &failure);
    if (!status)
        status = bulk_upload_end(upload, &failure);
    *out = (struct result){.status = status, .ids = bulk_ids_count(ids)};
    while (!status && id) {
        strcpy(out->last, id);
        assert(bulk_ids_next(ids, &id, &failure) == STATUS_OK);
    }
    bulk_upload_close(upload);
    bulk_ids_close(ids);
    arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t pieces[] = {1, 7, 1000};
    const char *body = (const char *)data;
    struct result whole, other;

    if (size == 0)
        return 0;
    read_in_pieces(body, size, size, &whole);
    assert(whole.ids <= LIMIT && whole.ids <= (int64_t)size);
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        read_in_pieces(body, size, pieces[i], &other);
        assert(whole.status == other.status);
        if (!whole.status)
            assert(whole.ids == other.ids && strcmp(whole.last, other.last) == 0);
    }
    return 0;
}
