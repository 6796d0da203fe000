#include "cutout/soda_filters.h"

#include "base/number.h"

#include <math.h>

static enum status read_time(const struct params *params, struct soda_filters *filters,
                             struct failure *failure)
{
    const char *text;
    double ends[2];
    size_t count;
    enum status status = params_single(params, "TIME", &text, failure);

    if (status || !text)
        return status;
    if (!number_read_list(text, ends, 2, &count) || count != 2 || ends[0] > ends[1])
        return failure_set(
            failure, STATUS_BAD_PARAMETER,
            "TIME: expected two times in MJD (UTC), the earlier first, e.g. "
            "55000 56000, got '%.80s'",
            text);
    filters->has_time = true;
    filters->time_from = ends[0];
    filters->time_to = ends[1];
    return STATUS_OK;
}

static enum status read_regions(const struct params *params, struct arena *arena,
                                struct soda_filters *filters, struct failure *failure)
{
    const char *pos, *circle, *polygon;
    struct region *next = filters->regions;
    enum status status;

    if ((status = params_single(params, "POS", &pos, failure)) ||
        (status = params_single(params, "CIRCLE", &circle, failure)) ||
        (status = params_single(params, "POLYGON", &polygon, failure)) ||
        (pos && (status = region_parse_pos("POS", pos, arena, next++, failure))) ||
        (circle && (status = region_parse_circle("CIRCLE", circle, next++, failure))) ||
        (polygon &&
         (status = region_parse_polygon("POLYGON", polygon, arena, next++, failure))))
        return status;
    filters->region_count = (int)(next - filters->regions);
    return STATUS_OK;
}

enum status soda_filters_read(const struct params *params, struct arena *arena,
                              struct soda_filters *out, struct failure *failure)
{
    enum status status = read_regions(params, arena, out, failure);

    return status ? status : read_time(params, out, failure);
}

static bool passes_time(const struct soda_filters *filters, const struct entry *entry)
{
    double start = isnan(entry->time_start) ? entry->date_obs : entry->time_start;
    double stop = isnan(entry->time_stop) ? entry->date_obs : entry->time_stop;

    return start <= filters->time_to && stop >= filters->time_from;
}

bool soda_filters_pass(const struct soda_filters *filters, const struct entry *entry)
{
    struct sky_point fibre = {entry->ra_obs, entry->dec_obs};

    for (int i = 0; i < filters->region_count; i++)
        if (isnan(fibre.longitude) || isnan(fibre.latitude) ||
            !region_contains(&filters->regions[i], fibre))
            return false;
    return !filters->has_time || passes_time(filters, entry);
}
