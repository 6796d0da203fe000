#include "bulk/bulk_order.h"

#include "base/memory.h"

#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Keys are compared as unsigned numbers, the first half first. */
struct item {
    uint64_t key[2];
    uint32_t number;
};

struct bulk_order {
    bool is_descending;
    size_t count, room;
    size_t heap; /* items [0, heap) are one; those behind it fall, the smallest last */
    struct item *items;
};

static const uint64_t SIGN = UINT64_C(1) << 63;

struct bulk_order *bulk_order_open(bool is_descending)
{
    struct bulk_order *order = memory_new(order);

    order->is_descending = is_descending;
    return order;
}

void bulk_order_close(struct bulk_order *order)
{
    if (!order)
        return;
    free(order->items);
    free(order);
}

static bool is_before(const struct item *a, const struct item *b)
{
    if (a->key[0] != b->key[0])
        return a->key[0] < b->key[0];
    return a->key[1] != b->key[1] ? a->key[1] < b->key[1] : a->number < b->number;
}

static void swap(struct item *a, struct item *b)
{
    struct item kept = *a;

    *a = *b;
    *b = kept;
}

static void rise(struct item *items, size_t i)
{
    while (i && is_before(&items[i], &items[(i - 1) / 2])) {
        swap(&items[i], &items[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

static void sink(struct item *items, size_t count, size_t i)
{
    for (size_t child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && is_before(&items[child + 1], &items[child]))
            child++;
        if (!is_before(&items[child], &items[i]))
            return;
        swap(&items[child], &items[i]);
    }
}

static void add(struct bulk_order *order, uint64_t first, uint64_t second, bool is_absent)
{
    uint64_t flip = order->is_descending ? UINT64_MAX : 0;
    struct item item = {{first ^ flip, second ^ flip}, (uint32_t)order->count};

    if (is_absent)
        item.key[0] = item.key[1] = UINT64_MAX;
    if (order->count == order->room) {
        order->room += order->room / 4 + 64;
        order->items = memory_resize(order->items, order->room * sizeof(item));
    }
    order->items[order->count] = item;
    rise(order->items, order->count++);
    order->heap = order->count;
}

/* Numbers of IEEE 754 without their sign are ordered as their bits are. */
void bulk_order_add_real(struct bulk_order *order, double key)
{
    double value = key + 0.0; /* one zero */
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    add(order, bits & SIGN ? ~bits : bits | SIGN, 0, isnan(key));
}

void bulk_order_add_text(struct bulk_order *order, const char *key)
{
    char bytes[16] = "";
    uint64_t halves[2];

    memcpy(bytes, key, strnlen(key, sizeof(bytes)));
    memcpy(halves, bytes, sizeof(bytes));
    add(order, be64toh(halves[0]), be64toh(halves[1]), !*key);
}

int64_t bulk_order_at(struct bulk_order *order, int64_t place)
{
    size_t last = order->count - 1;

    while (order->count - order->heap <= (size_t)place) {
        swap(&order->items[0], &order->items[--order->heap]);
        sink(order->items, order->heap, 0);
    }
    return order->items[last - (size_t)place].number;
}
