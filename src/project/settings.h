/* What a user can set, alike on the command line and in .unroot.yaml. */
#ifndef UNROOT_PROJECT_SETTINGS_H
#define UNROOT_PROJECT_SETTINGS_H

#include "base/buf.h"
#include "unroot/unroot.h"

enum setting_kind {
	SETTING_LIST,	/* texts; on the command line separated by commas */
	SETTING_TEXT,	/* one text */
	SETTING_PATH,	/* a path, in a configuration seen from its directory */
	SETTING_USER,	/* NAME or NAME:GROUP */
	SETTING_ID,	/* a user's or group's number */
	SETTING_FLAG,	/* yes or no */
	SETTING_CHOICE, /* one of two words; the second one is "yes" */
	SETTING_PAIRS	/* NAME=VALUE; in a configuration a mapping */
};

struct setting {
	const char *key;    /* in .unroot.yaml */
	const char *option; /* on the command line, without its dashes; NULL: none */
	enum setting_kind kind;
	size_t offset; /* in struct settings */
	const char *choices[2];
};

struct text_list {
	const char **at; /* ended by a NULL that is not counted */
	size_t n, cap;
};

struct pair_list {
	unroot_pair *at; /* ended by a NULL name that is not counted */
	size_t n, cap;
};

struct settings {
	uint32_t given; /* bit i: settings_table[i] was set */
	struct text_list select, ignore, exclude;
	struct pair_list build_args, ports_map;
	const char *user, *group, *target, *templates, *images;
	unsigned uid, gid;
	bool unsafe_fixes, numeric, all_targets, early, minimal_ownership, keep_ports;
};

enum { SETTING_COUNT = 17 };
extern const struct setting settings_table[SETTING_COUNT];

/* The setting of that key, or NULL. */
const struct setting *setting_by_key(struct str key);

/* The key nearest to one that does not exist, or NULL when none is near. */
const char *setting_nearest(struct str key);

/* Sets one setting from text. Lists and pairs grow, others are replaced. On failure false, and what was expected
   in `*expected`. `value` is copied. */
bool setting_set(struct arena *a, struct settings *s, const struct setting *setting, struct str value,
		 const char **expected);

/* One more entry of a list, or of pairs, where a later value takes the place of an earlier one. */
void setting_append(struct arena *a, struct settings *s, const struct setting *setting, struct str text);
void setting_append_pair(struct arena *a, struct settings *s, const struct setting *setting, struct str name,
			 struct str value);

/* `over` wins over `under`; pairs and exclusions of both are kept. */
void settings_merge(struct arena *a, struct settings *under, const struct settings *over);

/* The settings that are not the default, as YAML. */
void settings_show(const struct settings *s, struct buf *out);

/* The engine's options. The files that settings name are not read here. */
void settings_to_options(const struct settings *s, unroot_options *options);

#endif
