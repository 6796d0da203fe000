#include "bulk/bulk_column.h"

#include "format/fits_table.h"

#define DATASET "ssa:"

const struct bulk_column_facts bulk_columns[BULK_COLUMNS] = {
    [BULK_PUBLISHER_DID] = {"ssa_pubDID", BULK_TEXT, 'A', "char", NULL,
                            "meta.ref.ivoid;meta.id", DATASET "Curation.PublisherDID",
                            "Identifier of the spectrum; one that is unknown as asked"},
    [BULK_BAND] = {"band", BULK_PAIR, 'D', "double", "m", "em.wl;stat.interval", NULL,
                   "Window asked for, wavelength in vacuum"},
    [BULK_STATUS] = {"status", BULK_TEXT, 'A', "char", NULL, "meta.code.status", NULL,
                     "ok, empty, unknown or damaged"},
    [BULK_SAMPLES] = {"n", BULK_SCALAR, 'J', "int", NULL, "meta.number", NULL,
                      "Samples in the window"},
    [BULK_RA] = {"raj2000", BULK_SCALAR, 'D', "double", "deg", "pos.eq.ra;meta.main",
                 NULL, "Right ascension of the target (ICRS)"},
    [BULK_DEC] = {"dej2000", BULK_SCALAR, 'D', "double", "deg", "pos.eq.dec;meta.main",
                  NULL, "Declination of the target (ICRS)"},
    [BULK_REDSHIFT] = {"ssa_redshift", BULK_SCALAR, 'D', "double", NULL, "src.redshift",
                       DATASET "Target.Redshift", "Redshift of the target"},
    [BULK_CLASS] = {"ssa_targclass", BULK_TEXT, 'A', "char", NULL, "src.class",
                    DATASET "Target.Class", "Class of the target"},
    [BULK_SUBCLASS] = {"ssa_targsubclass", BULK_TEXT, 'A', "char", NULL, "src.spType",
                       NULL, "Subclass of the target"},
    [BULK_SNR] = {"ssa_snr", BULK_SCALAR, 'D', "double", NULL, "stat.snr",
                  DATASET "Derived.SNR", "Signal to noise ratio"},
    [BULK_SPECTRAL] = {"spectral", BULK_ARRAY, 'D', "double", "Angstrom", "em.wl", NULL,
                       "Wavelength in vacuum"},
    [BULK_FLUX] = {"flux", BULK_ARRAY, 'E', "float", NULL, "phot.flux.density;em.wl",
                   NULL, "Flux, relative"},
    [BULK_FLUX_ERROR] = {"flux_error", BULK_ARRAY, 'E', "float", NULL,
                         "stat.error;phot.flux.density;em.wl", NULL,
                         "1-sigma error of the flux"},
    [BULK_AND_MASK] = {"and_mask", BULK_ARRAY, 'I', "short", NULL, "meta.code.qual", NULL,
                       "Mask bits set in all exposures"},
    [BULK_OR_MASK] = {"or_mask", BULK_ARRAY, 'I', "short", NULL, "meta.code.qual", NULL,
                      "Mask bits set in any exposure"},
};

size_t bulk_value_size(enum bulk_column column)
{
    return fits_value_size(bulk_columns[column].fits_type);
}
