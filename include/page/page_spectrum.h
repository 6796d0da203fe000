/* page_spectrum.h - the page of one spectrum, at its path without a suffix. */
#pragma once

#include "dali/request.h"
#include "dali/response.h"
#include "service/service.h"

/*
 * It takes the parameters of the picture (picture.h), BAND among them; FROM and TO, in
 * nanometres, are what its form sends, and are answered by a redirection to that BAND.
 */
enum status page_spectrum_serve(const struct service *service,
                                const struct service_collection *collection,
                                const char *path, const struct request *request,
                                struct response *response, struct failure *failure);
