#include "protocol/endpoints.h"

#include "archive/search.h"
#include "base/memory.h"
#include "dali/compress.h"
#include "format/votable.h"
#include "protocol/links_descriptor.h"
#include "protocol/soda_descriptor.h"
#include "protocol/ssa_query.h"
#include "protocol/ssa_table.h"
#include "sdm/sdm.h"
#include "sdm/sdm_rows.h"
#include "service/service.h"

#include <stdlib.h>
#include <string.h>

/*
 * SSA 1.1: which spectra there are. An answer is made while it is sent, a piece at a
 * time: between two of them others of the thread have their turn, and nothing of the
 * catalogue is held.
 */

static const char CONTENT_TYPE[] = "application/x-votable+xml";

enum {
    PIECE = 48 * 1024,   /* bytes: a few rows more may follow */
    HITS = 64,           /* looked for at once */
    SLICE = 1000 * 1000, /* nanoseconds that a piece may look for them */
};

struct answer {
    const struct service_settings *settings;
    const struct service_collection *collection;
    struct arena arena; /* of one row */
    struct ssa_query query;
    struct catalogue_search *search;
    enum { STAGE_HEAD, STAGE_RANKING, STAGE_ROWS, STAGE_TAIL, STAGE_END } stage;
    struct buffer first; /* piece, made before it is known that there are others */

    struct catalogue_hit *hits; /* found and not written yet */
    size_t hit_count, hit_room;
    size_t next;       /* of them */
    bool has_all_hits; /* the search has ended */

    int64_t rows;
    bool has_overflow;
    int64_t size_beside; /* bytes of a document besides its rows; 0: not known yet */
    struct soda_coverage coverage;
};

static void answer_close(void *state)
{
    struct answer *answer = state;

    catalogue_search_close(answer->search);
    arena_finish(&answer->arena);
    buffer_finish(&answer->first);
    free(answer->hits);
    free(answer);
}

/* ---- rows ---- */

/* Of the spectrum as a document, without making it: all else is about as long in each. */
static int64_t document_size(struct answer *answer, const struct entry *entry,
                             const char *publisher_did)
{
    struct sdm_document document = {
        .frame = answer->collection->frame,
        .publisher_did = publisher_did,
        .entry = entry,
        .slice = {.count = (size_t)entry->length},
    };
    int64_t rows = entry->length * SDM_BINARY2_ROW_BYTES / 3 * 4;

    if (answer->size_beside == 0)
        answer->size_beside = sdm_length(&document) - rows;
    return answer->size_beside + rows;
}

/* 1 at the centre, 0 at the edge. */
static double score_of(const struct answer *answer, const struct catalogue_hit *hit)
{
    const struct cone *cone = answer->query.catalogue.cone;

    return cone && cone->radius > 0 ? 1 - hit->separation / cone->radius : 1;
}

static void write_form(struct answer *answer, struct ssa_row *row, enum ssa_form form,
                       struct buffer *out)
{
    if (answer->rows == answer->query.row_limit) {
        answer->has_overflow = answer->query.may_overflow;
        return;
    }
    row->form = form;
    row->size = form == SSA_FORM_FITS
                    ? row->entry->file_raw_size
                    : document_size(answer, row->entry, row->publisher_did);
    ssa_table_row(row, out);
    answer->rows++;
}

static enum status write_hit(struct answer *answer, const struct catalogue_hit *hit,
                             struct buffer *out, struct failure *failure)
{
    const struct ssa_query *query = &answer->query;
    struct entry entry;
    struct ssa_row row = {
        .settings = answer->settings,
        .collection = answer->collection,
        .entry = &entry,
        .is_associated = query->with_votable && query->with_fits,
        .score = score_of(answer, hit),
    };
    enum status status;

    arena_reset(&answer->arena);
    status = archive_search_entry(answer->collection->reader, hit->number, &answer->arena,
                                  &entry, failure);
    if (status)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    row.publisher_did = service_publisher_did(
        answer->settings, answer->collection->settings, &entry, &answer->arena);
    soda_coverage_add(&answer->coverage, &entry);
    if (query->with_votable)
        write_form(answer, &row, SSA_FORM_VOTABLE, out);
    if (query->with_fits)
        write_form(answer, &row, SSA_FORM_FITS, out);
    return STATUS_OK;
}

static bool is_full(const struct answer *answer)
{
    /* That there is more shows when a row is refused. */
    return answer->has_overflow ||
           (answer->rows == answer->query.row_limit && !answer->query.may_overflow);
}

static enum status find_more(struct answer *answer, struct failure *failure)
{
    answer->next = 0;
    return archive_search_next(answer->collection->reader, answer->search, SLICE,
                               answer->hits, HITS, &answer->hit_count,
                               &answer->has_all_hits, failure);
}

/* Up to a piece, or to the end of its time; rows are separated by a line's end, which is
 * also all there is of a piece that found nothing. */
static enum status write_rows(struct answer *answer, struct buffer *out,
                              struct failure *failure)
{
    enum status status = STATUS_OK;

    while (!status && out->length < PIECE) {
        if (is_full(answer) ||
            (answer->next == answer->hit_count && answer->has_all_hits)) {
            answer->stage = STAGE_TAIL;
            return STATUS_OK;
        }
        if (answer->next < answer->hit_count) {
            status = write_hit(answer, &answer->hits[answer->next++], out, failure);
        } else {
            status = find_more(answer, failure);
            if (!status && answer->hit_count == 0 && !answer->has_all_hits) {
                buffer_add_char(out, '\n');
                return STATUS_OK;
            }
        }
    }
    return status;
}

/* ---- ranking ---- */

static int compare_hits(const void *a, const void *b)
{
    const struct catalogue_hit *first = a, *second = b;

    if (first->separation < second->separation || first->separation > second->separation)
        return first->separation < second->separation ? -1 : 1;
    return (first->number > second->number) - (first->number < second->number);
}

/* As many as the answer can have, and one that tells that there are more. */
static size_t most_hits(const struct answer *answer)
{
    return (size_t)answer->query.row_limit + 1;
}

static void keep_best(struct answer *answer)
{
    qsort(answer->hits, answer->hit_count, sizeof(*answer->hits), compare_hits);
    if (answer->hit_count > most_hits(answer))
        answer->hit_count = most_hits(answer);
}

/* Sorted now and then only, when there are twice as many as are kept. */
static void make_room(struct answer *answer)
{
    if (answer->hit_count >= 2 * most_hits(answer))
        keep_best(answer);
    if (answer->hit_room - answer->hit_count >= HITS)
        return;
    answer->hit_room = 2 * (answer->hit_count + HITS);
    answer->hits = memory_resize(answer->hits, answer->hit_room * sizeof(*answer->hits));
}

/* Find all of them; a line's end for each slice of time. */
static enum status rank(struct answer *answer, struct buffer *out,
                        struct failure *failure)
{
    size_t count;
    enum status status;

    make_room(answer);
    if ((status = archive_search_next(answer->collection->reader, answer->search, SLICE,
                                      answer->hits + answer->hit_count, HITS, &count,
                                      &answer->has_all_hits, failure)))
        return status;
    answer->hit_count += count;
    if (answer->has_all_hits) {
        keep_best(answer);
        answer->stage = STAGE_ROWS;
    }
    buffer_add_char(out, '\n');
    return STATUS_OK;
}

/* ---- the document around them ---- */

static void write_head(struct answer *answer, struct buffer *out)
{
    votable_open(out);
    votable_resource_open(out, "results", NULL, NULL, NULL);
    votable_info(out, "QUERY_STATUS", "OK", NULL);
    votable_info(out, "SERVICE_PROTOCOL", "1.1", "SSAP");
    votable_table_open(out, answer->collection->settings->name, NULL);
    ssa_table_head(answer->settings, answer->collection->settings, out);
    votable_tabledata_open(out);
}

static const char *url_of(struct answer *answer, const char *endpoint)
{
    return arena_format(&answer->arena, "%s/%s/%s", answer->settings->base_url,
                        answer->collection->settings->name, endpoint);
}

/* Links first: some clients offer the first service. */
static void write_tail(struct answer *answer, struct buffer *out)
{
    votable_tabledata_close(out);
    votable_table_close(out);
    if (answer->has_overflow)
        votable_info(out, "QUERY_STATUS", "OVERFLOW",
                     "there are more; MAXREC says how many rows are wanted");
    votable_resource_close(out);
    links_descriptor_write(
        &(struct links_descriptor){url_of(answer, "links"), SSA_ID_FIELD}, out);
    if (!soda_coverage_is_empty(&answer->coverage))
        soda_descriptor_write(
            &(struct soda_descriptor){.access_url = url_of(answer, "sync"),
                                      .id_ref = SSA_ID_FIELD,
                                      .coverage = answer->coverage},
            out);
    votable_close(out);
}

static void begin_rows(struct answer *answer)
{
    const struct ssa_query *query = &answer->query;

    answer->stage = STAGE_ROWS;
    if (query->matches_nothing || (!query->with_votable && !query->with_fits))
        answer->has_all_hits = true;
    else if (query->top >= 0 && query->catalogue.cone)
        answer->stage = STAGE_RANKING;
    if (query->row_limit == 0 && query->may_overflow)
        answer->has_overflow = true; /* DALI 1.1, section 3.4.4 */
}

static enum status produce_piece(struct answer *answer, struct buffer *out,
                                 struct failure *failure)
{
    enum status status = STATUS_OK;

    if (answer->stage == STAGE_HEAD) {
        write_head(answer, out);
        begin_rows(answer);
    }
    if (answer->stage == STAGE_RANKING)
        status = rank(answer, out, failure);
    if (!status && answer->stage == STAGE_ROWS)
        status = write_rows(answer, out, failure);
    if (!status && answer->stage == STAGE_TAIL) {
        write_tail(answer, out);
        answer->stage = STAGE_END;
    }
    return status;
}

static enum status produce(void *state, struct buffer *out, struct failure *failure)
{
    struct answer *answer = state;
    enum status status;

    if (answer->first.length) {
        buffer_add(out, answer->first.bytes, answer->first.length);
        buffer_finish(&answer->first);
        buffer_init(&answer->first);
        return STATUS_OK;
    }
    archive_search_hold(answer->collection->reader);
    status = produce_piece(answer, out, failure);
    archive_search_release(answer->collection->reader);
    return status;
}

static struct answer *answer_open(const struct service *service,
                                  const struct service_collection *collection)
{
    struct answer *answer = memory_new(answer);

    answer->settings = service->settings;
    answer->collection = collection;
    answer->hit_room = HITS;
    answer->hits = memory_take(HITS * sizeof(*answer->hits));
    arena_init(&answer->arena);
    soda_coverage_init(&answer->coverage);
    return answer;
}

/* FORMAT=METADATA (section 6). */
static void respond_metadata(const struct answer *answer, struct response *response)
{
    struct buffer *out = response_bytes(response, 200, CONTENT_TYPE);

    votable_open(out);
    votable_resource_open(out, "results", NULL, NULL, NULL);
    votable_description(out, answer->collection->settings->title);
    votable_info(out, "QUERY_STATUS", "OK", NULL);
    votable_info(out, "SERVICE_PROTOCOL", "1.1", "SSAP");
    ssa_query_inputs(out);
    ssa_table_outputs(answer->settings, answer->collection->settings, out);
    votable_resource_close(out);
    votable_close(out);
}

/* A short answer is whole at once, and has a length. */
static enum status respond(struct answer *answer, const struct request *request,
                           struct response *response, struct failure *failure)
{
    enum status status = produce(answer, &answer->first, failure);
    struct buffer *out;

    if (status)
        return status;
    if (answer->stage != STAGE_END) {
        response_produce(response, CONTENT_TYPE,
                         (struct producer){produce, answer_close, answer, -1});
        return STATUS_OK;
    }
    out = response_bytes(response, 200, CONTENT_TYPE);
    buffer_add(out, answer->first.bytes, answer->first.length);
    answer_close(answer);
    response_header_add(response, "Vary", "Accept-Encoding");
    if (request_accepts_gzip(request))
        compress_answer(response);
    return STATUS_OK;
}

enum status ssa_serve(void *context, const struct request *request,
                      struct response *response, struct failure *failure)
{
    const struct service *service = context;
    const struct service_collection *collection;
    struct answer *answer;
    enum status status = service_collection(service, request, &collection, failure);

    if (status)
        return status;
    answer = answer_open(service, collection);
    status = ssa_query_read(&request->params, service->settings, collection->settings,
                            request->arena, &answer->query, failure);
    if (!status && answer->query.is_metadata) {
        respond_metadata(answer, response);
        answer_close(answer);
        return STATUS_OK;
    }
    if (!status) {
        answer->search = catalogue_search_open(&answer->query.catalogue);
        status = respond(answer, request, response, failure);
    }
    if (status)
        answer_close(answer);
    return status;
}
