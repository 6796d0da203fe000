/*
 * connection.h - one client's connection: bytes in, bytes out, requests one after the
 * other.
 *
 * It lives on one loop and frees itself when it ends. Between requests it holds no memory
 * but itself.
 */
#pragma once

#include "http/deadline.h"
#include "http/loop.h"
#include "http/mailbox.h"

#include <stdint.h>

/* Take a socket over, and read from it at once: mostly the request is there already. */
void connection_open(struct loop *loop, const struct letter *socket);

/* The request of that serial, if it still waits, is tried again; or its answer goes on.
 */
void connection_wake(struct loop *loop, uint64_t serial);

/* By its member of a loop's list: its time is over; the server has ended. */
void connection_expire(struct deadline *deadline);
void connection_abort(struct deadline *deadline);
