#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/sample_entry.h"
#include "archive/entry.h"

#include <math.h>
#include <string.h>

static const struct entry_column *column_named(const char *name)
{
    for (size_t i = 0; i < entry_column_count; i++)
        if (strcmp(entry_columns[i].name, name) == 0)
            return &entry_columns[i];
    return NULL;
}

static void every_member_of_an_entry_has_one_column(void **state)
{
    static uint8_t covered[sizeof(struct entry)];

    (void)state;
    for (size_t i = 0; i < entry_column_count; i++)
        for (size_t byte = 0; byte < 8; byte++) /* members are 8 bytes each */
            assert_int_equal(covered[entry_columns[i].offset + byte]++, 0);
    for (size_t byte = 0; byte < sizeof(covered); byte++)
        assert_int_equal(covered[byte], 1);
}

static void column_names_differ_in_more_than_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < entry_column_count; i++)
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(strcasecmp(entry_columns[i].name, entry_columns[k].name),
                                 0);
}

static void scripts_find_the_columns_of_the_community(void **state)
{
    static const struct {
        const char *name;
        enum entry_type type;
        size_t offset;
    } rows[] = {
        {"ssa_dstitle", ENTRY_TEXT, offsetof(struct entry, title)},
        {"ssa_targname", ENTRY_TEXT, offsetof(struct entry, target_name)},
        {"ssa_targclass", ENTRY_TEXT, offsetof(struct entry, target_class)},
        {"ssa_targsubclass", ENTRY_TEXT, offsetof(struct entry, target_subclass)},
        {"ssa_redshift", ENTRY_REAL, offsetof(struct entry, redshift)},
        {"ssa_snr", ENTRY_REAL, offsetof(struct entry, snr)},
        {"ssa_dateObs", ENTRY_REAL, offsetof(struct entry, date_obs)},
        {"ssa_length", ENTRY_INTEGER, offsetof(struct entry, length)},
        {"raj2000", ENTRY_REAL, offsetof(struct entry, ra)},
        {"dej2000", ENTRY_REAL, offsetof(struct entry, dec)},
        {"obsid", ENTRY_INTEGER, offsetof(struct entry, obsid)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct entry_column *column = column_named(rows[i].name);

        print_message("%s\n", rows[i].name);
        assert_non_null(column);
        assert_int_equal(column->type, rows[i].type);
        assert_int_equal(column->offset, rows[i].offset);
    }
}

static void a_new_entry_has_no_values(void **state)
{
    struct entry entry;

    (void)state;
    entry_init(&entry);
    assert_null(entry.path);
    assert_null(entry.deleted);
    assert_true(entry.obsid == ENTRY_NO_INTEGER);
    assert_true(entry.shard == ENTRY_NO_INTEGER);
    assert_true(isnan(entry.ra));
    assert_true(isnan(entry.redshift));
}

static void assert_same_in_all_columns(const struct entry *a, const struct entry *b)
{
    for (size_t i = 0; i < entry_column_count; i++) {
        const struct entry_column *column = &entry_columns[i];
        const char *one, *other;
        double real;

        switch (column->type) {
        case ENTRY_TEXT:
            one = entry_text(a, column);
            other = entry_text(b, column);
            assert_int_equal(one == NULL, other == NULL);
            if (one)
                assert_string_equal(one, other);
            break;
        case ENTRY_INTEGER:
            assert_true(entry_integer(a, column) == entry_integer(b, column));
            break;
        case ENTRY_REAL:
            real = entry_real(a, column);
            assert_true(real == entry_real(b, column) ||
                        (isnan(real) && isnan(entry_real(b, column))));
            break;
        }
    }
}

static void a_packed_entry_unpacks_to_the_same(void **state)
{
    struct arena arena;
    struct buffer packed;
    struct failure failure;

    (void)state;
    arena_init(&arena);
    for (int kind = 0; kind < 3; kind++) {
        struct entry entry, again;
        size_t used;

        entry_init(&entry); /* kind 0: all absent */
        if (kind > 0)
            sample_entry(&arena, kind, &entry);
        if (kind > 1) {
            entry.title = ""; /* empty is not absent */
            entry.obsid = INT64_MAX;
            entry.redshift = -(double)INFINITY;
        }
        buffer_init(&packed);
        entry_pack(&entry, &packed);
        buffer_add_literal(&packed, "what follows");
        assert_int_equal(
            entry_unpack(packed.bytes, packed.length, &used, &arena, &again, &failure),
            STATUS_OK);
        assert_int_equal(used, packed.length - strlen("what follows"));
        buffer_finish(&packed); /* nothing may be borrowed from it */
        assert_same_in_all_columns(&entry, &again);
    }
    arena_finish(&arena);
}

static void a_packed_entry_that_breaks_off_is_no_entry(void **state)
{
    struct arena arena;
    struct buffer packed;
    struct entry entry, again, before;
    size_t used = 77;

    (void)state;
    arena_init(&arena);
    buffer_init(&packed);
    sample_entry(&arena, 1, &entry);
    entry_init(&again);
    before = again;
    entry_pack(&entry, &packed);
    for (size_t size = 0; size < packed.length; size++) {
        struct failure failure;

        assert_int_equal(
            entry_unpack(packed.bytes, size, &used, &arena, &again, &failure),
            STATUS_SYSTEM);
    }
    assert_int_equal(used, 77);
    assert_same_in_all_columns(&again, &before);
    buffer_finish(&packed);
    arena_finish(&arena);
}

static void a_text_with_a_nul_inside_is_no_text(void **state)
{
    struct arena arena;
    struct buffer packed;
    struct entry entry, again;
    struct failure failure;
    size_t used;
    uint8_t *found;

    (void)state;
    arena_init(&arena);
    buffer_init(&packed);
    sample_entry(&arena, 1, &entry);
    entry_pack(&entry, &packed);
    found = memmem(packed.bytes, packed.length, "survey of 1", strlen("survey of 1"));
    assert_non_null(found);
    found[6] = '\0';
    assert_int_equal(
        entry_unpack(packed.bytes, packed.length, &used, &arena, &again, &failure),
        STATUS_SYSTEM);
    assert_non_null(strstr(failure.message, "survey"));
    buffer_finish(&packed);
    arena_finish(&arena);
}

static void a_copy_does_not_borrow(void **state)
{
    struct arena arena, first;
    struct entry entry, copy;

    (void)state;
    arena_init(&arena);
    arena_init(&first);
    sample_entry(&first, 5, &entry);
    entry_copy(&entry, &arena, &copy);
    assert_same_in_all_columns(&entry, &copy);
    arena_finish(&first);
    assert_string_equal(copy.path, "path of 5");
    arena_finish(&arena);
}

static void a_difference_names_the_column_if_it_comes_from_the_file(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < entry_column_count; i++) {
        const struct entry_column *column = &entry_columns[i];
        struct entry one, other;
        const struct entry_column *difference;

        sample_entry(&arena, 1, &one);
        other = one;
        assert_null(entry_difference(&one, &other));
        if (column->type == ENTRY_TEXT)
            entry_set_text(&other, column, i % 2 ? NULL : "");
        else if (column->type == ENTRY_INTEGER)
            entry_set_integer(&other, column, ENTRY_NO_INTEGER);
        else
            entry_set_real(&other, column,
                           i % 2 ? (double)NAN : nextafter((double)i, 99));
        difference = entry_difference(&one, &other);
        print_message("%s\n", column->name);
        assert_ptr_equal(difference, column->origin == ENTRY_FROM_CACHE ? NULL : column);
        assert_true(entry_difference(&other, &one) == difference);
    }
    arena_finish(&arena);
}

static void absent_equals_absent(void **state)
{
    struct entry one, other;

    (void)state;
    entry_init(&one);
    entry_init(&other);
    assert_null(entry_difference(&one, &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_of_an_entry_has_one_column),
        cmocka_unit_test(column_names_differ_in_more_than_case),
        cmocka_unit_test(scripts_find_the_columns_of_the_community),
        cmocka_unit_test(a_new_entry_has_no_values),
        cmocka_unit_test(a_packed_entry_unpacks_to_the_same),
        cmocka_unit_test(a_packed_entry_that_breaks_off_is_no_entry),
        cmocka_unit_test(a_text_with_a_nul_inside_is_no_text),
        cmocka_unit_test(a_copy_does_not_borrow),
        cmocka_unit_test(a_difference_names_the_column_if_it_comes_from_the_file),
        cmocka_unit_test(absent_equals_absent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
