/* print_settings - the table of settings as lines: section, key, type, default, sentence,
 * with tabs between. */
#include "config.h"

#include <stdio.h>

int main(void)
{
    for (size_t i = 0; i < config_setting_count; i++) {
        const struct config_setting *setting = &config_settings[i];

        printf("%s\t%s\t%s\t%s\t%s\n", setting->section, setting->key,
               config_type_names[setting->type],
               setting->fallback ? setting->fallback : "(required)", setting->sentence);
    }
    return 0;
}
