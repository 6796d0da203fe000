/* refusal.h - why this floor answers by itself: a status of HTTP and a sentence. */
#pragma once

struct refusal {
    int code; /* 0: nothing is wrong */
    const char *sentence;
};
