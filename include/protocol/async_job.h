/*
 * async_job.h - what a job of {async} does (SODA 1.0, section 6): each combination of the
 * values of ID and of the filters makes one result, in the order asked for, ID being the
 * slowest to change, then POS, CIRCLE, POLYGON, BAND, TIME.
 *
 * Where the answer of {sync} would be one table, tar or picture, so is the result: with a
 * form of those in RESPONSEFORMAT, or a list of IDs in a file.
 *
 * A result has the bytes that {sync} answers. One without data, or that went wrong, is
 * text that begins with a label of section 5.2.
 */
#pragma once

#include "uws/uws.h"

/* For struct uws_service; `context` is a struct service. */
enum status async_job_run(void *context, struct uws_run *run, struct failure *failure);
