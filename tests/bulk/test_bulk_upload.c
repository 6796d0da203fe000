#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "bulk/bulk_upload.h"

#include <stdio.h>
#include <string.h>

#define TYPE "multipart/form-data; boundary=b"
#define FIELD(name, value)                                                               \
    "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define A_FILE(name, content)                                                            \
    "--b\r\nContent-Disposition: form-data; name=\"" name                                \
    "\"; filename=\"f\"\r\nContent-Type: text/plain\r\n\r\n" content "\r\n"
#define END "--b--\r\n"
#define NAMED FIELD("UPLOAD", "ids,param:f")

enum { LIMIT = 5 };

/* What a body says: "NAME=value;" of each parameter, then the IDs, in brackets. */
static enum status read_pieces(const char *body, size_t length, size_t piece,
                               struct buffer *out, struct failure *failure)
{
    struct bulk_ids *ids = bulk_ids_open(LIMIT);
    struct bulk_upload *upload;
    struct params params;
    struct arena arena;
    const char *id = "";
    enum status status;

    arena_init(&arena);
    params_init(&params, &arena);
    assert_int_equal(bulk_upload_open(TYPE, &params, ids, &upload, failure), STATUS_OK);
    status = STATUS_OK;
    for (size_t at = 0; at < length && !status; at += piece)
        status = bulk_upload_add(upload, body + at,
                                 length - at < piece ? length - at : piece, failure);
    if (!status)
        status = bulk_upload_end(upload, failure);
    bulk_upload_close(upload);
    buffer_clear(out);
    for (const struct param *param = params.first; param; param = param->next)
        buffer_format(out, "%s=%s;", param->name, param->value);
    while (!status && (status = bulk_ids_next(ids, &id, failure)) == STATUS_OK && id)
        buffer_format(out, "[%s]", id);
    buffer_add_char(out, '\0');
    bulk_ids_close(ids);
    arena_finish(&arena);
    return status;
}

#define TABLE(field, rows)                                                               \
    "<VOTABLE><RESOURCE><TABLE><FIELD name='n' datatype='int'/><FIELD datatype='char' "  \
    "arraysize='*' " field "/><DATA><TABLEDATA>" rows                                    \
    "</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"
#define A_ROW                                                                            \
    "<TR><TD>1</TD><TD>a</TD></TR><TR><TD>2</TD><TD> b\n</TD></TR><TR><TD/><TD/></TR>"

static void lists_and_tables_are_read_whatever_pieces_they_come_in(void **state)
{
    static const struct {
        const char *body, *said;
    } rows[] = {
        {END, ""},
        {FIELD("Band", "1 2") FIELD("id", "x") END, "BAND=1 2;ID=x;"},
        /* Lists, with whatever ends the lines. */
        {FIELD("IDS", "a\nb") END, "[a][b]"},
        {FIELD("ids", "a\r\nb\r\n") END, "[a][b]"},
        {A_FILE("IDS", "\n a \n\n\nb\n") FIELD("BAND", "1 2") END, "BAND=1 2;[a][b]"},
        {A_FILE("IDS", "\xEF\xBB\xBF"
                       "a\nb\n") END,
         "[a][b]"},
        /* As CSV, a header of its own. */
        {A_FILE("IDS", "ssa_pubDID\r\na\r\nID\r\n") END, "[a][ID]"},
        {A_FILE("IDS", "\"id\"\na\n") END, "[a]"},
        {A_FILE("IDS", "ssa_pubDID2\n") END, "[ssa_pubDID2]"},
        {A_FILE("IDS", "") END, ""},
        {A_FILE("IDS", " \n \n") END, ""},
        {A_FILE("IDS", "a") FIELD("IDS", "b") END, "[a][b]"},
        {A_FILE("f", "a\na\n") NAMED END, "UPLOAD=ids,param:f;[a][a]"},
        {FIELD("IDS", "a") FIELD("UPLOAD", "x,param:IDS") END, "UPLOAD=x,param:IDS;[a]"},
        /* Tables, by what the column is called or means. */
        {A_FILE("IDS", TABLE("name='ID'", A_ROW)) END, "[a][b]"},
        {A_FILE("f", "\n" TABLE("name='id'", A_ROW)) NAMED END,
         "UPLOAD=ids,param:f;[a][b]"},
        {A_FILE("IDS", TABLE("name='SSA_pubDID'", A_ROW)) END, "[a][b]"},
        {A_FILE("IDS", TABLE("name='obs_publisher_did'", A_ROW)) END, "[a][b]"},
        {A_FILE("IDS", TABLE("name='x' ucd='meta.id;meta.main'", A_ROW)) END, "[a][b]"},
        {A_FILE("IDS", TABLE("name='x' ucd='meta.ref.url;meta.curation'", A_ROW)) END,
         "[a][b]"},
        {A_FILE("IDS", TABLE("name='x' ucd='meta.ref.uri;meta.curation'", A_ROW)) END,
         "[a][b]"},
        {A_FILE("IDS", TABLE("name='x' ucd='META.REF.IVOID;META.ID'", A_ROW)) END,
         "[a][b]"},
        {A_FILE("IDS", TABLE("name='x' ucd='meta.id;meta.main'/><FIELD name='ssa_pubDID' "
                             "datatype='char' arraysize='*'",
                             "<TR><TD>1</TD><TD>main</TD><TD>did</TD></TR>")) END,
         "[did]"},
        {A_FILE("IDS", TABLE("name='ID'", "")) END, ""},
    };
    struct buffer said = {0};
    struct failure failure = {.message = ""};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t length = strlen(rows[i].body);

        print_message("%s\n", rows[i].body);
        for (size_t piece = 1; piece <= length;
             piece = piece < 9 ? piece + 1 : piece * 2) {
            assert_int_equal(read_pieces(rows[i].body, length, piece, &said, &failure),
                             STATUS_OK);
            assert_string_equal((const char *)said.bytes, rows[i].said);
        }
    }
    buffer_finish(&said);
}

static void what_is_wrong_gets_a_sentence(void **state)
{
    static const struct {
        const char *body;
        enum status status;
        const char *words;
    } rows[] = {
        {FIELD("IDS", "1\n2\n3\n4\n5\n6") END, STATUS_TOO_LARGE, "takes 5 IDs"},
        {A_FILE("IDS", TABLE("name='ID'", A_ROW A_ROW A_ROW)) END, STATUS_TOO_LARGE,
         "takes 5 IDs"},
        {A_FILE("IDS", TABLE("name='colour'", A_ROW)) END, STATUS_BAD_PARAMETER,
         "no column of IDs: it must be named ID, ssa_pubDID or obs_publisher_did"},
        {A_FILE("IDS", "<html>") END, STATUS_BAD_PARAMETER, "the VOTable: line 1"},
        {A_FILE("f", "a") END, STATUS_BAD_PARAMETER, "UPLOAD: missing: the file 'f'"},
        {A_FILE("f", "a") FIELD("UPLOAD", "ids,param:g") END, STATUS_BAD_PARAMETER,
         "there is no file in the field 'g'"},
        {FIELD("UPLOAD", "ids,param:f") END, STATUS_BAD_PARAMETER,
         "there is no file in the field 'f'"},
        {A_FILE("f", "a") FIELD("UPLOAD", "ids,http://x/y") END, STATUS_BAD_PARAMETER,
         "expected NAME,param:FIELD"},
        {A_FILE("f", "a") FIELD("UPLOAD", "ids") END, STATUS_BAD_PARAMETER,
         "expected NAME,param:FIELD"},
        {A_FILE("f", "a") NAMED NAMED END, STATUS_MULTIPLE_VALUES, "UPLOAD"},
        {A_FILE("f", "a") A_FILE("g", "a") NAMED END, STATUS_BAD_PARAMETER,
         "one table at a time, 'g' is another"},
        {A_FILE("IDS", "SIMPLE  =                    T / conforms to FITS") END,
         STATUS_BAD_PARAMETER, "IDS: this is a FITS file; send a VOTable"},
        {A_FILE("IDS", "\x1f\x8b\x08") END, STATUS_BAD_PARAMETER,
         "IDS: this is a gzip file"},
        {A_FILE("IDS", "ssa_pubDID,ra\na,1\n") END, STATUS_BAD_PARAMETER,
         "IDS: this is a CSV table of 2 columns"},
        {FIELD("", "x") END, STATUS_BAD_PARAMETER, "a field without a name"},
        {A_FILE("IDS", "a\nb"), STATUS_BAD_PARAMETER, "cut off in the middle"},
    };
    struct buffer said = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static const size_t pieces[] = {1, 7, SIZE_MAX};

        for (size_t j = 0; j < sizeof(pieces) / sizeof(pieces[0]); j++) {
            struct failure failure = {.message = ""};
            enum status status = read_pieces(rows[i].body, strlen(rows[i].body),
                                             pieces[j], &said, &failure);

            print_message("%s\n  %s\n", rows[i].body, failure.message);
            assert_int_equal(status, rows[i].status);
            assert_non_null(strstr(failure.message, rows[i].words));
        }
    }
    buffer_finish(&said);
}

/* Parameters are kept in memory, so they are few and short. */
static void many_or_long_fields_are_refused(void **state)
{
    struct buffer body = {0}, said = {0};
    struct failure failure;

    (void)state;
    for (int i = 0; i < 1002; i++)
        buffer_add_string(&body, FIELD("x", "y"));
    assert_int_equal(
        read_pieces((const char *)body.bytes, body.length, 1000, &said, &failure),
        STATUS_TOO_LARGE);
    assert_non_null(strstr(failure.message, "more than 1000 fields"));
    buffer_clear(&body);
    buffer_add_string(&body, "--b\r\nContent-Disposition: form-data; name=x\r\n\r\n");
    for (int i = 0; i < 70000; i++)
        buffer_add_char(&body, 'y');
    assert_int_equal(
        read_pieces((const char *)body.bytes, body.length, 1000, &said, &failure),
        STATUS_TOO_LARGE);
    assert_non_null(strstr(failure.message, "x: more than 65536 bytes"));
    buffer_finish(&body);
    buffer_finish(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_and_tables_are_read_whatever_pieces_they_come_in),
        cmocka_unit_test(what_is_wrong_gets_a_sentence),
        cmocka_unit_test(many_or_long_fields_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
