/* What commands about single files share. */
#ifndef UNROOT_CLI_SINGLE_H
#define UNROOT_CLI_SINGLE_H

#include "project/config.h"

/* The configuration for a file with its engine; NULL, with the reason on standard error, when it is broken. */
struct config *single_config(struct configs *configs, const char *path);

/* Prints one line about a file on standard error; without a place line is 0. */
void single_error(struct arena *a, const char *path, unsigned line, unsigned column, const char *message);

#endif
