#include "service/freshness.h"

#include "base/checksum.h"
#include "dali/compress.h"

#include <time.h>

/* To be raised when the same input makes other documents than in the last release. */
enum { DOCUMENTS_VERSION = 1 };

static const int64_t NANOSECONDS = 1000000000;

uint64_t freshness_configuration(const struct service_settings *settings,
                                 const struct collection_settings *collection)
{
    const char *const texts[] = {
        CUTOUTD_VERSION,
        settings->base_url,
        settings->authority,
        settings->publisher,
        settings->publisher_did_root,
        settings->contact_name,
        settings->contact_email,
        collection->name,
        collection->title,
        collection->description,
        collection->reference,
        collection->rights,
        collection->acknowledgement,
        collection->documentation_url,
    };
    const int numbers[] = {DOCUMENTS_VERSION, settings->max_ids,
                           collection->coverage_order};
    uint64_t checksum = checksum_of(numbers, sizeof(numbers));

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        checksum = checksum_chain_text(checksum, texts[i]);
    return checksum;
}

struct validators freshness_of(const struct service_collection *collection,
                               const struct request *request)
{
    struct validators validators = {
        .tag = collection->configuration,
        .modified = collection->since,
    };

    freshness_add_text(&validators, request->path);
    for (const struct param *param = request->params.first; param; param = param->next) {
        freshness_add_text(&validators, param->name);
        freshness_add_text(&validators, param->value);
    }
    return validators;
}

void freshness_add_text(struct validators *validators, const char *text)
{
    validators->tag = checksum_chain_text(validators->tag, text);
}

/* A file from the future has no time that may be told (RFC 9110, section 8.8.2.1). */
void freshness_add(struct validators *validators, const struct holding *holding)
{
    int64_t modified = holding->entry->file_mtime / NANOSECONDS;

    validators->tag =
        checksum_chain(validators->tag, &holding->checksum, sizeof(holding->checksum));
    if (modified > time(NULL))
        validators->modified = -1;
    else if (validators->modified >= 0 && modified > validators->modified)
        validators->modified = modified;
}

void freshness_may_gzip(struct validators *validators, const struct request *request)
{
    validators->may_be_gzip = true;
    validators->is_gzip = request_accepts_gzip(request);
}

void freshness_encode(const struct validators *validators, struct response *response)
{
    if (validators->is_gzip)
        compress_answer(response);
}
