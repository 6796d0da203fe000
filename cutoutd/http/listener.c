#include "http/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096 }; /* the kernel cuts it to net.core.somaxconn */

struct place {
    char host[256];
    char port[8];
};

/* Take "host:port" apart; the brackets of an IPv6 address are left out. */
static bool split(const char *listen_on, struct place *place)
{
    const char *colon = strrchr(listen_on, ':');
    const char *host = listen_on;
    size_t length;

    if (!colon || colon == listen_on)
        return false;
    length = (size_t)(colon - listen_on);
    if (host[0] == '[' && host[length - 1] == ']') {
        host++;
        length -= 2;
    } else if (memchr(host, ':', length)) {
        return false;
    }
    if (length == 0 || length >= sizeof(place->host) ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1) || colon[1] == '\0' ||
        strlen(colon + 1) >= sizeof(place->port) || atoi(colon + 1) > 65535)
        return false;
    memcpy(place->host, host, length);
    place->host[length] = '\0';
    strcpy(place->port, colon + 1);
    return true;
}

static int bind_to(const struct addrinfo *address)
{
    static const int on = 1, off = 0;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
               sizeof(on)); /* accepted ones inherit it */
    if (address->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int bind_to_first(const struct place *place, const char **problem)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    bool is_any = strcmp(place->host, "*") == 0;
    struct addrinfo *addresses;
    int fd = -1, error;

    error = getaddrinfo(is_any ? "::" : place->host, place->port, &hints, &addresses);
    if (error) {
        *problem = gai_strerror(error);
        return -1;
    }
    for (const struct addrinfo *address = addresses; address && fd < 0;
         address = address->ai_next)
        fd = bind_to(address);
    *problem = strerror(errno);
    freeaddrinfo(addresses);
    return fd;
}

static int port_of(int fd)
{
    struct sockaddr_storage name;
    socklen_t length = sizeof(name);

    if (getsockname(fd, (struct sockaddr *)&name, &length) < 0)
        return 0;
    return ntohs(name.ss_family == AF_INET6
                     ? ((const struct sockaddr_in6 *)&name)->sin6_port
                     : ((const struct sockaddr_in *)&name)->sin_port);
}

enum status listener_open(const char *listen_on, int *fd, int *port,
                          struct failure *failure)
{
    struct place place;
    const char *problem = NULL;
    int bound;

    if (!split(listen_on, &place))
        return failure_set(failure, STATUS_BAD_SETTING,
                           "listen: '%s' is not host:port, [address]:port or *:port",
                           listen_on);
    bound = bind_to_first(&place, &problem);
    if (bound < 0 && strcmp(place.host, "*") == 0) { /* a machine without IPv6 */
        strcpy(place.host, "0.0.0.0");
        bound = bind_to_first(&place, &problem);
    }
    if (bound < 0)
        return failure_set(failure, STATUS_SYSTEM, "listen: %s: %s", listen_on, problem);
    *fd = bound;
    *port = port_of(bound);
    return STATUS_OK;
}
