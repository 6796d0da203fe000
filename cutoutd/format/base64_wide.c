#include "format/base64_wide.h"

#ifdef __x86_64__

#include <immintrin.h>

/* After W. Mula and D. Lemire, "Faster Base64 Encoding and Decoding Using AVX2
 * Instructions" (ACM Transactions on the Web 12, 2018). */

#define AVX2 __attribute__((target("avx2")))

/* Both halves of a vector have the same bytes, given from the first on. */
#define BOTH_HALVES(...) _mm256_broadcastsi128_si256(_mm_setr_epi8(__VA_ARGS__))

/* Eight groups of three bytes to 32 numbers of six bits. */
AVX2 static inline __m256i split(__m256i bytes)
{
    /* Each group a b c becomes the words ba and cb of 16 bits, where multiplying is
     * shifting, by a distance of its own in each word. */
    const __m256i order = BOTH_HALVES(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
    __m256i words = _mm256_shuffle_epi8(bytes, order);
    __m256i right = _mm256_and_si256(words, _mm256_set1_epi32(0x0FC0FC00));
    __m256i left = _mm256_and_si256(words, _mm256_set1_epi32(0x003F03F0));

    return _mm256_or_si256(_mm256_mulhi_epu16(right, _mm256_set1_epi32(0x04000040)),
                           _mm256_mullo_epi16(left, _mm256_set1_epi32(0x01000010)));
}

/* Numbers to characters: what is to be added depends on the range that a number lies in,
 * A to Z (13), a to z (0), each digit (1 to 10), plus (11) or slash (12). */
AVX2 static inline __m256i spell(__m256i numbers)
{
    const __m256i distances = BOTH_HALVES(
        'a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
        '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
    __m256i ranges = _mm256_subs_epu8(numbers, _mm256_set1_epi8(51));
    __m256i is_upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), numbers);

    ranges = _mm256_or_si256(ranges, _mm256_and_si256(is_upper, _mm256_set1_epi8(13)));
    return _mm256_add_epi8(numbers, _mm256_shuffle_epi8(distances, ranges));
}

/* A step takes twelve bytes for each half of a vector, and reads sixteen. */
AVX2 static size_t encode(uint8_t *out, const uint8_t *bytes, size_t size)
{
    enum { HALF = 12, STEP = 2 * HALF, READ = HALF + 16, WRITTEN = 32 };
    size_t taken = 0;

    for (; size - taken >= READ; taken += STEP, out += WRITTEN) {
        __m128i first = _mm_loadu_si128((const __m128i *)(bytes + taken));
        __m128i second = _mm_loadu_si128((const __m128i *)(bytes + taken + HALF));
        __m256i numbers = split(_mm256_set_m128i(second, first));

        _mm256_storeu_si256((__m256i *)out, spell(numbers));
    }
    return taken;
}

size_t base64_wide(uint8_t *out, const uint8_t *bytes, size_t size)
{
    return __builtin_cpu_supports("avx2") ? encode(out, bytes, size) : 0;
}

#else

size_t base64_wide(uint8_t *out, const uint8_t *bytes, size_t size)
{
    (void)out;
    (void)bytes;
    (void)size;
    return 0;
}

#endif
