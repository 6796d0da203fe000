#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/answer_memo.h"

#include <string.h>

static const uint64_t TAG = 0xC0FFEE, SAME_PLACE = TAG + (1 << 20);

/* Ask as an endpoint does; true if the body need not be made. */
static bool ask(struct answer_memo *memo, uint64_t tag, const char *body)
{
    struct buffer out = {0};
    bool is_kept = answer_memo_add(memo, tag, &out);

    if (!is_kept) {
        buffer_add_string(&out, body);
        answer_memo_keep(memo, tag, &out);
    }
    assert_int_equal(out.length, strlen(body));
    assert_memory_equal(out.bytes, body, out.length);
    buffer_finish(&out);
    return is_kept;
}

static void what_is_made_twice_is_kept(void **state)
{
    static const struct {
        uint64_t tag;
        const char *body;
        bool is_kept;
    } rows[] = {
        {TAG, "<VOTABLE/>", false},
        {TAG, "<VOTABLE/>", false}, /* the first time is only noted */
        {TAG, "<VOTABLE/>", true},
        {TAG + 1, "another", false}, /* has a place of its own */
        {TAG, "<VOTABLE/>", true},
        {SAME_PLACE, "a longer body in the same place", false},
        {SAME_PLACE, "a longer body in the same place", false},
        {SAME_PLACE, "a longer body in the same place", true},
        {TAG, "<VOTABLE/>", false},
        {0, "the tag of nothing", false},
        {0, "the tag of nothing", true}, /* as if it had been asked for before */
    };
    AUTO(answer_memo_close) struct answer_memo *memo = answer_memo_open();

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("row %zu\n", i);
        assert_int_equal(ask(memo, rows[i].tag, rows[i].body), rows[i].is_kept);
    }
}

static void what_is_long_is_not_kept(void **state)
{
    static char body[16 * 1024 + 2];
    AUTO(answer_memo_close) struct answer_memo *memo = answer_memo_open();

    (void)state;
    memset(body, 'x', sizeof(body) - 1);
    for (int i = 0; i < 3; i++)
        assert_false(ask(memo, TAG, body));
    body[sizeof(body) - 2] = '\0';
    ask(memo, TAG, body);
    ask(memo, TAG, body);
    assert_true(ask(memo, TAG, body));
}

static void without_a_memo_nothing_is_kept(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_false(ask(NULL, TAG, "body"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_made_twice_is_kept),
        cmocka_unit_test(what_is_long_is_not_kept),
        cmocka_unit_test(without_a_memo_nothing_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
