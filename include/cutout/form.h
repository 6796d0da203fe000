/*
 * form.h - the forms that a cut-out comes in: one table of them, by media type and by
 * short name.
 */
#pragma once

#include "base/buffer.h"
#include "base/status.h"
#include "dali/params.h"
#include "plot/plot.h"
#include "sdm/sdm.h"

#include <stdbool.h>

/* What is written: the document, and for pictures how they are drawn. */
struct form_subject {
    struct sdm_document document;
    struct plot_settings plot;
};

struct form {
    const char *name;         /* short: "csv" */
    const char *content_type; /* of the answer */
    const char *suffix;       /* of a file: ".csv" */
    bool is_picture;          /* its plot settings count; a page may show it */
    /* NULL: the form is one of many cut-outs only. */
    enum status (*write)(const struct form_subject *subject, struct buffer *out,
                         struct failure *failure);
    /* Its exact length without making it; NULL where only making it tells. */
    int64_t (*length)(const struct form_subject *subject);
};

/* The form that was asked for, and the media type to answer with. */
struct form_choice {
    const struct form *form;
    const char *content_type;
};

/*
 * Read RESPONSEFORMAT, or its alias FORMAT: a media type (DALI 1.1, section 3.4.3) or a
 * short name; without one, BINARY2. text/xml is for readers, so it is TABLEDATA if it
 * does not say otherwise. Case and blanks do not matter, and a blank stands for a plus
 * sign that was not encoded. Others are STATUS_BAD_PARAMETER; the message lists those
 * that are known.
 */
enum status form_read(const struct params *params, struct form_choice *out,
                      struct failure *failure);

/* The form of a short name, which must be one of them. */
const struct form *form_named(const char *name);

/* Those of a document, the default first; behind them those of many cut-outs only. */
enum { FORM_COUNT = 9, FORM_COUNT_OF_MANY = 1 };
extern const struct form forms[FORM_COUNT + FORM_COUNT_OF_MANY];
