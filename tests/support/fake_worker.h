/*
 * fake_worker.h - a reader process that does on demand what real ones do once in a year.
 *
 * A test program that calls fake_worker_main() first of all is its own reader: started
 * anew as "cutoutd worker" it answers questions without looking at any file. What it does
 * is in the path's words; a path with none of them is a file with one spectrum (with
 * "mrs": four) whose samples follow from its path.
 */
#pragma once

#include "archive/reading.h"
#include "archive/record.h"
#include "archive/worker.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/checksum.h"
#include "base/file.h"

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FAKE_SAMPLES = 3900 };

/* The sample that a spectrum of this path has at i. */
static inline float fake_flux(const char *path, uint32_t i)
{
    return (float)(checksum_of(path, strlen(path)) % 1000 + i);
}

static inline void fake_spectrum(const char *path, uint32_t samples, struct buffer *axis,
                                 struct buffer *record)
{
    float *wavelengths = calloc(samples, sizeof(float));
    float *flux = calloc(samples, sizeof(float));
    uint8_t *masks = calloc(samples, 1);
    struct spectrum spectrum = {
        .axis = {.values = wavelengths, .samples = samples, .type = AXIS_FLOAT32},
        .flux = flux,
        .flux_error = flux,
        .and_mask = masks,
        .or_mask = masks,
        .mask_width = MASK_BYTE,
    };

    for (uint32_t i = 0; i < samples; i++) {
        wavelengths[i] = 3700 + (float)i;
        flux[i] = fake_flux(path, i);
    }
    record_encode(&spectrum, axis_encode(&spectrum.axis, axis), record);
    free(wavelengths);
    free(flux);
    free(masks);
}

static inline void fake_entry(const char *path, const char *stem, const char *spectrum,
                              struct entry *out)
{
    const char *slash = strrchr(stem, '/');

    entry_init(out);
    out->path = path;
    out->name = slash ? slash + 1 : stem;
    out->spectrum = spectrum;
    out->survey = spectrum ? "MRS" : "LRS";
    out->length = FAKE_SAMPLES;
    out->spectral_start = 3700;
    out->spectral_end = 3700 + FAKE_SAMPLES - 1;
}

static inline void fake_add_spectrum(struct reading *reading, const char *stem,
                                     const char *file, const char *spectrum)
{
    struct reading_spectrum *added = &reading->spectra[reading->count++];
    const char *path =
        spectrum ? arena_format(&reading->arena, "%s/%s", stem, spectrum) : stem;
    struct buffer axis, record;

    buffer_init(&axis);
    buffer_init(&record);
    fake_spectrum(path, FAKE_SAMPLES, &axis, &record);
    fake_entry(path, stem, spectrum, &added->entry);
    added->entry.file = file;
    added->axis = arena_copy(&reading->arena, (const char *)axis.bytes, axis.length);
    added->axis_size = axis.length;
    added->record =
        arena_copy(&reading->arena, (const char *)record.bytes, record.length);
    added->record_size = record.length;
    buffer_finish(&axis);
    buffer_finish(&record);
}

/* The spectra of a file, as a good worker hands them over; paths live as long as the
 * reading. */
static inline void fake_reading(const char *stem, struct reading *out)
{
    static const char *const names[] = {"R", "B-84023871", "B", "R-84023871"};
    bool mrs = strstr(stem, "mrs");

    stem = arena_copy_string(&out->arena, stem);
    out->file = arena_format(&out->arena, "%s.fits", stem);
    out->outcome = READING_SPECTRA;
    out->spectra = arena_take(&out->arena, 4 * sizeof(*out->spectra));
    for (int i = 0; i < (mrs ? 4 : 1); i++)
        fake_add_spectrum(out, stem, out->file, mrs ? names[i] : NULL);
}

/* "3 4": the descriptors that are open besides the usual three, the one that looks left
 * out. */
static inline const char *fake_descriptors(struct arena *arena)
{
    DIR *folder = opendir("/proc/self/fd");
    const char *found = "";
    struct dirent *item;

    while ((item = readdir(folder))) {
        int fd = atoi(item->d_name);

        if (fd > 2 && fd != dirfd(folder))
            found = arena_format(arena, "%s%s%d", found, *found ? " " : "", fd);
    }
    closedir(folder);
    return found;
}

static inline void fake_misfortune(const char *path)
{
    if (strstr(path, "die")) {
        signal(SIGSEGV, SIG_DFL); /* a sanitizer would make an exit of it */
        raise(SIGSEGV);
    }
    if (strstr(path, "kill"))
        raise(SIGKILL);
    if (strstr(path, "leave"))
        _exit(3);
    if (strstr(path, "stall"))
        sleep(1000);
    if (strstr(path, "slow"))
        usleep(200000);
}

/* Files named folder are folders, and there is nothing below an MRS file. */
static inline bool fake_is_absent(const char *path)
{
    const char *slash = strrchr(path, '/');

    return strstr(path, "absent") || strstr(path, "mrs/") ||
           (slash && strcmp(slash, "/folder") == 0);
}

/* The same of a path with its suffix. */
static inline void fake_reading_of_file(const char *path, struct reading *out)
{
    const char *suffix = strstr(path, ".fits");

    fake_reading(arena_copy(&out->arena, path, (size_t)(suffix - path)), out);
    out->file = arena_copy_string(&out->arena, path);
    for (size_t i = 0; i < out->count; i++)
        out->spectra[i].entry.file = out->file;
}

static inline void fake_answer(const char *path, const struct worker_question_head *head,
                               struct reading *out)
{
    out->file_size = getpid();
    out->file = arena_copy_string(&out->arena, path);
    if (head->has_expected) {
        out->outcome = READING_UNCHANGED;
        out->file_checksum = head->expected;
    } else if (fake_is_absent(path)) {
        out->outcome = READING_ABSENT;
    } else if (strstr(path, "failed")) {
        out->outcome = READING_FAILED;
        out->reason = "Input/output error";
    } else if (strstr(path, "refused")) {
        out->outcome = READING_REFUSED;
        out->reason = "HDU 0: no spectrum";
    } else if (strstr(path, "descriptors")) {
        out->outcome = READING_REFUSED;
        out->reason = fake_descriptors(&out->arena);
    } else if (strstr(path, "foreign")) {
        fake_reading("dir/another", out);
    } else if (strstr(path, ".fits")) {
        fake_reading_of_file(path, out);
    } else {
        fake_reading(path, out);
    }
}

/* Send it, whole or as the path's words want it spoiled. */
static inline void fake_send(const char *path, const struct buffer *answer)
{
    uint32_t size = (uint32_t)answer->length;
    struct failure failure;

    if (strstr(path, "huge"))
        size = UINT32_MAX;
    if (strstr(path, "garbage"))
        memset(answer->bytes, 0xA5, answer->length);
    file_write(WORKER_SOCKET_FD, &size, sizeof(size), &failure);
    if (strstr(path, "halfway")) {
        file_write(WORKER_SOCKET_FD, answer->bytes, answer->length / 2, &failure);
        sleep(1000);
    }
    file_write(WORKER_SOCKET_FD, answer->bytes, answer->length, &failure);
    if (strstr(path, "chatter"))
        file_write(WORKER_SOCKET_FD, "more", 4, &failure);
}

static inline bool fake_receive(void *bytes, size_t size)
{
    uint8_t *next = bytes;
    ssize_t count;

    for (; size; next += count, size -= (size_t)count) {
        count = read(WORKER_SOCKET_FD, next, size);
        if (count <= 0)
            return false;
    }
    return true;
}

static inline bool fake_answer_one(void)
{
    char path[WORKER_PATH_LENGTH] = "";
    struct worker_question_head head;
    struct reading reading;
    struct buffer answer;
    uint32_t size;

    if (!fake_receive(&size, sizeof(size)) || !fake_receive(&head, sizeof(head)) ||
        !fake_receive(path, size - sizeof(head)))
        return false;
    fake_misfortune(path);
    reading_init(&reading);
    buffer_init(&answer);
    fake_answer(path, &head, &reading);
    reading_pack(&reading, &answer);
    fake_send(path, &answer);
    buffer_finish(&answer);
    reading_finish(&reading);
    return true;
}

/* Returns at once unless this is the reader process, which ends here. */
static inline void fake_worker_main(int argc, char **argv)
{
    if (argc != 2 || strcmp(argv[0], "cutoutd") != 0 || strcmp(argv[1], "worker") != 0)
        return;
    signal(SIGPIPE, SIG_IGN);
    while (fake_answer_one())
        continue;
    exit(EXIT_SUCCESS);
}
