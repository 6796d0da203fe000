#include "ingest/cache_folder.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Those that linux/magic.h does not name live outside the kernel's tree. */
static const struct {
    uint32_t type;
    const char *name;
} network_file_systems[] = {
    {NFS_SUPER_MAGIC, "NFS"},     {SMB_SUPER_MAGIC, "SMB"},   {SMB2_SUPER_MAGIC, "SMB"},
    {CIFS_SUPER_MAGIC, "CIFS"},   {FUSE_SUPER_MAGIC, "FUSE"}, {CEPH_SUPER_MAGIC, "Ceph"},
    {AFS_SUPER_MAGIC, "AFS"},     {CODA_SUPER_MAGIC, "Coda"}, {V9FS_MAGIC, "9P"},
    {OCFS2_SUPER_MAGIC, "OCFS2"}, {0x0bd00bd0, "Lustre"},     {0x47504653, "GPFS"},
    {0x19830326, "BeeGFS"},       {0x20030528, "OrangeFS"},   {0x7c7c6673, "prl_fs"},
    {0x786f4256, "vboxsf"},       {0xaad7aaea, "PanFS"},      {0, NULL},
};

const char *cache_folder_network_name(unsigned long type)
{
    for (size_t i = 0; network_file_systems[i].name; i++)
        if (network_file_systems[i].type == (uint32_t)type)
            return network_file_systems[i].name;
    return NULL;
}

static enum status check_file_system(const char *folder, int fd, struct failure *failure)
{
    struct statfs facts;
    const char *name;

    if (fstatfs(fd, &facts) < 0)
        return failure_system(failure, "%s", folder);
    if ((name = cache_folder_network_name((unsigned long)facts.f_type)))
        return failure_set(
            failure, STATUS_BAD_SETTING,
            "%s: the cache is on a network file system (%s); put it on a local "
            "disk, or set allow_network_folder",
            folder, name);
    return STATUS_OK;
}

static enum status lock(const char *folder, int fd, struct failure *failure)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return STATUS_OK;
    if (errno != EWOULDBLOCK)
        return failure_system(failure, "%s: flock", folder);
    return failure_set(failure, STATUS_UNAVAILABLE,
                       "%s: another ingest works on this cache", folder);
}

enum status cache_folder_claim(const char *folder, bool allow_network, int *fd,
                               struct failure *failure)
{
    enum status status = file_make_folder(folder, failure);
    int claimed;

    if (status)
        return status;
    claimed = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (claimed < 0)
        return failure_system(failure, "%s", folder);
    if ((!allow_network && (status = check_file_system(folder, claimed, failure))) ||
        (status = lock(folder, claimed, failure))) {
        close(claimed);
        return status;
    }
    *fd = claimed;
    return STATUS_OK;
}
