#define _GNU_SOURCE
#include "project/config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "project/yaml.h"
#include "report/report.h"

enum { CONFIG_LIMIT = 1 << 20, TEMPLATE_DEPTH = 3 };

static struct config *new_config(struct configs *c)
{
	struct config *config = ARENA_NEW(c->arena, struct config);
	*VEC_PUSH(c->arena, c->all) = config;
	return config;
}

static bool lies_inside(const char *path, const char *directory)
{
	char *real = realpath(path, NULL);
	bool inside = !real || path_within(str_of(real), str_of(directory));
	free(real);
	return inside;
}

/* The text of a file in the arena; below `inside`, where that is not NULL. */
static bool read_text(struct configs *c, const char *path, const char *inside, struct str *text,
		      struct file_error *error)
{
	struct file_bytes bytes = {0};
	if (inside && !lies_inside(path, inside)) {
		snprintf(error->message, sizeof error->message, "leads out of the repository");
		return false;
	}
	bool ok = file_read(path, CONFIG_LIMIT, &bytes, NULL, error);
	if (ok)
		*text = arena_str(c->arena, (struct str){bytes.p, bytes.n});
	file_bytes_free(&bytes);
	return ok;
}

static void break_config(struct configs *c, struct config *config, const char *file, unsigned line, const char *message)
{
	report_error(c->errors, file, line, 0, message);
	config->broken = true;
	c->failed = true;
}

/* Paths in a configuration are seen from its directory. */
static void resolve_paths(struct configs *c, struct config *config)
{
	const char **paths[] = {&config->settings.templates, &config->settings.images};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (*paths[i])
			*paths[i] = arena_str(c->arena, path_join(c->arena, config->directory, str_of(*paths[i]))).p;
}

static struct config *load(struct configs *c, const char *path, const char *inside, struct str directory,
			   const char *shown)
{
	struct config *config = new_config(c);
	struct file_error error;
	struct str text;
	config->file = shown;
	config->directory = directory;
	config->inside = inside;
	if (!read_text(c, path, inside, &text, &error)) {
		break_config(c, config, shown, 0, error.message);
		return config;
	}
	if (!yaml_read(c->arena, shown, text, &config->settings, c->errors)) {
		config->broken = true;
		c->failed = true;
		return config;
	}
	resolve_paths(c, config);
	config->exclude = config->settings.exclude;
	settings_merge(c->arena, &config->settings, c->command_line);
	return config;
}

/* A path below the current directory without its beginning. */
static const char *shorten(struct configs *c, const char *path)
{
	char *cwd = getcwd(NULL, 0);
	struct str here = str_of(cwd), full = str_of(path);
	if (cwd && here.n > 1 && path_within(full, here) && full.n > here.n)
		path = arena_str(c->arena, str_sub(full, here.n + 1, full.n)).p;
	free(cwd);
	return path;
}

void configs_init(struct configs *c, struct arena *a, const struct settings *command_line, const char *file,
		  bool isolated, struct buf *errors)
{
	*c = (struct configs){.arena = a, .command_line = command_line, .errors = errors};
	c->fixed = file || isolated;
	if (file && !isolated) {
		struct location location = location_of(a, arena_str(a, directory_of(str_of(file))).p);
		c->plain = load(c, file, NULL, location.directory, file);
		return;
	}
	c->plain = new_config(c);
	c->plain->settings = *command_line;
}

void configs_confine(struct configs *c, const char *directory)
{
	char *real = realpath(directory, NULL);
	c->inside = arena_str(c->arena, str_of(real)).p;
	free(real);
}

void configs_confine_each(struct configs *c)
{
	c->each_inside = true;
}

static const char *tree_of(struct configs *c, struct str directory)
{
	struct location location = location_of(c->arena, arena_str(c->arena, directory).p);
	return arena_str(c->arena, location.repository.n ? location.repository : location.directory).p;
}

void configs_free(struct configs *c)
{
	for (size_t i = 0; i < c->all.n; i++)
		unroot_engine_free(c->all.at[i]->engine);
}

struct config *config_in(struct configs *c, struct str directory)
{
	if (c->fixed)
		return c->plain;
	struct config *known = map_get(&c->by_directory, directory);
	if (known && known->directory.n == directory.n)
		return known;
	directory = arena_str(c->arena, directory);
	const char *path = location_join(c->arena, directory, STR(CONFIG_NAME)).p;
	known = load(c, path, c->each_inside ? tree_of(c, directory) : c->inside, directory, shorten(c, path));
	*map_put(c->arena, &c->by_directory, directory) = known;
	return known;
}

struct config *config_upward(struct configs *c, const struct location *location)
{
	struct config *found = c->plain;
	struct str at = location->directory, seen = at;
	if (c->fixed || at.n == 0)
		return found;
	for (;; at = path_parent(at)) {
		struct config *known = map_get(&c->by_directory, at);
		if (known) {
			found = known;
			break;
		}
		if (location_holds(c->arena, at, CONFIG_NAME)) {
			found = config_in(c, at);
			break;
		}
		if (at.n <= 1 || str_eq(at, location->repository))
			break;
	}
	/* All directories passed have the same answer. */
	for (;; seen = path_parent(seen)) {
		void **slot = map_put(c->arena, &c->by_directory, arena_str(c->arena, seen));
		if (*slot)
			return found;
		*slot = found;
		if (seen.n == at.n)
			return found;
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct template_reader {
	struct configs *configs;
	struct config *config;
	struct pair_list pairs;
	struct buf images;
	uint32_t own_lines;	    /* of `images`: before those of the templates */
	const char *templates_file; /* where the lines behind come from */
	const char *inside;	    /* where what is read has to lie; NULL: anywhere */
};

static bool add_template(struct template_reader *t, const char *path, const char *name)
{
	struct file_error error;
	struct str text;
	if (!read_text(t->configs, path, t->inside, &text, &error)) {
		break_config(t->configs, t->config, path, 0, error.message);
		return false;
	}
	if (memchr(text.p, 0, text.n)) {
		break_config(t->configs, t->config, path, 0, "holds a zero byte, expected text");
		return false;
	}
	if (strcmp(name, "images.tsv") == 0) {
		t->templates_file = path;
		buf_add(&t->images, text);
	} else {
		*VEC_PUSH(t->configs->arena, t->pairs) = (unroot_pair){name, text.p};
		*VEC_PUSH(t->configs->arena, t->pairs) = (unroot_pair){NULL, NULL};
		t->pairs.n--;
	}
	return true;
}

/* All files below `directory`, by name; `below` is its name below the templates' directory. */
static bool add_templates(struct template_reader *t, const char *directory, struct str below, unsigned depth)
{
	struct arena *a = t->configs->arena;
	struct text_list names = {0};
	struct dirent *entry;
	DIR *open = opendir(directory);
	if (!open && errno == ENOTDIR && depth > 0)
		return add_template(t, directory, below.p);
	if (!open) {
		break_config(t->configs, t->config, directory, 0, strerror(errno));
		return false;
	}
	while ((entry = readdir(open)))
		if (entry->d_name[0] != '.')
			*VEC_PUSH(a, names) = arena_str(a, str_of(entry->d_name)).p;
	closedir(open);
	if (names.n > 1)
		qsort(names.at, names.n, sizeof *names.at, by_name);
	for (size_t i = 0; i < names.n && depth < TEMPLATE_DEPTH; i++) {
		struct str name = str_of(names.at[i]);
		if (!add_templates(t, location_join(a, str_of(directory), name).p, location_join(a, below, name),
				   depth + 1))
			return false;
	}
	return true;
}

static bool read_named_files(struct template_reader *t)
{
	struct config *config = t->config;
	bool ours = config->settings.templates == t->configs->command_line->templates;
	t->inside = config->inside;
	if (config->settings.images && !add_template(t, config->settings.images, "images.tsv"))
		return false;
	buf_add(&t->images, str_of(config->settings.image_rows));
	if (t->images.n && t->images.p[t->images.n - 1] != '\n')
		buf_char(&t->images, '\n');
	for (size_t i = 0; i < t->images.n; i++)
		t->own_lines += t->images.p[i] == '\n';
	if (ours)
		t->inside = NULL;
	if (config->settings.templates && !add_templates(t, config->settings.templates, STR(""), 0))
		return false;
	config->options.templates = t->pairs.at;
	config->options.images = t->images.n ? arena_str(t->configs->arena, buf_str(&t->images)).p : NULL;
	return true;
}

/* Says what the engine does not take, where it stands: a line is one of the image rows. */
static void refuse(struct template_reader *t, const unroot_error *error)
{
	const struct settings *s = &t->config->settings;
	const char *file = t->config->file ? t->config->file : "unroot";
	unsigned line = error->line;
	if (line > t->own_lines) {
		file = t->templates_file;
		line -= t->own_lines;
	} else if (line && s->images) {
		file = s->images;
	}
	break_config(t->configs, t->config, file, line, error->message);
}

bool config_prepare(struct configs *c, struct config *config)
{
	struct template_reader t = {.configs = c, .config = config, .images = buf_new(c->arena)};
	unroot_error error = {0};
	if (config->broken || config->engine)
		return !config->broken;
	settings_to_options(&config->settings, &config->options);
	if (!read_named_files(&t))
		return false;
	if (unroot_engine_new(&config->engine, &config->options, &error) != 0) {
		config->engine = NULL;
		refuse(&t, &error);
	}
	return !config->broken;
}
