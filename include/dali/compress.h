/* compress.h - bodies gzipped for those who accept it: the one door to a compressor. */
#pragma once

#include "dali/response.h"

/* Gzip the body, if it is bytes and any, and say so. Its ETag has to be that of the
 * gzipped body already. */
void compress_answer(struct response *response);
