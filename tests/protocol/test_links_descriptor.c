#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/links_descriptor.h"

#include <string.h>

#define LINKS "https://spectra.example/lamost5/links"

static const char *text_of(struct buffer *out)
{
    *buffer_room(out, 1) = '\0';
    return (const char *)out->bytes;
}

/* What pyVO and TOPCAT need: type and utype, no XML ID (pyVO drops what no row names), ID
 * from the column, nothing numeric and empty. */
static void a_discovery_answer_is_told_where_links_are(void **state)
{
    static const char *const parts[] = {
        "<RESOURCE type=\"meta\" name=\"DataLink: what belongs to a spectrum\" "
        "utype=\"adhoc:service\">",
        "<DESCRIPTION>",
        "<PARAM name=\"standardID\" datatype=\"char\" arraysize=\"*\" "
        "value=\"ivo://ivoa.net/std/DataLink#links-1.1\"/>",
        "<PARAM name=\"accessURL\" datatype=\"char\" arraysize=\"*\" value=\"" LINKS
        "\"/>",
        "<PARAM name=\"contentType\" datatype=\"char\" arraysize=\"*\" "
        "value=\"application/x-votable+xml;content=datalink\"/>",
        "<GROUP name=\"inputParams\">",
        "<PARAM name=\"ID\" datatype=\"char\" arraysize=\"*\" ucd=\"meta.id;meta.main\" "
        "ref=\"ssa_pubDID\" value=\"\">",
    };
    struct buffer out = {0};
    const char *next;

    (void)state;
    links_descriptor_write(
        &(struct links_descriptor){.access_url = LINKS, .id_ref = "ssa_pubDID"}, &out);
    next = text_of(&out);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        print_message("%s\n", parts[i]);
        next = strstr(next, parts[i]);
        assert_non_null(next);
    }
    assert_null(strstr((const char *)out.bytes, "RESPONSEFORMAT"));
    buffer_finish(&out);
}

static void a_service_describes_itself_with_and_without_an_example(void **state)
{
    (void)state;
    for (int has_example = 0; has_example < 2; has_example++) {
        struct buffer out = {0};
        const char *text;

        links_self_description_write(LINKS, has_example ? LINKS "?ID=a&b" : NULL, &out);
        text = text_of(&out);
        assert_non_null(strstr(text, "utype=\"adhoc:this\""));
        assert_int_equal(strstr(text, "exampleURL") != NULL, has_example);
        assert_int_equal(strstr(text, "value=\"" LINKS "?ID=a&amp;b\"") != NULL,
                         has_example);
        assert_null(strstr(text, " ref="));
        buffer_finish(&out);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_discovery_answer_is_told_where_links_are),
        cmocka_unit_test(a_service_describes_itself_with_and_without_an_example),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
