/* bulk_job.h - many cut-outs by one job, as its one result. */
#pragma once

#include "dali/params.h"
#include "service/service.h"
#include "uws/uws.h"

/* Whether the job is to make one table, tar or picture: it has a list of IDs in a file,
 * or RESPONSEFORMAT names a form of those for several IDs or BANDs. */
bool bulk_job_is_asked(const struct params *params, bool has_list);

/* `id_file` is a file of IDs, one on each line, which is closed; below 0: none. Bytes go
 * to the disk as they are made. A job that is stopped meanwhile has no result. */
enum status bulk_job_run(const struct service *service,
                         const struct service_collection *collection,
                         const struct params *params, int id_file, struct uws_run *run,
                         struct failure *failure);
