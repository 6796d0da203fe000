#include "base/log.h"
#include "options.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct options options;
    struct failure failure;
    int exit_status = EXIT_DONE;

    if (options_read(argc, argv, &options, &failure)) {
        log_error("%s (see cutoutd --help)", failure.message);
        return EXIT_USAGE;
    }
    if (options.version) {
        puts("cutoutd " CUTOUTD_VERSION);
        return EXIT_DONE;
    }
    if (options.help) {
        options_print_help(options.command, stdout);
        return EXIT_DONE;
    }
    if (options.command->run(&options, &exit_status, &failure)) {
        log_error("%s", failure.message);
        return EXIT_FAILED;
    }
    return exit_status;
}
