#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum status read_text(const char *text, struct config **out,
                             struct failure *failure)
{
    FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    enum status status;

    assert_non_null(file);
    status = config_read(file, "/etc/some/cutoutd.conf", out, failure);
    fclose(file);
    return status;
}

static struct config *accepted(const char *text)
{
    struct config *config = NULL;
    struct failure failure = {.message = "no message"};

    if (read_text(text, &config, &failure))
        fail_msg("%s", failure.message);
    return config;
}

static void two_lines_make_a_service(void **state)
{
    struct config *config = accepted("[collection lamost5]\narchive = /srv/lamost\n");
    const struct config_collection *collection = &config->collections[0];

    (void)state;
    assert_int_equal(config->collection_count, 1);
    assert_string_equal(collection->settings.name, "lamost5");
    assert_string_equal(collection->settings.title, "lamost5");
    assert_string_equal(collection->archive_folder, "/srv/lamost");
    assert_string_equal(collection->cache_folder, "/var/cache/cutoutd/lamost5");
    assert_true(collection->keep_in_step);
    assert_false(collection->allow_network_folder);
    assert_int_equal(collection->check_seconds, 600);
    assert_int_equal(collection->shard_bytes, 256 * 1024 * 1024);
    assert_null(collection->settings.documentation_url);
    assert_string_equal(config->service.base_url, "http://127.0.0.1:8080");
    assert_string_equal(config->service.authority, "localhost");
    assert_int_equal(config->service.collection_count, 1);
    assert_string_equal(config->service.collections[0].name, "lamost5");
    config_close(config);
}

static void defaults_are_those_of_the_server(void **state)
{
    struct config *config = accepted("[collection a]\narchive = /a\n");
    struct server_settings expected;

    (void)state;
    server_settings_init(&expected);
    assert_string_equal(config->server.listen, expected.listen);
    assert_int_equal(config->server.threads, expected.threads);
    assert_int_equal(config->server.max_connections, expected.max_connections);
    assert_int_equal(config->server.max_connections_per_address,
                     expected.max_connections_per_address);
    assert_int_equal(config->server.max_uri, expected.max_uri);
    assert_int_equal(config->server.max_headers, expected.max_headers);
    assert_int_equal(config->server.max_body, expected.max_body);
    assert_int_equal(config->server.head_seconds, expected.head_seconds);
    assert_int_equal(config->server.body_seconds, expected.body_seconds);
    assert_int_equal(config->server.answer_seconds, expected.answer_seconds);
    assert_int_equal(config->server.idle_seconds, expected.idle_seconds);
    assert_int_equal(config->server.drain_seconds, expected.drain_seconds);
    assert_null(config->server.access_log);
    config_close(config);
}

static void every_kind_of_value_is_read(void **state)
{
    struct config *config = accepted("\xEF\xBB\xBF; a comment\n"
                                     "[server]\n"
                                     "  listen = *:80\n"
                                     "base_url: https://data.example/lamost/\n"
                                     "max_uri = 4k\r\n"
                                     "answer_timeout = 2h\n"
                                     "# another\n"
                                     "[publisher]\n"
                                     "name = Data; of # A = B\n"
                                     "[collection lamost5]\n"
                                     "archive = fits\n"
                                     "cache = /var/tmp/c\n"
                                     "keep_in_step = No\n"
                                     "shard_size = 2M\n"
                                     "description = \n"
                                     "[collection med_2]\n"
                                     "archive = /med");

    (void)state;
    assert_string_equal(config->server.listen, "*:80");
    assert_string_equal(config->service.base_url, "https://data.example/lamost");
    assert_int_equal(config->server.max_uri, 4096);
    assert_int_equal(config->server.answer_seconds, 7200);
    assert_string_equal(config->service.publisher, "Data; of # A = B");
    assert_int_equal(config->collection_count, 2);
    assert_string_equal(config->collections[0].archive_folder, "/etc/some/fits");
    assert_string_equal(config->collections[0].cache_folder, "/var/tmp/c");
    assert_false(config->collections[0].keep_in_step);
    assert_int_equal(config->collections[0].shard_bytes, 2 * 1024 * 1024);
    assert_string_equal(config->collections[0].settings.description,
                        "Spectra of the LAMOST survey");
    assert_string_equal(config->collections[1].settings.name, "med_2");
    config_close(config);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
    static const struct {
        const char *text;
        const char *message; /* behind the file's name */
    } rows[] = {
        {"[server]\nthreads = 1\n", ":2: there is no section [collection NAME]"},
        {"threads = 1\n", ":1: a setting before the first section: threads"},
        {"[server]\n\ncolour = blue\n", ":3: unknown setting colour"},
        {"[publisher]\nthreads = 1\n", ":2: unknown setting threads"},
        {"[server]\nThreads = 1\n", ":2: unknown setting Threads"},
        {"[server]\nthreads = 1\nthreads = 2\n", ":3: set a second time: threads"},
        {"[server]\nthreads = one\n", ":2: threads: one is not a number"},
        {"[server]\nthreads = -1\n", ":2: threads: -1 is not a number"},
        {"[server]\nthreads = 1k\n", ":2: threads: 1k is not a number"},
        {"[server]\nthreads = 4096\n", ":2: threads: 4096 is not within 0 and 1024"},
        {"[server]\nmax_uri = 12x\n",
         ":2: max_uri: 12x is not a number of bytes (64k, 8M, 1G)"},
        {"[server]\nmax_uri = 99999999999G\n",
         ":2: max_uri: 99999999999G is not a number of bytes (64k, 8M, 1G)"},
        {"[server]\nhead_timeout = 1d\n",
         ":2: head_timeout: 1d is not a number of seconds (30s, 10m, 2h)"},
        {"[server]\nhead_timeout = 0\n", ":2: head_timeout: 0 is not within 1 and 86400"},
        {"[server]\nlisten = 8080\n", ":2: listen: 8080 is not an address"},
        {"[server]\nlisten = here:80000\n", ":2: listen: here:80000 is not an address"},
        {"[server]\nbase_url = data.example\n",
         ":2: base_url: data.example is not a URL"},
        {"[publisher]\nauthority = a/b\n", ":2: authority: a/b is not an authority"},
        {"[server]\n[server]\n", ":2: a second section server"},
        {"[colours]\n", ":1: sections are [server], [jobs], [publisher] and [collection NAME]; "
                        "unknown section colours"},
        {"[collection a]\n[collection b]\narchive = /b\n",
         ":1: archive is missing in section collection a"},
        {"[collection a]\narchive =\n", ":1: archive is missing in section collection a"},
        {"[collection a]\narchive = /a\n[collection a]\n",
         ":3: a second section for collection a"},
        {"[collection a]\narchive = /a\nkeep_in_step = 1\n",
         ":3: keep_in_step: 1 is neither yes nor no"},
        {"[server]\nlisten\n", ":2: neither KEY = VALUE nor [SECTION]"},
        {"[server\n", ":1: neither KEY = VALUE nor [SECTION]"},
        {"[server]\n\001 = 1\n", ":2: a control character"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct config *config = NULL;
        struct failure failure = {0};
        char expected[600];

        print_message("%s\n", rows[i].text);
        snprintf(expected, sizeof(expected), "/etc/some/cutoutd.conf%s", rows[i].message);
        assert_int_equal(read_text(rows[i].text, &config, &failure), STATUS_BAD_SETTING);
        assert_string_equal(failure.message, expected);
        assert_null(config);
    }
}

static void a_setting_given_twice_can_be_remembered_for_all(void **state)
{
    (void)state;
    assert_true(config_setting_count <=
                64); /* the bits of struct reading in config_file.c */
}

static void names_that_urls_need_otherwise_are_refused(void **state)
{
    static const char *const names[] = {"",
                                        "tap",
                                        "metrics",
                                        "healthz",
                                        "A",
                                        "1",
                                        "a-b",
                                        "a/b",
                                        "a b",
                                        "..",
                                        "a23456789012345678901234567890123"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct config *config = NULL;
        struct failure failure = {0};
        char text[200];

        snprintf(text, sizeof(text), "[collection %s]\narchive = /a\n", names[i]);
        assert_int_equal(read_text(text, &config, &failure), STATUS_BAD_SETTING);
    }
}

static void a_line_of_any_length_does_no_harm(void **state)
{
    enum { LENGTH = 100 * 1000 };
    char *text = malloc(LENGTH + 1);
    struct config *config = NULL;
    struct failure failure = {0};

    (void)state;
    memset(text, 'x', LENGTH);
    text[LENGTH] = '\0';
    assert_int_equal(read_text(text, &config, &failure), STATUS_BAD_SETTING);
    assert_string_equal(failure.message,
                        "/etc/some/cutoutd.conf:1: the line is too long");
    free(text);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    struct config *config = NULL;
    struct failure failure = {0};

    (void)state;
    assert_int_equal(config_open("/no/such.conf", &config, &failure), STATUS_BAD_SETTING);
    assert_string_equal(failure.message, "/no/such.conf: No such file or directory");
    assert_int_equal(config_open("/dev/null", &config, &failure), STATUS_BAD_SETTING);
    assert_string_equal(failure.message,
                        "/dev/null: there is no section [collection NAME]");
}

static void a_collection_is_found_by_its_name(void **state)
{
    struct config *config =
        accepted("[collection a]\narchive = /a\n[collection b]\narchive = /b\n");
    const struct config_collection *collection = NULL;
    struct failure failure = {0};

    (void)state;
    assert_int_equal(config_find(config, "b", &collection, &failure), STATUS_OK);
    assert_string_equal(collection->archive_folder, "/b");
    assert_int_equal(config_find(config, "c", &collection, &failure), STATUS_NOT_FOUND);
    assert_string_equal(failure.message, "no collection c; there are a, b");
    config_close(config);
}

static void every_address_is_called_by_a_name_that_clients_can_use(void **state)
{
    struct config *config =
        accepted("[server]\nlisten = *:81\n[collection a]\narchive = /a\n");
    char host[256], expected[300];

    (void)state;
    assert_int_equal(gethostname(host, sizeof(host)), 0);
    snprintf(expected, sizeof(expected), "http://%s:81", host);
    assert_string_equal(config->service.base_url, expected);
    config_close(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_lines_make_a_service),
        cmocka_unit_test(defaults_are_those_of_the_server),
        cmocka_unit_test(every_kind_of_value_is_read),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(a_setting_given_twice_can_be_remembered_for_all),
        cmocka_unit_test(names_that_urls_need_otherwise_are_refused),
        cmocka_unit_test(a_line_of_any_length_does_no_harm),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
        cmocka_unit_test(a_collection_is_found_by_its_name),
        cmocka_unit_test(every_address_is_called_by_a_name_that_clients_can_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
