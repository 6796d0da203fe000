/* options.h - the command line: one table of commands, what each takes and does. */
#pragma once

#include "base/status.h"

#include <stdbool.h>
#include <stdio.h>

#define OPTIONS_CONFIG_PATH "/etc/cutoutd/cutoutd.conf"

enum {
    EXIT_DONE = 0,
    EXIT_FOUND_WRONG = 1, /* done, but some files were refused, or differences found */
    EXIT_FAILED = 2,
    EXIT_USAGE = 64, /* EX_USAGE of sysexits.h */
};

struct command;

/* Texts are borrowed from argv. */
struct options {
    const struct command *command; /* NULL: --help or --version without a command */
    const char *config_path;       /* NULL: not given */
    const char *const *arguments;  /* the command's own, without options */
    int argument_count;
    const char *band;     /* cut */
    const char *format;   /* cut */
    const char *frame;    /* cut */
    const char *spectrum; /* cut */
    int workers;          /* ingest, verify; -1: not given */
    bool compact;         /* ingest */
    bool quiet;           /* ingest, verify */
    bool help;
    bool version;
};

struct command {
    const char *name;
    const char *arguments; /* as shown by --help */
    const char *sentence;  /* what it does */
    const char *takes;     /* letters of its options, see options.c */
    int least, most;       /* arguments; most < 0: any number */
    /* *exit_status is EXIT_DONE before, and counts when the status is STATUS_OK. */
    enum status (*run)(const struct options *options, int *exit_status,
                       struct failure *failure);
};

/* Ended by a null name. */
extern const struct command commands[];

/* A command line that makes no sense is STATUS_BAD_SETTING. May reorder argv. */
enum status options_read(int argc, char **argv, struct options *out,
                         struct failure *failure);

/* The path to read: as given or the default. */
const char *options_config_path(const struct options *options);

/* Usage of one command, or of all where it is NULL. */
void options_print_help(const struct command *command, FILE *out);
