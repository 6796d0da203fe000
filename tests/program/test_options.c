#include "options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WORDS = 12 };

/* A command line of words with a blank between; _ in a word stands for a blank. */
static enum status read_line(char *line, struct options *out, struct failure *failure)
{
    static char *words[MOST_WORDS + 1];
    int count = 0;

    for (char *word = strtok(line, " "); word && count < MOST_WORDS;
         word = strtok(NULL, " ")) {
        for (char *blank = strchr(word, '_'); blank; blank = strchr(blank, '_'))
            *blank = ' ';
        words[count++] = word;
    }
    words[count] = NULL;
    return options_read(count, words, out, failure);
}

static void options_stand_before_or_behind_their_command(void **state)
{
    char lines[][80] = {
        "cutoutd ingest lamost5 a b -c my.conf --quiet --workers 3 --compact",
        "cutoutd -c my.conf ingest --compact -q --workers=3 lamost5 a b",
        "cutoutd --config=my.conf --quiet ingest lamost5 a --workers 3 b --compact",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct options options;
        struct failure failure = {.message = ""};

        print_message("%s\n", lines[i]);
        assert_int_equal(read_line(lines[i], &options, &failure), STATUS_OK);
        assert_string_equal(options.command->name, "ingest");
        assert_string_equal(options_config_path(&options), "my.conf");
        assert_int_equal(options.argument_count, 3);
        assert_string_equal(options.arguments[0], "lamost5");
        assert_string_equal(options.arguments[2], "b");
        assert_int_equal(options.workers, 3);
        assert_true(options.quiet);
        assert_true(options.compact);
    }
}

static void what_is_not_given_is_told_apart(void **state)
{
    char line[] = "cutoutd cut some.fits";
    struct options options;
    struct failure failure;

    (void)state;
    assert_int_equal(read_line(line, &options, &failure), STATUS_OK);
    assert_null(options.band);
    assert_null(options.spectrum);
    assert_null(options.config_path);
    assert_string_equal(options_config_path(&options), "/etc/cutoutd/cutoutd.conf");
    assert_int_equal(options.workers, -1);
}

static void a_band_may_begin_with_a_minus(void **state)
{
    char line[] = "cutoutd cut --band -Inf_4e-7 some.fits --spectrum B-84023871";
    struct options options;
    struct failure failure;

    (void)state;
    assert_int_equal(read_line(line, &options, &failure), STATUS_OK);
    assert_string_equal(options.band, "-Inf 4e-7");
    assert_string_equal(options.spectrum, "B-84023871");
    assert_string_equal(options.arguments[0], "some.fits");
}

static void help_and_version_need_nothing_else(void **state)
{
    static const struct {
        const char *line;
        bool help, version;
        const char *command;
    } rows[] = {
        {"cutoutd --help", true, false, NULL},
        {"cutoutd -h", true, false, NULL},
        {"cutoutd --version", false, true, NULL},
        {"cutoutd ingest --help", true, false, "ingest"},
        {"cutoutd --help cut", true, false, "cut"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *line = strdup(rows[i].line);
        struct options options;
        struct failure failure;

        assert_int_equal(read_line(line, &options, &failure), STATUS_OK);
        assert_int_equal(options.help, rows[i].help);
        assert_int_equal(options.version, rows[i].version);
        if (rows[i].command)
            assert_string_equal(options.command->name, rows[i].command);
        else
            assert_null(options.command);
        free(line);
    }
}

static void what_makes_no_sense_is_named(void **state)
{
    static const struct {
        const char *line;
        const char *message;
    } rows[] = {
        {"cutoutd", "a command is needed"},
        {"cutoutd dance", "unknown command dance"},
        {"cutoutd serve --loud", "unknown option --loud"},
        {"cutoutd serve -c", "-c needs a value"},
        {"cutoutd serve all", "serve: one argument too many: all"},
        {"cutoutd serve --quiet", "serve takes no --quiet"},
        {"cutoutd ingest", "ingest needs COLLECTION [PATH...]"},
        {"cutoutd ingest lamost5 --workers many",
         "--workers: many is not a number within 0 and 1024"},
        {"cutoutd ingest lamost5 --workers -1",
         "--workers: -1 is not a number within 0 and 1024"},
        {"cutoutd cut", "cut needs FILE --band \"LO HI\""},
        {"cutoutd cut a b", "cut: one argument too many: b"},
        {"cutoutd verify lamost5 --compact", "verify takes no --compact"},
        {"cutoutd copy lamost5", "copy needs COLLECTION FILE"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *line = strdup(rows[i].line);
        struct options options;
        struct failure failure = {.message = ""};

        assert_int_equal(read_line(line, &options, &failure), STATUS_BAD_SETTING);
        assert_string_equal(failure.message, rows[i].message);
        free(line);
    }
}

static void help_tells_of_every_command_but_the_hidden_one(void **state)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    options_print_help(NULL, out);
    fclose(out);
    for (const struct command *command = commands; command->name; command++) {
        char *found = strstr(text, command->name);

        assert_int_equal(found != NULL, command->sentence != NULL);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_stand_before_or_behind_their_command),
        cmocka_unit_test(what_is_not_given_is_told_apart),
        cmocka_unit_test(a_band_may_begin_with_a_minus),
        cmocka_unit_test(help_and_version_need_nothing_else),
        cmocka_unit_test(what_makes_no_sense_is_named),
        cmocka_unit_test(help_tells_of_every_command_but_the_hidden_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
