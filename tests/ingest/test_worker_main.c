#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/tree.h"
#include "archive/worker.h"
#include "base/checksum.h"
#include "base/file.h"
#include "fits_writer.h"
#include "ingest/worker_main.h"

/* The program is its own worker: asked for the command "worker" it answers questions. */

enum { N = 3 };

struct desk {
    char folder[FOLDER_LENGTH];
    struct worker *worker;
};

static void write_spectrum(struct buffer *fits, int obsid)
{
    static const double rows[5][N] = {
        {1, 2, 3}, {1, 1, 1}, {4000, 4001, 4002}, {0, 0, 0}, {0, 0, 0}};

    fits_add_image_head(fits, -32, N, 5);
    fits_add_card(fits, "TELESCOP= 'LAMOST  '");
    fits_add_card(fits, "OBSID   = %20d", obsid);
    fits_add_card(fits, "EXTEN0  = 'Flux, Inverse, Wavelength, Andmask, Ormask'");
    fits_end_header(fits);
    for (int row = 0; row < 5; row++)
        for (int i = 0; i < N; i++)
            fits_add_number(fits, 'E', rows[row][i]);
    fits_end_data(fits);
}

/* A spectrum at this path, written `seconds` after 1970; the checksum of its bytes. */
static uint64_t put_spectrum(const struct desk *desk, const char *path, int obsid,
                             time_t seconds)
{
    struct failure failure;
    struct buffer fits;
    uint64_t checksum;
    int fd;

    buffer_init(&fits);
    write_spectrum(&fits, obsid);
    tree_write(desk->folder, path, "", seconds);
    fd = open(tree_path(desk->folder, path), O_WRONLY);
    assert_int_equal(file_write(fd, fits.bytes, fits.length, &failure), STATUS_OK);
    futimens(fd, (struct timespec[]){{.tv_sec = seconds}, {.tv_sec = seconds}});
    close(fd);
    checksum = checksum_of(fits.bytes, fits.length);
    buffer_finish(&fits);
    return checksum;
}

static int open_desk(void **state)
{
    struct desk *desk = calloc(1, sizeof(*desk));
    struct worker_settings settings = {.archive_folder = desk->folder, .seconds = 20};
    struct failure failure;

    folder_make(desk->folder);
    assert_int_equal(worker_open(&settings, &desk->worker, &failure), STATUS_OK);
    *state = desk;
    return 0;
}

static int close_desk(void **state)
{
    struct desk *desk = *state;

    worker_close(desk->worker);
    folder_remove(desk->folder);
    free(desk);
    return 0;
}

static void ask(const struct desk *desk, enum worker_question_kind kind, const char *path,
                const uint64_t *expected, struct reading *out)
{
    struct failure failure;

    reading_init(out);
    assert_int_equal(worker_ask(desk->worker, kind, path, expected, &failure), STATUS_OK);
    assert_int_equal(worker_take(desk->worker, out, &failure), STATUS_OK);
}

static void a_file_is_read_with_all_that_is_known_of_it(void **state)
{
    struct desk *desk = *state;
    uint64_t checksum = put_spectrum(desk, "2011/a.fits", 17, 1000);
    struct reading reading;

    ask(desk, WORKER_READ_FILE, "2011/a.fits", NULL, &reading);
    assert_int_equal(reading.outcome, READING_SPECTRA);
    assert_string_equal(reading.file, "2011/a.fits");
    assert_int_equal(reading.file_size, 2 * FITS_BLOCK);
    assert_int_equal(reading.file_mtime, 1000 * (int64_t)1000000000);
    assert_true(reading.file_checksum == checksum);
    assert_int_equal(reading.count, 1);
    assert_string_equal(reading.spectra[0].entry.path, "2011/a");
    assert_int_equal(reading.spectra[0].entry.obsid, 17);
    assert_int_equal(reading.spectra[0].entry.file_mtime, reading.file_mtime);
    assert_int_equal(reading.spectra[0].entry.file_size, reading.file_size);
    reading_finish(&reading);
}

static void a_known_content_is_not_parsed_again(void **state)
{
    struct desk *desk = *state;
    uint64_t checksum = put_spectrum(desk, "a.fits", 17, 1000);
    uint64_t other = checksum + 1;
    struct reading reading;

    ask(desk, WORKER_READ_FILE, "a.fits", &checksum, &reading);
    assert_int_equal(reading.outcome, READING_UNCHANGED);
    assert_int_equal(reading.file_mtime, 1000 * (int64_t)1000000000);
    reading_finish(&reading);
    ask(desk, WORKER_READ_FILE, "a.fits", &other, &reading);
    assert_int_equal(reading.outcome, READING_SPECTRA);
    reading_finish(&reading);
}

static void of_two_forms_the_newer_is_found(void **state)
{
    static const struct {
        time_t plain, gzipped; /* 0: there is none */
        const char *file;      /* NULL: absent */
    } rows[] = {
        {1000, 0, "a.fits"},    {0, 1000, "a.fits.gz"}, {1000, 1001, "a.fits.gz"},
        {1001, 1000, "a.fits"}, {1000, 1000, "a.fits"}, {0, 0, NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct desk *desk = *state;
        struct reading reading;

        print_message("row %zu\n", i);
        unlink(tree_path(desk->folder, "a.fits"));
        unlink(tree_path(desk->folder, "a.fits.gz"));
        if (rows[i].plain)
            put_spectrum(desk, "a.fits", 1, rows[i].plain);
        if (rows[i].gzipped)
            put_spectrum(desk, "a.fits.gz", 2, rows[i].gzipped);
        ask(desk, WORKER_FIND_FILE, "a", NULL, &reading);
        assert_int_equal(reading.outcome,
                         rows[i].file ? READING_SPECTRA : READING_ABSENT);
        if (rows[i].file) {
            assert_string_equal(reading.file, rows[i].file);
            assert_string_equal(reading.spectra[0].entry.file, rows[i].file);
            assert_string_equal(reading.spectra[0].entry.path, "a");
        }
        reading_finish(&reading);
    }
}

static void what_cannot_be_read_is_told_apart(void **state)
{
    struct desk *desk = *state;
    char elsewhere[] = "/tmp/elsewhere.XXXXXX";
    static const struct {
        const char *path;
        enum reading_outcome outcome;
        const char *reason;
    } rows[] = {
        {"none.fits", READING_ABSENT, NULL},
        {"none/none.fits", READING_ABSENT, NULL},
        {"good.fits/x.fits", READING_ABSENT, NULL},
        {"", READING_ABSENT, NULL},
        {"folder.fits", READING_REFUSED, "not a regular file"},
        {"pipe.fits", READING_REFUSED, "not a regular file"},
        {"away.fits", READING_REFUSED, "a link that leads out of the archive"},
        {"../x.fits", READING_REFUSED, "a link that leads out of the archive"},
        {"/etc/passwd", READING_REFUSED, "a link that leads out of the archive"},
        {"inside.fits", READING_SPECTRA, NULL},
        {"empty.fits", READING_REFUSED, "not a FITS file"},
        {"good.fits", READING_SPECTRA, NULL},
    };

    close(mkstemp(elsewhere));
    put_spectrum(desk, "good.fits", 1, 1000);
    tree_write(desk->folder, "empty.fits", "", 1000);
    mkdir(tree_path(desk->folder, "folder.fits"), 0755);
    mkfifo(tree_path(desk->folder, "pipe.fits"), 0644);
    tree_link(desk->folder, "away.fits", elsewhere);
    tree_link(desk->folder, "inside.fits", "good.fits");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reading reading;

        print_message("'%s'\n", rows[i].path);
        ask(desk, WORKER_READ_FILE, rows[i].path, NULL, &reading);
        assert_int_equal(reading.outcome, rows[i].outcome);
        if (rows[i].reason)
            assert_string_equal(reading.reason, rows[i].reason);
        reading_finish(&reading);
    }
    unlink(elsewhere);
}

static void a_file_too_large_is_refused_unread(void **state)
{
    struct desk *desk = *state;
    struct reading reading;

    tree_write(desk->folder, "large.fits", "", 1000);
    assert_int_equal(truncate(tree_path(desk->folder, "large.fits"), (256 << 20) + 1), 0);
    ask(desk, WORKER_READ_FILE, "large.fits", NULL, &reading);
    assert_int_equal(reading.outcome, READING_REFUSED);
    assert_string_equal(reading.reason, "larger than any spectrum");
    reading_finish(&reading);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_read_with_all_that_is_known_of_it,
                                        open_desk, close_desk),
        cmocka_unit_test_setup_teardown(a_known_content_is_not_parsed_again, open_desk,
                                        close_desk),
        cmocka_unit_test_setup_teardown(of_two_forms_the_newer_is_found, open_desk,
                                        close_desk),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_told_apart, open_desk,
                                        close_desk),
        cmocka_unit_test_setup_teardown(a_file_too_large_is_refused_unread, open_desk,
                                        close_desk),
    };

    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return worker_main();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
