#include "keeper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A stand-in for cutoutd that writes a line as it begins and one as it ends, and takes as
 * long as the file "seconds" says. */
static const char STAND_IN[] = "#!/bin/sh\n"
                               "cd \"$(dirname \"$0\")\" || exit 1\n"
                               "sleep \"$(cat seconds)\" &\n"
                               "trap \"kill $!\" TERM\n"
                               "echo $$ >pid\n"
                               "echo \"begin $*\" >>\"$2\".log\n"
                               "wait $! || exit 1\n"
                               "echo \"end\" >>\"$2\".log\n";

struct stage {
    char folder[64];
    char program[96];
    struct config_collection collections[2];
    struct config config;
};

static void write_file(const struct stage *stage, const char *name, const char *text)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", stage->folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    chmod(path, 0755);
}

static int set_up(void **state)
{
    struct stage *stage = calloc(1, sizeof(*stage));

    strcpy(stage->folder, "/tmp/test_keeper_XXXXXX");
    assert_non_null(mkdtemp(stage->folder));
    snprintf(stage->program, sizeof(stage->program), "%s/stand_in", stage->folder);
    write_file(stage, "stand_in", STAND_IN);
    write_file(stage, "seconds", "0");
    stage->collections[0].settings.name = "one";
    stage->collections[0].keep_in_step = true;
    stage->collections[1].settings.name = "two";
    stage->collections[1].keep_in_step = false;
    stage->config.collections = stage->collections;
    stage->config.collection_count = 2;
    *state = stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    static const char *const names[] = {"stand_in", "seconds", "pid", "one.log",
                                        "two.log"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[128];

        snprintf(path, sizeof(path), "%s/%s", stage->folder, names[i]);
        unlink(path);
    }
    rmdir(stage->folder);
    free(stage);
    return 0;
}

static void sleep_tenths(int tenths)
{
    struct timespec time = {tenths / 10, tenths % 10 * 100000000L};

    nanosleep(&time, NULL);
}

/* How often a line that begins so stands in the log of a collection. */
static int count(const struct stage *stage, const char *name, const char *begins)
{
    char path[128], line[256];
    int lines = 0;
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s.log", stage->folder, name);
    if (!(file = fopen(path, "r")))
        return 0;
    while (fgets(line, sizeof(line), file))
        lines += strncmp(line, begins, strlen(begins)) == 0;
    fclose(file);
    return lines;
}

/* Wait for so many lines that begin so, a minute at the most, while the keeper ticks. */
static void tick_until(struct keeper *keeper, const struct stage *stage,
                       const char *begins, int lines)
{
    for (int i = 0; i < 600 && count(stage, "one", begins) < lines; i++) {
        sleep_tenths(1);
        keeper_tick(keeper);
    }
    assert_true(count(stage, "one", begins) >= lines);
}

/* Of the stand-in, as an operator would. */
static void end_run(const struct stage *stage)
{
    char path[128];
    long pid = 0;
    FILE *file;

    snprintf(path, sizeof(path), "%s/pid", stage->folder);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld", &pid), 1);
    fclose(file);
    assert_int_equal(kill((pid_t)pid, SIGTERM), 0);
}

static void ingest_runs_at_the_start_where_it_is_wanted(void **state)
{
    struct stage *stage = *state;
    struct keeper *keeper = keeper_open(&stage->config, stage->program, "/my.conf");

    tick_until(keeper, stage, "end", 1);
    assert_int_equal(count(stage, "one", "begin ingest one --quiet --config /my.conf\n"),
                     1);
    sleep_tenths(12);
    keeper_tick(keeper);
    sleep_tenths(2);
    assert_int_equal(count(stage, "one", "begin"), 1);
    assert_int_equal(count(stage, "two", "begin"), 0);
    keeper_close(keeper);
}

static void ingest_runs_again_after_a_while(void **state)
{
    struct stage *stage = *state;
    struct keeper *keeper;

    stage->collections[0].check_seconds = 1;
    keeper = keeper_open(&stage->config, stage->program, "/my.conf");
    tick_until(keeper, stage, "end", 3);
    keeper_close(keeper);
}

static void two_never_run_at_once(void **state)
{
    struct stage *stage = *state;
    struct keeper *keeper;

    write_file(stage, "seconds", "60");
    keeper = keeper_open(&stage->config, stage->program, "/my.conf");
    tick_until(keeper, stage, "begin", 1);
    write_file(stage, "seconds", "0");
    for (int i = 0; i < 5; i++) {
        sleep_tenths(1);
        keeper_start_all(keeper);
        assert_int_equal(count(stage, "one", "begin"), 1);
    }
    /* Those five wishes are one more run. */
    end_run(stage);
    tick_until(keeper, stage, "end", 1);
    sleep_tenths(3);
    keeper_tick(keeper);
    sleep_tenths(3);
    assert_int_equal(count(stage, "one", "begin"), 2);
    keeper_close(keeper);
}

static void ingest_ends_with_the_keeper(void **state)
{
    struct stage *stage = *state;
    struct keeper *keeper;
    time_t before;

    write_file(stage, "seconds", "120");
    keeper = keeper_open(&stage->config, stage->program, "/my.conf");
    tick_until(keeper, stage, "begin", 1);
    before = time(NULL);
    keeper_close(keeper);
    assert_true(time(NULL) - before < 60);
    assert_int_equal(count(stage, "one", "end"), 0);
}

static void a_program_that_is_not_there_does_no_harm(void **state)
{
    struct stage *stage = *state;
    struct keeper *keeper = keeper_open(&stage->config, "/no/such/program", "/my.conf");

    sleep_tenths(2);
    keeper_tick(keeper);
    keeper_close(keeper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ingest_runs_at_the_start_where_it_is_wanted,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(ingest_runs_again_after_a_while, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(two_never_run_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ingest_ends_with_the_keeper, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_program_that_is_not_there_does_no_harm, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
