#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drawing.h"

static size_t count_of(const char *text, const char *word)
{
    size_t count = 0;

    for (; (text = strstr(text, word)); text += strlen(word))
        count++;
    return count;
}

/* What a header may hold cannot leave the text that it is in. */
static void hostile_names_are_escaped(void **state)
{
    static const struct {
        const char *name, *written;
    } rows[] = {
        {"</text><script>alert(1)</script>", "&lt;/text&gt;&lt;script&gt;"},
        {"a\"b'c&d", "a&quot;b&apos;c&amp;d"},
        {"\x01\xFF", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"]]>", "]]&gt;"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct drawing *drawing = drawing_open();
        const char *svg;

        print_message("%s\n", rows[i].name);
        drawing->subject.name = rows[i].name;
        drawing->subject.class = rows[i].name;
        drawing->subject.label = rows[i].name;
        svg = drawing_svg(drawing, SVG_FILE);
        assert_true(count_of(svg, rows[i].written) >= 3);
        assert_null(strstr(svg, "<script"));
        drawing_close(drawing);
    }
}

/* In a page the page's style sheet counts: a strict policy blocks any other, and ids of
 * several pictures would collide. */
static void inside_a_page_it_has_classes_only(void **state)
{
    struct drawing *drawing = drawing_open();
    const char *svg = drawing_svg(drawing, SVG_INLINE);

    (void)state;
    assert_null(strstr(svg, "<style"));
    assert_null(strstr(svg, "style="));
    assert_null(strstr(svg, " id="));
    assert_null(strstr(svg, "<?xml"));
    assert_non_null(strstr(svg, "class=\"flux\""));
    svg = drawing_svg(drawing, SVG_FILE);
    assert_int_equal(count_of(svg, "<style>"), 1);
    assert_non_null(strstr(svg, "prefers-color-scheme:dark"));
    assert_null(strstr(svg, " id="));
    drawing_close(drawing);
}

/* A path's relative integers lead back to the points of the scene. */
static void a_path_is_decoded_to_its_points(void **state)
{
    struct drawing *drawing = drawing_open();
    const char *svg = drawing_svg(drawing, SVG_INLINE);
    const struct scene_item *item = drawing->scene.first;
    char *next = (char *)(uintptr_t)strstr(svg, "<path class=\"flux\" d=\"M");
    long x, y;

    (void)state;
    while (item->role != ROLE_FLUX)
        item = item->next;
    assert_non_null(next);
    next += strlen("<path class=\"flux\" d=\"M");
    x = strtol(next, &next, 10);
    y = strtol(next, &next, 10);
    assert_int_equal(*next++, 'l');
    for (size_t i = 0; i < item->count; i++) {
        assert_int_equal(x, item->points[i].x);
        assert_int_equal(y, item->points[i].y);
        if (i + 1 == item->count)
            break;
        x += strtol(next, &next, 10);
        y += strtol(next, &next, 10);
    }
    assert_int_equal(*next, '"');
    drawing_close(drawing);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_names_are_escaped),
        cmocka_unit_test(inside_a_page_it_has_classes_only),
        cmocka_unit_test(a_path_is_decoded_to_its_points),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
