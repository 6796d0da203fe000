/* commands.h - what `cutoutd COMMAND` runs, one file each in commands/. See struct
 * command for their shape. */
#pragma once

#include "options.h"

enum status serve_command(const struct options *options, int *exit_status,
                          struct failure *failure);
enum status ingest_command(const struct options *options, int *exit_status,
                           struct failure *failure);
enum status verify_command(const struct options *options, int *exit_status,
                           struct failure *failure);
enum status copy_command(const struct options *options, int *exit_status,
                         struct failure *failure);
enum status cut_command(const struct options *options, int *exit_status,
                        struct failure *failure);
enum status record_command(const struct options *options, int *exit_status,
                           struct failure *failure);
enum status check_config_command(const struct options *options, int *exit_status,
                                 struct failure *failure);
enum status worker_command(const struct options *options, int *exit_status,
                           struct failure *failure);
