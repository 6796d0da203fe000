/*
 * entry.h - one row of the catalogue: all that is known of one spectrum besides its
 * samples.
 *
 * The columns that answer queries carry the names of the DaCHS community
 * (sdm_fields.tsv); what depends on configuration (publisher DID, URLs, publisher) is not
 * in the row. One table, entry_columns, drives the SQL, the wire between worker and
 * ingest, and verify: a field added there is everywhere.
 */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How an absent value is told: NULL, NaN (test with isnan) and this. */
#define ENTRY_NO_INTEGER INT64_MIN

struct entry {
    /* Identity. */
    const char *path; /* in the archive, without .fits or .fits.gz; an MRS spectrum adds
                         /B, /R-84023871 ... */
    const char *name; /* bare file name without suffix */
    const char *spectrum; /* MRS: "B", "R", "B-<lmjm>" ...; LRS: absent */
    const char *filename; /* FILENAME: the name that the survey gave */
    int64_t obsid;        /* OBSID; absent in DR1 and DR2, may be negative */
    const char *release;  /* DATA_V; absent in DR1 and DR2 */
    const char *survey;   /* "LRS" or "MRS" */

    /* What the document says of the dataset (column names in entry.c). */
    const char *title;   /* ssa_dstitle */
    const char *creator; /* AUTHOR, else ORIGIN */
    const char
        *creator_did;    /* ivo://org.lamost/spectra?<OBSID or FILENAME>[/<spectrum>] */
    const char *date;    /* DATE as YYYY-MM-DDThh:mm:ss */
    const char *version; /* VERSPIPE, else DATA_V */
    const char *instrument;         /* "LAMOST LRS spectrograph 3" */
    const char *bandpass;           /* "Optical"; MRS: "B" or "R" */
    const char *target_name;        /* DESIG, else OBJNAME, else OBSID, else UNKNOWN */
    const char *target_description; /* OBJTYPE and the name of the input catalogue */
    const char *target_class;       /* CLASS in lower case: star, galaxy, qso, unknown */
    const char *target_subclass;    /* SUBCLASS where CLASS is STAR */
    double redshift;                /* Z; absent when -9999 */
    double redshift_error;          /* Z_ERR; absent when negative */
    double snr;                     /* SNRG, DR1: SN_G; MRS: SNR of the extension */
    double snr_u, snr_r, snr_i, snr_z; /* LRS: the other filters */

    /* Where on the sky, degrees; RADECSYS FK5 J2000 is published as ICRS. */
    double ra, dec;         /* RA DEC: of the target */
    double ra_obs, dec_obs; /* RA_OBS DEC_OBS: of the fibre; DR1: as the target */

    /* When, MJD UTC, and how long, seconds. */
    double date_obs;    /* DATE-OBS (mid exposure), MRS exposures: lmjm/1440 - 1/3 */
    double time_start;  /* DATE-BEG - 8 h */
    double time_stop;   /* DATE-END - 8 h */
    double time_extent; /* time_stop - time_start, else EXPTIME */
    double exposure;    /* EXPTIME */

    /* Which wavelengths, Angstrom, vacuum. */
    double spectral_start, spectral_end; /* first and last of the axis */
    double bin_size;                     /* step at the middle of the axis */
    double resolving_power;              /* 1800 LRS, 7500 MRS */
    int64_t length;                      /* samples */
    int64_t heliocentric;                /* HELIO: 1, 0 or absent */
    double helio_rv;                     /* HELIO_RV, km/s */
    double flux_error_median;            /* of those that are not NaN */
    int64_t samples_masked;              /* samples with ivar 0 */

    /* LAMOST's own. */
    int64_t lmjd, spid, fiberid;
    const char *planid;
    double seeing;  /* arcsec */
    double equinox; /* years */

    /* Where the record lies; filled by ingest. Absent shard: not in the cache (yet). */
    int64_t shard;         /* number of the shard */
    int64_t record_offset; /* bytes from the start of the shard */
    int64_t record_size;
    int64_t axis_offset;
    int64_t axis_size;
    int64_t record_checksum; /* the 64 bits as a signed number */

    /* The file that it came from. */
    const char *file;      /* path in the archive with its suffix */
    int64_t file_size;     /* bytes as it lies */
    int64_t file_raw_size; /* bytes when inflated; the same for a plain file */
    int64_t file_is_gzip;  /* 1 by its content, whatever the suffix; else 0 */
    int64_t file_mtime;    /* nanoseconds since 1970 */

    const char
        *deleted; /* when it went, YYYY-MM-DDThh:mm:ss UTC; absent while it lives */
};

enum entry_type { ENTRY_TEXT, ENTRY_INTEGER, ENTRY_REAL };

/* Who fills a column. */
enum entry_origin {
    ENTRY_FROM_FITS, /* the worker: what verify compares */
    ENTRY_FROM_FILE, /* the worker, of the file as such */
    ENTRY_FROM_CACHE /* ingest, when the record is stored */
};

struct entry_column {
    const char *name; /* of the SQL column */
    enum entry_type type;
    enum entry_origin origin;
    size_t offset; /* of the member in struct entry */
};

extern const struct entry_column entry_columns[];
extern const size_t entry_column_count;

/* Every field absent. */
void entry_init(struct entry *entry);

/* Members by column; the text is borrowed. */
const char *entry_text(const struct entry *entry, const struct entry_column *column);
int64_t entry_integer(const struct entry *entry, const struct entry_column *column);
double entry_real(const struct entry *entry, const struct entry_column *column);
void entry_set_text(struct entry *entry, const struct entry_column *column,
                    const char *value);
void entry_set_integer(struct entry *entry, const struct entry_column *column,
                       int64_t value);
void entry_set_real(struct entry *entry, const struct entry_column *column, double value);

/* A copy whose texts live in the arena. */
void entry_copy(const struct entry *entry, struct arena *arena, struct entry *out);

/* Serialise, and read again from bytes that another process wrote; texts go to the arena.
   Malformed bytes are STATUS_SYSTEM. *used: how many bytes it took. */
void entry_pack(const struct entry *entry, struct buffer *out);
enum status entry_unpack(const void *bytes, size_t size, size_t *used,
                         struct arena *arena, struct entry *out, struct failure *failure);

/* Of all that it says of the spectrum and its file; not of where the record lies. */
uint64_t entry_checksum(const struct entry *entry);

/* The first column that differs (NaN equals NaN) of those that the worker fills, or NULL.
 */
const struct entry_column *entry_difference(const struct entry *a, const struct entry *b);
