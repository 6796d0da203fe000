/*
 * page.h - what all pages for people have in common: frame, headers, links.
 *
 * HTML without a script and without any foreign host; values get in by markup.h alone.
 */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "dali/request.h"
#include "dali/response.h"
#include "service/service.h"

/* Begin a page: head, and a line that leads back to `/` and to the collection's page. */
struct buffer *page_open(const struct service_settings *settings,
                         const struct collection_settings *collection /* or NULL */,
                         const char *title, struct response *response);

/* End it: its security headers, and a 304 or gzip if the caller's headers say so. */
void page_close(const struct service_settings *settings, const struct request *request,
                struct response *response);

/* 303: the page is at another address, which begins with page_root(). */
void page_redirect(const char *url, struct response *response);

/* The path of base_url, which links on this host begin with: "" or "/spectra". */
const char *page_root(const struct service_settings *settings);

/* {root}/{collection}/spectra/{path}{suffix}; with base_url as root, for use elsewhere.
 */
const char *page_spectrum_url(const char *root,
                              const struct collection_settings *collection,
                              const char *path, const char *suffix, struct arena *arena);

/* A text as a value of a query. */
const char *page_encoded(const char *text, struct arena *arena);

/* Numbers for people. */
const char *page_count(int64_t count, struct arena *arena); /* "9 017 844" */
const char *page_date(double mjd, struct arena *arena);     /* "2011-10-24"; NaN: "" */

/* The pages at / and /{c}; see dali/endpoint.h. */
enum status page_home_serve(void *context, const struct request *request,
                            struct response *response, struct failure *failure);
enum status page_collection_serve(void *context, const struct request *request,
                                  struct response *response, struct failure *failure);
