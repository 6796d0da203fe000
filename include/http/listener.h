/* listener.h - the socket that takes connections. */
#pragma once

#include "base/status.h"

/*
 * Bind and listen on "host:port", "[::1]:port" or "*:port" (all addresses, IPv6 and
 * IPv4); port 0 is any free one, *port tells which. The caller closes *fd. It does not
 * block, and what it accepts sends without delay (TCP_NODELAY).
 */
enum status listener_open(const char *listen_on, int *fd, int *port,
                          struct failure *failure);
