/* cleanup.h - release what a variable owns when the variable leaves its scope. */
#pragma once

#define AUTO(release) __attribute__((cleanup(release##_at)))

/* Let `AUTO(release) type *x = NULL;` call release(x) when x leaves scope. */
#define DEFINE_AUTO(type, release)                                                       \
    static inline void release##_at(type **at)                                           \
    {                                                                                    \
        release(*at);                                                                    \
    }
