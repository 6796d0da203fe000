#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/folder.h"
#include "archive/shard.h"
#include "base/checksum.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char BLOCKS[] = "block 0.block 1 of 16 bytes.";

static int make_folder(void **state)
{
    *state = malloc(FOLDER_LENGTH);
    folder_make(*state);
    return 0;
}

static int remove_folder(void **state)
{
    folder_remove(*state);
    free(*state);
    return 0;
}

static void write_shard(const char *folder, int64_t number)
{
    struct shard_writer *writer;
    struct failure failure;
    int64_t offset;

    assert_int_equal(shard_writer_open(folder, number, &writer, &failure), STATUS_OK);
    assert_int_equal(shard_writer_add(writer, BLOCKS, 8, &offset, &failure), STATUS_OK);
    assert_int_equal(offset, 64);
    assert_int_equal(shard_writer_add(writer, BLOCKS + 8, 16, &offset, &failure),
                     STATUS_OK);
    assert_int_equal(offset, 72);
    assert_int_equal(shard_writer_size(writer), 88);
    assert_int_equal(shard_writer_seal(writer, &failure), STATUS_OK);
    assert_int_equal(shard_writer_size(writer), 152);
    shard_writer_close(writer);
}

static void path_of(const char *folder, const char *name, char path[4096])
{
    snprintf(path, 4096, "%s/%s", folder, name);
}

static bool exists(const char *folder, const char *name)
{
    char path[4096];

    path_of(folder, name, path);
    return access(path, F_OK) == 0;
}

static void a_sealed_shard_holds_what_was_added(void **state)
{
    struct shard shard;
    struct failure failure;

    write_shard(*state, 12);
    assert_true(exists(*state, "000012.shard"));
    assert_int_equal(shard_open(*state, 12, &shard, &failure), STATUS_OK);
    assert_int_equal(shard.number, 12);
    assert_int_equal(shard.size, 152);
    assert_memory_equal(shard_at(&shard, 64, 8), "block 0.", 8);
    assert_memory_equal(shard_at(&shard, 72, 16), "block 1 of 16 by", 16);
    assert_int_equal(shard_check(&shard, &failure), STATUS_OK);
    shard_close(&shard);
    assert_null(shard.bytes);
}

static void nothing_but_blocks_is_given_out(void **state)
{
    static const struct {
        int64_t offset, size;
        bool inside;
    } rows[] = {
        {64, 24, true},        {64, 0, true},          {88, 0, true},
        {64, 25, false},       {88, 1, false},         {89, 0, false},
        {0, 8, false},         {63, 8, false},         {-1, 8, false},
        {64, -1, false},       {INT64_MAX, 1, false},  {64, INT64_MAX, false},
        {INT64_MIN, 8, false}, {64, INT64_MIN, false},
    };
    struct shard shard;
    struct failure failure;

    write_shard(*state, 1);
    assert_int_equal(shard_open(*state, 1, &shard, &failure), STATUS_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%lld, %lld\n", (long long)rows[i].offset, (long long)rows[i].size);
        assert_int_equal(shard_at(&shard, rows[i].offset, rows[i].size) != NULL,
                         rows[i].inside);
    }
    shard_close(&shard);
}

static void a_shard_has_its_name_only_when_it_is_sealed(void **state)
{
    struct shard_writer *writer;
    struct shard shard;
    struct failure failure;

    assert_int_equal(shard_writer_open(*state, 3, &writer, &failure), STATUS_OK);
    assert_false(exists(*state, "000003.shard"));
    assert_true(exists(*state, "000003.shard.growing"));
    assert_int_equal(shard_open(*state, 3, &shard, &failure), STATUS_DAMAGED);
    shard_writer_close(writer);
    assert_false(exists(*state, "000003.shard.growing"));
}

static void a_sealed_shard_takes_nothing_more(void **state)
{
    struct shard_writer *writer;
    struct failure failure;
    int64_t offset = -7;

    assert_int_equal(shard_writer_open(*state, 3, &writer, &failure), STATUS_OK);
    assert_int_equal(shard_writer_add(writer, BLOCKS, 7, &offset, &failure),
                     STATUS_SYSTEM); /* not a multiple of 8 */
    assert_int_equal(shard_writer_seal(writer, &failure), STATUS_OK);
    assert_int_equal(shard_writer_add(writer, BLOCKS, 8, &offset, &failure),
                     STATUS_SYSTEM);
    assert_int_equal(shard_writer_seal(writer, &failure), STATUS_SYSTEM);
    assert_int_equal(offset, -7);
    shard_writer_close(writer);
    assert_true(exists(*state, "000003.shard"));
}

/* Write the shard's bytes with one change, open and check it. */
static enum status open_and_check(const char *folder, const void *bytes, size_t size)
{
    char path[4096];
    struct shard shard;
    struct failure failure;
    enum status status;
    int fd;

    path_of(folder, "000005.shard", path);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_int_equal(write(fd, bytes, size), size);
    close(fd);
    status = shard_open(folder, 5, &shard, &failure);
    if (status)
        return status;
    status = shard_check(&shard, &failure);
    shard_close(&shard);
    return status;
}

static size_t read_shard(const char *folder, int64_t number, uint8_t bytes[256])
{
    struct shard shard;
    struct failure failure;
    size_t size;

    assert_int_equal(shard_open(folder, number, &shard, &failure), STATUS_OK);
    size = shard.size;
    memcpy(bytes, shard.bytes, size);
    shard_close(&shard);
    return size;
}

static void every_flipped_bit_and_every_lost_byte_is_found(void **state)
{
    uint8_t bytes[256] = {0};
    size_t size;

    write_shard(*state, 5);
    size = read_shard(*state, 5, bytes);
    assert_int_equal(open_and_check(*state, bytes, size), STATUS_OK);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(open_and_check(*state, bytes, size), STATUS_DAMAGED);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t kept = 0; kept < size; kept++)
        assert_int_equal(open_and_check(*state, bytes, kept), STATUS_DAMAGED);
    for (size_t more = 1; more <= 64; more++)
        assert_int_equal(open_and_check(*state, bytes, size + more), STATUS_DAMAGED);
}

static void wrong_shards_are_told_apart(void **state)
{
    static const struct {
        size_t offset;
        uint8_t value;
        const char *message;
    } rows[] = {
        {offsetof(struct shard_head, magic), 'X', "not a shard"},
        {offsetof(struct shard_head, version), SHARD_VERSION + 1, "format version"},
        {offsetof(struct shard_head, byte_order), 1, "byte order"},
        {offsetof(struct shard_head, number), 6, "under the name of another"},
    };
    uint8_t bytes[256];
    size_t size;

    write_shard(*state, 5);
    size = read_shard(*state, 5, bytes);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t before = bytes[rows[i].offset];
        struct shard shard;
        struct failure failure;

        bytes[rows[i].offset] = rows[i].value;
        assert_int_equal(open_and_check(*state, bytes, size), STATUS_DAMAGED);
        assert_int_equal(shard_open(*state, 5, &shard, &failure), STATUS_DAMAGED);
        print_message("%s\n", failure.message);
        assert_non_null(strstr(failure.message, rows[i].message));
        assert_non_null(strstr(failure.message, "000005.shard"));
        bytes[rows[i].offset] = before;
    }
}

static void a_missing_shard_is_named(void **state)
{
    struct shard shard;
    struct failure failure;

    assert_int_equal(shard_open(*state, 99, &shard, &failure), STATUS_DAMAGED);
    assert_non_null(strstr(failure.message, "000099.shard: missing"));
}

static void only_growing_shards_are_swept_away(void **state)
{
    static const char *const others[] = {"catalogue.sqlite", "growing", ".growing",
                                         "000008.shard.growing.txt"};
    struct failure failure;
    char path[4096];

    write_shard(*state, 7);
    path_of(*state, "000008.shard.growing", path);
    close(open(path, O_CREAT | O_WRONLY, 0644));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        path_of(*state, others[i], path);
        close(open(path, O_CREAT | O_WRONLY, 0644));
    }
    assert_int_equal(shard_remove_unsealed(*state, &failure), STATUS_OK);
    assert_true(exists(*state, "000007.shard"));
    assert_false(exists(*state, "000008.shard.growing"));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_true(exists(*state, others[i]));
    assert_int_equal(shard_remove_unsealed("/nonexistent", &failure), STATUS_SYSTEM);
}

static void a_removed_shard_stays_with_those_who_have_it(void **state)
{
    struct shard shard;
    struct failure failure;

    write_shard(*state, 7);
    assert_int_equal(shard_open(*state, 7, &shard, &failure), STATUS_OK);
    assert_int_equal(shard_remove(*state, 7, &failure), STATUS_OK);
    assert_false(exists(*state, "000007.shard"));
    assert_int_equal(shard_check(&shard, &failure), STATUS_OK);
    shard_close(&shard);
    assert_int_equal(shard_remove(*state, 7, &failure), STATUS_OK); /* gone is gone */
}

/* A limit on the size of files stands for a full disk: write() fails half-way in the same
 * manner. */
static void a_full_disk_is_an_error_and_leaves_no_shard(void **state)
{
    struct rlimit before, small;
    struct shard_writer *writer;
    struct failure failure;
    int64_t offset;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small = (struct rlimit){.rlim_cur = 100, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    assert_int_equal(shard_writer_open(*state, 3, &writer, &failure), STATUS_OK);
    assert_int_equal(shard_writer_add(writer, BLOCKS, 24, &offset, &failure), STATUS_OK);
    assert_int_equal(shard_writer_add(writer, BLOCKS, 24, &offset, &failure),
                     STATUS_NO_SPACE);
    assert_non_null(strstr(failure.message, "000003.shard"));
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(shard_writer_add(writer, BLOCKS, 24, &offset, &failure),
                     STATUS_SYSTEM); /* half a block lies there */
    assert_int_equal(shard_writer_seal(writer, &failure), STATUS_SYSTEM);
    shard_writer_close(writer);
    assert_false(exists(*state, "000003.shard"));
    assert_false(exists(*state, "000003.shard.growing"));
}

static void a_shard_needs_a_number_and_a_folder(void **state)
{
    struct shard_writer *writer = NULL;
    struct failure failure;

    assert_int_equal(shard_writer_open(*state, -1, &writer, &failure), STATUS_SYSTEM);
    assert_int_equal(shard_writer_open("/nonexistent", 1, &writer, &failure),
                     STATUS_SYSTEM);
    assert_null(writer);
    shard_writer_close(NULL);
}

/* The checksum of the seal is that of the bytes before it, as whoever knows XXH3 can
 * compute. */
static void the_seal_is_what_the_header_says(void **state)
{
    uint8_t bytes[256];
    struct shard_seal seal;
    size_t size;

    write_shard(*state, 5);
    size = read_shard(*state, 5, bytes);
    memcpy(&seal, bytes + size - sizeof(seal), sizeof(seal));
    assert_memory_equal(seal.magic, "CUTSEALS", 8);
    assert_int_equal(seal.blocks, 2);
    assert_int_equal(seal.size, 64 + 24);
    assert_true(seal.checksum == checksum_of(bytes, 64 + 24));
    assert_true(seal.own_checksum == checksum_of(&seal, 56));
}

#define WITH_FOLDER(test)                                                                \
    cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(a_sealed_shard_holds_what_was_added),
        WITH_FOLDER(nothing_but_blocks_is_given_out),
        WITH_FOLDER(a_shard_has_its_name_only_when_it_is_sealed),
        WITH_FOLDER(a_sealed_shard_takes_nothing_more),
        WITH_FOLDER(every_flipped_bit_and_every_lost_byte_is_found),
        WITH_FOLDER(wrong_shards_are_told_apart),
        WITH_FOLDER(a_missing_shard_is_named),
        WITH_FOLDER(only_growing_shards_are_swept_away),
        WITH_FOLDER(a_removed_shard_stays_with_those_who_have_it),
        WITH_FOLDER(a_full_disk_is_an_error_and_leaves_no_shard),
        WITH_FOLDER(a_shard_needs_a_number_and_a_folder),
        WITH_FOLDER(the_seal_is_what_the_header_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
