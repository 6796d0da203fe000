#include "commands.h"

#include "ingest/worker_main.h"

enum status worker_command(const struct options *options, int *exit_status,
                           struct failure *failure)
{
    (void)options;
    (void)failure;
    *exit_status = worker_main();
    return STATUS_OK;
}
