#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask.h"
#include "protocol/endpoints.h"

static const struct collection_settings two[] = {{.name = "lamost5"},
                                                 {.name = "lamost6"}};
static const struct service_settings settings = {
    .base_url = "http://x",
    .authority = "test.example",
    .max_ids = 10,
    .collections = two,
    .collection_count = 2,
};
static struct archive archives[2];
static struct archive *const shared_archives[] = {&archives[0], &archives[1]};
static struct service_shared shared = {.settings = &settings,
                                       .archives = shared_archives};

static void a_thread_opens_a_reader_for_each_collection_and_closes_them(void **state)
{
    struct failure failure;
    void *context = NULL;

    (void)state;
    assert_int_equal(service_open(&shared, &context, &failure), STATUS_OK);
    assert_int_equal(fake.readers, 2);
    service_close(context);
    assert_int_equal(fake.readers, 0);
    service_close(NULL);
}

static void a_reader_that_does_not_open_is_a_failure_without_leftovers(void **state)
{
    struct failure failure;
    void *context = NULL;

    (void)state;
    fake.reader_status = STATUS_SYSTEM;
    assert_int_equal(service_open(&shared, &context, &failure), STATUS_SYSTEM);
    assert_null(context);
    assert_int_equal(fake.readers, 0);
    fake.reader_status = STATUS_OK;
}

static void a_collection_is_found_by_the_first_segment(void **state)
{
    const struct service_collection *collection;
    struct failure failure;
    void *context;

    (void)state;
    assert_int_equal(service_open(&shared, &context, &failure), STATUS_OK);
    assert_int_equal(service_collection(context,
                                        &(struct request){.collection = "lamost6"},
                                        &collection, &failure),
                     STATUS_OK);
    assert_ptr_equal(collection->settings, &two[1]);
    assert_int_equal(service_collection(context,
                                        &(struct request){.collection = "LAMOST6"},
                                        &collection, &failure),
                     STATUS_NOT_FOUND);
    service_close(context);
}

static void health_is_ok(void **state)
{
    struct asked *asked = ask(healthz_serve, (struct ask){0});

    (void)state;
    assert_int_equal(asked->response.code, 200);
    assert_string_equal(asked->response.content_type, "text/plain");
    assert_string_equal(ask_text(asked), "ok\n");
    ask_finish(asked);
}

static void every_endpoint_can_answer_and_refuse(void **state)
{
    size_t count = 0;

    (void)state;
    for (const struct endpoint *endpoint = service_endpoints; endpoint->pattern;
         endpoint++) {
        assert_int_equal(endpoint->pattern[0], '/');
        assert_true(endpoint->methods & METHOD_GET);
        assert_non_null(endpoint->serve);
        assert_non_null(endpoint->refuse);
        count++;
    }
    assert_true(count > 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_opens_a_reader_for_each_collection_and_closes_them),
        cmocka_unit_test(a_reader_that_does_not_open_is_a_failure_without_leftovers),
        cmocka_unit_test(a_collection_is_found_by_the_first_segment),
        cmocka_unit_test(health_is_ok),
        cmocka_unit_test(every_endpoint_can_answer_and_refuse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
