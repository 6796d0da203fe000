/*
 * endpoints.h - all that can be asked for: the table of endpoints, the functions behind
 * it, one file each (dali/endpoint.h for their shape; those of pages are in page/), and
 * what each thread that serves opens for them.
 */
#pragma once

#include "dali/endpoint.h"
#include "dali/response.h"
#include "service/service.h"

/* All endpoints, ended by a null pattern. */
extern const struct endpoint service_endpoints[];

/* For struct server_context: *context is a struct service; shared is a struct
 * service_shared. */
enum status service_open(void *shared, void **context, struct failure *failure);
void service_close(void *context);

enum status soda_serve(void *context, const struct request *request,
                       struct response *response, struct failure *failure);
enum status soda_open_body(void *context, struct request *request,
                           struct body_reader *out, struct failure *failure);
enum status async_serve(void *context, const struct request *request,
                        struct response *response, struct failure *failure);
enum status async_open_body(void *context, struct request *request,
                            struct body_reader *out, struct failure *failure);
enum status links_serve(void *context, const struct request *request,
                        struct response *response, struct failure *failure);
enum status ssa_serve(void *context, const struct request *request,
                      struct response *response, struct failure *failure);
enum status spectra_serve(void *context, const struct request *request,
                          struct response *response, struct failure *failure);
enum status capabilities_serve(void *context, const struct request *request,
                               struct response *response, struct failure *failure);
enum status availability_serve(void *context, const struct request *request,
                               struct response *response, struct failure *failure);
enum status examples_serve(void *context, const struct request *request,
                           struct response *response, struct failure *failure);
enum status healthz_serve(void *context, const struct request *request,
                          struct response *response, struct failure *failure);
enum status coverage_serve(void *context, const struct request *request,
                           struct response *response, struct failure *failure);
enum status coverage_picture_serve(void *context, const struct request *request,
                                   struct response *response, struct failure *failure);
