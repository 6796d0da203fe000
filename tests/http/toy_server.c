/*
 * toy_server [host:port [threads [access log]]] - the HTTP floor with toy endpoints, for
 * malformed.py and for measuring by hand. Prints its port and serves until SIGTERM.
 */
#include "http/server.h"
#include "toy.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct server_settings settings;
    struct server *server = NULL;
    struct failure failure;
    enum status status;

    server_settings_init(&settings);
    settings.listen = argc > 1 ? argv[1] : "127.0.0.1:0";
    settings.threads = argc > 2 ? atoi(argv[2]) : 2;
    settings.access_log = argc > 3 ? argv[3] : NULL;
    settings.max_uri = 2000;
    settings.max_headers = 4000;
    settings.max_body = 10000;
    if ((status = server_open(&settings, toy_endpoints, (struct server_context){0},
                              &server, &failure)) == STATUS_OK) {
        printf("%d\n", server_port(server));
        fflush(stdout);
        status = server_run(server, (struct server_events){0}, &failure);
    }
    if (status)
        fprintf(stderr, "toy_server: %s\n", failure.message);
    server_close(server);
    return status != STATUS_OK;
}
