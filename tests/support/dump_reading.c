/*
 * dump_reading FOLDER PATH... - what lamost_read() makes of files, as lines for tests to
 * compare.
 *
 * For each PATH beneath FOLDER: "file PATH"; then "refused REASON", or for each spectrum
 * "spectrum", a line "column NAME VALUE" for each column that has a value (reals in hex),
 * and "axis", "flux", "flux_error", "and_mask", "or_mask" with the bytes of one value, a
 * blank, and the values in hex as they lie in memory.
 */
#include "archive/record.h"
#include "base/file.h"
#include "ingest/lamost.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void print_column(const struct entry *entry, const struct entry_column *column)
{
    switch (column->type) {
    case ENTRY_TEXT:
        if (entry_text(entry, column))
            printf("column %s %s\n", column->name, entry_text(entry, column));
        break;
    case ENTRY_INTEGER:
        if (entry_integer(entry, column) != ENTRY_NO_INTEGER)
            printf("column %s %lld\n", column->name,
                   (long long)entry_integer(entry, column));
        break;
    case ENTRY_REAL:
        if (!isnan(entry_real(entry, column)))
            printf("column %s %a\n", column->name, entry_real(entry, column));
        break;
    }
}

static void print_array(const char *name, const void *values, int width, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = values;

    printf("%s %d ", name, width);
    for (size_t i = 0; i < count * (size_t)width; i++) {
        putchar(digits[bytes[i] >> 4]);
        putchar(digits[bytes[i] & 15]);
    }
    putchar('\n');
}

static void print_spectrum(const struct reading_spectrum *read)
{
    struct spectrum spectrum;
    struct failure failure;
    size_t count;

    if (record_view(read->record, read->record_size, read->axis, read->axis_size, true,
                    &spectrum, &failure)) {
        fprintf(stderr, "dump_reading: %s\n", failure.message);
        exit(EXIT_FAILURE);
    }
    count = spectrum.axis.samples;
    puts("spectrum");
    for (size_t i = 0; i < entry_column_count; i++)
        print_column(&read->entry, &entry_columns[i]);
    print_array("axis", spectrum.axis.values, (int)spectrum.axis.type, count);
    print_array("flux", spectrum.flux, sizeof(float), count);
    print_array("flux_error", spectrum.flux_error, sizeof(float), count);
    print_array("and_mask", spectrum.and_mask, (int)spectrum.mask_width, count);
    print_array("or_mask", spectrum.or_mask, (int)spectrum.mask_width, count);
}

static enum status print_file(int folder, const char *path, struct failure *failure)
{
    AUTO_FD fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
    struct reading reading;
    struct buffer bytes;

    if (fd < 0)
        return failure_system(failure, "%s", path);
    buffer_init(&bytes);
    if (file_read(fd, path, LAMOST_LARGEST, &bytes, failure))
        return failure->status;
    reading_init(&reading);
    lamost_read(path, bytes.bytes, bytes.length, &reading);
    printf("file %s\n", path);
    if (reading.outcome == READING_REFUSED)
        printf("refused %s\n", reading.reason);
    for (size_t i = 0; i < reading.count; i++)
        print_spectrum(&reading.spectra[i]);
    reading_finish(&reading);
    buffer_finish(&bytes);
    return STATUS_OK;
}

int main(int argc, char **argv)
{
    AUTO_FD folder = argc > 1 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    struct failure failure;

    if (folder < 0) {
        fputs("usage: dump_reading FOLDER PATH...\n", stderr);
        return EXIT_FAILURE;
    }
    for (int i = 2; i < argc; i++)
        if (print_file(folder, argv[i], &failure)) {
            fprintf(stderr, "dump_reading: %s\n", failure.message);
            return EXIT_FAILURE;
        }
    return EXIT_SUCCESS;
}
