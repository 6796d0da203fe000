/*
 * bulk_order.h - many rows in the order of a key, which is found bit by bit: each row
 * that is added or asked for costs a few comparisons, and nobody waits for a sort of all.
 *
 * A heap while rows are added; what is asked for moves behind it, sorted. 24 bytes a row.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct bulk_order;

struct bulk_order *bulk_order_open(bool is_descending);
void bulk_order_close(struct bulk_order *order); /* NULL is fine */

/* Add the next row, numbered from 0; until the first is asked for. NaN and an empty text
 * come last, whatever the direction. Of a text 16 bytes count. Equal ones stay in the
 * order they were added in. */
void bulk_order_add_real(struct bulk_order *order, double key);
void bulk_order_add_text(struct bulk_order *order, const char *key);

/* The number of the row at a place, from 0. */
int64_t bulk_order_at(struct bulk_order *order, int64_t place);
