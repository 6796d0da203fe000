#include "options.h"

#include "base/number.h"
#include "commands.h"

#include <getopt.h>
#include <limits.h>
#include <string.h>

const struct command commands[] = {
    {"serve", "", "Serve the collections over HTTP and keep their caches in step.", "c",
     0, 0, serve_command},
    {"ingest", "COLLECTION [PATH...]",
     "Bring the cache of a collection in step with its archive, all of it or these files "
     "and folders in it.",
     "ckqw", 1, -1, ingest_command},
    {"verify", "COLLECTION [PATH...]",
     "Read the FITS files again and compare every value of the cache with them.", "cqw",
     1, -1, verify_command},
    {"cut", "FILE --band \"LO HI\"",
     "Write one cut-out of a FITS file to standard output; the band is in metres.",
     "cbfrs", 1, 1, cut_command},
    {"copy", "COLLECTION FILE",
     "Copy the catalogue of a collection into a new SQLite file, while others use it.",
     "c", 2, 2, copy_command},
    {"record", "COLLECTION",
     "Write the record of a collection for a registry of the Virtual Observatory to "
     "standard output.",
     "c", 1, 1, record_command},
    {"check-config", "", "Read the configuration and say what is wrong with it.", "c", 0,
     0, check_config_command},
    {"worker", "", NULL, "", 0, 0, worker_command},
    {0},
};

/* The letter is the option's name in `takes`; c, h and q are short options, too. */
static const struct described {
    struct option option;
    const char *value;
    const char *sentence;
} described[] = {
    {{"config", required_argument, NULL, 'c'},
     "FILE",
     "configuration; without it " OPTIONS_CONFIG_PATH},
    {{"compact", no_argument, NULL, 'k'},
     "",
     "look for damage in all of the cache, and rewrite what is mostly dead"},
    {{"workers", required_argument, NULL, 'w'},
     "N",
     "processes that read FITS; without it as configured"},
    {{"quiet", no_argument, NULL, 'q'},
     "",
     "no progress; the summary, or one line if nothing changed"},
    {{"band", required_argument, NULL, 'b'},
     "\"LO HI\"",
     "from and to in metres, e.g. \"3.92e-7 3.98e-7\"; without it the whole spectrum"},
    {{"format", required_argument, NULL, 'f'},
     "FORMAT",
     "votable (BINARY2, the default), binary, tabledata, fits, csv, tsv, ecsv, png or "
     "svg"},
    {{"frame", required_argument, NULL, 'r'},
     "FRAME",
     "rest: the band and the wavelengths are those at rest; without it observed"},
    {{"spectrum", required_argument, NULL, 's'},
     "NAME",
     "of a file with several: B, R, B-84023871; without it they are listed"},
    {{"help", no_argument, NULL, 'h'}, "", "this text"},
};
enum { DESCRIBED_COUNT = sizeof(described) / sizeof(described[0]), VERSION = 'V' };

static const struct command *find_command(const char *name)
{
    for (const struct command *command = commands; command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static enum status read_workers(const char *text, int *out, struct failure *failure)
{
    int64_t value;

    if (!number_read_integer(text, strlen(text), &value) || value < 0 || value > 1024)
        return failure_set(failure, STATUS_BAD_SETTING,
                           "--workers: %s is not a number within 0 and 1024", text);
    *out = (int)value;
    return STATUS_OK;
}

static enum status take_option(int letter, struct options *options,
                               struct failure *failure)
{
    switch (letter) {
    case 'c':
        options->config_path = optarg;
        return STATUS_OK;
    case 'k':
        options->compact = true;
        return STATUS_OK;
    case 'w':
        return read_workers(optarg, &options->workers, failure);
    case 'q':
        options->quiet = true;
        return STATUS_OK;
    case 'b':
        options->band = optarg;
        return STATUS_OK;
    case 'f':
        options->format = optarg;
        return STATUS_OK;
    case 'r':
        options->frame = optarg;
        return STATUS_OK;
    case 's':
        options->spectrum = optarg;
        return STATUS_OK;
    case 'h':
        options->help = true;
        return STATUS_OK;
    default:
        options->version = true;
        return STATUS_OK;
    }
}

static enum status read_option_list(int argc, char **argv, struct options *options,
                                    char *given, struct failure *failure)
{
    struct option long_options[DESCRIBED_COUNT + 2] = {0};
    enum status status;
    int letter;

    for (int i = 0; i < DESCRIBED_COUNT; i++)
        long_options[i] = described[i].option;
    long_options[DESCRIBED_COUNT] =
        (struct option){"version", no_argument, NULL, VERSION};

    opterr = 0;
    optind = 0; /* glibc: begin anew */
    while ((letter = getopt_long(argc, argv, ":c:hqV", long_options, NULL)) != -1) {
        if (letter == '?')
            return failure_set(failure, STATUS_BAD_SETTING, "unknown option %s",
                               argv[optind - 1]);
        if (letter == ':')
            return failure_set(failure, STATUS_BAD_SETTING, "%s needs a value",
                               argv[optind - 1]);
        if ((status = take_option(letter, options, failure)))
            return status;
        given[letter] = 1;
    }
    return STATUS_OK;
}

static enum status check_command(const struct options *options, const char *given,
                                 struct failure *failure)
{
    const struct command *command = options->command;

    for (int i = 0; i < DESCRIBED_COUNT; i++) {
        int letter = described[i].option.val;

        if (given[letter] && letter != 'h' && !strchr(command->takes, letter))
            return failure_set(failure, STATUS_BAD_SETTING, "%s takes no --%s",
                               command->name, described[i].option.name);
    }
    if (options->argument_count < command->least)
        return failure_set(failure, STATUS_BAD_SETTING, "%s needs %s", command->name,
                           command->arguments);
    if (command->most >= 0 && options->argument_count > command->most)
        return failure_set(failure, STATUS_BAD_SETTING, "%s: one argument too many: %s",
                           command->name, options->arguments[command->most]);
    return STATUS_OK;
}

enum status options_read(int argc, char **argv, struct options *out,
                         struct failure *failure)
{
    struct options options = {.workers = -1};
    char given[UCHAR_MAX + 1] = {0};
    enum status status;

    if ((status = read_option_list(argc, argv, &options, given, failure)))
        return status;
    if (optind < argc) {
        options.command = find_command(argv[optind]);
        if (!options.command)
            return failure_set(failure, STATUS_BAD_SETTING, "unknown command %s",
                               argv[optind]);
        options.arguments = (const char *const *)argv + optind + 1;
        options.argument_count = argc - optind - 1;
    }
    if (!options.help && !options.version) {
        if (!options.command)
            return failure_set(failure, STATUS_BAD_SETTING, "a command is needed");
        if ((status = check_command(&options, given, failure)))
            return status;
    }
    *out = options;
    return STATUS_OK;
}

const char *options_config_path(const struct options *options)
{
    return options->config_path ? options->config_path : OPTIONS_CONFIG_PATH;
}

static void print_command_help(const struct command *command, FILE *out)
{
    fprintf(out, "usage: cutoutd %s [OPTION...] %s\n\n%s\n\n", command->name,
            command->arguments, command->sentence ? command->sentence : "");
    for (int i = 0; i < DESCRIBED_COUNT; i++) {
        int letter = described[i].option.val;
        char name[40];

        if (letter != 'h' && !strchr(command->takes, letter))
            continue;
        snprintf(name, sizeof(name), "--%s %s", described[i].option.name,
                 described[i].value);
        fprintf(out, "  %s %-20s %s\n",
                letter == 'c'   ? "-c,"
                : letter == 'h' ? "-h,"
                : letter == 'q' ? "-q,"
                                : "   ",
                name, described[i].sentence);
    }
}

void options_print_help(const struct command *command, FILE *out)
{
    if (command) {
        print_command_help(command, out);
        return;
    }
    fputs("usage: cutoutd COMMAND [OPTION...] [ARGUMENT...]\n\n"
          "Serves LAMOST spectra and cut-outs of them.\n\n",
          out);
    for (command = commands; command->name; command++)
        if (command->sentence)
            fprintf(out, "  %-13s %s\n", command->name, command->sentence);
    fputs("\n  --help, -h    of cutoutd, or of a command\n"
          "  --version     of cutoutd\n\n"
          "Exit status: 0 all was done; 1 done, but files were refused or differences "
          "found;\n"
          "2 it could not be done; 64 the command line makes no sense. See cutoutd(8).\n",
          out);
}
