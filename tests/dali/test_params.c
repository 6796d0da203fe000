#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dali/params.h"
#include "dali/percent.h"

#include "base/buffer.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* "NAME=value|NAME=value" in the order of the parameters. */
static const char *spelled(const struct params *params, struct arena *arena)
{
    const char *text = "";

    for (const struct param *param = params->first; param; param = param->next)
        text = arena_format(arena, "%s%s%s=%s", text, *text ? "|" : "", param->name,
                            param->value);
    return text;
}

static const struct {
    const char *text;
    enum status status;
    const char *params;
} rows[] = {
    {"", STATUS_OK, ""},
    {"a=b", STATUS_OK, "A=b"},
    {"ID=x&id=y&Id=z", STATUS_OK, "ID=x|ID=y|ID=z"},
    {"BAND=3.9e-7+4.0e-7", STATUS_OK, "BAND=3.9e-7 4.0e-7"},
    {"BAND=3.9e-7%204.0e-7", STATUS_OK, "BAND=3.9e-7 4.0e-7"},
    {"BAND=-Inf%20%2BInf", STATUS_OK, "BAND=-Inf +Inf"},
    {"ID=ivo%3A%2F%2Fx%2F~%3Fc%2Fp", STATUS_OK, "ID=ivo://x/~?c/p"},
    {"ID=ivo://x/~?c/p=q", STATUS_OK, "ID=ivo://x/~?c/p=q"},
    {"%62and=1", STATUS_OK, "BAND=1"},
    {"a", STATUS_OK, "A="},
    {"a=", STATUS_OK, "A="},
    {"a=&b", STATUS_OK, "A=|B="},
    {"&&a=1&&", STATUS_OK, "A=1"},
    {"a=%e2%82%aC", STATUS_OK, "A=\xe2\x82\xac"},
    {"\xc3\xa9=1", STATUS_OK, "\xc3\xa9=1"},
    {"a=1;b=2", STATUS_OK, "A=1;b=2"},
    {"=1", STATUS_BAD_PARAMETER, NULL},
    {"a=1&=", STATUS_BAD_PARAMETER, NULL},
    {"a=%", STATUS_BAD_PARAMETER, NULL},
    {"a=%4", STATUS_BAD_PARAMETER, NULL},
    {"a=%4&b=1", STATUS_BAD_PARAMETER, NULL},
    {"a=%zz", STATUS_BAD_PARAMETER, NULL},
    {"a=%-1", STATUS_BAD_PARAMETER, NULL},
    {"a=%+1", STATUS_BAD_PARAMETER, NULL},
    {"a=% 1", STATUS_BAD_PARAMETER, NULL},
    {"a=%00", STATUS_BAD_PARAMETER, NULL},
    {"a%00b=1", STATUS_BAD_PARAMETER, NULL},
};

static void params_are_decoded_in_the_order_given(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena arena;
        struct params params;
        struct failure failure;

        print_message("%s\n", rows[i].text);
        arena_init(&arena);
        params_init(&params, &arena);
        assert_int_equal(
            params_read(&params, rows[i].text, strlen(rows[i].text), &failure),
            rows[i].status);
        if (rows[i].params)
            assert_string_equal(spelled(&params, &arena), rows[i].params);
        arena_finish(&arena);
    }
}

static enum status read_in_pieces(struct params *params, const char *text, size_t piece,
                                  struct failure *failure)
{
    struct params_form *form = params_form_open(params, 100);
    size_t length = strlen(text);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < length && !status; i += piece)
        status = params_form_add(form, text + i, length - i < piece ? length - i : piece,
                                 failure);
    if (!status)
        status = params_form_end(form, failure);
    params_form_close(form);
    return status;
}

static void a_form_in_pieces_gives_the_same_as_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t piece = 1; piece < 8; piece++) {
            struct arena arena;
            struct params params;
            struct failure failure;

            print_message("%s by %zu\n", rows[i].text, piece);
            arena_init(&arena);
            params_init(&params, &arena);
            assert_int_equal(read_in_pieces(&params, rows[i].text, piece, &failure),
                             rows[i].status);
            if (rows[i].params)
                assert_string_equal(spelled(&params, &arena), rows[i].params);
            arena_finish(&arena);
        }
    }
}

static void a_pair_longer_than_allowed_is_refused_before_it_ends(void **state)
{
    struct arena arena;
    struct params params;
    struct params_form *form;
    struct failure failure;

    (void)state;
    arena_init(&arena);
    params_init(&params, &arena);
    form = params_form_open(&params, 8);
    assert_int_equal(params_form_add(form, "a=345678&b=34", 13, &failure), STATUS_OK);
    assert_int_equal(params_form_add(form, "5678", 4, &failure), STATUS_OK);
    assert_int_equal(params_form_add(form, "9", 1, &failure), STATUS_TOO_LARGE);
    params_form_close(form);
    params_form_close(NULL);
    arena_finish(&arena);
}

static void a_single_value_may_be_given_once(void **state)
{
    static const struct {
        const char *text;
        enum status status;
        const char *value;
    } singles[] = {
        {"", STATUS_OK, NULL},
        {"other=1", STATUS_OK, NULL},
        {"maxrec=", STATUS_OK, NULL},
        {"maxrec=5", STATUS_OK, "5"},
        {"maxrec=&MAXREC=5&Maxrec=", STATUS_OK, "5"},
        {"maxrec=5&maxrec=5", STATUS_MULTIPLE_VALUES, NULL},
        {"maxrec=5&x=1&MAXREC=6", STATUS_MULTIPLE_VALUES, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(singles); i++) {
        const char *untouched = "untouched", *value = untouched;
        struct arena arena;
        struct params params;
        struct failure failure;

        print_message("%s\n", singles[i].text);
        arena_init(&arena);
        params_init(&params, &arena);
        params_read(&params, singles[i].text, strlen(singles[i].text), &failure);
        assert_int_equal(params_single(&params, "MAXREC", &value, &failure),
                         singles[i].status);
        if (singles[i].status)
            assert_ptr_equal(value, untouched);
        else if (singles[i].value)
            assert_string_equal(value, singles[i].value);
        else
            assert_null(value);
        arena_finish(&arena);
    }
}

static void parameters_are_found_without_regard_to_case_and_counted(void **state)
{
    struct arena arena;
    struct params params;
    struct failure failure;
    const struct param *param;

    (void)state;
    arena_init(&arena);
    params_init(&params, &arena);
    assert_int_equal(params_read(&params, "id=a&band=b&ID=cd", 17, &failure), STATUS_OK);
    params_add(&params, "pos", 3, "x", 1);
    param = params_next(&params, "Id", NULL);
    assert_string_equal(param->value, "a");
    param = params_next(&params, "id", param);
    assert_string_equal(param->value, "cd");
    assert_null(params_next(&params, "id", param));
    assert_string_equal(params_next(&params, "POS", NULL)->name, "POS");
    assert_int_equal(params.count, 4);
    assert_int_equal(params.bytes, 2 + 1 + 4 + 1 + 2 + 2 + 3 + 1);
    arena_finish(&arena);
}

static void a_path_keeps_its_plus_signs(void **state)
{
    char out[8];

    (void)state;
    assert_int_equal(percent_decode("a+b%2b", 6, false, out), 4);
    assert_string_equal(out, "a+b+");
    assert_int_equal(percent_decode("a%2", 3, false, out), -1);
    assert_int_equal(percent_decode("a\0b", 3, false, out), -1);
    assert_int_equal(percent_decode("", 0, true, out), 0);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(params_are_decoded_in_the_order_given),
        cmocka_unit_test(a_form_in_pieces_gives_the_same_as_at_once),
        cmocka_unit_test(a_pair_longer_than_allowed_is_refused_before_it_ends),
        cmocka_unit_test(a_single_value_may_be_given_once),
        cmocka_unit_test(parameters_are_found_without_regard_to_case_and_counted),
        cmocka_unit_test(a_path_keeps_its_plus_signs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
