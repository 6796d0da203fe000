/*
 * moc.h - a part of the sky as the IVOA's Multi-Order Coverage map (MOC 2.0): HEALPix
 * pixels of several orders, the largest that fit.
 *
 * Pixels of one order are added in ascending order; they are kept as ranges, and taken
 * apart into cells when written.
 */
#pragma once

#include "base/buffer.h"

#include <stddef.h>
#include <stdint.h>

struct moc_range {
    int64_t first, last; /* of the order; both belong to it */
};

struct moc {
    int order; /* the finest */
    struct moc_range *ranges;
    size_t count, capacity;
};

void moc_init(struct moc *moc, int order);
void moc_finish(struct moc *moc);

/* Not below one that was added before; one that was is nothing new. */
void moc_add(struct moc *moc, int64_t pixel);

/* Call `visit` for each run of cells of an order, both ends in it, ascending. */
void moc_each_run(const struct moc *moc, int order,
                  void (*visit)(void *context, int64_t first, int64_t last),
                  void *context);

/* "4/12 15-17 10/": section 4.3.2; the last order is always written. */
void moc_write_ascii(const struct moc *moc, struct buffer *out);

/* {"4":[12,15,16,17],"10":[]}: section 4.3.1. */
void moc_write_json(const struct moc *moc, struct buffer *out);
