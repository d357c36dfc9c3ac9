/* Reading settings from YAML. */
#ifndef UNROOT_PROJECT_YAML_H
#define UNROOT_PROJECT_YAML_H

#include "project/settings.h"

/* Reads `text` into `settings`. On failure false, and a line with place and reason in `errors`; `file` is its name
   there. */
bool yaml_read(struct arena *a, const char *file, struct str text, struct settings *settings, struct buf *errors);

#endif
