#include "archive/search.h"

#include "archive/archive_reader.h"

enum status archive_search_next(struct archive_reader *reader,
                                struct catalogue_search *search, int64_t nanoseconds,
                                struct catalogue_hit *out, size_t most, size_t *count,
                                bool *has_ended, struct failure *failure)
{
    archive_reader_keep_up(reader);
    if (reader->catalogue)
        return catalogue_search_next(search, reader->catalogue, nanoseconds, out, most,
                                     count, has_ended, failure);
    *count = 0;
    *has_ended = true;
    return STATUS_OK;
}

void archive_search_hold(struct archive_reader *reader)
{
    archive_reader_keep_up(reader);
    if (reader->catalogue)
        catalogue_hold(reader->catalogue);
}

void archive_search_release(struct archive_reader *reader)
{
    if (reader->catalogue)
        catalogue_release(reader->catalogue);
}

enum status archive_search_entry(struct archive_reader *reader, int64_t number,
                                 struct arena *arena, struct entry *out,
                                 struct failure *failure)
{
    if (!reader->catalogue)
        return failure_set(failure, STATUS_NOT_FOUND, "%s", "");
    return catalogue_find_number(reader->catalogue, number, arena, out, failure);
}
