#include "format/markup.h"

#include "format/xml.h"

#include <string.h>

void markup_fill(struct buffer *out, const char *const *texts)
{
    const char *template = *texts++;
    const char *place;

    while (*texts && (place = strstr(template, "{}"))) {
        buffer_add(out, template, (size_t)(place - template));
        xml_add(out, *texts++);
        template = place + 2;
    }
    buffer_add_string(out, template);
}
