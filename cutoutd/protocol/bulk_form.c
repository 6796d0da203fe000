#include "protocol/bulk_form.h"

#include <string.h>

const struct bulk_form *bulk_form_named(const char *name)
{
    static const struct bulk_form *const all[] = {&bulk_votable, &bulk_tabledata,
                                                  &bulk_fits, &bulk_csv};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}
