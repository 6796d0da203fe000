#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/catalogue_place.h"
#include "archive/catalogue.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- transactions ---- */

static void what_is_not_committed_is_not_there(void **state)
{
    struct place *place = *state;
    struct catalogue *reader = open_reader(place);
    struct entry entry = entry_of(place, "b", 1);

    add(place, "a", 1);
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place, catalogue_put_spectrum(place->writer, &entry, 1, &place->failure));
    assert_true(has(place, place->writer, "b"));
    assert_false(has(place, reader, "b"));
    catalogue_roll_back(place->writer);
    catalogue_roll_back(place->writer); /* nothing to do */
    assert_false(has(place, place->writer, "b"));

    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place, catalogue_put_spectrum(place->writer, &entry, 1, &place->failure));
    catalogue_close(place->writer);
    ASSERT_OK(place, catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                                    &place->failure));
    assert_false(has(place, place->writer, "b"));
    assert_true(has(place, place->writer, "a"));
    assert_int_equal(live_in(place, 1), RECORD_SIZE);
    catalogue_close(reader);
}

static void nothing_changes_outside_a_transaction(void **state)
{
    struct place *place = *state;
    struct entry entry = entry_of(place, "a", 1);
    struct catalogue_file file = {.path = "a.fits"};
    struct catalogue_shard shard = {.number = 1};
    int64_t ignored;

    assert_int_equal(catalogue_put_spectrum(place->writer, &entry, 1, &place->failure),
                     STATUS_SYSTEM);
    assert_int_equal(catalogue_put_file(place->writer, &file, &ignored, &place->failure),
                     STATUS_SYSTEM);
    assert_int_equal(catalogue_put_shard(place->writer, &shard, &place->failure),
                     STATUS_SYSTEM);
    assert_int_equal(catalogue_forget_shard(place->writer, 1, &place->failure),
                     STATUS_SYSTEM);
    assert_int_equal(catalogue_delete_spectra(place->writer, 1, NULL, 0, "", &ignored,
                                              &place->failure),
                     STATUS_SYSTEM);
    assert_int_equal(catalogue_commit(place->writer, &place->failure), STATUS_SYSTEM);
}

static void the_generation_changes_with_every_commit(void **state)
{
    struct place *place = *state;
    struct catalogue *reader = open_reader(place);
    uint64_t before = catalogue_generation(reader);

    assert_true(catalogue_generation(reader) == before);
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    assert_true(catalogue_generation(reader) == before);
    put_file(place, "a.fits");
    catalogue_roll_back(place->writer);
    assert_true(catalogue_generation(reader) == before);
    for (int i = 0; i < 3; i++) {
        add(place, arena_format(&place->arena, "%d", i), 1);
        assert_true(catalogue_generation(reader) != before);
        assert_true(catalogue_generation(place->writer) == catalogue_generation(reader));
        before = catalogue_generation(reader);
    }
    catalogue_close(place->writer); /* and over the end of a writer */
    place->writer = NULL;
    assert_true(catalogue_generation(reader) == before);
    ASSERT_OK(place, catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                                    &place->failure));
    add(place, "after", 1);
    assert_true(catalogue_generation(reader) != before);
    catalogue_close(reader);
}

/* Put the count that a writer leaves who is killed in the middle of a commit. */
static void leave_odd_count(struct place *place)
{
    static const uint64_t odd = 4711;
    int fd = open(arena_format(&place->arena, "%s/catalogue.generation", place->folder),
                  O_WRONLY);

    assert_int_equal(pwrite(fd, &odd, sizeof(odd), 0), sizeof(odd));
    close(fd);
}

static void the_generation_is_right_without_its_count(void **state)
{
    struct place *place = *state;
    struct catalogue *with_odd = open_reader(place), *without;
    uint64_t before[2];

    unlink(arena_format(&place->arena, "%s/catalogue.generation", place->folder));
    without = open_reader(place);
    close(open(arena_format(&place->arena, "%s/catalogue.generation", place->folder),
               O_CREAT | O_WRONLY, 0644));
    before[0] = catalogue_generation(without);
    assert_true(catalogue_generation(without) == before[0]);
    add(place, "a", 1);
    assert_true(catalogue_generation(without) != before[0]);
    catalogue_close(without);
    catalogue_close(with_odd);

    catalogue_close(place->writer); /* makes the count anew */
    ASSERT_OK(place, catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                                    &place->failure));
    with_odd = open_reader(place);
    leave_odd_count(place);
    before[0] = catalogue_generation(with_odd);
    assert_true(catalogue_generation(with_odd) == before[0]);
    catalogue_close(place->writer); /* settles the count */
    ASSERT_OK(place, catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                                    &place->failure));
    before[1] = catalogue_generation(with_odd);
    assert_true(before[1] == 4712);
    add(place, "b", 1);
    assert_true(catalogue_generation(with_odd) != before[1]);
    catalogue_close(with_odd);
}

static void a_killed_writer_leaves_the_last_commit(void **state)
{
    struct place *place = *state;
    struct entry entry = entry_of(place, "b", 1);
    int killed;
    pid_t child;

    add(place, "a", 1);
    catalogue_close(place->writer);
    place->writer = NULL;
    child = fork();
    if (child == 0) {
        if (catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                           &place->failure) ||
            catalogue_begin(place->writer, &place->failure) ||
            catalogue_put_spectrum(place->writer, &entry, 1, &place->failure))
            _exit(1);
        kill(getpid(), SIGKILL);
    }
    waitpid(child, &killed, 0);
    assert_true(WIFSIGNALED(killed));
    ASSERT_OK(place, catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                                    &place->failure));
    assert_true(has(place, place->writer, "a"));
    assert_false(has(place, place->writer, "b"));
}

/* ---- reading while somebody writes ---- */

enum { BATCHES = 60, BATCH = 50 };

static enum status write_batch(struct catalogue *writer, int batch,
                               struct failure *failure)
{
    enum status status = catalogue_begin(writer, failure);

    for (int i = 0; !status && i < BATCH; i++) {
        struct entry entry;
        char path[32];

        entry_init(&entry);
        snprintf(path, sizeof(path), "%d", i);
        entry.path = path;
        entry.obsid = 1;
        entry.shard = batch;
        entry.record_offset = 64;
        entry.record_size = RECORD_SIZE;
        entry.lmjd = batch;
        status = catalogue_put_spectrum(writer, &entry, 1, failure);
    }
    return status ? status : catalogue_commit(writer, failure);
}

/* Returns NULL, or its argument if something failed. */
static void *write_batches(void *writer)
{
    struct failure failure;

    for (int batch = 1; batch <= BATCHES; batch++)
        if (write_batch(writer, batch, &failure))
            return writer;
    return NULL;
}

/* All rows of the batch that the first is of; the number of that batch, 0 while there is
 * none. */
static int64_t read_whole_batch(struct place *place, struct catalogue *reader)
{
    struct entry *entries;
    size_t count;

    ASSERT_OK(place, catalogue_list(reader, CATALOGUE_BY_OBSID, "1", 1000, &place->arena,
                                    &entries, &count, &place->failure));
    if (count == 0)
        return 0;
    assert_int_equal(count, BATCH);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(entries[i].lmjd, entries[0].lmjd);
    return entries[0].lmjd;
}

static void a_reader_sees_whole_batches_only(void **state)
{
    struct place *place = *state;
    struct catalogue *reader = open_reader(place);
    uint64_t generation = catalogue_generation(reader);
    int64_t last = 0;
    void *fault;
    pthread_t writer;

    assert_int_equal(pthread_create(&writer, NULL, write_batches, place->writer), 0);
    while (last < BATCHES) {
        uint64_t now = catalogue_generation(reader);
        int64_t batch = read_whole_batch(place, reader);

        assert_true(batch >= last);
        if (now == generation) /* what was remembered under it must hold */
            assert_true(batch == last || catalogue_generation(reader) != now);
        generation = now;
        last = batch;
        arena_reset(&place->arena);
    }
    pthread_join(writer, &fault);
    assert_null(fault);
    catalogue_close(reader);
}

/* ---- opening ---- */

static int files_in(const char *folder)
{
    DIR *entries = opendir(folder);
    int count = 0;

    while (readdir(entries))
        count++;
    closedir(entries);
    return count - 2;
}

static void reading_makes_no_catalogue(void **state)
{
    char folder[FOLDER_LENGTH];
    struct catalogue *reader = NULL;
    struct failure failure;

    (void)state;
    folder_make(folder);
    assert_int_equal(catalogue_open(folder, CATALOGUE_READ, &reader, &failure),
                     STATUS_NOT_FOUND);
    assert_int_equal(files_in(folder), 0);
    assert_int_equal(catalogue_open("/nonexistent", CATALOGUE_READ, &reader, &failure),
                     STATUS_NOT_FOUND);
    assert_int_equal(catalogue_open("/nonexistent", CATALOGUE_WRITE, &reader, &failure),
                     STATUS_SYSTEM);
    assert_null(reader);
    catalogue_close(NULL);
    folder_remove(folder);
}

static void write_file(struct place *place, const char *name, off_t offset,
                       const void *bytes, size_t size)
{
    int fd = open(arena_format(&place->arena, "%s/%s", place->folder, name),
                  O_WRONLY | O_CREAT, 0644);

    assert_int_equal(pwrite(fd, bytes, size, offset), size);
    close(fd);
}

/* The format's number and the application's lie at bytes 60 and 68 of an SQLite file
 * (fileformat2, section 1.3). */
static void catalogues_that_are_not_ours_are_refused(void **state)
{
    static const struct {
        off_t offset;
        const char *bytes;
        size_t size;
        const char *message;
    } rows[] = {
        {60, "\1\2\3\4", 4, "run cutoutd ingest"},
        {68, "abcd", 4, "not a catalogue of cutoutd"},
        {0, "This is some text, not a database", 33, "not a database"},
    };
    struct place *place = *state;

    add(place, "a", 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct catalogue *other = NULL;

        catalogue_close(place->writer);
        place->writer = NULL;
        write_file(place, "catalogue.sqlite", rows[i].offset, rows[i].bytes,
                   rows[i].size);
        for (int mode = CATALOGUE_READ; mode <= CATALOGUE_WRITE; mode++) {
            assert_int_equal(catalogue_open(place->folder, (enum catalogue_mode)mode,
                                            &other, &place->failure),
                             STATUS_DAMAGED);
            print_message("%s\n", place->failure.message);
            assert_non_null(strstr(place->failure.message, rows[i].message));
        }
        assert_null(other);
        unlink(arena_format(&place->arena, "%s/catalogue.sqlite", place->folder));
        ASSERT_OK(place, catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                                        &place->failure));
    }
}

static void a_file_that_is_still_empty_has_nothing_to_read(void **state)
{
    struct place *place = *state;
    struct catalogue *reader;

    catalogue_close(place->writer);
    unlink(arena_format(&place->arena, "%s/catalogue.sqlite", place->folder));
    write_file(place, "catalogue.sqlite", 0, "", 0);
    assert_int_equal(
        catalogue_open(place->folder, CATALOGUE_READ, &reader, &place->failure),
        STATUS_NOT_FOUND);
    ASSERT_OK(place, catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                                    &place->failure));
    add(place, "a", 1);
}

/* ---- a full disk ---- */

/* A limit on the size of files stands for a full disk: SQLite's writes fail in the same
 * manner. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static enum status fill(struct place *place, int spectra)
{
    enum status status = catalogue_begin(place->writer, &place->failure);

    for (int i = 0; !status && i < spectra; i++) {
        struct entry entry =
            entry_of(place, arena_format(&place->arena, "some/folder/spectrum-%d", i), 2);

        status = catalogue_put_spectrum(place->writer, &entry, i, &place->failure);
        arena_reset(&place->arena);
    }
    return status ? status : catalogue_commit(place->writer, &place->failure);
}

static void a_full_disk_costs_the_transaction_and_no_more(void **state)
{
    enum { MANY = 20000 };
    struct place *place = *state;
    struct catalogue *reader = open_reader(place);
    uint64_t generation;

    add(place, "a", 1);
    generation = catalogue_generation(reader);
    limit_files(1000000);
    assert_int_equal(fill(place, MANY), STATUS_NO_SPACE);
    print_message("%s\n", place->failure.message);
    catalogue_roll_back(place->writer);
    assert_true(has(place, reader, "a"));
    assert_false(has(place, reader, "some/folder/spectrum-0"));
    assert_int_equal(summary_of(place, reader).spectra, 1);
    limit_files(RLIM_INFINITY);
    assert_int_equal(fill(place, MANY), STATUS_OK);
    assert_true(catalogue_generation(reader) != generation);
    assert_int_equal(summary_of(place, reader).spectra, MANY + 1);
    catalogue_close(reader);
}

/* ---- copies ---- */

static void a_copy_that_failed_leaves_nothing(void **state)
{
    struct place *place = *state;
    const char *path;

    assert_int_equal(fill(place, 5000), STATUS_OK);
    path = arena_format(&place->arena, "%s/copy", place->folder);
    limit_files(100000);
    assert_int_equal(catalogue_copy(place->writer, path, &place->failure),
                     STATUS_NO_SPACE);
    limit_files(RLIM_INFINITY);
    assert_int_not_equal(access(path, F_OK), 0);
    ASSERT_OK(place, catalogue_copy(place->writer, path, &place->failure));
}

static void a_copy_is_a_catalogue_of_that_moment(void **state)
{
    struct place *place = *state, copy = {.writer = NULL};
    struct catalogue *reader = open_reader(place), *copied;
    const char *path;

    add(place, "a", 1);
    folder_make(copy.folder);
    path = arena_format(&place->arena, "%s/catalogue.sqlite", copy.folder);
    ASSERT_OK(place, catalogue_copy(reader, path, &place->failure));
    add(place, "b", 1);
    assert_int_equal(catalogue_copy(reader, path, &place->failure), STATUS_SYSTEM);
    copied = open_reader(&copy);
    assert_true(has(place, copied, "a"));
    assert_false(has(place, copied, "b"));
    assert_true(catalogue_generation(copied) == catalogue_generation(copied));
    catalogue_close(copied);
    catalogue_close(reader);

    arena_init(&copy.arena); /* and it can be written on */
    ASSERT_OK(&copy,
              catalogue_open(copy.folder, CATALOGUE_WRITE, &copy.writer, &copy.failure));
    add(&copy, "c", 2);
    assert_int_equal(catalogue_next_shard(copy.writer), 3);
    catalogue_close(copy.writer);
    arena_finish(&copy.arena);
    folder_remove(copy.folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(what_is_not_committed_is_not_there),
        WITH_PLACE(nothing_changes_outside_a_transaction),
        WITH_PLACE(the_generation_changes_with_every_commit),
        WITH_PLACE(the_generation_is_right_without_its_count),
        WITH_PLACE(a_killed_writer_leaves_the_last_commit),
        WITH_PLACE(a_reader_sees_whole_batches_only),
        cmocka_unit_test(reading_makes_no_catalogue),
        WITH_PLACE(catalogues_that_are_not_ours_are_refused),
        WITH_PLACE(a_file_that_is_still_empty_has_nothing_to_read),
        WITH_PLACE(a_full_disk_costs_the_transaction_and_no_more),
        WITH_PLACE(a_copy_that_failed_leaves_nothing),
        WITH_PLACE(a_copy_is_a_catalogue_of_that_moment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
