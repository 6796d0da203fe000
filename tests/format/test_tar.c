#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/tar.h"

#include <string.h>

enum { BLOCK = 512 };

/* As Python's tarfile writes it: TarInfo("a.vot").tobuf(USTAR_FORMAT) with size 5, mtime
 * 1700000000, mode 644. */
static void a_header_is_that_of_other_programs(void **state)
{
    static const struct {
        size_t offset;
        const char *text;
    } fields[] = {{0, "a.vot"},     {100, "0000644"},     {108, "0000000"},
                  {116, "0000000"}, {124, "00000000005"}, {136, "14524770400"},
                  {148, "006754"},  {155, " 0"},          {257, "ustar"},
                  {263, "00"}};
    char expected[BLOCK] = {0};
    struct buffer out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        memcpy(expected + fields[i].offset, fields[i].text, strlen(fields[i].text));
    tar_file_open(&out, "a.vot", 5, 1700000000);
    assert_int_equal(out.length, BLOCK);
    assert_memory_equal(out.bytes, expected, BLOCK);
    buffer_finish(&out);
}

static void files_end_with_their_block(void **state)
{
    static const struct {
        int64_t size;
        size_t filling;
    } rows[] = {{0, 0}, {1, 511}, {511, 1}, {512, 0}, {513, 511}, {INT64_C(1) << 40, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer out = {0};

        tar_file_close(&out, rows[i].size);
        assert_int_equal(out.length, rows[i].filling);
        buffer_finish(&out);
    }
}

/* The type of the header that lies so many bytes behind the beginning. */
static char type_at(const struct buffer *out, size_t offset)
{
    return (char)out->bytes[offset + 156];
}

/* The record's length counts itself: 134 is what Python writes for this name. */
static void what_does_not_fit_is_said_by_pax(void **state)
{
    char name[125], record[200] = "134 path=";
    struct buffer out = {0};

    (void)state;
    memset(name, 'n', 120);
    strcpy(name + 120, ".vot");
    strcat(strcat(record, name), "\n");
    tar_file_open(&out, name, 5, 0);
    assert_int_equal(out.length, 3 * BLOCK);
    assert_int_equal(type_at(&out, 0), 'x');
    assert_memory_equal(out.bytes + 124, "00000000206", 12);
    assert_memory_equal(out.bytes + BLOCK, record, 134);
    assert_int_equal(type_at(&out, 2 * BLOCK), '0');

    buffer_clear(&out);
    name[100] = '\0';
    tar_file_open(&out, name, INT64_C(1) << 33, -1);
    assert_memory_equal(out.bytes + BLOCK, "19 size=8589934592\n", 20);
    assert_int_equal(out.length, 3 * BLOCK);
    assert_memory_equal(out.bytes + 2 * BLOCK + 124, "77777777777", 12);
    assert_memory_equal(out.bytes + 2 * BLOCK + 136, "00000000000", 12);
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_that_of_other_programs),
        cmocka_unit_test(files_end_with_their_block),
        cmocka_unit_test(what_does_not_fit_is_said_by_pax),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
