/* Tools that put what they fetch where an environment variable says (templates/locations.tsv, format at its head). */
#ifndef UNROOT_MODEL_LOCATIONS_H
#define UNROOT_MODEL_LOCATIONS_H

#include "model/commands.h"

struct tool_location {
	struct tool_location *next; /* of the same command, in the table's order */
	struct str when;	    /* as in commands.tsv */
	struct str variables;	    /* "A=/opt/a,B=/opt/b", or names alone: nobody else can say where */
	struct str below;	    /* where it goes without them, below the home */
	struct str unless;	    /* variables that make it fetch nothing, and directories: see the table */
	bool early;		    /* packages fetch the same when they are installed */
	bool make;		    /* the directory has to be there before */
	bool write;		    /* it is written to at run time */
	bool started;		    /* it matters only where the container starts the package */
};

/* Reads the table into `rows` (struct tool_location * by command); false and the line and reason on a fault. `text`
 * must outlive it. */
bool locations_read(struct arena *a, struct map *rows, struct str text, uint32_t *bad_line, struct str *why);

/* The row for a command (name first), or NULL. */
const struct tool_location *location_find(const struct map *rows, const struct command_table *commands,
					  const struct shell_word *words, uint32_t n);

/* Cuts the next variable off `*variables`: its name, and its directory, empty where the row has none. */
bool location_variable(struct str *variables, struct str *name, struct str *directory);

/* Whether the variable of that name belongs to a row whose directory is only read at run time. */
bool location_is_read(const struct map *rows, struct str variable);

#endif
