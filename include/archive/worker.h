/*
 * worker.h - a process that reads FITS files for us: the asking side.
 *
 * CFITSIO runs only there. A worker is this program started anew (/proc/self/exe with the
 * hidden command "worker", in a process group of its own so that a Ctrl-C at the terminal
 * is no reading's end), with the archive's folder as descriptor 3 and a stream socket as
 * descriptor 4 and no other above 2; it reads one file at a time and ends when the socket
 * is closed. A file that kills or stalls it costs that worker and gives READING_REFUSED
 * for that file; the next question starts another. Used by one thread at a time. Workers
 * are reaped here, by their number: nobody else may wait for any child.
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

enum {
    WORKER_PATH_LENGTH = 4096, /* of a question; NUL (not sent) included */
    WORKER_ANSWER_LIMIT =
        64 * 1024 * 1024 /* bytes; a larger answer is taken for nonsense */
};

struct worker_settings {
    const char *archive_folder;
    const char *program; /* NULL: /proc/self/exe; tests name the built cutoutd */
    int seconds;         /* the longest that one file may take; 0: 60 */
};

/* Starts no process yet. Fails if the folder cannot be opened. */
enum status worker_open(const struct worker_settings *settings, struct worker **out,
                        struct failure *failure);
void worker_close(struct worker *worker); /* ends the process; NULL is fine */

/* Start the process where none runs, so that the first question need not wait for it. Not
 * needed. */
enum status worker_start(struct worker *worker, struct failure *failure);

/*
 * Ask, then take the answer: between the two worker_fd() becomes readable. worker_take()
 * blocks until the whole answer is there, the process died or the time is over; the last
 * two make a reading that says so: of it only outcome, reason and file (the path that was
 * asked) are set. A worker that somebody ended (SIGTERM and the like) or that left by
 * itself says nothing about the file: READING_FAILED. *out must be initialised. Only a
 * machine that cannot start processes is a failure.
 */
enum status worker_ask(struct worker *worker, enum worker_question_kind kind,
                       const char *path, const uint64_t *expected,
                       struct failure *failure);
int worker_fd(const struct worker *worker); /* -1 while nothing is asked */
enum status worker_take(struct worker *worker, struct reading *out,
                        struct failure *failure);
int worker_seconds_left(
    const struct worker *worker); /* until the question's time is over */
