#include "ingest/scope.h"

#include "archive/identifier.h"
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* More than these, and nothing is called gone: so a failing disk does not fill the
 * memory. */
enum { MOST_UNREADABLE = 1000 };

/* "" is the archive's folder: everything is beneath it. */
static bool is_beneath(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return length == 0 || (strncmp(path, folder, length) == 0 &&
                           (path[length] == '/' || path[length] == '\0'));
}

/* The part of an absolute path below the archive's folder, or NULL. */
static const char *below_folder(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    while (length > 0 && folder[length - 1] == '/')
        length--;
    if (strncmp(path, folder, length) != 0 ||
        (path[length] != '/' && path[length] != '\0'))
        return NULL;
    return path + length;
}

/* As the walk and the catalogue spell it; NULL where it cannot be in the archive. */
static char *path_in_archive(const char *given, const char *folder)
{
    const char *start = given[0] == '/' ? below_folder(given, folder) : given;
    char *path;
    size_t length;

    if (!start)
        return NULL;
    while (*start == '/' || strncmp(start, "./", 2) == 0)
        start += *start == '/' ? 1 : 2;
    path = memory_copy_string(strcmp(start, ".") == 0 ? "" : start);
    length = strlen(path);
    while (length > 0 && path[length - 1] == '/')
        path[--length] = '\0';
    if (length == 0 || identifier_is_path(path))
        return path;
    free(path);
    return NULL;
}

enum status scope_init(struct scope *scope, const char *archive_folder,
                       const char *const *paths, int path_count, struct failure *failure)
{
    *scope = (struct scope){0};
    scope->paths = memory_take_zeroed((size_t)path_count, sizeof(*scope->paths));
    for (int i = 0; i < path_count; i++) {
        char *path = path_in_archive(paths[i], archive_folder);

        if (!path) {
            scope_finish(scope);
            return failure_set(failure, STATUS_BAD_PARAMETER,
                               "%s: not a path in the archive %s", paths[i],
                               archive_folder);
        }
        scope->paths[scope->path_count++] = path;
    }
    return STATUS_OK;
}

void scope_finish(struct scope *scope)
{
    for (int i = 0; i < scope->path_count; i++)
        free((char *)(uintptr_t)scope->paths[i]); /* ours, const for the walk */
    for (int i = 0; i < scope->unreadable_count; i++)
        free(scope->unreadable[i]);
    free(scope->paths);
    free(scope->unreadable);
    *scope = (struct scope){0};
}

bool scope_is_all(const struct scope *scope)
{
    return scope->path_count == 0;
}

void scope_except(struct scope *scope, const char *path)
{
    int count = scope->unreadable_count;

    if (count == MOST_UNREADABLE)
        return;
    scope->unreadable = memory_resize(scope->unreadable,
                                      ((size_t)count + 1) * sizeof(*scope->unreadable));
    scope->unreadable[count] =
        memory_copy_string(count + 1 == MOST_UNREADABLE ? "" : path);
    scope->unreadable_count++;
}

bool scope_has(const struct scope *scope, const char *path)
{
    for (int i = 0; i < scope->path_count; i++)
        if (is_beneath(path, scope->paths[i]))
            return true;
    return scope_is_all(scope);
}

bool scope_could_see(const struct scope *scope, const char *path)
{
    for (int i = 0; i < scope->unreadable_count; i++)
        if (is_beneath(path, scope->unreadable[i]))
            return false;
    return scope_has(scope, path);
}
