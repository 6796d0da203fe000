#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/fake_worker.h"
#include "../support/folder.h"
#include "archive/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

/* The reader process is this very program: see fake_worker.h. */
static const struct worker_settings settings = {.archive_folder = "/tmp", .seconds = 1};

static int open_worker(void **state)
{
    struct failure failure;

    return worker_open(&settings, (struct worker **)state, &failure);
}

static int close_worker(void **state)
{
    worker_close(*state);
    errno = 0;
    return waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD ? 0 : -1; /* no zombie */
}

static void ask(struct worker *worker, const char *path, struct reading *out)
{
    struct failure failure;

    reading_init(out);
    assert_int_equal(worker_ask(worker, WORKER_FIND_FILE, path, NULL, &failure),
                     STATUS_OK);
    assert_int_equal(worker_take(worker, out, &failure), STATUS_OK);
}

/* The number of the process that answers. */
static int64_t process_of(struct worker *worker)
{
    struct reading reading;
    int64_t process;

    ask(worker, "dir/absent", &reading);
    assert_int_equal(reading.outcome, READING_ABSENT);
    process = reading.file_size;
    reading_finish(&reading);
    return process;
}

static void an_answer_is_what_the_process_packed(void **state)
{
    struct reading reading, expected;
    struct buffer a, b;

    buffer_init(&a);
    buffer_init(&b);
    reading_init(&expected);
    fake_reading("dir/mrs", &expected);
    ask(*state, "dir/mrs", &reading);
    assert_int_equal(reading.count, 4);
    assert_string_equal(reading.spectra[3].entry.path, "dir/mrs/R-84023871");
    expected.file_size = reading.file_size;
    reading_pack(&expected, &a);
    reading_pack(&reading, &b);
    assert_int_equal(a.length, b.length);
    assert_memory_equal(a.bytes, b.bytes, a.length);
    buffer_finish(&a);
    buffer_finish(&b);
    reading_finish(&expected);
    reading_finish(&reading);
}

static void an_expected_checksum_reaches_the_process(void **state)
{
    const uint64_t expected = 0xFEDCBA9876543210;
    struct reading reading;
    struct failure failure;

    reading_init(&reading);
    assert_int_equal(
        worker_ask(*state, WORKER_READ_FILE, "dir/a.fits", &expected, &failure),
        STATUS_OK);
    assert_int_equal(worker_take(*state, &reading, &failure), STATUS_OK);
    assert_int_equal(reading.outcome, READING_UNCHANGED);
    assert_true(reading.file_checksum == expected);
    reading_finish(&reading);
}

static void one_process_answers_many_questions(void **state)
{
    int64_t process = process_of(*state);

    assert_int_not_equal(process, getpid());
    for (int i = 0; i < 100; i++)
        assert_int_equal(process_of(*state), process);
}

static void a_process_has_the_folder_and_the_socket_and_nothing_else(void **state)
{
    int unwanted = dup2(open("/dev/null", O_RDONLY), 77); /* not close-on-exec */
    struct reading reading;

    ask(*state, "descriptors", &reading);
    assert_string_equal(reading.reason, "3 4");
    reading_finish(&reading);
    close(unwanted);
}

static void what_goes_wrong_is_told_of_the_file_and_another_process_answers(void **state)
{
    static const struct {
        const char *path;
        enum reading_outcome outcome;
        const char *reason;
    } rows[] = {
        {"dir/refused", READING_REFUSED, "HDU 0: no spectrum"},
        {"dir/die", READING_REFUSED, "the reader process died (signal 11) on this file"},
        {"dir/kill", READING_FAILED, "the reader process died (signal 9) on this file"},
        {"dir/leave", READING_FAILED, "the reader process ended (status 3) on this file"},
        {"dir/stall", READING_REFUSED, "the reader process took longer than 1 seconds"},
        {"dir/halfway", READING_REFUSED, "the reader process took longer than 1 seconds"},
        {"dir/garbage", READING_REFUSED,
         "the reader process answered nonsense on this file"},
        {"dir/huge", READING_REFUSED,
         "the reader process answered nonsense on this file"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t before = process_of(*state);
        struct reading reading;

        print_message("%s\n", rows[i].path);
        ask(*state, rows[i].path, &reading);
        assert_int_equal(reading.outcome, rows[i].outcome);
        assert_string_equal(reading.reason, rows[i].reason);
        assert_string_equal(reading.file, rows[i].path);
        assert_int_equal(reading.count, 0);
        reading_finish(&reading);
        assert_true((process_of(*state) == before) == (i == 0));
    }
}

static int open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static void many_deaths_leave_no_descriptor_and_no_zombie_behind(void **state)
{
    int descriptors = open_descriptors();
    struct failure failure;

    for (int i = 0; i < 100; i++) {
        struct reading reading;

        ask(*state, "dir/die", &reading);
        reading_finish(&reading);
    }
    assert_int_equal(open_descriptors(), descriptors);
    assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
    assert_int_equal(worker_start(*state, &failure), STATUS_OK);
}

static void words_after_an_answer_do_not_become_the_next_answer(void **state)
{
    struct reading reading;

    ask(*state, "dir/chatter", &reading);
    assert_int_equal(reading.outcome, READING_SPECTRA);
    reading_finish(&reading);
    usleep(100000);
    ask(*state, "dir/mrs", &reading);
    assert_int_equal(reading.outcome, READING_SPECTRA);
    assert_int_equal(reading.count, 4);
    reading_finish(&reading);
}

static void a_process_that_died_between_questions_is_replaced(void **state)
{
    int64_t before = process_of(*state);

    kill((pid_t)before, SIGTERM);
    usleep(100000);
    assert_int_not_equal(process_of(*state), before);
}

static void a_folder_in_the_place_of_the_archive_gets_a_process_of_its_own(void **state)
{
    char program[] = "/proc/self/exe", folder[FOLDER_LENGTH], aside[FOLDER_LENGTH + 4];
    struct worker_settings movable = {.archive_folder = folder, .program = program};
    struct worker *worker;
    struct failure failure;
    int64_t first, second;

    (void)state;
    folder_make(folder);
    snprintf(aside, sizeof(aside), "%s.old", folder);
    assert_int_equal(worker_open(&movable, &worker, &failure), STATUS_OK);
    first = process_of(worker);
    assert_int_equal(process_of(worker), first);
    assert_int_equal(rename(folder, aside), 0);
    assert_int_equal(process_of(worker), first); /* nothing to change to */
    assert_int_equal(mkdir(folder, 0755), 0);
    second = process_of(worker);
    assert_int_not_equal(second, first);
    assert_int_equal(process_of(worker), second);
    worker_close(worker);
    folder_remove(folder);
    folder_remove(aside);
}

static void a_process_started_beforehand_is_the_one_that_answers(void **state)
{
    struct failure failure;
    int64_t process;

    assert_int_equal(worker_start(*state, &failure), STATUS_OK);
    process = process_of(*state);
    assert_int_equal(worker_start(*state, &failure), STATUS_OK);
    assert_int_equal(process_of(*state), process);
}

static void the_descriptor_becomes_readable_when_there_is_an_answer(void **state)
{
    struct pollfd wanted = {.events = POLLIN};
    struct reading reading;
    struct failure failure;

    reading_init(&reading);
    assert_int_equal(worker_fd(*state), -1);
    assert_int_equal(worker_seconds_left(*state), 0);
    assert_int_equal(worker_ask(*state, WORKER_FIND_FILE, "dir/slow", NULL, &failure),
                     STATUS_OK);
    wanted.fd = worker_fd(*state);
    assert_int_equal(worker_seconds_left(*state), 1);
    assert_int_equal(poll(&wanted, 1, 0), 0);
    assert_int_equal(poll(&wanted, 1, 1000), 1);
    assert_int_equal(worker_take(*state, &reading, &failure), STATUS_OK);
    assert_int_equal(reading.outcome, READING_SPECTRA);
    assert_int_equal(worker_fd(*state), -1);
    reading_finish(&reading);
}

static void closing_does_not_wait_for_an_answer(void **state)
{
    struct failure failure;
    time_t start = time(NULL);

    assert_int_equal(worker_ask(*state, WORKER_FIND_FILE, "stall", NULL, &failure),
                     STATUS_OK);
    worker_close(*state);
    assert_true(time(NULL) - start <= 1);
    open_worker(state);
}

static void a_folder_or_a_program_that_is_not_there_is_a_failure(void **state)
{
    struct worker_settings wrong = {.archive_folder = "/nowhere/at/all"};
    struct worker *worker = NULL;
    struct failure failure;

    (void)state;
    assert_int_equal(worker_open(&wrong, &worker, &failure), STATUS_SYSTEM);
    assert_string_equal(failure.message, "/nowhere/at/all: No such file or directory");
    wrong = (struct worker_settings){.archive_folder = "/tmp", .program = "/nowhere"};
    assert_int_equal(worker_open(&wrong, &worker, &failure), STATUS_OK);
    assert_int_equal(worker_ask(worker, WORKER_FIND_FILE, "a", NULL, &failure),
                     STATUS_SYSTEM);
    assert_string_equal(failure.message, "cannot start a reader process: /nowhere: No "
                                         "such file or directory");
    assert_int_equal(worker_fd(worker), -1);
    worker_close(worker);
    worker_close(NULL);
}

static void a_path_that_is_too_long_is_not_asked(void **state)
{
    char path[WORKER_PATH_LENGTH + 1];
    struct failure failure;

    memset(path, 'a', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(worker_ask(*state, WORKER_FIND_FILE, path, NULL, &failure),
                     STATUS_BAD_PARAMETER);
    assert_int_equal(worker_fd(*state), -1);
}

#define worker_test(function)                                                            \
    cmocka_unit_test_setup_teardown(function, open_worker, close_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        worker_test(an_answer_is_what_the_process_packed),
        worker_test(an_expected_checksum_reaches_the_process),
        worker_test(one_process_answers_many_questions),
        worker_test(a_process_has_the_folder_and_the_socket_and_nothing_else),
        worker_test(what_goes_wrong_is_told_of_the_file_and_another_process_answers),
        worker_test(many_deaths_leave_no_descriptor_and_no_zombie_behind),
        worker_test(words_after_an_answer_do_not_become_the_next_answer),
        worker_test(a_process_that_died_between_questions_is_replaced),
        cmocka_unit_test(a_folder_in_the_place_of_the_archive_gets_a_process_of_its_own),
        worker_test(a_process_started_beforehand_is_the_one_that_answers),
        worker_test(the_descriptor_becomes_readable_when_there_is_an_answer),
        worker_test(closing_does_not_wait_for_an_answer),
        cmocka_unit_test(a_folder_or_a_program_that_is_not_there_is_a_failure),
        worker_test(a_path_that_is_too_long_is_not_asked),
    };

    fake_worker_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
