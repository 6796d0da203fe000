/*
 * Any text in the headers that conditions, dates and ranges are read from: a range lies
 * within the body, a date is spelled as it was read, and a list that has our tag in it as
 * an item of its own is seen to have it.
 */
#include "dali/conditional.h"
#include "dali/http_date.h"
#include "dali/range.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_range(const char *text)
{
    static const int64_t lengths[] = {0, 1, 1000, INT64_MAX};

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        int64_t first = -1, count = -1;

        if (range_read(text, lengths[i], &first, &count) != RANGE_PART)
            continue;
        assert(first >= 0 && count > 0);
        assert(first < lengths[i] && count <= lengths[i] - first);
    }
}

static void check_date(const char *text)
{
    char again[HTTP_DATE_LENGTH];
    int64_t seconds;

    if (!http_date_read(text, &seconds))
        return;
    http_date_write(seconds, again);
    assert(strcmp(text, again) == 0);
}

static void check_conditions(const char *text)
{
    static const char *const names[] = {"If-Match", "If-None-Match", "If-Modified-Since",
                                        "If-Unmodified-Since", "If-Range"};
    static const struct validators validators = {.tag = 1, .modified = 784111777};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct header header = {names[i], text};
        struct arena arena;
        struct request request = {
            .method = METHOD_GET, .headers = &header, .header_count = 1, .arena = &arena};

        arena_init(&arena);
        conditional_evaluate(&request, &validators);
        conditional_allows_range(&request, &validators);
        arena_finish(&arena);
    }
}

/* Our tag ahead of whatever the text holds. */
static void check_list(const char *text)
{
    static const struct validators validators = {.tag = 1, .modified = -1};
    char tag[CONDITIONAL_TAG_LENGTH];
    struct arena arena;
    struct header header = {.name = "If-None-Match"};
    struct request request = {
        .method = METHOD_HEAD, .headers = &header, .header_count = 1, .arena = &arena};

    arena_init(&arena);
    conditional_tag_write(&validators, tag);
    header.value = arena_format(&arena, "%s , %s", tag, text);
    assert(conditional_evaluate(&request, &validators) == CONDITION_NOT_MODIFIED);
    arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    memcpy(text, data, size);
    text[size] = '\0';
    check_range(text);
    check_date(text);
    check_conditions(text);
    check_list(text);
    free(text);
    return 0;
}
