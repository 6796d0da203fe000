#include "ingest/fits_header.h"

#include "ingest/card.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MOST_AXES = 999, MOST_COLUMNS = 999, KEYWORD = 24 };
static const int64_t MOST_ELEMENTS = (int64_t)1 << 40; /* no file is so large */

/* Walks the cards, one expectation after the other. */
struct walk {
    const char *next;
    size_t left;
    char missing[KEYWORD]; /* the first that was not met; "" while all were */
};

static void expect(struct walk *walk, const char *keyword, int64_t least, int64_t most,
                   int64_t *out)
{
    int64_t value;

    if (walk->missing[0])
        return;
    if (walk->left == 0 || !card_find(walk->next, 1, keyword) ||
        !card_integer(walk->next, &value) || value < least || value > most) {
        snprintf(walk->missing, sizeof(walk->missing), "%s", keyword);
        return;
    }
    walk->next += CARD_SIZE;
    walk->left--;
    *out = value;
}

/* The axes, whose product must be a number that CFITSIO can compute with. */
static void expect_axes(struct walk *walk)
{
    int64_t axes = 0, product = 1;

    expect(walk, "NAXIS", 0, MOST_AXES, &axes);
    for (int i = 1; i <= axes; i++) {
        char keyword[KEYWORD];
        int64_t length = 0;

        snprintf(keyword, sizeof(keyword), "NAXIS%d", i);
        expect(walk, keyword, 0, product ? MOST_ELEMENTS / product : MOST_ELEMENTS,
               &length);
        product *= length;
    }
}

/* Up to END; that there is one, CFITSIO sees. */
static enum status check_values(const char *cards, size_t count, struct failure *failure)
{
    for (size_t i = 0; i < count; i++, cards += CARD_SIZE) {
        if (card_find(cards, 1, "END"))
            break;
        if (!card_is_sound(cards))
            return failure_set(failure, STATUS_REFUSED,
                               "header: card %zu has a value that none can be", i + 1);
    }
    return STATUS_OK;
}

enum status fits_header_check(const char *cards, size_t count, struct failure *failure)
{
    struct walk walk = {.next = cards + CARD_SIZE, .left = count ? count - 1 : 0};
    bool is_extension = count && card_find(cards, 1, "XTENSION");
    bool is_table = is_extension && memmem(cards, CARD_SIZE, "TABLE", 5);
    int64_t ignored;

    expect(&walk, "BITPIX", -64, 64, &ignored);
    expect_axes(&walk);
    if (is_extension) {
        expect(&walk, "PCOUNT", 0, MOST_ELEMENTS, &ignored);
        expect(&walk, "GCOUNT", 1, 1, &ignored);
    }
    if (is_table)
        expect(&walk, "TFIELDS", 0, MOST_COLUMNS, &ignored);
    if (walk.missing[0])
        return failure_set(failure, STATUS_REFUSED, "header: no valid %s in its place",
                           walk.missing);
    return check_values(cards, count, failure);
}
