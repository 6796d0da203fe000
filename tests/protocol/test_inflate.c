#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/inflate.h"

#include <fcntl.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { LENGTH = 300 * 1000 };

static uint8_t bytes[LENGTH];
static char path[] = "/tmp/test_inflate_XXXXXX";

/* Noise, so that the file is about as long. */
static int write_file(void **state)
{
    int fd = mkstemp(path);
    gzFile file = gzdopen(fd, "wb");
    uint32_t noise = 1;

    (void)state;
    for (size_t i = 0; i < LENGTH; i++) {
        noise = noise * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(noise >> 24);
    }
    return gzwrite(file, bytes, LENGTH) == LENGTH && gzclose(file) == Z_OK ? 0 : -1;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

/* A disk of which nothing is in memory until it is read. */
static atomic_int reads;
static _Atomic int64_t there;

static bool is_there(const struct file_part *part)
{
    return part->offset < atomic_load(&there);
}

static void read_part(const struct file_part *part)
{
    atomic_fetch_add(&reads, 1);
    atomic_store(&there, part->offset + (int64_t)part->size);
}

static void post(void *where, uint64_t whom)
{
    (void)whom;
    sem_post(where);
}

static void a_file_is_inflated_as_it_comes_into_memory(void **state)
{
    static const struct pager_disk disk = {is_there, read_part};
    struct pager *pager;
    struct failure failure;
    struct inflate *file;
    struct buffer out = {0};
    enum status status;
    size_t before;
    sem_t woken;

    (void)state;
    sem_init(&woken, 0, 0);
    assert_int_equal(pager_open(1, &disk, &pager, &failure), STATUS_OK);
    file = inflate_open(open(path, O_RDONLY | O_CLOEXEC), pager,
                        (struct waker){post, &woken, 1});
    do {
        before = out.length;
        status = inflate_next(file, &out, &failure);
        if (status == STATUS_PENDING)
            sem_wait(&woken);
        else
            assert_int_equal(status, STATUS_OK);
    } while (status == STATUS_PENDING || out.length > before);
    assert_int_equal(out.length, LENGTH);
    assert_memory_equal(out.bytes, bytes, LENGTH);
    assert_true(atomic_load(&reads) >= LENGTH / (64 * 1024));
    inflate_close(file);
    pager_close(pager);
    buffer_finish(&out);
    sem_destroy(&woken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_inflated_as_it_comes_into_memory),
    };

    return cmocka_run_group_tests(tests, write_file, remove_file);
}
