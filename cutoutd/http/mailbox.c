#include "http/mailbox.h"

#include "base/buffer.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mailbox {
    pthread_mutex_t lock;
    struct buffer incoming; /* struct letter, one behind the other */
    struct buffer reading;  /* the owner's */
    uint64_t serial;        /* the owner's */
    int event;              /* below 0: closed */
    struct mailbox *next;   /* among the retired */
};

static pthread_mutex_t retired_lock = PTHREAD_MUTEX_INITIALIZER;
static struct mailbox *retired;

static struct mailbox *take_retired(void)
{
    struct mailbox *mailbox;

    pthread_mutex_lock(&retired_lock);
    mailbox = retired;
    if (mailbox)
        retired = mailbox->next;
    pthread_mutex_unlock(&retired_lock);
    return mailbox;
}

struct mailbox *mailbox_open(void)
{
    struct mailbox *mailbox = take_retired();
    int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (!mailbox) {
        memory_new(mailbox);
        pthread_mutex_init(&mailbox->lock, NULL);
    }
    pthread_mutex_lock(&mailbox->lock);
    mailbox->event = event;
    pthread_mutex_unlock(&mailbox->lock);
    return mailbox;
}

static void close_sockets(const struct buffer *letters)
{
    const struct letter *letter = (const struct letter *)letters->bytes;

    for (size_t i = 0; i < letters->length / sizeof(*letter); i++)
        if (letter[i].kind == LETTER_SOCKET)
            close(letter[i].fd);
}

void mailbox_close(struct mailbox *mailbox)
{
    if (!mailbox)
        return;
    pthread_mutex_lock(&mailbox->lock);
    close(mailbox->event);
    mailbox->event = -1;
    close_sockets(&mailbox->incoming);
    buffer_finish(&mailbox->incoming);
    buffer_finish(&mailbox->reading);
    pthread_mutex_unlock(&mailbox->lock);

    pthread_mutex_lock(&retired_lock);
    mailbox->next = retired;
    retired = mailbox;
    pthread_mutex_unlock(&retired_lock);
}

int mailbox_descriptor(const struct mailbox *mailbox)
{
    return mailbox->event;
}

void mailbox_post(struct mailbox *mailbox, const struct letter *letter)
{
    pthread_mutex_lock(&mailbox->lock);
    if (mailbox->event >= 0) {
        if (mailbox->incoming.length == 0)
            eventfd_write(mailbox->event, 1);
        buffer_add(&mailbox->incoming, letter, sizeof(*letter));
    } else if (letter->kind == LETTER_SOCKET) {
        close(letter->fd);
    }
    pthread_mutex_unlock(&mailbox->lock);
}

void mailbox_wake(void *where, uint64_t whom)
{
    mailbox_post(where, &(struct letter){.kind = LETTER_WAKE, .serial = whom});
}

const struct letter *mailbox_collect(struct mailbox *mailbox, size_t *count)
{
    struct buffer read = mailbox->reading;
    eventfd_t events;

    buffer_clear(&read);
    pthread_mutex_lock(&mailbox->lock);
    if (mailbox->incoming.length)
        eventfd_read(mailbox->event, &events);
    mailbox->reading = mailbox->incoming;
    mailbox->incoming = read;
    pthread_mutex_unlock(&mailbox->lock);
    *count = mailbox->reading.length / sizeof(struct letter);
    return (const struct letter *)mailbox->reading.bytes;
}

uint64_t mailbox_next_serial(struct mailbox *mailbox)
{
    return ++mailbox->serial;
}
