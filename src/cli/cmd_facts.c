#include "cli/commands.h"
int cmd_facts(struct arena *a, int argc, char **argv) { (void)a; (void)argc; (void)argv; return 2; }
