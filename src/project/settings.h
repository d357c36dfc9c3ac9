/* What a user can set, alike on the command line and in .unroot.yaml. */
#ifndef UNROOT_PROJECT_SETTINGS_H
#define UNROOT_PROJECT_SETTINGS_H

#include "base/buf.h"
#include "unroot/unroot.h"

enum setting_kind {
	SETTING_LIST,	/* texts; on the command line separated by commas */
	SETTING_RULES,	/* the same of rules' names */
	SETTING_TEXT,	/* one text */
	SETTING_PATH,	/* a path, in a configuration seen from its directory */
	SETTING_USER,	/* NAME or NAME:GROUP */
	SETTING_ID,	/* a user's or group's number */
	SETTING_FLAG,	/* yes or no */
	SETTING_CHOICE, /* one of two words; the second one is "yes" */
	SETTING_PAIRS,	/* NAME=VALUE; in a configuration a mapping */
	SETTING_IMAGES	/* only in a configuration: the path of a table of images, or rows for it */
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
	const char *user, *group, *target, *templates;
	const char *images;	/* path */
	const char *image_rows; /* or rows: project/image_rows.h */
	unsigned uid, gid;
	bool unsafe_fixes, numeric, all_targets, early, minimal_ownership, keep_ports, force_exclude;
};

enum { SETTING_COUNT = 18 };
extern const struct setting settings_table[SETTING_COUNT];

/* The setting of that key, or NULL. */
const struct setting *setting_by_key(struct str key);

/* The key nearest to one that does not exist, or NULL when none is near. */
const char *setting_nearest(struct str key);

/* Sets one setting from text. Lists and pairs grow, others are replaced. On failure false, and what was expected
   in `*expected`. `value` is copied. */
bool setting_set(struct arena *a, struct settings *s, const struct setting *setting, struct str value,
		 const char **expected);

/* Whether there are several values, so that a configuration has a list. */
static inline bool setting_is_list(const struct setting *setting)
{
	return setting->kind == SETTING_LIST || setting->kind == SETTING_RULES;
}

/* One more entry of a list; false as setting_set(). */
bool setting_append(struct arena *a, struct settings *s, const struct setting *setting, struct str text,
		    const char **expected);

/* One more of pairs, where a later value takes the place of an earlier one. */
void setting_append_pair(struct arena *a, struct settings *s, const struct setting *setting, struct str name,
			 struct str value);

/* Sets the rows of the setting of kind SETTING_IMAGES. */
void setting_set_rows(struct settings *s, const struct setting *setting, const char *rows);

/* `over` wins over `under`; pairs and exclusions of both are kept. */
void settings_merge(struct arena *a, struct settings *under, const struct settings *over);

/* The settings that are not the default, as YAML. */
void settings_show(const struct settings *s, struct buf *out);

/* A text as a double-quoted scalar of YAML. */
void settings_show_text(struct buf *out, struct str text);

/* The engine's options. The files that settings name are not read here. */
void settings_to_options(const struct settings *s, unroot_options *options);

#endif
