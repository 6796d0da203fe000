#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/fake_worker.h"
#include "archive/read_through.h"

#include <pthread.h>
#include <semaphore.h>
#include <time.h>

/* The reader processes are this very program: see fake_worker.h. */
static const struct worker_settings settings = {.archive_folder = "/tmp", .seconds = 2};

static int open_with(int workers, void **state)
{
    struct failure failure;

    return read_through_open(&settings, workers, 1, (struct read_through **)state,
                             &failure);
}

static int open_one(void **state)
{
    return open_with(1, state);
}

static int open_two(void **state)
{
    return open_with(2, state);
}

static int close_it(void **state)
{
    read_through_close(*state);
    read_through_close(NULL);
    return 0;
}

static void post(void *where, uint64_t whom)
{
    (void)whom;
    sem_post(where);
}

static enum status ask(struct read_through *read_through, const char *path,
                       struct read_through_file **out, struct failure *failure)
{
    return read_through_ask(read_through, path, (struct waker){0}, out, failure);
}

/* Ask, sleep, and ask again when woken. */
static enum status wait_for(struct read_through *read_through, const char *path,
                            struct read_through_file **out, struct failure *failure)
{
    sem_t woken;
    struct waker waker = {.wake = post, .where = &woken};
    enum status status;

    sem_init(&woken, 0, 0);
    while ((status = read_through_ask(read_through, path, waker, out, failure)) ==
           STATUS_PENDING)
        sem_wait(&woken);
    sem_destroy(&woken);
    return status;
}

/* Whether a loan is the file of that path, with the samples of that path. */
static bool is_of(const struct read_through_file *file, const char *path)
{
    const struct reading_spectrum *spectrum = read_through_reading(file)->spectra;
    struct spectrum samples;
    struct failure failure;

    return strcmp(spectrum->entry.path, path) == 0 &&
           record_view(spectrum->record, spectrum->record_size, spectrum->axis,
                       spectrum->axis_size, true, &samples, &failure) == STATUS_OK &&
           samples.flux[7] == fake_flux(path, 7);
}

static void a_file_is_read_when_somebody_asks_and_kept_for_the_next(void **state)
{
    struct read_through_file *first = NULL, *second = NULL;
    struct failure failure;

    assert_int_equal(ask(*state, "dir/a", &first, &failure), STATUS_PENDING);
    assert_null(first);
    assert_int_equal(read_through_count(*state).waiting, 1);
    assert_int_equal(wait_for(*state, "dir/a", &first, &failure), STATUS_OK);
    assert_true(is_of(first, "dir/a"));
    assert_int_equal(ask(*state, "dir/a", &second, &failure), STATUS_OK);
    assert_ptr_equal(first, second);
    read_through_release(first);
    read_through_release(second);
    read_through_release(NULL);
    assert_int_equal(read_through_count(*state).files, 1);
    assert_int_equal(read_through_count(*state).waiting, 0);
}

static void *want_slow_file(void *read_through)
{
    struct read_through_file *file;
    struct failure failure;
    bool good = wait_for(read_through, "dir/slow", &file, &failure) == STATUS_OK &&
                is_of(file, "dir/slow");

    if (good)
        read_through_release(file);
    return good ? read_through : NULL;
}

static void a_hundred_who_want_one_file_have_it_read_once(void **state)
{
    pthread_t threads[100];
    void *good;

    for (int i = 0; i < 100; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, want_slow_file, *state), 0);
    for (int i = 0; i < 100; i++) {
        pthread_join(threads[i], &good);
        assert_ptr_equal(good, *state);
    }
    assert_int_equal(read_through_count(*state).files, 1);
}

static void one_who_asks_three_times_is_woken_once(void **state)
{
    struct read_through_file *file;
    struct failure failure;
    int posts;
    sem_t woken;

    sem_init(&woken, 0, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(read_through_ask(*state, "dir/slow",
                                          (struct waker){.wake = post, .where = &woken},
                                          &file, &failure),
                         STATUS_PENDING);
    assert_int_equal(wait_for(*state, "dir/slow", &file, &failure), STATUS_OK);
    read_through_release(file);
    assert_int_equal(wait_for(*state, "dir/absent", &file, &failure), STATUS_NOT_FOUND);
    sem_getvalue(&woken, &posts);
    assert_int_equal(posts, 1);
}

static void each_misfortune_has_its_status_and_a_line(void **state)
{
    static const struct {
        const char *path;
        enum status status;
        const char *message;
    } rows[] = {
        {"dir/absent", STATUS_NOT_FOUND, "dir/absent: no such file"},
        {"dir/refused", STATUS_REFUSED, "dir/refused: HDU 0: no spectrum"},
        {"dir/failed", STATUS_UNAVAILABLE, "dir/failed: Input/output error"},
        {"dir/die", STATUS_REFUSED,
         "dir/die: the reader process died (signal 11) on this file"},
        {"dir/stall", STATUS_REFUSED,
         "dir/stall: the reader process took longer than 2 seconds"},
        {"dir/garbage", STATUS_REFUSED,
         "dir/garbage: the reader process answered nonsense on this file"},
        {"dir/foreign", STATUS_REFUSED,
         "dir/foreign: the reader process answered nonsense on this file"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct read_through_file *file = NULL;
        struct failure failure = {0};

        print_message("%s\n", rows[i].path);
        assert_int_equal(wait_for(*state, rows[i].path, &file, &failure), rows[i].status);
        assert_string_equal(failure.message, rows[i].message);
        assert_null(file);
        assert_int_equal(ask(*state, rows[i].path, &file, &failure), rows[i].status);
        assert_int_equal(wait_for(*state, "dir/good", &file, &failure), STATUS_OK);
        read_through_release(file);
    }
}

static void a_stalled_reader_does_not_hold_up_the_other(void **state)
{
    struct read_through_file *file;
    struct failure failure;
    time_t start = time(NULL);

    assert_int_equal(ask(*state, "dir/stall", &file, &failure), STATUS_PENDING);
    assert_int_equal(wait_for(*state, "dir/a", &file, &failure), STATUS_OK);
    read_through_release(file);
    assert_true(time(NULL) - start <= 1);
}

static void what_was_no_good_is_tried_again_after_a_while(void **state)
{
    static const char *const paths[] = {"dir/absent", "dir/refused"};
    struct read_through_file *file;
    struct failure failure;

    for (int i = 0; i < 2; i++)
        assert_int_not_equal(wait_for(*state, paths[i], &file, &failure), STATUS_OK);
    usleep(1100000);
    for (int i = 0; i < 2; i++)
        assert_int_equal(ask(*state, paths[i], &file, &failure), STATUS_PENDING);
}

static void ingest_makes_it_forget_all_but_what_is_young_or_lent(void **state)
{
    struct read_through_file *lent, *other;
    struct failure failure;

    assert_int_equal(wait_for(*state, "dir/lent", &lent, &failure), STATUS_OK);
    assert_int_equal(wait_for(*state, "dir/old", &other, &failure), STATUS_OK);
    read_through_release(other);
    read_through_forget(*state);
    assert_int_equal(ask(*state, "dir/old", &other, &failure), STATUS_OK);
    read_through_release(other);
    usleep(1100000);
    read_through_forget(*state);
    assert_int_equal(ask(*state, "dir/lent", &other, &failure), STATUS_OK);
    assert_true(is_of(other, "dir/lent"));
    read_through_release(other);
    assert_int_equal(ask(*state, "dir/old", &other, &failure), STATUS_PENDING);
    read_through_release(lent);
}

static void four_thousand_files_may_wait_and_no_more(void **state)
{
    struct read_through_file *file;
    struct failure failure;
    char path[32];

    for (int i = 0; i < 4096; i++) {
        snprintf(path, sizeof(path), "dir/stall%d", i);
        assert_int_equal(ask(*state, path, &file, &failure), STATUS_PENDING);
    }
    assert_int_equal(ask(*state, "dir/a", &file, &failure), STATUS_UNAVAILABLE);
    assert_int_equal(ask(*state, "dir/stall7", &file, &failure), STATUS_PENDING);
    assert_int_equal(read_through_count(*state).waiting, 4096);
}

/* AddressSanitizer keeps what was freed for a while; not much of it here, please. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=1";
}

static long resident_pages(void)
{
    FILE *statm = fopen("/proc/self/statm", "r");
    long pages = 0;

    assert_int_equal(fscanf(statm, "%*d %ld", &pages), 1);
    fclose(statm);
    return pages;
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

/* Ask for names that no file has, a few thousand at a time. */
static void ask_for_unknown_names(struct read_through *read_through, int first, int end)
{
    struct read_through_file *file;
    struct failure failure;
    char path[32];

    for (int i = first; i < end; i++) {
        snprintf(path, sizeof(path), "dir/absent%d", i);
        while (ask(read_through, path, &file, &failure) == STATUS_UNAVAILABLE)
            usleep(1000);
    }
    while (read_through_count(read_through).waiting)
        usleep(1000);
}

static void half_a_million_unknown_names_cost_neither_memory_nor_descriptors(void **state)
{
    enum { WARM = 100000, NAMES = 500000, MEGABYTES = 4 };
    int descriptors;
    long pages;

    ask_for_unknown_names(*state, 0, WARM);
    descriptors = open_descriptors();
    pages = resident_pages();
    ask_for_unknown_names(*state, WARM, NAMES);
    assert_true(open_descriptors() <= descriptors);
#ifndef __SANITIZE_THREAD__ /* which remembers what every address was used for */
    assert_true((resident_pages() - pages) * sysconf(_SC_PAGESIZE) <
                MEGABYTES * 1024 * 1024);
#else
    (void)pages;
#endif
    assert_int_equal(read_through_count(*state).files, 0);
    assert_true(read_through_count(*state).unknown <= 65536);
}

static void readers_that_cannot_start_are_told_to_those_who_ask(void **state)
{
    struct worker_settings wrong = {.archive_folder = "/tmp", .program = "/nowhere"};
    struct read_through *read_through;
    struct read_through_file *file;
    struct failure failure;

    (void)state;
    assert_int_equal(read_through_open(&wrong, 1, 1, &read_through, &failure), STATUS_OK);
    assert_int_equal(wait_for(read_through, "dir/a", &file, &failure),
                     STATUS_UNAVAILABLE);
    read_through_close(read_through);
    wrong.archive_folder = "/nowhere/at/all";
    assert_int_equal(read_through_open(&wrong, 1, 1, &read_through, &failure),
                     STATUS_SYSTEM);
}

#define with_one(function) cmocka_unit_test_setup_teardown(function, open_one, close_it)
#define with_two(function) cmocka_unit_test_setup_teardown(function, open_two, close_it)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        with_one(a_file_is_read_when_somebody_asks_and_kept_for_the_next),
        with_two(a_hundred_who_want_one_file_have_it_read_once),
        with_one(one_who_asks_three_times_is_woken_once),
        with_two(each_misfortune_has_its_status_and_a_line),
        with_two(a_stalled_reader_does_not_hold_up_the_other),
        with_one(what_was_no_good_is_tried_again_after_a_while),
        with_one(ingest_makes_it_forget_all_but_what_is_young_or_lent),
        with_two(four_thousand_files_may_wait_and_no_more),
        with_two(half_a_million_unknown_names_cost_neither_memory_nor_descriptors),
        cmocka_unit_test(readers_that_cannot_start_are_told_to_those_who_ask),
    };

    fake_worker_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
