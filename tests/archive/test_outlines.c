#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/catalogue_place.h"
#include "../support/sample_entry.h"
#include "archive/outlines.h"

#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *file_of(struct place *place)
{
    return arena_format(&place->arena, "%s/catalogue.outlines", place->folder);
}

static void put(struct place *place, const struct entry *entry)
{
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place,
              catalogue_put_spectrum(place->writer, entry, put_file(place, entry->file),
                                     &place->failure));
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));
}

static struct outlines *write_and_open(struct place *place)
{
    ASSERT_OK(place, outlines_write(place->writer, place->folder, &place->failure));
    return outlines_open(place->folder, catalogue_generation(place->writer));
}

static bool is_same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void expect_outline_of(const struct outlines *outlines, const struct entry *entry)
{
    struct outline found;

    assert_int_equal(outlines_find(outlines, entry->path, &found), STATUS_OK);
    assert_string_equal(found.path, entry->path);
    assert_string_equal(found.target_class,
                        entry->target_class ? entry->target_class : "");
    assert_string_equal(found.target_subclass,
                        entry->target_subclass ? entry->target_subclass : "");
    assert_true(is_same(found.ra, entry->ra) && is_same(found.dec, entry->dec));
    assert_true(is_same(found.redshift, entry->redshift));
    assert_true(is_same(found.snr, entry->snr));
    assert_int_equal(found.shard, entry->shard);
    assert_int_equal(found.record_offset, entry->record_offset);
    assert_int_equal(found.record_size, entry->record_size);
    assert_int_equal(found.axis_offset, entry->axis_offset);
    assert_int_equal(found.axis_size, entry->axis_size);
    assert_true(found.record_checksum == (uint64_t)entry->record_checksum);
}

static void every_living_spectrum_is_found_by_its_path(void **state)
{
    enum { COUNT = 300 };
    struct place *place = *state;
    struct entry entries[COUNT];
    struct outlines *outlines;
    struct outline found;

    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    for (int i = 0; i < COUNT; i++) {
        struct entry *entry = &entries[i];

        sample_entry(&place->arena, i, entry);
        if (i % 3 == 0)
            entry->target_class = entry->target_subclass = NULL;
        if (i % 5 == 0)
            entry->redshift = entry->ra = (double)NAN;
        ASSERT_OK(place,
                  catalogue_put_spectrum(place->writer, entry,
                                         put_file(place, entry->file), &place->failure));
    }
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));
    outlines = write_and_open(place);
    assert_non_null(outlines);
    for (int i = 0; i < COUNT; i++)
        expect_outline_of(outlines, &entries[i]);
    assert_int_equal(outlines_find(outlines, "path of 300", &found), STATUS_NOT_FOUND);
    assert_int_equal(outlines_find(outlines, "", &found), STATUS_NOT_FOUND);
    outlines_close(outlines);
}

static void an_empty_catalogue_has_none(void **state)
{
    struct place *place = *state;
    struct outlines *outlines = write_and_open(place);
    struct outline found;

    assert_non_null(outlines);
    assert_int_equal(outlines_find(outlines, "a", &found), STATUS_NOT_FOUND);
    outlines_close(outlines);
    outlines_close(NULL);
}

static void what_is_deleted_is_not_found(void **state)
{
    struct place *place = *state;
    struct outlines *outlines;
    struct outline found;
    int64_t count;

    add(place, "a", 1);
    add(place, "b", 1);
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place, catalogue_delete_spectra(place->writer, put_file(place, "a.fits.gz"),
                                              NULL, 0, "2026-01-01T00:00:00", &count,
                                              &place->failure));
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));
    outlines = write_and_open(place);
    assert_int_equal(outlines_find(outlines, "a", &found), STATUS_NOT_FOUND);
    assert_int_equal(outlines_find(outlines, "b", &found), STATUS_OK);
    outlines_close(outlines);
}

/* Those who have it mapped know by the generation. */
static void a_commit_removes_them(void **state)
{
    struct place *place = *state;
    struct outlines *outlines;
    struct outline found;
    uint64_t before;

    add(place, "a", 1);
    outlines = write_and_open(place);
    assert_non_null(outlines);
    before = catalogue_generation(place->writer);
    add(place, "b", 1);
    assert_int_equal(access(file_of(place), F_OK), -1);
    assert_true(before != catalogue_generation(place->writer));
    assert_null(outlines_open(place->folder, before));
    assert_int_equal(outlines_find(outlines, "b", &found), STATUS_NOT_FOUND);
    outlines_close(outlines);
    outlines = write_and_open(place);
    assert_int_equal(outlines_find(outlines, "b", &found), STATUS_OK);
    assert_null(outlines_open(place->folder, before));
    outlines_close(outlines);
}

static void what_is_there_is_not_written_again(void **state)
{
    struct place *place = *state;
    struct stat before, after;

    add(place, "a", 1);
    ASSERT_OK(place, outlines_write(place->writer, place->folder, &place->failure));
    assert_int_equal(stat(file_of(place), &before), 0);
    ASSERT_OK(place, outlines_write(place->writer, place->folder, &place->failure));
    assert_int_equal(stat(file_of(place), &after), 0);
    assert_true(before.st_ino == after.st_ino);
}

/* Whatever byte is wrong: it is not found, or it is what was written. */
static void damage_is_never_believed(void **state)
{
    struct place *place = *state;
    struct entry entry;
    struct outlines *outlines;
    struct stat facts;
    int fd;

    sample_entry(&place->arena, 7, &entry);
    put(place, &entry);
    outlines_close(write_and_open(place));
    fd = open(file_of(place), O_RDWR);
    assert_int_equal(fstat(fd, &facts), 0);
    for (off_t at = 0; at < facts.st_size; at++) {
        struct outline found;
        uint8_t good, bad;

        assert_int_equal(pread(fd, &good, 1, at), 1);
        bad = good ^ 0x21;
        assert_int_equal(pwrite(fd, &bad, 1, at), 1);
        outlines = outlines_open(place->folder, catalogue_generation(place->writer));
        if (outlines && outlines_find(outlines, entry.path, &found) == STATUS_OK)
            expect_outline_of(outlines, &entry);
        outlines_close(outlines);
        assert_int_equal(pwrite(fd, &good, 1, at), 1);
    }
    for (off_t size = facts.st_size - 1; size >= 0; size -= 7) {
        assert_int_equal(ftruncate(fd, size), 0);
        assert_null(outlines_open(place->folder, catalogue_generation(place->writer)));
    }
    close(fd);
}

static void a_full_or_missing_folder_is_told(void **state)
{
    struct place *place = *state;

    add(place, "a", 1);
    assert_int_equal(outlines_write(place->writer, "/nonexistent", &place->failure),
                     STATUS_SYSTEM);
    assert_non_null(strstr(place->failure.message, "/nonexistent/catalogue.outlines"));
    assert_null(outlines_open("/nonexistent", 0));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_PLACE(every_living_spectrum_is_found_by_its_path),
        WITH_PLACE(an_empty_catalogue_has_none),
        WITH_PLACE(what_is_deleted_is_not_found),
        WITH_PLACE(a_commit_removes_them),
        WITH_PLACE(what_is_there_is_not_written_again),
        WITH_PLACE(damage_is_never_believed),
        WITH_PLACE(a_full_or_missing_folder_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
