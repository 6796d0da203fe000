#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/xml.h"

#include <string.h>

#define BAD "\xEF\xBF\xBD" /* U+FFFD */

static void text_is_escaped_and_stays_what_it_was(void **state)
{
    static const struct {
        const char *what, *text, *expected;
    } rows[] = {
        {"nothing", "", ""},
        {"plain", "LAMOST J063715.90+271356.5", "LAMOST J063715.90+271356.5"},
        {"markup", "a<b>&\"c'd", "a&lt;b&gt;&amp;&quot;c&apos;d"},
        {"already escaped", "&amp;", "&amp;amp;"},
        {"end of CDATA", "]]>", "]]&gt;"},
        {"white space survives in attributes", "a\tb\nc\rd e", "a&#9;b&#10;c&#13;d e"},
        {"DEL", "\x7f", "\x7f"},
        {"two bytes", "\xC3\xA9", "\xC3\xA9"},
        {"three bytes", "\xE9\x83\xAD\xE5\xAE\x88\xE6\x95\xAC",
         "\xE9\x83\xAD\xE5\xAE\x88\xE6\x95\xAC"},
        {"four bytes", "\xF0\x9F\x94\xAD", "\xF0\x9F\x94\xAD"},
        {"last of all", "\xF4\x8F\xBF\xBD", "\xF4\x8F\xBF\xBD"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer out;

        print_message("%s\n", rows[i].what);
        buffer_init(&out);
        xml_add(&out, rows[i].text);
        assert_int_equal(out.length, strlen(rows[i].expected));
        if (out.length)
            assert_memory_equal(out.bytes, rows[i].expected, out.length);
        buffer_finish(&out);
    }
}

/* Unicode 15, table 3-7, and XML 1.0, section 2.2. */
static void what_xml_cannot_carry_becomes_a_replacement_character(void **state)
{
    static const struct {
        const char *what, *text, *expected;
    } rows[] = {
        {"control", "a\x01z", "a" BAD "z"},
        {"escape", "\x1b[0m", BAD "[0m"},
        {"lone continuation", "a\x80z", "a" BAD "z"},
        {"Latin-1", "caf\xE9", "caf" BAD},
        {"cut short before a letter", "\xE9\x83z", BAD BAD "z"},
        {"cut short at the end", "\xF0\x9F\x94", BAD BAD BAD},
        {"overlong slash", "\xC0\xAF", BAD BAD},
        {"overlong NUL", "\xE0\x80\x80", BAD BAD BAD},
        {"overlong four", "\xF0\x80\x80\xAF", BAD BAD BAD BAD},
        {"surrogate", "\xED\xA0\x80", BAD BAD BAD},
        {"U+FFFE", "\xEF\xBF\xBE", BAD BAD BAD},
        {"U+FFFF", "\xEF\xBF\xBF", BAD BAD BAD},
        {"beyond the last", "\xF4\x90\x80\x80", BAD BAD BAD BAD},
        {"never a first byte", "\xFF\xFE", BAD BAD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer out;

        print_message("%s\n", rows[i].what);
        buffer_init(&out);
        xml_add(&out, rows[i].text);
        buffer_add_char(&out, '\0');
        assert_string_equal((const char *)out.bytes, rows[i].expected);
        buffer_finish(&out);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped_and_stays_what_it_was),
        cmocka_unit_test(what_xml_cannot_carry_becomes_a_replacement_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
