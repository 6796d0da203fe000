/*
 * picture.h - the plot of a spectrum as an answer, and the parameters that say how it is
 * drawn.
 *
 *   WIDTH, HEIGHT   pixels                        STYLE   auto, step, line
 *   SMOOTH          samples, odd                  LINES   auto, stellar, galaxy, qso,
 * none FRAME           observed, rest                MEDIUM  vacuum, air ERR, MASK, SKY
 * 0 or 1                        BAND    as SODA has it
 */
#pragma once

#include "archive/entry.h"
#include "base/status.h"
#include "dali/params.h"
#include "dali/response.h"
#include "plot/plot.h"
#include "spectrum/spectrum.h"

#include <stdbool.h>

/* All but BAND. A value out of its limits or unknown is STATUS_BAD_PARAMETER; the message
 * lists what there is. */
enum status picture_settings_read(const struct params *params, struct plot_settings *out,
                                  struct failure *failure);

/* Whether it is one of the parameters above, in upper case. */
bool picture_knows(const char *name);

enum picture_kind { PICTURE_PNG, PICTURE_SVG };

enum status picture_write(const struct entry *entry, const struct spectrum *spectrum,
                          const struct plot_settings *settings, enum picture_kind kind,
                          struct buffer *out, struct failure *failure);
