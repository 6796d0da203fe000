#include "cutout/form.h"

#include "cutout/picture.h"
#include "sdm/sdm_fits.h"
#include "sdm/sdm_text.h"

#include <ctype.h>
#include <string.h>

static enum status write_votable(const struct form_subject *subject, struct buffer *out,
                                 struct failure *failure)
{
    (void)failure;
    sdm_write(&subject->document, out);
    return STATUS_OK;
}

static int64_t votable_length(const struct form_subject *subject)
{
    return sdm_length(&subject->document);
}

static enum status write_binary(const struct form_subject *subject, struct buffer *out,
                                struct failure *failure)
{
    struct form_subject binary = *subject;

    binary.document.format = SDM_BINARY;
    return write_votable(&binary, out, failure);
}

static int64_t binary_length(const struct form_subject *subject)
{
    struct form_subject binary = *subject;

    binary.document.format = SDM_BINARY;
    return votable_length(&binary);
}

static enum status write_tabledata(const struct form_subject *subject, struct buffer *out,
                                   struct failure *failure)
{
    struct form_subject tabledata = *subject;

    tabledata.document.format = SDM_TABLEDATA;
    return write_votable(&tabledata, out, failure);
}

static enum status write_fits(const struct form_subject *subject, struct buffer *out,
                              struct failure *failure)
{
    (void)failure;
    sdm_fits_write(&subject->document, out);
    return STATUS_OK;
}

static int64_t fits_length(const struct form_subject *subject)
{
    return sdm_fits_length(&subject->document);
}

static enum status write_csv(const struct form_subject *subject, struct buffer *out,
                             struct failure *failure)
{
    (void)failure;
    sdm_csv_write(&subject->document, out);
    return STATUS_OK;
}

static enum status write_tsv(const struct form_subject *subject, struct buffer *out,
                             struct failure *failure)
{
    (void)failure;
    sdm_tsv_write(&subject->document, out);
    return STATUS_OK;
}

static enum status write_ecsv(const struct form_subject *subject, struct buffer *out,
                              struct failure *failure)
{
    (void)failure;
    sdm_ecsv_write(&subject->document, out);
    return STATUS_OK;
}

static enum status write_png(const struct form_subject *subject, struct buffer *out,
                             struct failure *failure)
{
    return picture_write(subject->document.entry, subject->document.slice.spectrum,
                         &subject->plot, PICTURE_PNG, out, failure);
}

static enum status write_svg(const struct form_subject *subject, struct buffer *out,
                             struct failure *failure)
{
    return picture_write(subject->document.entry, subject->document.slice.spectrum,
                         &subject->plot, PICTURE_SVG, out, failure);
}

#define VOTABLE "application/x-votable+xml"
#define TEXT_XML "text/xml"

const struct form forms[FORM_COUNT + FORM_COUNT_OF_MANY] = {
    {"votable", VOTABLE ";serialization=BINARY2", ".vot", false, write_votable,
     votable_length},
    {"binary", VOTABLE ";serialization=BINARY", ".vot", false, write_binary,
     binary_length},
    {"tabledata", VOTABLE ";serialization=TABLEDATA", ".vot", false, write_tabledata,
     NULL},
    {"fits", "application/fits", ".sdm.fits", false, write_fits, fits_length},
    {"csv", "text/csv;header=present", ".csv", false, write_csv, NULL},
    {"tsv", "text/tab-separated-values", ".tsv", false, write_tsv, NULL},
    {"ecsv", "text/x-ecsv", ".ecsv", false, write_ecsv, NULL},
    {"png", "image/png", ".png", true, write_png, NULL},
    {"svg", "image/svg+xml", ".svg", true, write_svg, NULL},
    {"tar", "application/x-tar", ".tar", false, NULL, NULL},
};

/*
 * Other ways to ask for a form, in lower case and without blanks. What is asked for by
 * its media type is answered with it (DALI 1.1, section 3.4.3); a parameter may be added.
 */
static const struct alias {
    const char *name;
    const char *form;
    const char *content_type; /* NULL: the form's */
} aliases[] = {
    {"binary2", "votable", NULL},
    {VOTABLE, "votable", NULL},
    {VOTABLE ";serialization=binary2", "votable", NULL},
    {VOTABLE ";serialization=binary", "binary", NULL},
    {VOTABLE ";serialization=tabledata", "tabledata", NULL},
    {TEXT_XML, "tabledata", TEXT_XML},
    {TEXT_XML ";serialization=binary2", "votable", TEXT_XML},
    {TEXT_XML ";serialization=binary", "binary", TEXT_XML},
    {TEXT_XML ";serialization=tabledata", "tabledata", TEXT_XML},
    {"application/fits", "fits", NULL},
    {"text/csv", "csv", NULL},
    {"text/csv;header=present", "csv", NULL},
    {"text/tab-separated-values", "tsv", NULL},
    {"text/x-ecsv", "ecsv", NULL},
    {"image/png", "png", NULL},
    {"image/svg+xml", "svg", NULL},
    {"application/x-tar", "tar", NULL},
};

const struct form *form_named(const char *name)
{
    const struct form *form = forms;

    while (strcmp(form->name, name) != 0)
        form++;
    return form;
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

static bool means(const char *asked, const char *name)
{
    for (; *name; name++, asked++) {
        if (*name == '+' && *asked == ' ')
            continue;
        asked = skip_blanks(asked);
        if (tolower((unsigned char)*asked) != *name)
            return false;
    }
    return *skip_blanks(asked) == '\0';
}

static bool find(const char *asked, struct form_choice *out)
{
    for (size_t i = 0; i < FORM_COUNT + FORM_COUNT_OF_MANY; i++) {
        if (means(asked, forms[i].name)) {
            *out = (struct form_choice){&forms[i], forms[i].content_type};
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        const struct alias *alias = &aliases[i];

        if (means(asked, alias->name)) {
            out->form = form_named(alias->form);
            out->content_type =
                alias->content_type ? alias->content_type : out->form->content_type;
            return true;
        }
    }
    return false;
}

enum status form_read(const struct params *params, struct form_choice *out,
                      struct failure *failure)
{
    const char *asked = NULL, *alias = NULL;
    enum status status;

    if ((status = params_single(params, "RESPONSEFORMAT", &asked, failure)) ||
        (status = params_single(params, "FORMAT", &alias, failure)))
        return status;
    if (!asked)
        asked = alias;
    if (!asked) {
        *out = (struct form_choice){&forms[0], forms[0].content_type};
        return STATUS_OK;
    }
    if (find(asked, out))
        return STATUS_OK;
    return failure_set(
        failure, STATUS_BAD_PARAMETER,
        "RESPONSEFORMAT: '%.80s' is not one of votable, binary2, binary, tabledata, "
        "fits, csv, tsv, ecsv, png, svg, tar, or a media type: "
        "application/x-votable+xml or text/xml (either with ;serialization=BINARY2, "
        "BINARY or TABLEDATA), application/fits, text/csv, text/tab-separated-values, "
        "text/x-ecsv, image/png, image/svg+xml, application/x-tar",
        asked);
}
