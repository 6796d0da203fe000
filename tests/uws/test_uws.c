#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "uws/document.h"
#include "uws/uws.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char folder[64];
static struct arena arena;
static atomic_int runs;

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/cutoutd-test-XXXXXX");
    arena_init(&arena);
    runs = 0;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[128];

    (void)state;
    arena_finish(&arena);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

/* Does what its first parameter says. */
static const char bytes[2000];

static enum status run_toy(void *context, struct uws_run *run, struct failure *failure)
{
    const struct uws_job *job = uws_run_job(run);
    const char *what = job->param_count ? job->params[0].value : "";

    (void)context;
    atomic_fetch_add(&runs, 1);
    if (strcmp(what, "fail") == 0)
        return failure_set(failure, STATUS_BAD_PARAMETER, "UsageError: no");
    if (strcmp(what, "large") == 0 || strcmp(what, "half") == 0)
        return uws_run_add_result(
            run,
            &(struct uws_result){"r", "text/plain", *what == 'l' ? 2000 : 1400, NULL},
            bytes, failure);
    while (strcmp(what, "long") == 0 && !uws_run_should_stop(run))
        uws_run_wait(run);
    return uws_run_add_result(run,
                              &(struct uws_result){"result", "text/plain", 4, "done.txt"},
                              "done", failure);
}

static const struct uws_service services[] = {{"toys", run_toy}, {NULL, NULL}};

static struct uws *open_store(void)
{
    struct uws_settings settings = {.folder = folder,
                                    .threads = 2,
                                    .max_jobs = 3,
                                    .max_bytes = 2500,
                                    .max_job_bytes = 1500,
                                    .duration_seconds = 600,
                                    .destruction_seconds = 86400};
    struct failure failure;
    struct uws *uws;

    assert_int_equal(
        uws_open(&settings, services, (struct uws_context){0}, &uws, &failure),
        STATUS_OK);
    return uws;
}

static void create(struct uws *uws, const char *what, char *id)
{
    struct uws_param param = {"DO", what};
    struct failure failure;

    struct uws_order order = {.list = "toys", .params = &param, .param_count = 1};

    assert_int_equal(uws_create(uws, &order, id, &failure), STATUS_OK);
}

static struct uws_job find(struct uws *uws, const char *id)
{
    struct failure failure;
    struct uws_job job;

    assert_int_equal(uws_find(uws, "toys", id, &arena, &job, &failure), STATUS_OK);
    return job;
}

static void wait_for(struct uws *uws, const char *id, enum uws_phase phase)
{
    for (int i = 0; i < 2000; i++) {
        struct timespec little = {.tv_nsec = 5000000};

        if (find(uws, id).phase == phase)
            return;
        nanosleep(&little, NULL);
    }
    assert_string_equal(uws_phase_name(find(uws, id).phase), uws_phase_name(phase));
}

static void a_job_runs_when_started_and_keeps_its_result(void **state)
{
    struct uws *uws = open_store();
    char id[UWS_ID_LENGTH + 1], text[5] = "";
    struct failure failure;
    struct uws_job job;
    int fd;

    (void)state;
    create(uws, "quick", id);
    assert_int_equal(find(uws, id).phase, UWS_PENDING);
    assert_int_equal(uws_start(uws, "toys", id, &failure), STATUS_OK);
    wait_for(uws, id, UWS_COMPLETED);
    job = find(uws, id);
    assert_int_equal(job.result_count, 1);
    assert_int_equal(uws_open_result(uws, &job, &job.results[0], &fd, &failure),
                     STATUS_OK);
    assert_int_equal(read(fd, text, 4), 4);
    close(fd);
    assert_string_equal(text, "done");
    assert_int_equal(uws_start(uws, "toys", id, &failure), STATUS_FORBIDDEN);
    uws_close(uws);

    uws = open_store(); /* after a restart it is still there, and does not run again */
    assert_int_equal(find(uws, id).phase, UWS_COMPLETED);
    assert_int_equal(runs, 1);
    uws_close(uws);
}

static void a_job_that_fails_says_why(void **state)
{
    struct uws *uws = open_store();
    char id[UWS_ID_LENGTH + 1];
    struct failure failure;

    (void)state;
    create(uws, "fail", id);
    uws_start(uws, "toys", id, &failure);
    wait_for(uws, id, UWS_ERROR);
    assert_string_equal(find(uws, id).error, "UsageError: no");
    assert_false(find(uws, id).error_transient);
    uws_delete(uws, "toys", id, &failure);
    create(uws, "large", id); /* beyond the room of a job */
    uws_start(uws, "toys", id, &failure);
    wait_for(uws, id, UWS_ERROR);
    assert_false(find(uws, id).error_transient);
    create(uws, "half", id);
    uws_start(uws, "toys", id, &failure);
    wait_for(uws, id, UWS_COMPLETED);
    create(uws, "half", id); /* beyond the room of all */
    uws_start(uws, "toys", id, &failure);
    wait_for(uws, id, UWS_ERROR);
    assert_true(find(uws, id).error_transient);
    uws_close(uws);
}

static void a_running_job_can_be_stopped(void **state)
{
    struct uws *uws = open_store();
    char id[UWS_ID_LENGTH + 1], other[UWS_ID_LENGTH + 1];
    struct failure failure;
    struct uws_job job;

    (void)state;
    create(uws, "long", id);
    create(uws, "long", other);
    uws_start(uws, "toys", id, &failure);
    uws_start(uws, "toys", other, &failure);
    wait_for(uws, id, UWS_EXECUTING);
    wait_for(uws, other, UWS_EXECUTING);
    assert_int_equal(uws_abort(uws, "toys", id, &failure), STATUS_OK);
    assert_int_equal(find(uws, id).phase, UWS_ABORTED);
    assert_int_equal(uws_delete(uws, "toys", other, &failure), STATUS_OK);
    assert_int_equal(uws_find(uws, "toys", other, &arena, &job, &failure),
                     STATUS_NOT_FOUND);
    uws_close(uws);
}

static void a_job_over_its_time_is_aborted_and_one_over_its_life_is_gone(void **state)
{
    struct uws *uws = open_store();
    char id[UWS_ID_LENGTH + 1];
    struct failure failure;
    struct uws_job job;

    (void)state;
    create(uws, "long", id);
    assert_int_equal(uws_set_duration(uws, "toys", id, 1, &failure), STATUS_OK);
    uws_start(uws, "toys", id, &failure);
    wait_for(uws, id, UWS_ABORTED);
    assert_int_equal(uws_set_destruction(uws, "toys", id, 1, &failure), STATUS_OK);
    for (int i = 0; i < 400 && uws_find(uws, "toys", id, &arena, &job, &failure) == 0;
         i++)
        usleep(10000);
    assert_int_equal(uws_find(uws, "toys", id, &arena, &job, &failure), STATUS_NOT_FOUND);
    create(uws, "quick", id);
    uws_set_duration(uws, "toys", id, 1 << 30, &failure); /* cut to what is allowed */
    uws_set_destruction(uws, "toys", id, INT64_MAX, &failure);
    assert_int_equal(find(uws, id).duration, 600);
    assert_int_equal(find(uws, id).destruction, find(uws, id).created + 86400);
    uws_close(uws);
}

static void what_ran_at_the_end_begins_anew_at_the_start(void **state)
{
    struct uws *uws = open_store();
    char id[UWS_ID_LENGTH + 1];
    struct failure failure;

    (void)state;
    create(uws, "long", id);
    uws_start(uws, "toys", id, &failure);
    wait_for(uws, id, UWS_EXECUTING);
    uws_close(uws);
    uws = open_store();
    wait_for(uws, id, UWS_EXECUTING);
    uws_close(uws);
    assert_int_equal(runs, 2);
}

/* As a process that is killed leaves it. */
static void rewrite_phase(const char *id, const char *phase, int crashes)
{
    char command[256];

    snprintf(command, sizeof(command),
             "sed -i -e 's/^phase .*/phase %s/' -e 's/^crashes .*/crashes %d/' %s/%s/job",
             phase, crashes, folder, id);
    assert_int_equal(system(command), 0);
}

static void what_ends_the_service_again_and_again_fails(void **state)
{
    struct uws *uws = open_store();
    char id[UWS_ID_LENGTH + 1], other[UWS_ID_LENGTH + 1];

    (void)state;
    create(uws, "long", id);
    create(uws, "long", other);
    uws_close(uws);
    rewrite_phase(id, "EXECUTING", 0);
    rewrite_phase(other, "EXECUTING", 2);
    uws = open_store();
    wait_for(uws, id, UWS_EXECUTING);
    assert_int_equal(find(uws, id).crashes, 1);
    assert_int_equal(find(uws, other).phase, UWS_ERROR);
    assert_true(find(uws, other).error_transient);
    uws_close(uws);
}

static void a_folder_is_for_one_process(void **state)
{
    struct uws_settings settings = {.folder = folder, .threads = 1};
    struct uws *uws = open_store(), *second;
    struct failure failure;

    (void)state;
    assert_int_equal(
        uws_open(&settings, services, (struct uws_context){0}, &second, &failure),
        STATUS_UNAVAILABLE);
    uws_close(uws);
    uws_close(open_store());
}

static void results_of_a_stopped_job_are_those_so_far(void **state)
{
    struct uws *uws = open_store();
    char id[UWS_ID_LENGTH + 1], path[256];
    struct failure failure;

    (void)state;
    create(uws, "long", id); /* writes when it is told to stop: too late */
    uws_start(uws, "toys", id, &failure);
    wait_for(uws, id, UWS_EXECUTING);
    assert_int_equal(uws_abort(uws, "toys", id, &failure), STATUS_OK);
    assert_int_equal(uws_abort(uws, "toys", id, &failure), STATUS_OK);
    uws_close(uws);
    uws = open_store();
    assert_int_equal(find(uws, id).phase, UWS_ABORTED);
    assert_int_equal(find(uws, id).result_count, 0);
    snprintf(path, sizeof(path), "%s/%s/output", folder, id);
    assert_int_equal(access(path, F_OK), -1);
    snprintf(path, sizeof(path), "%s/%s/result-result", folder, id);
    assert_int_equal(access(path, F_OK), -1);
    create(uws, "quick", id);
    uws_start(uws, "toys", id, &failure);
    wait_for(uws, id, UWS_COMPLETED);
    assert_int_equal(uws_abort(uws, "toys", id, &failure), STATUS_FORBIDDEN);
    uws_close(uws);
}

static void parameters_have_a_limit(void **state)
{
    struct uws *uws = open_store();
    char *long_text = calloc(1, UWS_MAX_PARAM_BYTES + 1), id[UWS_ID_LENGTH + 1];
    struct uws_param param = {"ID", long_text};
    struct uws_order order = {.list = "toys", .params = &param, .param_count = 1};
    struct failure failure;

    (void)state;
    memset(long_text, 'x', UWS_MAX_PARAM_BYTES);
    assert_int_equal(uws_create(uws, &order, id, &failure), STATUS_TOO_LARGE);
    create(uws, "quick", id);
    assert_int_equal(uws_set_params(uws, "toys", id, &param, 1, &failure),
                     STATUS_TOO_LARGE);
    assert_int_equal(find(uws, id).param_count, 1);
    free(long_text);
    uws_close(uws);
}

static void the_list_is_filtered_and_limited(void **state)
{
    struct uws *uws = open_store();
    struct uws_order order = {.list = "toys"};
    char id[UWS_ID_LENGTH + 1];
    struct uws_filter all = {0}, pending = {.phases = 1u << UWS_PENDING};
    struct uws_filter last = {.last = 2}, after = {.after = INT64_MAX - 1};
    struct failure failure;
    struct uws_job *jobs;
    size_t count;

    (void)state;
    for (int i = 0; i < 3; i++)
        create(uws, "quick", id);
    assert_int_equal(uws_create(uws, &order, id, &failure), STATUS_UNAVAILABLE);
    uws_list(uws, "toys", &all, &arena, &jobs, &count);
    assert_int_equal(count, 3);
    uws_start(uws, "toys", jobs[0].id, &failure);
    wait_for(uws, jobs[0].id, UWS_COMPLETED);
    uws_list(uws, "toys", &pending, &arena, &jobs, &count);
    assert_int_equal(count, 2);
    uws_list(uws, "toys", &last, &arena, &jobs, &count);
    assert_int_equal(count, 2);
    uws_list(uws, "toys", &after, &arena, &jobs, &count);
    assert_int_equal(count, 0);
    uws_list(uws, "others", &all, &arena, &jobs, &count);
    assert_int_equal(count, 0);
    uws_close(uws);
}

static void note(void *where, uint64_t whom)
{
    atomic_fetch_add((atomic_int *)where, (int)whom);
}

static enum status wait_in(struct uws *uws, const char *id, enum uws_phase phase,
                           int64_t seconds, atomic_int *woken, uint64_t whom)
{
    struct waker waker = {note, woken, whom};
    struct failure failure;

    return uws_wait(uws, "toys", id, (struct uws_wait){seconds, &phase}, waker, &failure);
}

static void waiting_ends_with_a_change_or_with_its_time(void **state)
{
    struct uws *uws = open_store();
    atomic_int woken = 0;
    char id[UWS_ID_LENGTH + 1];
    struct failure failure;

    (void)state;
    create(uws, "quick", id);
    assert_int_equal(wait_in(uws, id, UWS_QUEUED, 9, &woken, 1), STATUS_OK);
    assert_int_equal(wait_in(uws, id, UWS_HELD, 9, &woken, 1), STATUS_OK);
    assert_int_equal(wait_in(uws, id, UWS_PENDING, 0, &woken, 1), STATUS_OK);
    assert_int_equal(wait_in(uws, id, UWS_PENDING, -1, &woken, 1), STATUS_PENDING);
    assert_int_equal(wait_in(uws, id, UWS_PENDING, -1, &woken, 1), STATUS_PENDING);
    uws_start(uws, "toys", id, &failure);
    assert_true(woken > 0);
    assert_int_equal(wait_in(uws, id, UWS_PENDING, -1, &woken, 1), STATUS_OK);
    wait_for(uws, id, UWS_COMPLETED);
    assert_int_equal(wait_in(uws, id, UWS_COMPLETED, -1, &woken, 1), STATUS_OK);
    create(uws, "quick", id);
    woken = 0;
    assert_int_equal(wait_in(uws, id, UWS_PENDING, 1, &woken, 1), STATUS_PENDING);
    for (int i = 0; i < 400 && !woken; i++)
        usleep(10000);
    assert_true(woken > 0);
    assert_int_equal(wait_in(uws, id, UWS_PENDING, 1, &woken, 1), STATUS_OK);
    uws_close(uws);
}

static void
waiting_is_for_the_phase_that_there_was_and_ends_with_the_service(void **state)
{
    struct uws *uws = open_store();
    atomic_int woken = 0;
    struct waker waker = {note, &woken, 1};
    struct uws_wait wait = {-1, NULL};
    char id[UWS_ID_LENGTH + 1];
    struct failure failure;

    (void)state;
    create(uws, "long", id);
    assert_int_equal(uws_wait(uws, "toys", id, wait, waker, &failure), STATUS_PENDING);
    uws_start(uws, "toys", id, &failure);
    wait_for(uws, id, UWS_EXECUTING);
    assert_int_equal(uws_wait(uws, "toys", id, wait, waker, &failure), STATUS_OK);
    assert_int_equal(uws_wait(uws, "toys", id, wait, waker, &failure), STATUS_PENDING);
    woken = 0;
    uws_end_waiting(uws);
    assert_int_equal(woken, 1);
    assert_int_equal(uws_wait(uws, "toys", id, wait, waker, &failure), STATUS_OK);
    assert_int_equal(uws_wait(uws, "toys", id, wait, waker, &failure), STATUS_OK);
    uws_close(uws);
}

static void parameters_change_only_while_pending(void **state)
{
    struct uws *uws = open_store();
    struct uws_param more[] = {{"band", "1 2"}, {"DO", "quick"}};
    char id[UWS_ID_LENGTH + 1];
    struct failure failure;

    (void)state;
    create(uws, "fail", id);
    assert_int_equal(uws_set_params(uws, "toys", id, more, 2, &failure), STATUS_OK);
    assert_int_equal(find(uws, id).param_count, 2);
    assert_string_equal(find(uws, id).params[1].value, "quick");
    uws_start(uws, "toys", id, &failure);
    assert_int_equal(uws_set_params(uws, "toys", id, more, 2, &failure),
                     STATUS_FORBIDDEN);
    uws_close(uws);
}

static void times_are_read_as_iso_has_them(void **state)
{
    static const struct {
        const char *text;
        bool good;
        int64_t seconds;
    } rows[] = {
        {"1970-01-02T00:00:01Z", true, 86401},
        {"1970-01-02T00:00:01", true, 86401},
        {"1970-01-02T00:00:01.250Z", true, 86401},
        {"1970-01-02", true, 86400},
        {"2026-11-22T18:00:00Z", true, 1795370400},
        {"", false, 0},
        {"tomorrow", false, 0},
        {"1970-01-02T", false, 0},
        {"1970-01-02 00:00:01", false, 0},
        {"1970-13-02", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t seconds = 0;

        print_message("%s\n", rows[i].text);
        assert_int_equal(uws_time_read(rows[i].text, &seconds), rows[i].good);
        if (rows[i].good)
            assert_int_equal(seconds, rows[i].seconds);
    }
}

#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_job_runs_when_started_and_keeps_its_result),
        STORE_TEST(a_job_that_fails_says_why),
        STORE_TEST(a_running_job_can_be_stopped),
        STORE_TEST(a_job_over_its_time_is_aborted_and_one_over_its_life_is_gone),
        STORE_TEST(what_ran_at_the_end_begins_anew_at_the_start),
        STORE_TEST(what_ends_the_service_again_and_again_fails),
        STORE_TEST(a_folder_is_for_one_process),
        STORE_TEST(results_of_a_stopped_job_are_those_so_far),
        STORE_TEST(parameters_have_a_limit),
        STORE_TEST(the_list_is_filtered_and_limited),
        STORE_TEST(waiting_ends_with_a_change_or_with_its_time),
        STORE_TEST(waiting_is_for_the_phase_that_there_was_and_ends_with_the_service),
        STORE_TEST(parameters_change_only_while_pending),
        cmocka_unit_test(times_are_read_as_iso_has_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
