/* Any bytes from a worker: what is accepted is exactly what would be sent for it. */
#include "archive/reading.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reading reading;
    struct failure failure;
    struct buffer again;

    reading_init(&reading);
    if (reading_unpack(data, size, &reading, &failure) == STATUS_OK) {
        buffer_init(&again);
        reading_pack(&reading, &again);
        assert(again.length == size && memcmp(again.bytes, data, size) == 0);
        buffer_finish(&again);
    } else {
        assert(failure.status == STATUS_SYSTEM && reading.count == 0);
    }
    reading_finish(&reading);
    return 0;
}
