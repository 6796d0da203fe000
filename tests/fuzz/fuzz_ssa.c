/* Any text: a list that is accepted has items whose ends are in order, as numbers and as
 * dates. */
#include "protocol/ssa_ranges.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_item(const struct ssa_item *item)
{
    struct catalogue_range range;
    struct failure failure;

    if (ssa_range_of_numbers("BAND", item, &range, &failure) == STATUS_OK)
        assert(range.first <= range.last);
    else
        assert(strncmp(failure.message, "BAND", 4) == 0);
    if (ssa_range_of_dates("TIME", item, &range, &failure) == STATUS_OK)
        assert(range.first <= range.last);
    else
        assert(strncmp(failure.message, "TIME", 4) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[1024] = "";
    struct ssa_list list;
    struct failure failure;
    struct arena arena;

    if (size >= sizeof(text))
        return 0;
    memcpy(text, data, size);
    arena_init(&arena);
    if (ssa_list_read("BAND", text, &arena, &list, &failure) == STATUS_OK) {
        assert(list.count >= 1 && list.count <= SSA_LIST_LENGTH);
        for (size_t i = 0; i < list.count; i++)
            read_item(&list.items[i]);
    }
    arena_finish(&arena);
    return 0;
}
