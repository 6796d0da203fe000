/*
 * Write documents of the samples, and beside each what it was made of, for documents.py:
 * {sample}.{form}.vot, {sample}.entry (column, value), {sample}.rows (index and columns,
 * exact).
 */
#include "fake_archive.h"

#include "protocol/endpoints.h"
#include "sdm/sdm_frame.h"
#include "service/service.h"

#include <stdio.h>

static const struct collection_settings collection = {
    .name = FAKE_COLLECTION,
    .title = "LAMOST DR5 & others",
    .reference = "2012RAA....12.1197C",
    .rights = "public",
    .acknowledgement =
        "Guoshoujing Telescope is a National Major Scientific Project <built> "
        "by the Chinese Academy of Sciences.",
    .documentation_url = "http://www.lamost.org/dr5/?a=1&b=2",
};

static const struct service_settings settings = {
    .base_url = "http://127.0.0.1:8080",
    .authority = FAKE_AUTHORITY,
    .publisher = "Example Data Centre",
    .contact_name = "Nobody",
    .contact_email = "nobody@test.example",
    .max_ids = 100,
    .collections = &collection,
    .collection_count = 1,
};

static FILE *create(const char *folder, const char *name, const char *suffix)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s%s", folder, name, suffix);
    file = fopen(path, "w");
    if (!file) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    return file;
}

static void write_answer(const char *folder, const char *name, const char *suffix,
                         enum status (*serve)(void *, const struct request *,
                                              struct response *, struct failure *),
                         const char *rest, const char *query)
{
    struct archive_reader reader = {0};
    AUTO(sdm_frame_close)
    struct sdm_frame *frame = sdm_frame_open(&settings, &collection);
    struct service_collection served = {
        .settings = &collection, .reader = &reader, .frame = frame};
    struct service service = {.settings = &settings, .collections = &served};
    struct arena arena;
    struct request request = {.method = METHOD_GET,
                              .collection = FAKE_COLLECTION,
                              .rest = rest,
                              .arena = &arena};
    struct response response;
    struct failure failure;
    FILE *file;

    arena_init(&arena);
    params_init(&request.params, &arena);
    response_init(&response, &arena);
    if (params_read(&request.params, query, strlen(query), &failure) ||
        serve(&service, &request, &response, &failure)) {
        fprintf(stderr, "%s%s: %s\n", name, suffix, failure.message);
        exit(EXIT_FAILURE);
    }
    file = create(folder, name, suffix);
    fwrite(response.bytes.bytes, 1, response.bytes.length, file);
    fclose(file);
    response_finish(&response);
    arena_finish(&arena);
}

static void write_entry(const char *folder, const char *name, const struct entry *entry)
{
    FILE *file = create(folder, name, ".entry");

    for (size_t i = 0; i < entry_column_count; i++) {
        const struct entry_column *column = &entry_columns[i];

        fprintf(file, "%s\t", column->name);
        if (column->type == ENTRY_TEXT)
            fprintf(file, "%s",
                    entry_text(entry, column) ? entry_text(entry, column) : "-");
        else if (column->type == ENTRY_INTEGER)
            fprintf(file, "%lld", (long long)entry_integer(entry, column));
        else
            fprintf(file, "%.17g", entry_real(entry, column));
        fputc('\0', file);
    }
    fclose(file);
}

static void write_rows(const char *folder, const char *name,
                       const struct spectrum *spectrum)
{
    FILE *file = create(folder, name, ".rows");

    for (size_t i = 0; i < spectrum->axis.samples; i++)
        fprintf(file, "%.17g %.9g %.9g %d %d\n", axis_at(&spectrum->axis, i),
                (double)spectrum->flux[i], (double)spectrum->flux_error[i],
                mask_at(spectrum->and_mask, spectrum->mask_width, i),
                mask_at(spectrum->or_mask, spectrum->mask_width, i));
    fclose(file);
}

static void write_sample(const char *folder, const char *name,
                         const struct sample *sample, const char *band)
{
    const char *tabledata =
        "RESPONSEFORMAT=application/x-votable%2Bxml;serialization=TABLEDATA";
    char *query, *rest;

    write_entry(folder, name, &sample->entry);
    write_rows(folder, name, &sample->spectrum);
    if (asprintf(&rest, "%s.vot", sample->entry.path) < 0)
        exit(EXIT_FAILURE);
    write_answer(folder, name, ".whole.vot", spectra_serve, rest, "");
    write_answer(folder, name, ".whole.td.vot", spectra_serve, rest, tabledata);
    free(rest);
    if (strchr(sample->entry.path, '&'))
        return;
    if (asprintf(&query, "ID=%s&BAND=%s", sample->entry.path, band) < 0)
        exit(EXIT_FAILURE);
    write_answer(folder, name, ".cut.vot", soda_serve, NULL, query);
    free(query);
    if (asprintf(&query, "ID=%s&BAND=%s&%s", sample->entry.path, band, tabledata) < 0)
        exit(EXIT_FAILURE);
    write_answer(folder, name, ".cut.td.vot", soda_serve, NULL, query);
    free(query);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name, *band;
    } rows[SAMPLE_COUNT] = {
        {"star", "3.92e-7+3.98e-7"}, {"bare", "3.92e-7+3.98e-7"},
        {"blue", "4.95e-7+%2BInf"},  {"red", "6.31e-7+6.31e-7"},
        {"exposure", "-Inf+5e-7"},   {"hostile", ""},
    };

    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return EXIT_FAILURE;
    }
    fake_open();
    for (int i = 0; i < SAMPLE_COUNT; i++)
        write_sample(argv[1], rows[i].name, &fake.samples[i], rows[i].band);
    write_answer(argv[1], "all", ".links", links_serve, NULL,
                 "ID=dr7/spec-55859-F5902_sp01-001&ID=no%20%3Csuch%3E&ID=gone&ID="
                 "ivo://test.example/~?lamost5/"
                 "mrs/med-58859-NT054013S012745S01_sp15-092/B");
    write_answer(argv[1], "none", ".links", links_serve, NULL, "");
    fake_close();
    return fake.holdings ? EXIT_FAILURE : EXIT_SUCCESS;
}
