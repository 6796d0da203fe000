/* document.h - the XML of UWS 1.1: a job, a list of jobs, parameters, results. */
#pragma once

#include "base/buffer.h"
#include "uws/job.h"

#include <stdbool.h>

/* `url` is that of the job list, without a slash at the end. */
void uws_write_job(const struct uws_job *job, const char *url, struct buffer *out);
void uws_write_jobs(const struct uws_job *jobs, size_t count, const char *url,
                    struct buffer *out);
void uws_write_params(const struct uws_job *job, struct buffer *out);
void uws_write_results(const struct uws_job *job, const char *url, struct buffer *out);

/* A time as UWS has it: 2026-01-01T00:00:00Z. */
enum { UWS_TIME_LENGTH = 32 };
void uws_time_text(int64_t seconds, char out[UWS_TIME_LENGTH]);
/* The same with or without Z, or a date alone. */
bool uws_time_read(const char *text, int64_t *seconds);
