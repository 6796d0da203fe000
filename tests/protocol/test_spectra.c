#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask.h"

#include <ftw.h>
#include <unistd.h>
#include <zlib.h>

#define STAR "dr7/spec-55859-F5902_sp01-001"
#define BARE "dr1/spec-55862-B6212_sp06-003"
#define MRS "mrs/med-58859-NT054013S012745S01_sp15-092"
#define ODD "odd/a&b \"c\"+d%41\xC3\xA9"

enum { RAW_SIZE = 92160 * 3 }; /* several pieces when inflated */

static char folder[] = "/tmp/test_spectra.XXXXXX";
static uint8_t raw[RAW_SIZE];
static struct sample *bare;

static void write_file(const char *path, const void *bytes, size_t size)
{
    char name[512];
    FILE *file;

    snprintf(name, sizeof(name), "%s/%s", folder, path);
    *strrchr(name, '/') = '\0';
    mkdir(name, 0755);
    snprintf(name, sizeof(name), "%s/%s", folder, path);
    file = fopen(name, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

/* Gzip members of `piece` bytes each. */
static size_t make_gzip(uint8_t *out, size_t room, size_t piece)
{
    z_stream stream = {0};
    size_t size = 0;

    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    for (size_t i = 0; i < RAW_SIZE; i += piece) {
        stream.next_in = raw + i;
        stream.avail_in = (uInt)piece;
        stream.next_out = out + size;
        stream.avail_out = (uInt)(room - size);
        assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
        size = room - stream.avail_out;
        deflateReset(&stream);
    }
    deflateEnd(&stream);
    return size;
}

static uint8_t gzipped[2 * RAW_SIZE];
static size_t gzipped_size;

static int open_samples(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (size_t i = 0; i < RAW_SIZE; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        raw[i] = (uint8_t)(seed >> 60);
    }
    assert_non_null(mkdtemp(folder));
    fake_open();
    fake.folder = folder;
    gzipped_size = make_gzip(gzipped, sizeof(gzipped), RAW_SIZE);
    write_file(STAR ".fits.gz", gzipped, gzipped_size);
    write_file(ODD ".fits.gz", gzipped, gzipped_size);
    write_file(BARE ".fits", raw, RAW_SIZE);
    write_file(MRS ".fits", raw, RAW_SIZE);
    for (int i = 0; i < SAMPLE_COUNT; i++) {
        struct entry *entry = &fake.samples[i].entry;

        entry->file_raw_size = RAW_SIZE;
        entry->file_size = strstr(entry->file, ".gz") ? (int64_t)gzipped_size : RAW_SIZE;
    }
    bare = &fake.samples[1];
    return 0;
}

static int remove_one(const char *path, const struct stat *facts, int type,
                      struct FTW *walk)
{
    (void)facts;
    (void)type;
    (void)walk;
    return remove(path);
}

static int close_samples(void **state)
{
    (void)state;
    fake_close();
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct asked *get(const char *rest, const char *accept_encoding)
{
    struct asked *asked = ask(
        spectra_serve, (struct ask){.rest = rest, .accept_encoding = accept_encoding});

    print_message("%s (%s)\n", rest, accept_encoding ? accept_encoding : "-");
    assert_int_equal(fake.holdings, 0);
    return asked;
}

/* The whole body, whatever it is; as many pieces as it takes. */
static enum status body_of(struct asked *asked, struct buffer *out, int *pieces)
{
    struct producer *producer = &asked->response.producer;
    enum status status = STATUS_OK;
    size_t before;

    *pieces = 0;
    if (asked->response.kind == BODY_FILE)
        return file_read(asked->response.file.fd, "body", 1 << 30, out, &asked->failure);
    assert_int_equal(asked->response.kind, BODY_PRODUCER);
    do {
        before = out->length;
        status = producer->produce(producer->state, out, &asked->failure);
        ++*pieces;
        assert_true(out->length - before <= 64 * 1024);
    } while (!status && out->length > before);
    return status;
}

static void a_file_comes_as_the_client_can_take_it(void **state)
{
    static const struct {
        const char *rest, *accept_encoding;
        bool gzip;
        enum body_kind kind;
        const char *content_type, *content_encoding, *vary, *file;
    } rows[] = {
        {BARE ".fits", NULL, false, BODY_FILE, "application/fits", NULL, NULL,
         "spec-55862-B6212_sp06-003.fits"},
        {BARE ".fits", "gzip", false, BODY_FILE, "application/fits", NULL, NULL,
         "spec-55862-B6212_sp06-003.fits"},
        {STAR ".fits", "gzip, deflate", true, BODY_FILE, "application/fits", "gzip",
         "Accept-Encoding", "spec-55859-F5902_sp01-001.fits"},
        {STAR ".fits", NULL, false, BODY_PRODUCER, "application/fits", NULL,
         "Accept-Encoding", "spec-55859-F5902_sp01-001.fits"},
        {STAR ".fits", "gzip;q=0", false, BODY_PRODUCER, "application/fits", NULL,
         "Accept-Encoding", "spec-55859-F5902_sp01-001.fits"},
        {STAR ".fits.gz", NULL, true, BODY_FILE, "application/gzip", NULL, NULL,
         "spec-55859-F5902_sp01-001.fits.gz"},
        {STAR ".fits.gz", "gzip", true, BODY_FILE, "application/gzip", NULL, NULL,
         "spec-55859-F5902_sp01-001.fits.gz"},
        {MRS ".fits", NULL, false, BODY_FILE, "application/fits", NULL, NULL,
         "med-58859-NT054013S012745S01_sp15-092.fits"},
        {ODD ".fits", NULL, false, BODY_PRODUCER, "application/fits", NULL,
         "Accept-Encoding", "a_b__c_+d_41__.fits"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked = get(rows[i].rest, rows[i].accept_encoding);
        const void *expected = rows[i].gzip ? (void *)gzipped : (void *)raw;
        size_t size = rows[i].gzip ? gzipped_size : RAW_SIZE;
        struct buffer body = {0};
        char disposition[128];
        int pieces;

        assert_int_equal(asked->status, STATUS_OK);
        assert_int_equal(asked->response.code, 200);
        assert_int_equal(asked->response.kind, rows[i].kind);
        assert_string_equal(asked->response.content_type, rows[i].content_type);
        if (rows[i].kind == BODY_FILE)
            assert_int_equal(asked->response.file.length, size);
        else
            assert_int_equal(asked->response.producer.length, size);
        assert_int_equal(body_of(asked, &body, &pieces), STATUS_OK);
        assert_int_equal(body.length, size);
        assert_memory_equal(body.bytes, expected, size);
        assert_true(pieces == 0 || pieces > 4);

        snprintf(disposition, sizeof(disposition), "attachment; filename=\"%s\"",
                 rows[i].file);
        assert_string_equal(ask_header(asked, "Content-Disposition"), disposition);
        assert_string_equal(ask_header(asked, "Content-Encoding")
                                ? ask_header(asked, "Content-Encoding")
                                : "-",
                            rows[i].content_encoding ? rows[i].content_encoding : "-");
        assert_string_equal(ask_header(asked, "Vary") ? ask_header(asked, "Vary") : "-",
                            rows[i].vary ? rows[i].vary : "-");
        buffer_finish(&body);
        ask_finish(asked);
    }
}

/* The survey's archives hold gzip under names without .gz. */
static void gzip_is_told_by_content_whatever_the_name(void **state)
{
    struct asked *asked;
    struct buffer body = {0};
    int pieces;

    (void)state;
    write_file(BARE ".fits", gzipped, gzipped_size);
    bare->entry.file_size = (int64_t)gzipped_size;
    asked = get(BARE ".fits", NULL);
    assert_int_equal(asked->response.kind, BODY_PRODUCER);
    assert_int_equal(body_of(asked, &body, &pieces), STATUS_OK);
    assert_int_equal(body.length, RAW_SIZE);
    buffer_finish(&body);
    ask_finish(asked);

    asked = get(BARE ".fits.gz", NULL);
    assert_int_equal(asked->response.kind, BODY_FILE);
    assert_string_equal(asked->response.content_type, "application/gzip");
    ask_finish(asked);
    write_file(BARE ".fits", raw, RAW_SIZE);
    bare->entry.file_size = RAW_SIZE;
}

static void members_of_a_gzip_follow_each_other(void **state)
{
    static uint8_t members[2 * RAW_SIZE];
    size_t size = make_gzip(members, sizeof(members), RAW_SIZE / 60);
    struct buffer body = {0};
    struct asked *asked;
    int pieces;

    (void)state;
    write_file(BARE ".fits", members, size);
    asked = get(BARE ".fits", NULL);
    assert_int_equal(asked->response.producer.length,
                     -1); /* not the file that was ingested */
    assert_int_equal(body_of(asked, &body, &pieces), STATUS_OK);
    assert_int_equal(body.length, RAW_SIZE);
    assert_memory_equal(body.bytes, raw, RAW_SIZE);
    buffer_finish(&body);
    ask_finish(asked);
    write_file(BARE ".fits", raw, RAW_SIZE);
}

static void a_gzip_that_is_cut_short_or_wrong_fails_instead_of_ending(void **state)
{
    static const size_t lengths[] = {2, 9, 10, 11, 1000, 65536, 65537};

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]) + 3; i++) {
        size_t known = sizeof(lengths) / sizeof(lengths[0]);
        size_t length = i < known ? lengths[i] : gzipped_size - 1 - 4 * (i - known);
        struct buffer body = {0};
        struct asked *asked;
        int pieces;

        write_file(BARE ".fits", gzipped, length);
        asked = get(BARE ".fits", NULL);
        assert_int_equal(body_of(asked, &body, &pieces), STATUS_DAMAGED);
        buffer_finish(&body);
        ask_finish(asked);
    }
    write_file(BARE ".fits", raw, RAW_SIZE);
}

static void a_whole_spectrum_is_at_its_path(void **state)
{
    static const char *const rows[] = {STAR ".vot", MRS "/B-84756889.vot", ODD ".vot"};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked = get(rows[i], NULL);

        assert_int_equal(asked->status, STATUS_OK);
        assert_string_equal(asked->response.content_type,
                            "application/x-votable+xml;serialization=BINARY2");
        assert_non_null(strstr(ask_text(asked), "Spectrum.Length\" value=\"3909\""));
        assert_non_null(strstr(ask_text(asked), "CreationType\" value=\"archival\""));
        ask_finish(asked);
    }
}

static void what_is_not_there_is_not_found(void **state)
{
    static const struct {
        const char *rest;
        enum status status;
        const char *message; /* holds */
    } rows[] = {
        {"", STATUS_NOT_FOUND, "no spectrum ''"},
        {".vot", STATUS_NOT_FOUND, "no spectrum '.vot'"},
        {STAR ".pdf", STATUS_NOT_FOUND, ".pdf"},
        {STAR ".png?", STATUS_NOT_FOUND, ".png?"},
        {"nothing.vot", STATUS_NOT_FOUND, "nothing"},
        {"nothing.fits", STATUS_NOT_FOUND, "nothing"},
        {STAR ".VOT", STATUS_NOT_FOUND, ".VOT"},
        {MRS "/B.fits", STATUS_NOT_FOUND, ""},
        {MRS ".fits.gz", STATUS_NOT_FOUND, "ask for it without .gz"},
        {"../../etc/passwd.fits", STATUS_NOT_FOUND, ""},
        {"pending.vot", STATUS_PENDING, ""},
        {"pending.fits", STATUS_PENDING, ""},
        {"gone.fits", STATUS_NOT_FOUND, "withdrawn"},
        {"broken.fits.gz", STATUS_REFUSED, "HDU 0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked = get(rows[i].rest, NULL);

        assert_int_equal(asked->status, rows[i].status);
        assert_non_null(strstr(asked->failure.message, rows[i].message));
        ask_finish(asked);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_comes_as_the_client_can_take_it),
        cmocka_unit_test(gzip_is_told_by_content_whatever_the_name),
        cmocka_unit_test(members_of_a_gzip_follow_each_other),
        cmocka_unit_test(a_gzip_that_is_cut_short_or_wrong_fails_instead_of_ending),
        cmocka_unit_test(a_whole_spectrum_is_at_its_path),
        cmocka_unit_test(what_is_not_there_is_not_found),
    };

    return cmocka_run_group_tests(tests, open_samples, close_samples);
}
