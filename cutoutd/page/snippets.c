#include "page/snippets.h"

#include "cutout/window.h"
#include "format/markup.h"
#include "page/page.h"

#include <math.h>

/* What the lines have in common. */
struct texts {
    const char *base; /* of the collection */
    const char *did;
    const char *encoded_did; /* as a value in a query */
    const char *band;
    const char *lower, *upper; /* nm */
};

static void write_curl(const struct texts *texts, struct buffer *out)
{
    markup_add(out,
               "<h3>curl</h3>\n<pre class=\"curl\">"
               "curl -o cutout.vot -G \"{}/sync\" \\\n"
               "    --data-urlencode \"ID={}\" \\\n"
               "    --data-urlencode \"BAND={}\"</pre>\n",
               texts->base, texts->did, texts->band);
}

static void write_pyvo(const struct texts *texts, struct buffer *out)
{
    markup_add(
        out,
        "<h3>pyVO</h3>\n<pre class=\"pyvo\">"
        "import io\n"
        "import astropy.units as u\n"
        "import pyvo\n"
        "from astropy.table import Table\n\n"
        "links = pyvo.dal.adhoc.DatalinkResults.from_result_url(\n"
        "    \"{}/links?ID={}\")\n"
        "cutout = next(links.iter_procs()).processed(band=({} * u.nm, {} * u.nm))\n"
        "print(Table.read(io.BytesIO(cutout.read()), format=\"votable\"))</pre>\n",
        texts->base, texts->encoded_did, texts->lower, texts->upper);
}

static void write_topcat(const struct texts *texts, struct arena *arena,
                         struct buffer *out)
{
    const char *url = arena_format(arena, "%s/sync?ID=%s&BAND=%s", texts->base,
                                   texts->encoded_did, page_encoded(texts->band, arena));

    markup_add(out,
               "<h3>TOPCAT and STILTS</h3>\n"
               "<p>In TOPCAT: File, Load Table, and paste this as the location; then "
               "Graphics, Plane Plot.</p>\n<pre class=\"location\">{}</pre>\n"
               "<pre class=\"stilts\">stilts plot2plane layer1=line ifmt1=votable \\\n"
               "    in1=\"{}\" \\\n"
               "    x1=spectral y1=flux out=cutout.png</pre>\n",
               url, url);
}

/* How most people arrive: by a place on the sky. What is there comes as one table. */
static void write_search(const struct texts *texts, const struct entry *entry,
                         struct arena *arena, struct buffer *out)
{
    const char *place = arena_format(arena, "%.5f, %.5f", entry->ra, entry->dec);

    markup_add(out,
               "<h3>All around a place, by pyVO</h3>\n<pre class=\"search\">"
               "import io\n"
               "import astropy.units as u\n"
               "import pyvo\n"
               "import requests\n"
               "from astropy.coordinates import SkyCoord\n"
               "from astropy.table import Table\n\n"
               "found = pyvo.dal.SSAService(\"{}/ssa\").search(\n"
               "    pos=SkyCoord({}, unit=\"deg\"), diameter=1 * u.deg,\n"
               "    format=\"application/x-votable+xml\")\n"
               "answer = requests.post(\"{}/sync\", data={\n"
               "    \"ID\": list(found[\"ssa_pubDID\"]), \"BAND\": \"{}\",\n"
               "    \"RESPONSEFORMAT\": \"fits\"})\n"
               "print(Table.read(io.BytesIO(answer.content), hdu=1))</pre>\n",
               texts->base, place, texts->base, texts->band);
}

void snippets_write(const struct snippet_subject *subject, struct buffer *out)
{
    struct arena *arena = subject->arena;
    const char *did = service_publisher_did(subject->settings, subject->collection,
                                            subject->entry, arena);
    struct texts texts = {
        .base = arena_format(arena, "%s/%s", subject->settings->base_url,
                             subject->collection->name),
        .did = did,
        .encoded_did = page_encoded(did, arena),
        .band = window_band(subject->band, arena),
        .lower = window_nanometres(subject->band.lower, arena),
        .upper = window_nanometres(subject->band.upper, arena),
    };

    markup_add(out,
               "<section class=\"snippets\">\n<h2>Lines to paste</h2>\n"
               "<p>{} to {} nm of {}, from this very server.</p>\n",
               texts.lower, texts.upper, subject->entry->name);
    write_curl(&texts, out);
    write_pyvo(&texts, out);
    write_topcat(&texts, arena, out);
    if (!isnan(subject->entry->ra))
        write_search(&texts, subject->entry, arena, out);
    buffer_add_literal(out, "</section>\n");
}
