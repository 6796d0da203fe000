/* lamost_header.h - what the cards of a LAMOST file say of one of its spectra, as a row
 * of the catalogue. */
#pragma once

#include "archive/entry.h"
#include "base/arena.h"
#include "ingest/fits_file.h"

/* A spectrum in its file. */
struct lamost_source {
    struct fits_file *file;
    int hdu;              /* the spectrum's own; its cards go before the primary's */
    const char *path;     /* of the file in the archive, without suffix */
    const char *spectrum; /* MRS: "B", "R", "B-<lmjm>" ...; LRS: NULL */
};

/*
 * Fill the columns that cards tell, texts in the arena; what is absent, a placeholder
 * (-9999, blank) or nonsense is left as it is. The exposure time of an MRS coadd is in no
 * card.
 */
void lamost_header_read(const struct lamost_source *source, struct arena *arena,
                        struct entry *entry);
