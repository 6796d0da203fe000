/*
 * worker.h - a process that reads FITS files for us: the asking side.
 *
 * CFITSIO runs only there. A worker is this program started anew (fork and exec of
 * /proc/self/exe with the hidden command "worker"), with the archive's folder as
 * descriptor 3 and a stream socket as descriptor 4; it reads one file at a time. A file
 * that kills or stalls it costs that worker and gives READING_REFUSED for that file; the
 * next question starts another. Used by one thread at a time.
 *
 * On the socket, both ways: uint32_t size, then that many bytes. A question is struct
 * worker_question_head and the path; an answer is a packed reading.
 */
#pragma once

#include "archive/reading.h"
#include "base/status.h"

#include <stdint.h>

struct worker;

enum worker_question_kind {
    WORKER_READ_FILE = 1, /* path with its suffix: read exactly that file */
    WORKER_FIND_FILE =
        2, /* path without suffix: the newer of path.fits and path.fits.gz */
};

struct worker_question_head {
    uint32_t kind;
    uint32_t has_expected;
    uint64_t expected; /* with has_expected: answer READING_UNCHANGED if the content has
                          this checksum */
};

enum { WORKER_FOLDER_FD = 3, WORKER_SOCKET_FD = 4 };

struct worker_settings {
    const char *archive_folder;
    const char *program; /* NULL: /proc/self/exe; tests name the built cutoutd */
    int seconds;         /* the longest that one file may take; 0: 60 */
};

/* Starts no process yet. Fails if the folder cannot be opened. */
enum status worker_open(const struct worker_settings *settings, struct worker **out,
                        struct failure *failure);
void worker_close(struct worker *worker); /* ends the process; NULL is fine */

/*
 * Ask, then take the answer: between the two worker_fd() becomes readable. worker_take()
 * blocks until the whole answer is there, the process died or the time is over; the last
 * two make a reading that says so. Only a machine that cannot start processes is a
 * failure.
 */
enum status worker_ask(struct worker *worker, enum worker_question_kind kind,
                       const char *path, const uint64_t *expected,
                       struct failure *failure);
int worker_fd(const struct worker *worker); /* -1 while nothing is asked */
enum status worker_take(struct worker *worker, struct reading *out,
                        struct failure *failure);
int worker_seconds_left(
    const struct worker *worker); /* until the question's time is over */
