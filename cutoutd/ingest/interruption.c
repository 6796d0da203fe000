#include "ingest/interruption.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum status interruption_init(struct interruption *interruption, struct failure *failure)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    interruption->fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (interruption->fd < 0)
        return failure_system(failure, "signalfd");
    pthread_sigmask(SIG_BLOCK, &signals, &interruption->mask_before);
    return STATUS_OK;
}

void interruption_finish(struct interruption *interruption)
{
    struct signalfd_siginfo told;

    while (read(interruption->fd, &told, sizeof(told)) == sizeof(told))
        continue;
    close(interruption->fd);
    pthread_sigmask(SIG_SETMASK, &interruption->mask_before, NULL);
}

bool interruption_came(const struct interruption *interruption)
{
    struct pollfd wanted = {.fd = interruption->fd, .events = POLLIN};

    return poll(&wanted, 1, 0) > 0;
}
