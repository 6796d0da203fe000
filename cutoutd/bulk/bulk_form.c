#include "bulk/bulk_form.h"

#include "bulk/bulk_answer.h"

#include <string.h>

const struct bulk_form *bulk_form_named(const char *name)
{
    static const struct bulk_form *const all[] = {
        &bulk_votable, &bulk_tabledata, &bulk_fits, &bulk_csv, &bulk_tar, &bulk_png};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

struct producer bulk_form_open(const struct service *service,
                               const struct service_collection *collection,
                               struct bulk_list *list, const struct bulk_query *query,
                               struct waker waker)
{
    return query->form->open ? query->form->open(service, collection, list, query, waker)
                             : bulk_answer_open(list, query);
}
