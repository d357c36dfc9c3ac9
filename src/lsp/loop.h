/* The server on standard input and output. */
#ifndef UNROOT_LSP_LOOP_H
#define UNROOT_LSP_LOOP_H

#include "lsp/worker.h"

/* Serves one client until it says `exit`, or its end of standard input is closed. Gives the exit code: 0 when
   `shutdown` came before, else 1. Running out of memory ends the program, with 2. */
int loop_run(const struct worker_options *options);

#endif
