/* Any document: its cells, or that it has none, do not depend on the pieces that it comes
 * in; there are no more of them than it has bytes, and none is long. */
#include "base/checksum.h"
#include "format/votable_column.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct cells {
    enum status status;
    size_t count;
    uint64_t checksum;
};

static int rank(const char *name, const char *ucd)
{
    return strcmp(name, "ID") == 0 ? 2 : strcmp(ucd, "meta.id") == 0;
}

static enum status take(void *state, const char *text, size_t length,
                        struct failure *failure)
{
    struct cells *cells = state;

    (void)failure;
    assert(length <= VOTABLE_CELL);
    cells->count++;
    cells->checksum = checksum_chain(cells->checksum, text, length);
    return STATUS_OK;
}

static struct cells read_in_pieces(const char *document, size_t size, size_t piece)
{
    struct cells cells = {.status = STATUS_OK};
    struct votable_column *column =
        votable_column_open((struct votable_wish){rank, take, &cells, "no ID"});
    struct failure failure = {.message = ""};

    for (size_t at = 0; at < size && !cells.status; at += piece)
        cells.status = votable_column_add(
            column, document + at, size - at < piece ? size - at : piece, &failure);
    if (!cells.status)
        cells.status = votable_column_end(column, &failure);
    assert(!cells.status || (cells.status == STATUS_BAD_PARAMETER && *failure.message));
    votable_column_close(column);
    return cells;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t pieces[] = {1, 7, 1000};
    const char *document = (const char *)data;
    struct cells whole;

    if (size == 0)
        return 0;
    whole = read_in_pieces(document, size, size);
    assert(whole.count <= size);
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct cells other = read_in_pieces(document, size, pieces[i]);

        assert(whole.status == other.status);
        assert(whole.status ||
               (whole.count == other.count && whole.checksum == other.checksum));
    }
    return 0;
}
