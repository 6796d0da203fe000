/*
 * base64_wide.h - base64 of many bytes at once, where the processor can (x86-64 with
 * AVX2).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Write the text of as many of the bytes as go in whole steps; returns how many those
 * are, a multiple of three, 0 on other processors. The rest is the caller's. */
size_t base64_wide(uint8_t *out, const uint8_t *bytes, size_t size);
