/* checksum.h - 64 bits that tell whether bytes are what was written (XXH3, not
 * cryptographic). */
#pragma once

#include <stddef.h>
#include <stdint.h>

uint64_t checksum_of(const void *bytes, size_t size);

/* A checksum of these bytes and of what `before` is one of; not that of both as one run.
 */
uint64_t checksum_chain(uint64_t before, const void *bytes, size_t size);
uint64_t checksum_chain_text(uint64_t before, const char *text); /* NULL is no "" */

/* The same over bytes that come in pieces. */
struct checksum;
struct checksum *checksum_open(void);
void checksum_add(struct checksum *checksum, const void *bytes, size_t size);
uint64_t checksum_value(const struct checksum *checksum);
void checksum_close(struct checksum *checksum);
