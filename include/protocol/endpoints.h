/* endpoints.h - the functions behind service_endpoints, one file each. See
 * dali/endpoint.h for their shape. */
#pragma once

#include "dali/endpoint.h"
#include "dali/response.h"

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
enum status assets_serve(void *context, const struct request *request,
                         struct response *response, struct failure *failure);
enum status page_home_serve(void *context, const struct request *request,
                            struct response *response, struct failure *failure);
enum status page_collection_serve(void *context, const struct request *request,
                                  struct response *response, struct failure *failure);
enum status coverage_serve(void *context, const struct request *request,
                           struct response *response, struct failure *failure);
enum status coverage_picture_serve(void *context, const struct request *request,
                                   struct response *response, struct failure *failure);
