/* The data tables an analysis works with, read once for an engine. */
#ifndef UNROOT_MODEL_TABLES_H
#define UNROOT_MODEL_TABLES_H

#include "model/commands.h"
#include "model/family.h"
#include "model/locations.h"

/* What a directory of an image is for (templates/places.tsv). PLACE_PARENT stands in the table only: the system's own, but
   what a file makes below it is of kind app. */
enum place {
	PLACE_SYSTEM,
	PLACE_STATE,
	PLACE_APP,
	PLACE_HOME,
	PLACE_TEMP,
	PLACE_USERS,
	PLACE_BUILD,
	PLACE_HOST,
	PLACE_PARENT
};

/* What lies in a directory itself when a file comes to it (templates/places.tsv). */
enum holding {
	HOLDS_NOTHING, /* or nobody knows */
	HOLDS_BASE,    /* base images bring something there */
	HOLDS_OTHERS,  /* others share it: handed over only where the app runs in it */
	HOLDS_PACKAGES /* packages of the distribution make it: web servers' */
};

/* Nobody but root writes there, and it is never handed over. */
static inline bool place_is_system(enum place place)
{
	return place == PLACE_SYSTEM || place == PLACE_HOST;
}

/* How a program that a container starts gets on without root (templates/programs.tsv). */
enum program_kind {
	PROGRAM_UNKNOWN,
	PROGRAM_APP,
	PROGRAM_TOOLS,
	PROGRAM_INTERPRETER, /* as app; a prompt when nothing is given to it */
	PROGRAM_FILES,	     /* as app, on files that are mounted for it */
	PROGRAM_DATA,	     /* keeps data where its own configuration says */
	PROGRAM_IDLE,	     /* only waits: sleep, tail -f */
	PROGRAM_WRAPPER,
	PROGRAM_SHELL,
	PROGRAM_ROOT,
	PROGRAM_DROPS,
	PROGRAM_SERVER,
	PROGRAM_PLATFORM     /* of a service that picks the account itself */
};

struct program {
	enum program_kind kind;
	struct str options; /* wrapper: options that take a value; app: options by which it changes its user */
	struct str recipe;  /* server: folder of templates/servers */
	struct str why;	    /* root, drops, data, platform: for people */
	struct str instead; /* root, drops: what helps at run time */
};

/* Text of a template by its path below templates/, or an empty str. */
typedef struct str (*template_text)(void *ctx, const char *path);

/* A way in which a program is told its port (templates/ports.tsv). */
struct port_name {
	struct str programs; /* with commas; "*" for every one, "python*" for beginnings */
	struct port_name *next; /* of the same name */
};

/* What in the text of files shows a port: a word that an address follows, a command that makes a program of them, or a
   program that reads them as its settings. */
struct port_text {
	struct str name;
	struct str programs; /* with commas; "?" for one that no table knows */
	struct str files;    /* patterns with commas: see tables_file_fits() */
};

/* A group that every image of a family brings (templates/<family>/groups). */
struct family_group {
	struct str name;
	uint32_t gid;
	struct str since; /* the first release of the distribution that has it; empty: all have */
};

struct family_groups {
	struct family_group *at;
	size_t n, cap;
};

struct tables {
	struct registries *registries;
	struct image_table *images;
	uint32_t faulty_image; /* the line of the extra rows that cannot be used, or 0 */
	struct command_table *commands;
	struct map places; /* struct place_row *, by directory */
	struct map locations; /* struct tool_location * by command: location_find() */
	struct map programs; /* struct program * by name */
	VEC(struct str) program_prefixes; /* names that ended in '*', without it */
	struct map prefix_programs;
	template_text text; /* for the snippets of families and servers */
	void *text_ctx;
	struct family_groups groups[FAMILY_COUNT];
	struct map port_options, port_variables; /* struct port_name * */
	VEC(uint32_t) client_ports;
	VEC(struct str) port_code;
	VEC(struct port_text) port_listens, port_sources, port_settings;
	VEC(struct str) port_labels; /* with at most one '*' each */
	VEC(struct str) write_options; /* the same */
};

/* False, with `why` ("templates/places.tsv:3: unknown kind"), when a table is not right. */
bool tables_read(struct arena *a, struct tables *t, template_text text, void *ctx, struct str extra_images,
		 struct str *why);

/* `path` is absolute and normalised. */
enum place tables_place(const struct tables *t, struct str path);
enum holding tables_holds(const struct tables *t, struct str path);

/* The program by its path or name; kind PROGRAM_UNKNOWN when the table does not know it. */
struct program tables_program(const struct tables *t, struct str word);

/* The same where a row for the program with that first operand ("dotnet run") counts more. */
struct program tables_program_with(const struct tables *t, struct str word, struct str sub);

/* Whether `program` takes its port from the option ("--port") or the environment variable of that name. */
bool tables_port_option(const struct tables *t, struct str name, struct str program);
bool tables_port_variable(const struct tables *t, struct str name, struct str program);

/* Whether a program that names this port is likelier to connect to it than to serve it. */
bool tables_port_of_client(const struct tables *t, uint32_t port);

/* Whether the text of a project's sources or settings says that it binds its ports itself. */
bool tables_port_in_code(const struct tables *t, struct str text);

/* Whether a file of that name is one of `patterns`, of which the first that fits counts: "!*_test.go,*.go". */
bool tables_file_fits(struct str patterns, struct str name);

/* The path that an option tells a program to write (templates/writes.tsv): "/var/log/gc.log" of "-Xloggc:/var/log/gc.log"; else
   empty. */
struct str tables_written_path(const struct tables *t, struct str word);

/* Whether a label or variable of that name tells others which port the container binds. */
bool tables_port_label(const struct tables *t, struct str name);

#endif
