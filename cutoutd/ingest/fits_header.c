#include "ingest/fits_header.h"

#include "ingest/fits_card.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MOST_AXES = 999, MOST_COLUMNS = 999, KEYWORD = 24 };

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
    if (walk->left == 0 || !fits_card_find(walk->next, 1, keyword) ||
        !fits_card_integer(walk->next, &value) || value < least || value > most) {
        snprintf(walk->missing, sizeof(walk->missing), "%s", keyword);
        return;
    }
    walk->next += FITS_CARD_SIZE;
    walk->left--;
    *out = value;
}

static void expect_axes(struct walk *walk)
{
    int64_t axes = 0, length;

    expect(walk, "NAXIS", 0, MOST_AXES, &axes);
    for (int i = 1; i <= axes; i++) {
        char keyword[KEYWORD];

        snprintf(keyword, sizeof(keyword), "NAXIS%d", i);
        expect(walk, keyword, 0, INT64_MAX, &length);
    }
}

enum status fits_header_check(const char *cards, size_t count, struct failure *failure)
{
    struct walk walk = {.next = cards + FITS_CARD_SIZE, .left = count ? count - 1 : 0};
    bool is_extension = count && fits_card_find(cards, 1, "XTENSION");
    bool is_table = is_extension && memmem(cards, FITS_CARD_SIZE, "TABLE", 5);
    int64_t ignored;

    expect(&walk, "BITPIX", -64, 64, &ignored);
    expect_axes(&walk);
    if (is_extension) {
        expect(&walk, "PCOUNT", 0, INT64_MAX, &ignored);
        expect(&walk, "GCOUNT", 0, INT64_MAX, &ignored);
    }
    if (is_table)
        expect(&walk, "TFIELDS", 0, MOST_COLUMNS, &ignored);
    if (walk.missing[0])
        return failure_set(failure, STATUS_REFUSED, "header: no valid %s in its place",
                           walk.missing);
    return STATUS_OK;
}
