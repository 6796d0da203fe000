#include "http/address.h"

#include <arpa/inet.h>
#include <string.h>

struct address address_of(const struct sockaddr_storage *peer)
{
    struct address address = {0};

    if (peer->ss_family == AF_INET6) {
        address.ip = ((const struct sockaddr_in6 *)peer)->sin6_addr;
    } else if (peer->ss_family == AF_INET) {
        memset(address.ip.s6_addr + 10, 0xff, 2);
        memcpy(address.ip.s6_addr + 12, &((const struct sockaddr_in *)peer)->sin_addr, 4);
    }
    return address;
}

void address_write(const struct address *address, char out[ADDRESS_LENGTH])
{
    if (IN6_IS_ADDR_V4MAPPED(&address->ip))
        inet_ntop(AF_INET, address->ip.s6_addr + 12, out, ADDRESS_LENGTH);
    else
        inet_ntop(AF_INET6, &address->ip, out, ADDRESS_LENGTH);
}

void address_network(const struct address *address, uint8_t key[16])
{
    memcpy(key, address->ip.s6_addr, 16);
    if (!IN6_IS_ADDR_V4MAPPED(&address->ip))
        memset(key + 8, 0, 8);
}
