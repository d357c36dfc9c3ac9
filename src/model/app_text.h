/* The text of the program itself, where the build context holds it. It is searched, not understood, so that what is
   found only ever makes a fix less sure. */
#ifndef UNROOT_MODEL_APP_TEXT_H
#define UNROOT_MODEL_APP_TEXT_H

#include "model/facts.h"

/* Whether a line, blanks around it gone, is a comment in one of the languages. */
bool app_text_is_comment(struct str line);

/* The first port below 1024 that the text of the file `name` seems to bind; `out` gets the port and its line. */
bool app_text_port(const struct tables *t, struct str name, struct str text, struct bound_port *out);

/* The same for the sources that a step builds the program from, where the build context holds them: f->start.bound. */
void app_sources_port(struct facts *f);

#endif
