#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/tree.h"
#include "ingest/cache_folder.h"

static void only_one_ingest_has_a_cache_folder(void **state)
{
    char folder[FOLDER_LENGTH];
    struct failure failure;
    int first, second;

    (void)state;
    folder_make(folder);
    assert_int_equal(cache_folder_claim(folder, false, &first, &failure), STATUS_OK);
    assert_int_equal(cache_folder_claim(folder, false, &second, &failure),
                     STATUS_UNAVAILABLE);
    assert_non_null(strstr(failure.message, folder));
    close(first);
    assert_int_equal(cache_folder_claim(folder, false, &second, &failure), STATUS_OK);
    close(second);
    folder_remove(folder);
}

static void a_missing_cache_folder_is_made(void **state)
{
    char folder[FOLDER_LENGTH], deeper[FOLDER_LENGTH + 16];
    struct failure failure;
    int claim;

    (void)state;
    folder_make(folder);
    snprintf(deeper, sizeof(deeper), "%s/not/there/yet", folder);
    assert_int_equal(cache_folder_claim(deeper, false, &claim, &failure), STATUS_OK);
    close(claim);
    assert_true(tree_has(folder, "not/there/yet"));
    folder_remove(folder);
}

/* Types as statfs(2) lists them. */
static void network_file_systems_are_known(void **state)
{
    static const struct {
        unsigned long type;
        const char *name;
    } rows[] = {
        {0x6969, "NFS"},     {0xff534d42, "CIFS"}, {0x517b, "SMB"},
        {0xfe534d42, "SMB"}, {0x65735546, "FUSE"}, {0x00c36400, "Ceph"},
        {0xef53, NULL},      {0x58465342, NULL},   {0x01021994, NULL},
        {0x9123683e, NULL},  {0x794c7630, NULL},   {0x2fc12fc1, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *name = cache_folder_network_name(rows[i].type);

        print_message("type 0x%lx\n", rows[i].type);
        if (rows[i].name)
            assert_string_equal(name, rows[i].name);
        else
            assert_null(name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_one_ingest_has_a_cache_folder),
        cmocka_unit_test(a_missing_cache_folder_is_made),
        cmocka_unit_test(network_file_systems_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
