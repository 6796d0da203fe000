/* samples.h - a few spectra in memory, each for what it lacks or holds. */
#pragma once

#include "archive/entry.h"
#include "spectrum/spectrum.h"

#include <math.h>
#include <string.h>

enum { SAMPLE_LENGTH = 3909, SAMPLE_COUNT = 6 };

struct sample {
    struct entry entry;
    struct spectrum spectrum;
    float axis[SAMPLE_LENGTH];
    double precise_axis[SAMPLE_LENGTH];
    float flux[SAMPLE_LENGTH];
    float flux_error[SAMPLE_LENGTH];
    uint8_t and_mask[SAMPLE_LENGTH];
    uint8_t or_mask[SAMPLE_LENGTH];
    int16_t wide_mask[SAMPLE_LENGTH];
};

static inline void sample_fill_samples(struct sample *sample, double first, double step)
{
    for (int i = 0; i < SAMPLE_LENGTH; i++) {
        sample->precise_axis[i] = pow(10, log10(first) + step * i);
        sample->axis[i] = (float)sample->precise_axis[i];
        sample->flux[i] = (float)(1000 * sin(i / 50.0) - i / 7.0);
        sample->flux_error[i] = i % 10 == 3 ? NAN : (float)(1 / sqrt(i + 0.5));
        sample->and_mask[i] = i % 10 == 3;
        sample->or_mask[i] = (uint8_t)(i % 256);
        sample->wide_mask[i] = (int16_t)(i * 16 - 32768);
    }
}

/* The spectrum borrows the sample's arrays; the entry says what it covers. */
static inline void sample_view(struct sample *sample, enum axis_type type,
                               enum mask_width width)
{
    bool is_wide = width == MASK_SHORT;

    sample->spectrum = (struct spectrum){
        .axis = {.values = type == AXIS_FLOAT32 ? (void *)sample->axis
                                                : (void *)sample->precise_axis,
                 .samples = SAMPLE_LENGTH,
                 .type = type},
        .flux = sample->flux,
        .flux_error = sample->flux_error,
        .and_mask = is_wide ? (void *)sample->wide_mask : (void *)sample->and_mask,
        .or_mask = is_wide ? (void *)sample->wide_mask : (void *)sample->or_mask,
        .mask_width = width,
    };
    sample->entry.length = SAMPLE_LENGTH;
    sample->entry.spectral_start = axis_at(&sample->spectrum.axis, 0);
    sample->entry.spectral_end = axis_at(&sample->spectrum.axis, SAMPLE_LENGTH - 1);
}

static inline void sample_star(struct sample *sample)
{
    struct entry *entry = &sample->entry;

    entry_init(entry);
    sample_fill_samples(sample, 3699.986328125, 1e-4);
    sample_view(sample, AXIS_FLOAT32, MASK_BYTE);
    entry->path = "dr7/spec-55859-F5902_sp01-001";
    entry->name = "spec-55859-F5902_sp01-001";
    entry->filename = "spec-55859-F5902_sp01-001.fits";
    entry->obsid = 101001;
    entry->release = "LAMOST DR7";
    entry->survey = "LRS";
    entry->title = "LAMOST DR7 101001 LAMOST J220848.54-020324.3 STAR K3";
    entry->creator = "LAMOST Pipeline";
    entry->creator_did = "ivo://org.lamost/spectra?101001";
    entry->date = "2019-05-06T07:08:09";
    entry->version = "v2.9.7";
    entry->instrument = "LAMOST LRS spectrograph 1";
    entry->bandpass = "Optical";
    entry->target_name = "LAMOST J220848.54-020324.3";
    entry->target_description = "Star UCAC4";
    entry->target_class = "star";
    entry->target_subclass = "K3";
    entry->redshift = -0.00025044;
    entry->redshift_error = 0.0000123;
    entry->snr = 25.5;
    entry->snr_u = 1.25;
    entry->snr_r = 40.75;
    entry->snr_i = 50;
    entry->snr_z = 33.07;
    entry->ra = 332.2022740000;
    entry->dec = -2.0566770000;
    entry->ra_obs = 332.2022750000;
    entry->dec_obs = -2.0566780000;
    entry->date_obs = 55858.52251157407;
    entry->time_start = 55858.48310185185;
    entry->time_stop = 55858.56190972222;
    entry->time_extent = 6809;
    entry->exposure = 5400;
    entry->bin_size = 1.3362548828125;
    entry->resolving_power = 1800;
    entry->heliocentric = 1;
    entry->helio_rv = -17.0204;
    entry->flux_error_median = 0.0226;
    entry->samples_masked = 391;
    entry->lmjd = 55859;
    entry->spid = 1;
    entry->fiberid = 1;
    entry->planid = "F5902";
    entry->seeing = 3.4;
    entry->equinox = 2000;
    entry->file = "dr7/spec-55859-F5902_sp01-001.fits.gz";
    entry->file_size = 44000;
    entry->file_raw_size = 92160;
    entry->file_is_gzip = 1;
}

/* As little as a header can say: no OBSID, class, redshift, position of the fibre or
 * exposure. */
static inline void sample_bare(struct sample *sample)
{
    struct entry *entry = &sample->entry;

    entry_init(entry);
    sample_fill_samples(sample, 3700.1234567890123, 1e-4);
    sample_view(sample, AXIS_FLOAT64, MASK_SHORT);
    entry->path = "dr1/spec-55862-B6212_sp06-003";
    entry->name = "spec-55862-B6212_sp06-003";
    entry->survey = "LRS";
    entry->target_name = "UNKNOWN";
    entry->heliocentric = 0;
    entry->resolving_power = 1800;
    entry->bin_size = 1.3;
    entry->file = "dr1/spec-55862-B6212_sp06-003.fits";
    entry->file_size = 92160;
    entry->file_raw_size = 92160;
    entry->file_is_gzip = 0;
}

/* One of three spectra of an MRS file; no sample between 392 and 398 nm. */
static inline void sample_arm(struct sample *sample, const char *path,
                              const char *spectrum, double first)
{
    sample_star(sample);
    sample_fill_samples(sample, first, 1e-5);
    sample_view(sample, AXIS_FLOAT32, MASK_SHORT);
    sample->entry.path = path;
    sample->entry.spectrum = spectrum;
    sample->entry.name = "med-58859-NT054013S012745S01_sp15-092";
    sample->entry.survey = "MRS";
    sample->entry.target_class = NULL;
    sample->entry.target_subclass = NULL;
    sample->entry.redshift = sample->entry.redshift_error = (double)NAN;
    sample->entry.snr_u = sample->entry.snr_r = (double)NAN;
    sample->entry.snr_i = sample->entry.snr_z = (double)NAN;
    sample->entry.bandpass = spectrum[0] == 'B' ? "B" : "R";
    sample->entry.resolving_power = 7500;
    sample->entry.file = "mrs/med-58859-NT054013S012745S01_sp15-092.fits";
    sample->entry.file_is_gzip = 0;
    sample->entry.file_size = sample->entry.file_raw_size = 498240;
}

/* A header that tries everything, and a path that needs escapes. */
static inline void sample_hostile(struct sample *sample)
{
    sample_star(sample);
    sample->entry.path = "odd/a&b \"c\"+d%41\xC3\xA9";
    sample->entry.name = "a&b \"c\"+d%41\xC3\xA9";
    sample->entry.title = "</DESCRIPTION><x a='1'>&amp; ]]>";
    sample->entry.target_name = "\"/><PARAM name=\"evil\"";
    sample->entry.target_description = "tab\tline\nreturn\r";
    sample->entry.creator = "Latin-1: caf\xE9, control: \x01\x1b[0m";
    sample->entry.file = "odd/a&b \"c\"+d%41\xC3\xA9.fits.gz";
}

static inline void samples_make(struct sample samples[SAMPLE_COUNT])
{
    sample_star(&samples[0]);
    sample_bare(&samples[1]);
    sample_arm(&samples[2], "mrs/med-58859-NT054013S012745S01_sp15-092/B", "B", 4900);
    sample_arm(&samples[3], "mrs/med-58859-NT054013S012745S01_sp15-092/R", "R", 6300);
    sample_arm(&samples[4], "mrs/med-58859-NT054013S012745S01_sp15-092/B-84756889",
               "B-84756889", 4899);
    sample_hostile(&samples[5]);
}
