/*
 * coverage.h - where on the sky the spectra of a collection lie: its MOC, and a picture
 * of it. Both are read from a table that ingest keeps, so they are true whenever asked
 * for.
 */
#pragma once

#include "service/service.h"
#include "sky/moc.h"

/* The MOC of that order, up to CATALOGUE_PIXEL_ORDER; moc_finish() it. */
enum status coverage_moc(const struct service_collection *collection, int order,
                         struct moc *out, struct failure *failure);

/* As a FITS file (MOC 2.0, section 4.2): cells as NUNIQ numbers, which all readers know.
 */
void coverage_write_fits(const struct moc *moc, struct buffer *out);
