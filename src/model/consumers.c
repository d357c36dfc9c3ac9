#include "model/consumers.h"

#include "base/buf.h"
#include "base/path.h"

enum { EXTENDS_DEPTH = 4, MOST_IMAGES = 16, MOST_ARGS = 256 };

/* Compose's variables may hold colons and slashes: what lies in ${…} is passed over. The last `c` outside of it. */
static size_t last_outside(struct str text, char c)
{
	size_t last = STR_NONE;
	int depth = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '{' && i > 0 && text.p[i - 1] == '$')
			depth++;
		else if (text.p[i] == '}' && depth > 0)
			depth--;
		else if (text.p[i] == c && depth == 0)
			last = i;
	}
	return last;
}

struct str consumers_image_name(struct str image)
{
	size_t digest = str_find_char(image, '@', 0);
	if (digest != STR_NONE)
		image.n = digest;
	size_t slash = last_outside(image, '/'), colon = last_outside(image, ':');
	if (colon != STR_NONE && (slash == STR_NONE || colon > slash))
		image.n = colon;
	return image;
}

bool consumers_are_ours(const struct consumers *c, struct str image)
{
	struct str name = consumers_image_name(image);
	for (size_t i = 0; name.n && i < c->images.n; i++)
		if (str_eq(c->images.at[i], name))
			return true;
	return false;
}

bool consumers_pair(const struct yaml *y, uint32_t item, struct str *name, struct str *value, uint32_t *at)
{
	struct str text = yaml_scalar(y, item);
	*at = 0;
	if (y->at[item].key.n) {
		*name = y->at[item].key;
		*value = text;
		return text.p != NULL;
	}
	size_t equals = text.p ? str_find_char(text, '=', 0) : STR_NONE;
	if (equals == STR_NONE)
		return false;
	*name = str_sub(text, 0, equals);
	*value = str_sub(text, equals + 1, text.n);
	*at = (uint32_t)equals + 1;
	return true;
}

static bool is_variable(struct str text)
{
	return str_find_char(text, '$', 0) != STR_NONE;
}

static bool is_remote(struct str context)
{
	return str_find(context, STR("://"), 0) != STR_NONE || str_starts(context, STR("git@"));
}

/* The file .env beside a compose file, which Compose reads by itself: the values that hold no variables of their own.
 */
static void read_env(struct workspace *w, struct arena *a, struct consumer_file *f)
{
	uint32_t file;
	f->env_read = true;
	if (workspace_read(w, path_join(a, path_parent(f->path), STR(".env")), &file) != PROVIDED_FILE)
		return;
	struct str rest = w->at[file].current, line;
	while (str_split(&rest, '\n', &line)) {
		size_t equals = str_find_char(line, '=', 0);
		if (equals == STR_NONE || line.p[0] == '#')
			continue;
		struct str value = str_trim(str_sub(line, equals + 1, line.n)), *kept = ARENA_NEW(a, struct str);
		if (value.n > 1 && strchr("\"'", value.p[0]) && value.p[value.n - 1] == value.p[0])
			value = str_sub(value, 1, value.n - 1);
		*kept = value;
		*map_put(a, &f->env, str_trim(str_sub(line, 0, equals))) = is_variable(value) ? NULL : kept;
	}
}

static bool is_name_char(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '_';
}

/* "${NAME}", "${NAME:-default}", "$NAME" at `at`, which moves behind it. */
static bool variable_value(const struct consumer_file *f, struct str text, size_t *at, struct str *value)
{
	bool braces = *at + 1 < text.n && text.p[*at + 1] == '{';
	size_t start = *at + 1 + braces, end = start;
	while (end < text.n && is_name_char(text.p[end]))
		end++;
	size_t close = braces ? str_find_char(text, '}', end) : end;
	if (end == start || close == STR_NONE)
		return false;
	const struct str *given = map_get(&f->env, str_sub(text, start, end));
	struct str otherwise = str_sub(text, end, close);
	bool colon = str_starts(otherwise, STR(":"));
	struct str behind = colon ? str_sub(otherwise, 1, otherwise.n) : otherwise;
	*at = close + braces;
	if (str_starts(behind, STR("-")) && (!given || (colon && given->n == 0))) {
		*value = str_sub(behind, 1, behind.n);
		return !is_variable(*value);
	}
	*value = given ? *given : STR("");
	return given && (otherwise.n == 0 || str_starts(behind, STR("-")) || str_starts(behind, STR("?")));
}

/* The text with Compose's variables in place; as it is where one has no value that is known. */
static struct str with_variables(struct workspace *w, struct arena *a, struct consumer_file *f, struct str text)
{
	struct buf out = buf_new(a);
	struct str value;
	if (!text.p || !is_variable(text))
		return text;
	if (!f->env_read)
		read_env(w, a, f);
	for (size_t at = 0; at < text.n;) {
		if (text.p[at] != '$') {
			buf_char(&out, text.p[at++]);
		} else if (variable_value(f, text, &at, &value)) {
			buf_add(&out, value);
		} else {
			return text;
		}
	}
	return buf_str(&out);
}

/* What the service builds. */
static void read_build(struct workspace *w, struct arena *a, struct consumer_file *f, struct str own, struct service *s)
{
	struct yaml *y = &f->yaml;
	uint32_t build = yaml_get(y, s->node, STR("build"));
	struct str context = yaml_scalar(y, build), dockerfile = {NULL, 0};
	if (build == YAML_NONE)
		return;
	s->builds = true;
	if (!context.p) {
		context = yaml_scalar(y, yaml_get(y, build, STR("context")));
		dockerfile = yaml_scalar(y, yaml_get(y, build, STR("dockerfile")));
		s->target = yaml_scalar(y, yaml_get(y, build, STR("target")));
		if (yaml_get(y, build, STR("dockerfile_inline")) != YAML_NONE)
			return;
	}
	if (!context.p)
		context = STR(".");
	context = with_variables(w, a, f, context);
	dockerfile = with_variables(w, a, f, dockerfile);
	struct str name = dockerfile.n ? dockerfile : STR("Dockerfile");
	bool may_be = is_variable(dockerfile) || str_eq(path_last(name), path_last(own));
	if (is_remote(context))
		return;
	if (is_variable(context) || is_variable(dockerfile)) {
		s->whose = may_be ? SERVICE_DOUBT : SERVICE_OTHERS;
		return;
	}
	s->context = path_join(a, path_parent(f->path), context);
	s->dockerfile = path_join(a, path_join(a, f->directory, context), name);
}

static struct str key_of(struct arena *a, struct str place, struct str name)
{
	return arena_printf(a, "%.*s\n%.*s", STR_ARG(place), STR_ARG(name));
}

static struct str place_of(struct arena *a, const struct consumer_file *f)
{
	return path_join(a, f->directory, path_last(f->path));
}

/* "extends: name" and "extends: {file: …, service: …}" give the service that another one begins as. */
static const struct service *extended(struct consumers *c, struct arena *a, const struct service *s)
{
	struct consumer_file *f = &c->files.at[s->file];
	uint32_t extends = yaml_get(&f->yaml, s->node, STR("extends"));
	struct str name = yaml_scalar(&f->yaml, extends), file = {NULL, 0};
	if (extends == YAML_NONE)
		return NULL;
	if (!name.p) {
		name = yaml_scalar(&f->yaml, yaml_get(&f->yaml, extends, STR("service")));
		file = yaml_scalar(&f->yaml, yaml_get(&f->yaml, extends, STR("file")));
	}
	struct str place = file.n ? path_join(a, f->directory, file) : place_of(a, f);
	uintptr_t index = (uintptr_t)map_get(&c->by_file, key_of(a, place, name));
	return index ? &c->services.at[index - 1] : NULL;
}

static void make_ours(struct consumers *c, struct arena *a, struct service *s)
{
	struct str directory = c->files.at[s->file].directory;
	s->whose = SERVICE_OURS;
	*map_put(a, &c->ours, directory) = c;
	*map_put(a, &c->ours, key_of(a, directory, s->name)) = c;
	if (s->builds && s->image.n && c->images.n < MOST_IMAGES && !consumers_are_ours(c, s->image))
		*VEC_PUSH(a, c->images) = s->image;
}

static void read_services(struct consumers *c, struct workspace *w, struct arena *a, uint32_t file)
{
	struct consumer_file *f = &c->files.at[file];
	struct yaml *y = &f->yaml;
	struct str place = place_of(a, f);
	struct yaml_list items = yaml_items(a, y, y->n ? yaml_get(y, 0, STR("services")) : YAML_NONE);
	for (size_t i = 0; i < items.n; i++) {
		struct service *s = VEC_PUSH(a, c->services);
		struct str image;
		*s = (struct service){
			.file = file, .name = y->at[items.at[i]].key, .node = yaml_resolve(y, items.at[i])};
		image = yaml_scalar(y, yaml_get(y, s->node, STR("image")));
		s->image = image.p ? consumers_image_name(image) : STR("");
		read_build(w, a, f, c->dockerfile, s);
		*map_put(a, &c->by_file, key_of(a, place, s->name)) = (void *)(uintptr_t)c->services.n;
		if (s->builds && str_eq(s->dockerfile, c->dockerfile))
			make_ours(c, a, s);
	}
}

static bool is_compose(struct str path)
{
	struct str name = path_last(path);
	return str_starts(name, STR("compose")) || str_starts(name, STR("docker-compose"));
}

/* A file is read as YAML only where it can have something to say. */
static void read_file(struct consumers *c, struct workspace *w, struct arena *a, struct str path)
{
	struct consumer_file f = {.path = path_join(a, STR(""), path), .compose = is_compose(path)};
	if (workspace_read(w, f.path, &f.file) != PROVIDED_FILE) { /* too large, or not ours to read */
		f.yaml.fault = STR("1:1: cannot be read here");
		*VEC_PUSH(a, c->files) = f;
		return;
	}
	w->at[f.file].consumer = true;
	f.directory = path_parent(path_join(a, c->here, f.path));
	w->provider->yaml(w->provider->ctx, a, w->at[f.file].current, &f.yaml);
	*VEC_PUSH(a, c->files) = f;
	if (f.compose)
		read_services(c, w, a, (uint32_t)c->files.n - 1);
}

static bool names_image(const struct consumers *c, struct str text)
{
	for (size_t i = 0; i < c->images.n; i++)
		if (str_find(text, c->images.at[i], 0) != STR_NONE)
			return true;
	return false;
}

/* Whether a compose file can mean the Dockerfile in the directory `here`: a path to it names it, or climbs. */
static bool may_build(struct workspace *w, struct arena *a, struct str path, struct str here)
{
	uint32_t file;
	struct str directory = path_parent(path_join(a, here, path));
	if (str_eq(directory, here))
		return true;
	if (workspace_read(w, path, &file) != PROVIDED_FILE)
		return true; /* nobody knows */
	struct str text = w->at[file].current;
	return str_find(text, path_last(here), 0) != STR_NONE || str_find(text, STR(".."), 0) != STR_NONE ||
	       (path_within(here, directory) && str_find_char(text, '$', 0) != STR_NONE);
}

/* A service without a build of its own goes by its name, its image, or what it extends. */
static enum whose judge(struct consumers *c, struct arena *a, const struct service *s)
{
	const struct service *base = extended(c, a, s);
	if (s->builds)
		return s->whose;
	if (s->image.n && consumers_are_ours(c, s->image))
		return SERVICE_OURS;
	if (base && base->whose != SERVICE_OTHERS)
		return base->whose;
	/* An override file, or that of another environment. */
	if (!map_get(&c->ours, key_of(a, c->files.at[s->file].directory, s->name)))
		return SERVICE_OTHERS;
	return s->image.n ? SERVICE_DOUBT : SERVICE_OURS;
}

static void set_whose(struct consumers *c, struct arena *a, struct service *s)
{
	s->whose = judge(c, a, s);
	if (s->whose == SERVICE_OURS)
		make_ours(c, a, s);
}

static void judge_services(struct consumers *c, struct arena *a)
{
	for (int pass = 0; pass < EXTENDS_DEPTH; pass++)
		for (size_t i = 0; i < c->services.n; i++)
			if (c->services.at[i].whose != SERVICE_OURS)
				set_whose(c, a, &c->services.at[i]);
}

static bool builds_it(const struct service *s)
{
	return s->builds && s->whose == SERVICE_OURS;
}

static struct str agreed_context(const struct consumers *c)
{
	struct str context = STR("");
	for (size_t i = 0; i < c->services.n; i++) {
		const struct service *s = &c->services.at[i];
		if (!builds_it(s))
			continue;
		if (context.n && !str_eq(context, s->context))
			return STR("");
		context = s->context;
	}
	return context;
}

/* Compose files beside one of ours, or that name our image. */
static void read_others(struct consumers *c, struct workspace *w, struct arena *a)
{
	size_t kept = 0;
	for (size_t i = 0; i < c->others.n; i++) {
		uint32_t file;
		struct str path = c->others.at[i];
		bool beside = map_get(&c->ours, path_parent(path_join(a, c->here, path))) != NULL;
		if (workspace_read(w, path, &file) == PROVIDED_FILE && (beside || names_image(c, w->at[file].current)))
			read_file(c, w, a, path);
		else
			c->others.at[kept++] = path;
	}
	c->others.n = kept;
}

static void read_all(struct consumers *c, struct workspace *w, struct arena *a)
{
	struct str_list paths = {0};
	struct str directory;
	if (!w->provider->consumers(w->provider->ctx, a, &paths, &directory)) {
		c->unknown = true;
		return;
	}
	struct str here = c->here = path_join(a, STR("/"), directory);
	c->known = true;
	c->dockerfile = path_join(a, here, path_last(w->at[0].path));
	for (size_t i = 0; i < paths.n; i++) {
		if (!is_compose(paths.at[i]))
			*VEC_PUSH(a, c->manifests) = paths.at[i];
		else if (may_build(w, a, paths.at[i], here))
			read_file(c, w, a, paths.at[i]);
		else
			*VEC_PUSH(a, c->others) = paths.at[i];
	}
	read_others(c, w, a);
	judge_services(c, a);
	c->context = agreed_context(c);
}

/* Reads those of the paths whose files hold `text`; the rest is kept. */
static void read_holding(struct consumers *c, struct workspace *w, struct arena *a, struct str_list *paths,
			 struct str text)
{
	size_t kept = 0;
	for (size_t i = 0; i < paths->n; i++) {
		uint32_t file;
		struct str path = paths->at[i];
		if (workspace_read(w, path, &file) == PROVIDED_FILE &&
		    str_find(w->at[file].current, text, 0) != STR_NONE)
			read_file(c, w, a, path);
		else
			paths->at[kept++] = path;
	}
	paths->n = kept;
}

void consumers_read_manifests(struct consumers *c, struct workspace *w, struct arena *a, struct str text)
{
	read_holding(c, w, a, &c->manifests, text);
}

void consumers_read_others(struct consumers *c, struct workspace *w, struct arena *a, struct str text)
{
	read_holding(c, w, a, &c->others, text);
}

struct consumers *consumers_of(struct workspace *w, struct arena *a)
{
	if (w->consumers)
		return w->consumers;
	w->consumers = ARENA_NEW(a, struct consumers);
	if (w->provider && w->provider->consumers)
		read_all(w->consumers, w, a);
	return w->consumers;
}

static bool is_given(const struct build_arg *given, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(given[i].name, name))
			return true;
	return false;
}

static bool has_args(const struct document *d)
{
	for (size_t i = 0; i < d->instructions.n; i++)
		if (d->instructions.at[i].keyword == KW_ARG)
			return true;
	return false;
}

/* A build argument of the first service that builds the Dockerfile, and in how many it is the same. */
struct agreed_arg {
	struct build_arg arg;
	size_t services;
	size_t last; /* the last of them, counted from 1 */
	bool disputed;
};

static void note_arg(struct arena *a, struct map *args, struct build_arg arg, size_t service)
{
	struct agreed_arg *known = map_get(args, arg.name);
	if (!known && service == 1 && args->n < MOST_ARGS) {
		known = ARENA_NEW(a, struct agreed_arg);
		known->arg = arg;
		*map_put(a, args, arg.name) = known;
	}
	if (!known || known->last == service)
		return;
	known->last = service;
	known->services++;
	known->disputed |= !str_eq(known->arg.value, arg.value) || is_variable(arg.value);
}

/* The arguments of all services that build the Dockerfile; gives how many there are. */
static size_t read_args(struct consumers *c, struct arena *a, struct map *args)
{
	size_t services = 0;
	for (size_t i = 0; i < c->services.n; i++) {
		const struct service *s = &c->services.at[i];
		struct yaml *y = &c->files.at[s->file].yaml;
		if (!builds_it(s))
			continue;
		services++;
		struct yaml_list items = yaml_items(a, y, yaml_get(y, yaml_get(y, s->node, STR("build")), STR("args")));
		for (size_t k = 0; k < items.n; k++) {
			struct build_arg arg;
			uint32_t at;
			if (consumers_pair(y, items.at[k], &arg.name, &arg.value, &at))
				note_arg(a, args, arg, services);
		}
	}
	return services;
}

void stages_read_built(struct arena *a, struct arena *scratch, const struct document *d, struct workspace *w,
		       const struct build_arg *given, size_t ngiven, struct stages *out)
{
	VEC(struct build_arg) args = {0};
	struct map agreed = {0};
	size_t services = has_args(d) ? read_args(consumers_of(w, a), a, &agreed) : 0;
	for (size_t i = 0; i < ngiven; i++)
		*VEC_PUSH(a, args) = given[i];
	for (size_t i = 0; i < agreed.cap; i++) {
		const struct agreed_arg *arg = agreed.slots[i].value;
		if (arg && arg->services == services && !arg->disputed && !is_given(given, ngiven, arg->arg.name))
			*VEC_PUSH(a, args) = arg->arg;
	}
	stages_read(a, scratch, d, args.at, args.n, out);
}
