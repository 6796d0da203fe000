/* address.h - who is at the other end of a connection. */
#pragma once

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

/* As IPv6; IPv4 is mapped (::ffff:a.b.c.d). */
struct address {
    struct in6_addr ip;
};

enum { ADDRESS_LENGTH = INET6_ADDRSTRLEN };

struct address address_of(const struct sockaddr_storage *peer);
void address_write(const struct address *address, char out[ADDRESS_LENGTH]);

/* What one customer has for himself: a whole IPv4 address, or 64 bits of an IPv6 one, in
 * `key`. */
void address_network(const struct address *address, uint8_t key[16]);
