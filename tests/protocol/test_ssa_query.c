#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/ssa_query.h"

#include <math.h>
#include <string.h>

static const struct collection_settings collection = {.name = "lamost5"};
static const struct service_settings settings = {.authority = "test.example"};

struct fixture {
    struct arena arena;
    struct ssa_query query;
    struct failure failure;
};

static enum status read_query(struct fixture *fixture, const char *text)
{
    struct params params;

    arena_init(&fixture->arena);
    params_init(&params, &fixture->arena);
    assert_int_equal(params_read(&params, text, strlen(text), &fixture->failure),
                     STATUS_OK);
    return ssa_query_read(&params, &settings, &collection, &fixture->arena,
                          &fixture->query, &fixture->failure);
}

static bool is(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fabs(b);
}

#define CHECK(text, condition)                                                           \
    do {                                                                                 \
        struct fixture fixture;                                                          \
        const struct ssa_query *q = &fixture.query;                                      \
        const struct catalogue_query *c = &q->catalogue;                                 \
        print_message("%s\n", text);                                                     \
        if (read_query(&fixture, text))                                                  \
            fail_msg("%s", fixture.failure.message);                                     \
        (void)q, (void)c;                                                                \
        assert_true(condition);                                                          \
        arena_finish(&fixture.arena);                                                    \
    } while (0)

static void each_parameter_means_what_the_standard_says(void **state)
{
    (void)state;
    CHECK("", q->with_votable && q->with_fits && q->row_limit == SSA_ROWS_DEFAULT &&
                  q->may_overflow && !c->cone && !q->matches_nothing);
    CHECK("request=QUERYDATA&VERSION=1.0&COMPRESS=&RUNID=x&WILDTYPE=y&nonsense=1",
          !q->matches_nothing);
    CHECK("POS=10.5,41.2&SIZE=3", c->cone == &q->cone && is(c->cone->radius, 1.5));
    CHECK("POS=10.5,-90;icrs", is(c->cone->radius, SSA_SIZE_DEFAULT / 2));
    CHECK("POS=-10,0", is(c->cone->centre.y, -sin(10 * M_PI / 180)));
    CHECK("SIZE=1", !c->cone);
    CHECK("BAND=5e-7", c->wavelengths.count == 1 &&
                           is(c->wavelengths.ranges[0].first, 5000) &&
                           is(c->wavelengths.ranges[0].last, 5000));
    CHECK("BAND=4e-7/5e-7,/3e-7;source",
          c->wavelengths.count == 2 && isinf(c->wavelengths.ranges[1].first));
    CHECK("BAND=b,6e-7", c->bandpasses.count == 1 && c->wavelengths.count == 1 &&
                             strcmp(c->bandpasses.names[0], "B") == 0);
    CHECK("BAND=Optical", isinf(c->wavelengths.ranges[0].last));
    CHECK("TIME=2012/2013-06", is(c->times.ranges[0].first, 55927));
    CHECK("TARGETNAME=LAMOST J1,2", strcmp(c->target_name, "LAMOST J1,2") == 0);
    CHECK("TARGETCLASS=star,QSO", c->target_classes.count == 2);
    CHECK("REDSHIFT=-0.1/", is(c->redshifts.ranges[0].first, -0.1));
    CHECK("SNR=10&SPECRP=2000", is(c->snr, 10) && is(c->resolving_power, 2000));
    CHECK("SPATRES=0.01", !q->matches_nothing);
    CHECK("SPATRES=0.0001", q->matches_nothing);
    CHECK("TIMERES=1", q->matches_nothing);
    CHECK("VARAMPL=0.1/0.2", q->matches_nothing);
    CHECK("APERTURE=0.1", !q->matches_nothing);
    CHECK("WAVECALIB=Absolute", !q->matches_nothing);
    CHECK("FLUXCALIB=relative", !q->matches_nothing);
    CHECK("FLUXCALIB=absolute", q->matches_nothing);
    CHECK("PUBDID=ivo://test.example/~?lamost5/a/b", strcmp(c->path, "a/b") == 0);
    CHECK("PUBDID=ivo://elsewhere/x", q->matches_nothing);
    CHECK("CREATORDID=ivo://x%231", strcmp(c->creator_did, "ivo://x#1") == 0);
    CHECK("COLLECTION=LAMOST", !c->release && !q->matches_nothing);
    CHECK("COLLECTION=DR5", strcmp(c->release, "DR5") == 0);
    CHECK("COLLECTION=IVO://test.example/lamost5", !q->matches_nothing);
    CHECK("COLLECTION=ivo://test.example/other", q->matches_nothing);
    CHECK("MTIME=2020/", c->with_deleted && c->modified.count == 1);
}

static void rows_are_limited_as_asked(void **state)
{
    (void)state;
    CHECK("MAXREC=0", q->row_limit == 0 && q->may_overflow);
    CHECK("MAXREC=50", q->row_limit == 50 && q->may_overflow);
    CHECK("MAXREC=99999999999", q->row_limit == SSA_ROWS_MOST);
    CHECK("TOP=5", q->row_limit == 5 && !q->may_overflow && q->top == 5);
    CHECK("TOP=20000", q->row_limit == 20000 && !q->may_overflow);
    CHECK("TOP=5&MAXREC=3", q->row_limit == 3 && q->may_overflow);
    CHECK("TOP=3&MAXREC=5", q->row_limit == 3 && !q->may_overflow);
}

static void formats_are_lists_of_names_and_media_types(void **state)
{
    static const struct {
        const char *format;
        bool votable, fits, metadata;
    } rows[] = {
        {"all", true, true, false},
        {"ALL", true, true, false},
        {"compliant", true, false, false},
        {"votable", true, false, false},
        {"xml", true, false, false},
        {"native", false, true, false},
        {"fits", false, true, false},
        {"graphic", false, false, false},
        {"image/png", false, false, false},
        {"application/fits,application/x-votable%2Bxml", true, true, false},
        {"application/x-votable+xml", true, false, false},
        {"application/x-votable%2Bxml;serialization=BINARY2", true, false, false},
        {"Metadata", false, false, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[100] = "FORMAT=";

        strcat(text, rows[i].format);
        CHECK(text, q->with_votable == rows[i].votable && q->with_fits == rows[i].fits &&
                        q->is_metadata == rows[i].metadata);
    }
    CHECK("FORMAT=METADATA&POS=nonsense", q->is_metadata);
}

static void bad_values_are_refused_by_name(void **state)
{
    static const char *const rows[] = {
        "REQUEST=getCapabilities",
        "VERSION=2.0",
        "POS=10",
        "POS=10,91",
        "POS=a,b",
        "POS=10,20;GALACTIC",
        "POS=10,20,30",
        "POS=1/2,3",
        "SIZE=-1",
        "SIZE=361",
        "SIZE=x",
        "BAND=K",
        "BAND=4e-7 5e-7",
        "BAND=4e-7/x",
        "TIME=56000",
        "TIME=2012-13",
        "REDSHIFT=1,2",
        "REDSHIFT=x",
        "SNR=x",
        "SPECRP=-1",
        "SPATRES=x",
        "TIMERES=x",
        "VARAMPL=x",
        "APERTURE=x",
        "WAVECALIB=x",
        "FLUXCALIB=x",
        "MTIME=x",
        "MAXREC=-1",
        "MAXREC=x",
        "TOP=0",
        "TOP=1.5",
        "COMPRESS=maybe",
        "TARGETCLASS=a,,b",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture fixture;

        print_message("%s\n", rows[i]);
        assert_int_equal(read_query(&fixture, rows[i]), STATUS_BAD_PARAMETER);
        assert_int_equal(strncmp(fixture.failure.message, rows[i], strcspn(rows[i], "=")),
                         0);
        arena_finish(&fixture.arena);
    }
}

static void a_parameter_is_given_once(void **state)
{
    struct fixture fixture;

    (void)state;
    assert_int_equal(read_query(&fixture, "BAND=4e-7&band=5e-7"), STATUS_MULTIPLE_VALUES);
    arena_finish(&fixture.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_parameter_means_what_the_standard_says),
        cmocka_unit_test(rows_are_limited_as_asked),
        cmocka_unit_test(formats_are_lists_of_names_and_media_types),
        cmocka_unit_test(bad_values_are_refused_by_name),
        cmocka_unit_test(a_parameter_is_given_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
