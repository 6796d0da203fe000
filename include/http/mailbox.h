/*
 * mailbox.h - how other threads tell a loop something: new sockets, wakes, the end.
 *
 * A mailbox is never freed, only used again by a later loop: wakers are copied freely and
 * may be called when their server is long gone. Their serials are never used twice, so a
 * late wake finds nobody.
 */
#pragma once

#include "http/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct refusal;

struct letter {
    enum letter_kind { LETTER_WAKE, LETTER_SOCKET, LETTER_DRAIN } kind;
    uint64_t serial; /* LETTER_WAKE: of the request that waits */
    int fd;          /* LETTER_SOCKET: owned by who reads the letter */
    struct address peer;
    const struct refusal
        *refusal;      /* LETTER_SOCKET: to be told so and closed; NULL: welcome */
    bool may_displace; /* LETTER_SOCKET: welcome if an idle connection gives way to it */
};

struct mailbox;

struct mailbox *mailbox_open(void);
void mailbox_close(struct mailbox *mailbox); /* unread sockets are closed; NULL is fine */

/* Becomes readable when there are letters. */
int mailbox_descriptor(const struct mailbox *mailbox);

/* From any thread. To a closed mailbox it does nothing, but for closing a socket. */
void mailbox_post(struct mailbox *mailbox, const struct letter *letter);

/* For struct waker: `where` is the mailbox, `whom` a serial. */
void mailbox_wake(void *where, uint64_t whom);

/* All letters so far, valid until the next call; by the owner alone. */
const struct letter *mailbox_collect(struct mailbox *mailbox, size_t *count);

/* A number for a request that may wait; by the owner alone. */
uint64_t mailbox_next_serial(struct mailbox *mailbox);
