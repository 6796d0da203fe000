/*
 * status.h - how a function says that it could not do what it was asked.
 *
 * Every function that can fail returns an enum status and takes a struct failure as its
 * last argument; calls are chained with ||, outputs stay untouched on failure. Nobody
 * below http/ and main.c prints: the failure travels up, and is worded for its reader.
 */
#pragma once

enum status {
    STATUS_OK = 0,
    STATUS_PENDING,         /* not an error: ask again when the waker has been called */
    STATUS_BAD_PARAMETER,   /* the caller's fault; the message names the parameter */
    STATUS_MULTIPLE_VALUES, /* more than one value where one is allowed */
    STATUS_NOT_FOUND,       /* no such ID, path or collection */
    STATUS_FORBIDDEN,       /* not now, or not to this caller */
    STATUS_TOO_LARGE,       /* beyond a configured limit; the message names it */
    STATUS_BAD_METHOD,      /* the path exists, but not for this HTTP method */
    STATUS_BAD_TYPE,        /* a body of a media type that the endpoint does not take */
    STATUS_UNAVAILABLE,     /* overloaded or shutting down: try again later */
    STATUS_REFUSED,         /* a file that is no LAMOST spectrum, or a damaged one */
    STATUS_DAMAGED,         /* a cache that is not what was written */
    STATUS_BAD_SETTING,     /* configuration or command line */
    STATUS_NO_SPACE,        /* disk full or over quota */
    STATUS_SYSTEM,          /* the operating system or a library said no */
};

struct failure {
    enum status status;
    char message[2040]; /* one line for people, without a full stop; some list IDs */
};

/* Fill *failure and return the status. A message that is too long is cut. */
enum status failure_set(struct failure *failure, enum status status, const char *format,
                        ...) __attribute__((format(printf, 3, 4)));

/* The same for a failed system call: appends strerror(errno); ENOSPC, EDQUOT and EFBIG
 * give STATUS_NO_SPACE. */
enum status failure_system(struct failure *failure, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Put words before the message: "ingest: " and so on. Returns the failure's status. */
enum status failure_prefix(struct failure *failure, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
