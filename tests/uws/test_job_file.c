#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "uws/job.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/cutoutd-test-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static const char ID[] = "0123456789abcdef0123456789abcdef";

static void a_job_survives_the_way_over_the_disk(void **state)
{
    static const char *const texts[] = {
        "plain",          "",     "two words", "100%",  "%41%",
        "line\nend\nend", "\t\r", "λ/Å",       " end ", "ivo://x/~?lamost5/a b%C",
        "trailing%",
    };
    enum { COUNT = sizeof(texts) / sizeof(texts[0]) };
    struct uws_param params[COUNT];
    struct uws_result results[] = {{"result", "application/fits", 1234, "a b.fits"},
                                   {"other", "text/plain", 0, NULL}};
    struct uws_job job = {.list = "lamost5",
                          .run_id = "a run",
                          .phase = UWS_ERROR,
                          .created = 1,
                          .started = 2,
                          .ended = 3,
                          .destruction = 4,
                          .duration = 5,
                          .params = params,
                          .param_count = COUNT,
                          .results = results,
                          .result_count = 2,
                          .maker = "somebody",
                          .crashes = 1,
                          .error = "UsageError: BAND: 50% of nothing\n",
                          .error_transient = true};
    struct failure failure;
    struct uws_job read;
    struct arena arena;

    (void)state;
    memcpy(job.id, ID, sizeof(ID));
    for (int i = 0; i < COUNT; i++)
        params[i] = (struct uws_param){"BAND", texts[i]};
    arena_init(&arena);
    assert_int_equal(uws_job_save(&job, folder, &failure), STATUS_OK);
    assert_int_equal(uws_job_load(folder, &arena, &read, &failure), STATUS_OK);
    assert_string_equal(read.id, ID);
    assert_string_equal(read.list, "lamost5");
    assert_string_equal(read.run_id, "a run");
    assert_int_equal(read.phase, UWS_ERROR);
    assert_true(read.created == 1 && read.started == 2 && read.ended == 3);
    assert_true(read.destruction == 4 && read.duration == 5 && read.error_transient);
    assert_string_equal(read.error, job.error);
    assert_int_equal(read.param_count, COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_string_equal(read.params[i].value, texts[i]);
    assert_string_equal(read.maker, "somebody");
    assert_int_equal(read.crashes, 1);
    assert_int_equal(read.result_count, 2);
    assert_string_equal(read.results[0].content_type, "application/fits");
    assert_string_equal(read.results[0].file_name, "a b.fits");
    assert_null(read.results[1].file_name);
    arena_finish(&arena);
}

static void a_file_that_was_not_saved_whole_is_damaged(void **state)
{
    static const char *const texts[] = {
        "",
        "end\n",
        "id 0123456789abcdef0123456789abcdef\nlist a\n",
        "id 0123456789abcdef0123456789abcdef\nlist a\nend",
        "id short\nlist a\nend\n",
        "id 0123456789abcdef0123456789abcdef\nlist a\nphase NOWHERE\nend\n",
        "id 0123456789abcdef0123456789abcdef\nlist a\ncreated x\nend\n",
        "id 0123456789abcdef0123456789abcdef\nlist a\nparam X\nend\n",
        "id 0123456789abcdef0123456789abcdef\nlist a\nresult 1 x\nend\n",
        "id 0123456789abcdef0123456789abcdef\nlist a\nstrange 1\nend\n",
    };
    char path[128];

    (void)state;
    snprintf(path, sizeof(path), "%s/job", folder);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        struct failure failure;
        struct uws_job job;
        struct arena arena;

        print_message("%zu\n", i);
        assert_int_equal(write(fd, texts[i], strlen(texts[i])), strlen(texts[i]));
        close(fd);
        arena_init(&arena);
        assert_int_equal(uws_job_load(folder, &arena, &job, &failure), STATUS_DAMAGED);
        arena_finish(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_survives_the_way_over_the_disk),
        cmocka_unit_test(a_file_that_was_not_saved_whole_is_damaged),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
