#include "cutout/picture.h"

#include "base/number.h"
#include "plot/png.h"
#include "plot/svg.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- parameters ---- */

struct whole {
    const char *name;
    int least, most;
    size_t member; /* of struct plot_settings, an int */
};

static const struct whole wholes[] = {
    {"WIDTH", PLOT_WIDTH_MIN, PLOT_WIDTH_MAX, offsetof(struct plot_settings, width)},
    {"HEIGHT", PLOT_HEIGHT_MIN, PLOT_HEIGHT_MAX, offsetof(struct plot_settings, height)},
    {"SMOOTH", 0, PLOT_SMOOTH_MAX, offsetof(struct plot_settings, smooth)},
};

enum { MOST_WORDS = 6 };

struct choice {
    const char *name;
    const char *words[MOST_WORDS]; /* in the order of the enum; ended by NULL */
    size_t member;                 /* of struct plot_settings, an enum */
};

static const struct choice choices[] = {
    {"STYLE", {"auto", "step", "line"}, offsetof(struct plot_settings, style)},
    {"LINES",
     {"auto", "stellar", "galaxy", "qso", "none"},
     offsetof(struct plot_settings, lines)},
    {"FRAME", {"observed", "rest"}, offsetof(struct plot_settings, frame)},
    {"MEDIUM", {"vacuum", "air"}, offsetof(struct plot_settings, medium)},
};
_Static_assert(sizeof(enum plot_style) == sizeof(int), "a choice is stored as an int");

static const struct flag {
    const char *name;
    size_t member; /* of struct plot_settings, a bool */
} flags[] = {
    {"ERR", offsetof(struct plot_settings, error)},
    {"MASK", offsetof(struct plot_settings, mask)},
    {"SKY", offsetof(struct plot_settings, sky)},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static enum status read_whole(const struct params *params, const struct whole *whole,
                              struct plot_settings *settings, struct failure *failure)
{
    const char *text;
    int64_t value;

    if (params_single(params, whole->name, &text, failure))
        return failure->status;
    if (!text)
        return STATUS_OK;
    if (!number_read_integer(text, strlen(text), &value) || value < whole->least ||
        value > whole->most)
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "%s: '%.40s' is not a whole number from %d to %d", whole->name,
                           text, whole->least, whole->most);
    memcpy((char *)settings + whole->member, &(int){(int)value}, sizeof(int));
    return STATUS_OK;
}

static enum status refuse_word(const struct choice *choice, const char *text,
                               struct failure *failure)
{
    char known[80] = "";

    for (int i = 0; choice->words[i]; i++)
        snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
                 i ? ", " : "", choice->words[i]);
    return failure_set(failure, STATUS_BAD_PARAMETER, "%s: '%.40s' is not one of %s",
                       choice->name, text, known);
}

static enum status read_choice(const struct params *params, const struct choice *choice,
                               struct plot_settings *settings, struct failure *failure)
{
    const char *text;

    if (params_single(params, choice->name, &text, failure))
        return failure->status;
    if (!text)
        return STATUS_OK;
    for (int i = 0; choice->words[i]; i++) {
        if (strcasecmp(text, choice->words[i]) == 0) {
            memcpy((char *)settings + choice->member, &i, sizeof(i));
            return STATUS_OK;
        }
    }
    return refuse_word(choice, text, failure);
}

static enum status read_flag(const struct params *params, const struct flag *flag,
                             struct plot_settings *settings, struct failure *failure)
{
    const char *text;
    bool value;

    if (params_single(params, flag->name, &text, failure))
        return failure->status;
    if (!text)
        return STATUS_OK;
    if (strlen(text) != 1 || !strchr("01", *text))
        return failure_set(failure, STATUS_BAD_PARAMETER, "%s: '%.40s' is not 0 or 1",
                           flag->name, text);
    value = *text == '1';
    memcpy((char *)settings + flag->member, &value, sizeof(value));
    return STATUS_OK;
}

/* An even width has no middle sample. */
static enum status check_smooth(const struct plot_settings *settings,
                                struct failure *failure)
{
    return settings->smooth > 0 && settings->smooth % 2 == 0
               ? failure_set(failure, STATUS_BAD_PARAMETER,
                             "SMOOTH: %d is even: take an odd number of samples, e.g. %d",
                             settings->smooth, settings->smooth + 1)
               : STATUS_OK;
}

enum status picture_settings_read(const struct params *params, struct plot_settings *out,
                                  struct failure *failure)
{
    struct plot_settings settings;

    plot_settings_init(&settings);
    for (size_t i = 0; i < COUNT(wholes); i++)
        if (read_whole(params, &wholes[i], &settings, failure))
            return failure->status;
    for (size_t i = 0; i < COUNT(choices); i++)
        if (read_choice(params, &choices[i], &settings, failure))
            return failure->status;
    for (size_t i = 0; i < COUNT(flags); i++)
        if (read_flag(params, &flags[i], &settings, failure))
            return failure->status;
    if (check_smooth(&settings, failure))
        return failure->status;
    *out = settings;
    return STATUS_OK;
}

bool picture_knows(const char *name)
{
    for (size_t i = 0; i < COUNT(wholes); i++)
        if (strcmp(name, wholes[i].name) == 0)
            return true;
    for (size_t i = 0; i < COUNT(choices); i++)
        if (strcmp(name, choices[i].name) == 0)
            return true;
    for (size_t i = 0; i < COUNT(flags); i++)
        if (strcmp(name, flags[i].name) == 0)
            return true;
    return strcmp(name, "BAND") == 0;
}

/* ---- the picture ---- */

enum status picture_write(const struct entry *entry, const struct spectrum *spectrum,
                          const struct plot_settings *settings, enum picture_kind kind,
                          struct buffer *out, struct failure *failure)
{
    struct plot_subject subject = {
        .spectrum = spectrum,
        .name = entry->target_name,
        .class = entry->target_class,
        .subclass = entry->target_subclass,
        .label = entry->spectrum,
        .redshift = entry->redshift,
        .snr = entry->snr,
    };
    enum status status = STATUS_OK;
    struct arena arena;
    struct scene scene;

    arena_init(&arena);
    plot_layout(&subject, settings, &arena, &scene);
    if (kind == PICTURE_PNG)
        status = png_write(&scene, out, failure);
    else
        svg_write(&scene, SVG_FILE, out);
    arena_finish(&arena);
    return status;
}
