/* driver - gives a fuzzer the files of folders, once each: old findings rerun under any
 * compiler. */
#include "base/buffer.h"
#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run_file(int folder, const char *name)
{
    AUTO_FD fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    struct buffer bytes;
    struct failure failure;

    buffer_init(&bytes);
    printf("%s\n", name);
    fflush(stdout); /* the last one printed is the one that crashed */
    if (fd < 0 || file_read(fd, name, UINT32_MAX, &bytes, &failure)) {
        fprintf(stderr, "%s cannot be read\n", name);
        exit(EXIT_FAILURE);
    }
    /* A copy of exactly its size, so that a sanitizer sees a read beyond it. */
    bytes.bytes = realloc(bytes.bytes, bytes.length ? bytes.length : 1);
    LLVMFuzzerTestOneInput(bytes.bytes, bytes.length);
    buffer_finish(&bytes);
}

static int run_folder(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    int count = 0;

    if (!folder) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    while ((entry = readdir(folder)))
        if (entry->d_name[0] != '.') {
            run_file(dirfd(folder), entry->d_name);
            count++;
        }
    closedir(folder);
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;

    for (int i = 1; i < argc; i++)
        count += run_folder(argv[i]);
    printf("%d inputs\n", count);
    return count ? EXIT_SUCCESS : EXIT_FAILURE;
}
