#include "uws/document.h"

#include "format/xml.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define NAMESPACES                                                                       \
    " xmlns:uws=\"http://www.ivoa.net/xml/UWS/v1.0\""                                    \
    " xmlns:xlink=\"http://www.w3.org/1999/xlink\""                                      \
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""

#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

void uws_time_text(int64_t seconds, char out[UWS_TIME_LENGTH])
{
    time_t time = (time_t)seconds;
    struct tm parts;

    gmtime_r(&time, &parts);
    strftime(out, UWS_TIME_LENGTH, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

bool uws_time_read(const char *text, int64_t *seconds)
{
    struct tm parts = {0};
    const char *rest = strptime(text, "%Y-%m-%d", &parts);

    if (rest && *rest == 'T')
        rest = strptime(rest + 1, "%H:%M:%S", &parts);
    if (rest && *rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    if (rest && *rest == 'Z')
        rest++;
    if (!rest || *rest)
        return false;
    *seconds = (int64_t)timegm(&parts);
    return true;
}

static void write_text(struct buffer *out, const char *name, const char *text)
{
    if (!text) {
        buffer_format(out, "<uws:%s xsi:nil=\"true\"/>\n", name);
        return;
    }
    buffer_format(out, "<uws:%s>", name);
    xml_add(out, text);
    buffer_format(out, "</uws:%s>\n", name);
}

static void write_time(struct buffer *out, const char *name, int64_t seconds)
{
    char text[UWS_TIME_LENGTH];

    uws_time_text(seconds, text);
    write_text(out, name, seconds ? text : NULL);
}

static void write_params(const struct uws_job *job, const char *attributes,
                         struct buffer *out)
{
    buffer_format(out, "<uws:parameters%s>\n", attributes);
    for (size_t i = 0; i < job->param_count; i++) {
        buffer_add_literal(out, "<uws:parameter id=\"");
        xml_add(out, job->params[i].name);
        buffer_add_literal(out, "\">");
        xml_add(out, job->params[i].value);
        buffer_add_literal(out, "</uws:parameter>\n");
    }
    buffer_add_literal(out, "</uws:parameters>\n");
}

static void write_results(const struct uws_job *job, const char *url,
                          const char *attributes, struct buffer *out)
{
    buffer_format(out, "<uws:results%s>\n", attributes);
    for (size_t i = 0; i < job->result_count; i++) {
        const struct uws_result *result = &job->results[i];

        buffer_format(out, "<uws:result id=\"%s\" xlink:type=\"simple\" xlink:href=\"",
                      result->id);
        xml_add(out, url);
        buffer_format(out, "/%s/results/%s\" size=\"%lld\" mime-type=\"", job->id,
                      result->id, (long long)result->size);
        xml_add(out, result->content_type);
        buffer_add_literal(out, "\"/>\n");
    }
    buffer_add_literal(out, "</uws:results>\n");
}

static void write_error(const struct uws_job *job, struct buffer *out)
{
    if (!job->error)
        return;
    buffer_format(out, "<uws:errorSummary type=\"%s\" hasDetail=\"true\">",
                  job->error_transient ? "transient" : "fatal");
    write_text(out, "message", job->error);
    buffer_add_literal(out, "</uws:errorSummary>\n");
}

void uws_write_job(const struct uws_job *job, const char *url, struct buffer *out)
{
    buffer_add_literal(out, DECLARATION "<uws:job" NAMESPACES " version=\"1.1\">\n");
    write_text(out, "jobId", job->id);
    if (job->run_id)
        write_text(out, "runId", job->run_id);
    write_text(out, "ownerId", NULL);
    write_text(out, "phase", uws_phase_name(job->phase));
    write_time(out, "quote", 0);
    write_time(out, "creationTime", job->created);
    write_time(out, "startTime", job->started);
    write_time(out, "endTime", job->ended);
    buffer_format(out, "<uws:executionDuration>%lld</uws:executionDuration>\n",
                  (long long)job->duration);
    write_time(out, "destruction", job->destruction);
    write_params(job, "", out);
    write_results(job, url, "", out);
    write_error(job, out);
    buffer_add_literal(out, "</uws:job>\n");
}

void uws_write_jobs(const struct uws_job *jobs, size_t count, const char *url,
                    struct buffer *out)
{
    buffer_add_literal(out, DECLARATION "<uws:jobs" NAMESPACES " version=\"1.1\">\n");
    for (size_t i = 0; i < count; i++) {
        buffer_format(out, "<uws:jobref id=\"%s\" xlink:type=\"simple\" xlink:href=\"",
                      jobs[i].id);
        xml_add(out, url);
        buffer_format(out, "/%s\">\n", jobs[i].id);
        write_text(out, "phase", uws_phase_name(jobs[i].phase));
        if (jobs[i].run_id)
            write_text(out, "runId", jobs[i].run_id);
        write_text(out, "ownerId", NULL);
        write_time(out, "creationTime", jobs[i].created);
        buffer_add_literal(out, "</uws:jobref>\n");
    }
    buffer_add_literal(out, "</uws:jobs>\n");
}

void uws_write_params(const struct uws_job *job, struct buffer *out)
{
    buffer_add_literal(out, DECLARATION);
    write_params(job, NAMESPACES, out);
}

void uws_write_results(const struct uws_job *job, const char *url, struct buffer *out)
{
    buffer_add_literal(out, DECLARATION);
    write_results(job, url, NAMESPACES, out);
}
