/* Any text: an identifier that is read is written the same, and a path that is written is
 * read the same. */
#include "archive/identifier.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char AUTHORITY[] = "org.lamost";
static const char COLLECTION[] = "lamost5";

static void write_did(const char *path, struct buffer *out)
{
    identifier_write(out, AUTHORITY, COLLECTION, path);
    buffer_add_char(out, '\0');
}

static void read_and_write(const char *did, struct arena *arena)
{
    const char *path = identifier_read(did, AUTHORITY, COLLECTION, arena);
    struct buffer again;

    if (!path)
        return;
    assert(identifier_is_path(path));
    buffer_init(&again);
    write_did(path, &again);
    assert(strcmp((const char *)again.bytes, did) == 0);
    buffer_finish(&again);
}

static void write_and_read(const char *path, struct arena *arena)
{
    const char *again;
    struct buffer did;

    if (!identifier_is_path(path))
        return;
    buffer_init(&did);
    write_did(path, &did);
    again = identifier_read((const char *)did.bytes, AUTHORITY, COLLECTION, arena);
    assert(did.length - 1 > IDENTIFIER_LENGTH || strcmp(again, path) == 0);
    buffer_finish(&did);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    const char *text;

    arena_init(&arena);
    text = arena_copy(&arena, (const char *)data, size);
    read_and_write(text, &arena);
    write_and_read(text, &arena);
    arena_finish(&arena);
    return 0;
}
