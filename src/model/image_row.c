#include "model/image_row.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { MATCH_LIMIT = 20000, DEPTH_LIMIT = 500, HEAP_LIMIT_KIB = 512, MAX_ACCOUNTS = 200, MAX_PORTS = 16 };

static const char *const family_names[] = {
	[FAMILY_UNKNOWN] = "unknown", [FAMILY_DEBIAN] = "debian",   [FAMILY_ALPINE] = "alpine",
	[FAMILY_BUSYBOX] = "busybox", [FAMILY_RHEL] = "rhel",	    [FAMILY_SUSE] = "suse",
	[FAMILY_ARCH] = "arch",	      [FAMILY_WOLFI] = "wolfi",	    [FAMILY_DISTROLESS] = "distroless",
	[FAMILY_SCRATCH] = "scratch", [FAMILY_WINDOWS] = "windows",
};

static const char *const tools_names[] = {
	[TOOLS_UNKNOWN] = "?",	     [TOOLS_NONE] = "none",
	[TOOLS_SHADOW] = "shadow",   [TOOLS_SHADOW_ADDUSER] = "shadow+adduser",
	[TOOLS_BUSYBOX] = "busybox", [TOOLS_INSTALL] = "install",
};

static const char *const start_names[] = {
	[START_UNKNOWN] = "?",	   [START_SHELL] = "shell", [START_NONE] = "none",
	[START_SERVER] = "server", [START_TOOL] = "tool",
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool name_index(const char *const *names, size_t n, struct str name, unsigned *index)
{
	for (unsigned i = 0; i < n; i++)
		if (str_eq(str_of(names[i]), name)) {
			*index = i;
			return true;
		}
	return false;
}

struct str family_name(enum family f)
{
	return str_of(family_names[f]);
}

enum family family_of_name(struct str name)
{
	unsigned i = FAMILY_UNKNOWN;
	name_index(family_names, COUNT(family_names), name, &i);
	return (enum family)i;
}

static bool fail(struct image_context *c, struct image_row *row, const char *what, struct str cell)
{
	row->fault = arena_printf(c->arena, "%s: '%.*s'", what, STR_ARG(cell));
	return false;
}

static bool split(struct image_context *c, struct image_row *row)
{
	if (row->fault.n)
		return false;
	if (row->cells)
		return true;
	struct table_reader reader = {.rest = row->text, .header_read = true};
	struct table_row *cells = ARENA_NEW(c->arena, struct table_row);
	if (!table_next(&reader, cells) || cells->cells <= COLUMN_FAMILY)
		return fail(c, row, "an image row needs at least key, repository, tag and family", row->text);
	row->cells = cells->cell;
	row->any_tag = cells->cell[COLUMN_TAG].n == 0 || str_eq(cells->cell[COLUMN_TAG], STR("*"));
	return true;
}

/* Patterns. */

static void *pcre_alloc(size_t size, void *arena)
{
	return arena_alloc(arena, size);
}

static void pcre_release(void *memory, void *arena)
{
	(void)memory;
	(void)arena;
}

static void make_contexts(struct image_context *c)
{
	if (c->memory)
		return;
	pcre2_general_context *memory = pcre2_general_context_create(pcre_alloc, pcre_release, c->arena);
	pcre2_match_context *limits = pcre2_match_context_create(memory);
	pcre2_set_match_limit(limits, MATCH_LIMIT);
	pcre2_set_depth_limit(limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(limits, HEAP_LIMIT_KIB);
	c->memory = memory;
	c->limits = limits;
	c->match = pcre2_match_data_create(1, memory);
}

/* Most cells are plain words, which need no pattern. A dot counts as one, for repositories are full of them. */
static bool is_plain(struct str pattern, bool dot_is_plain)
{
	for (size_t i = 0; i < pattern.n; i++)
		if (memchr("\\^$|()[]{}*+?", pattern.p[i], 13) || (pattern.p[i] == '.' && !dot_is_plain))
			return false;
	return true;
}

static const pcre2_code *compile(struct image_context *c, struct image_row *row, struct map *known, struct str text,
				 uint32_t options)
{
	int error;
	PCRE2_SIZE at;
	PCRE2_UCHAR message[120];
	void *code = map_get(known, text);
	if (code)
		return code;
	make_contexts(c);
	pcre2_compile_context *compiling = pcre2_compile_context_create(c->memory);
	code = pcre2_compile((PCRE2_SPTR)text.p, text.n, options, &error, &at, compiling);
	if (code) {
		*map_put(c->arena, known, text) = code;
		return code;
	}
	pcre2_get_error_message(error, message, sizeof message);
	fail(c, row, (const char *)message, text);
	return NULL;
}

static void read_pattern(struct image_context *c, struct image_row *row, struct image_pattern *pattern, struct str cell,
			 bool dot_is_plain, struct map *known, uint32_t options)
{
	if (pattern->kind != PATTERN_UNREAD)
		return;
	pattern->kind = is_plain(cell, dot_is_plain) ? PATTERN_WORD : PATTERN_COMPILED;
	if (pattern->kind == PATTERN_COMPILED)
		pattern->code = compile(c, row, known, cell, options);
}

/* A match that runs into a limit is none. */
static bool matches(const struct image_context *c, const pcre2_code *code, struct str subject)
{
	return code && pcre2_match(code, (PCRE2_SPTR)subject.p, subject.n, 0, 0, c->match, c->limits) >= 0;
}

static bool is_one_of_keys(struct str keys, struct str repository)
{
	struct str key;
	while (str_split(&keys, ',', &key)) {
		if (str_eq(key, repository) || str_eq(key, STR("*")))
			return true;
		if (str_ends(key, STR("/*")) && str_starts(repository, str_sub(key, 0, key.n - 1)))
			return true;
	}
	return false;
}

bool image_row_has_repository(struct image_context *c, struct image_row *row, struct str repository)
{
	if (!split(c, row))
		return false;
	struct str cell = row->cells[COLUMN_REPOSITORY];
	if (cell.n == 0)
		return is_one_of_keys(row->cells[COLUMN_KEY], repository);
	read_pattern(c, row, &row->repository, cell, true, &c->repositories, PCRE2_ANCHORED | PCRE2_ENDANCHORED);
	return row->repository.kind == PATTERN_WORD ? str_eq(cell, repository)
						    : matches(c, row->repository.code, repository);
}

bool image_row_has_tag(struct image_context *c, struct image_row *row, struct str tag)
{
	if (!split(c, row))
		return false;
	if (row->any_tag)
		return true;
	struct str cell = row->cells[COLUMN_TAG];
	read_pattern(c, row, &row->tag, cell, false, &c->tags, 0);
	return row->tag.kind == PATTERN_WORD ? str_find(tag, cell, 0) != STR_NONE : matches(c, row->tag.code, tag);
}

/* Cells. */

/* Takes the mark for "not verified" off a cell; whether it was there, or the cell says that it is not known. */
static bool unverified(struct str *cell)
{
	if (cell->n > 0 && cell->p[0] == '~') {
		*cell = str_sub(*cell, 1, cell->n);
		return true;
	}
	return str_eq(*cell, STR("?"));
}

static bool is_given(struct str cell)
{
	return cell.n > 0 && !str_eq(cell, STR("?"));
}

struct account_list {
	VEC(struct account) v;
};

static bool add_account(struct image_context *c, struct image_row *row, struct str item, struct account_list *list)
{
	struct account account = {.home = {"", 0}};
	struct str rest = item;
	struct str uid = {"", 0};
	struct str gid = {"", 0};
	str_split(&rest, ':', &account.name);
	if (account.name.n == 0 || list->v.n >= MAX_ACCOUNTS)
		return fail(c, row, "expected name:uid:gid:home", item);
	str_split(&rest, ':', &uid);
	str_split(&rest, ':', &gid);
	str_split(&rest, ':', &account.home);
	account.ids_known = str_to_u32(uid, &account.uid) && str_to_u32(gid, &account.gid);
	if (!account.ids_known &&
	    ((is_given(uid) && !str_to_u32(uid, &account.uid)) || (is_given(gid) && !str_to_u32(gid, &account.gid))))
		return fail(c, row, "a uid and a gid are numbers, or ?", item);
	*VEC_PUSH(c->arena, list->v) = account;
	return true;
}

static bool add_accounts(struct image_context *c, struct image_row *row, struct str cell, struct account_list *list)
{
	struct str item;
	while (cell.n > 0 && str_split(&cell, ';', &item)) {
		const struct str *named;
		struct str inner;
		struct str one;
		if (!str_starts(item, STR("@"))) {
			if (!add_account(c, row, item, list))
				return false;
			continue;
		}
		named = map_get(&c->lists, item);
		if (!named)
			return fail(c, row, "there is no list of accounts of this name", item);
		inner = *named;
		while (str_split(&inner, ';', &one))
			if (!add_account(c, row, one, list))
				return false;
	}
	return true;
}

static bool read_accounts(struct image_context *c, struct image_row *row, struct image *image)
{
	struct account_list list = {{NULL, 0, 0}};
	struct str cell = row->cells[COLUMN_ACCOUNTS];
	struct str app = row->cells[COLUMN_APP];
	if (unverified(&cell))
		image->sure &= ~(uint32_t)SURE_ACCOUNTS;
	if (is_given(cell) && !add_accounts(c, row, cell, &list))
		return false;
	image->accounts = list.v.at;
	image->naccounts = (uint32_t)list.v.n;
	for (size_t i = 0; i < list.v.n; i++)
		if (str_eq(list.v.at[i].name, app))
			image->app = &list.v.at[i];
	if (app.n > 0 && !image->app)
		return fail(c, row, "the app's account is not among the accounts", app);
	return true;
}

static bool read_family(struct image_context *c, struct image_row *row, struct image *image)
{
	struct str cell = row->cells[COLUMN_FAMILY];
	if (unverified(&cell) || cell.n == 0)
		image->sure &= ~(uint32_t)SURE_FAMILY;
	image->family = is_given(cell) ? family_of_name(cell) : FAMILY_UNKNOWN;
	if (is_given(cell) && image->family == FAMILY_UNKNOWN)
		return fail(c, row, "there is no such family", cell);
	return true;
}

/* "shadow", or "install:MANAGER:PACKAGE". */
static bool read_tools(struct image_context *c, struct image_row *row, struct image *image)
{
	struct str cell = row->cells[COLUMN_TOOLS];
	struct str rest;
	struct str name;
	unsigned index = TOOLS_UNKNOWN;
	if (unverified(&cell) || cell.n == 0)
		image->sure &= ~(uint32_t)SURE_TOOLS;
	rest = cell;
	str_split(&rest, ':', &name);
	if (cell.n > 0 && !name_index(tools_names, COUNT(tools_names), name, &index))
		return fail(c, row, "there are no such account tools", cell);
	image->tools = (enum account_tools)index;
	if (image->tools != TOOLS_INSTALL)
		return true;
	if (!str_split(&rest, ':', &image->tools_manager) || !str_split(&rest, ':', &image->tools_package) ||
	    image->tools_manager.n == 0 || image->tools_package.n == 0)
		return fail(c, row, "expected install:MANAGER:PACKAGE", cell);
	return true;
}

/* "server:80,443": how it starts, and the low ports it binds. */
static bool read_start(struct image_context *c, struct image_row *row, struct image *image)
{
	struct str rest = row->cells[COLUMN_START];
	struct str name = {"", 0};
	struct str port;
	unsigned index = START_UNKNOWN;
	str_split(&rest, ':', &name);
	if (name.n > 0 && !name_index(start_names, COUNT(start_names), name, &index))
		return fail(c, row, "there is no such start", name);
	image->start = (enum default_start)index;
	if (!rest.p)
		return true;
	uint16_t *ports = ARENA_ARRAY(c->arena, uint16_t, MAX_PORTS);
	while (str_split(&rest, ',', &port)) {
		uint32_t number;
		if (!str_to_u32(port, &number) || number == 0 || number >= 1024 || image->nlow_ports == MAX_PORTS)
			return fail(c, row, "not a port below 1024", port);
		ports[image->nlow_ports++] = (uint16_t)number;
	}
	image->low_ports = ports;
	return true;
}

static bool read_shell(struct image_context *c, struct image_row *row, struct image *image)
{
	struct str cell = row->cells[COLUMN_SHELL];
	if (cell.n > 0 && !str_eq(cell, STR("yes")) && !str_eq(cell, STR("no")))
		return fail(c, row, "expected yes or no", cell);
	image->has_shell = !str_eq(cell, STR("no"));
	return true;
}

/* Images that start a shell are there to be built upon; those that work elsewhere than in / have a cell that says so.
 */
static bool read_workdir(struct image_context *c, struct image_row *row, struct image *image)
{
	struct str cell = row->cells[COLUMN_WORKDIR];
	bool believed = unverified(&cell);
	if (cell.n == 0 && (image->start == START_SHELL || image->start == START_NONE))
		cell = STR("/");
	if (is_given(cell) && cell.p[0] != '/')
		return fail(c, row, "a working directory begins with /", cell);
	image->workdir = cell;
	image->workdir_known = is_given(cell) && !believed;
	return true;
}

/* "port-by:NAME=VALUE", "writes:/a,/b", "settings:/c". False: it is none of these. */
static bool read_told_trait(struct image *image, struct str trait)
{
	static const struct {
		const char *name;
		size_t place;
	} told[] = {{"port-by:", offsetof(struct image, port_by)},
		    {"writes:/", offsetof(struct image, writes)},
		    {"settings:/", offsetof(struct image, settings)}};
	for (size_t i = 0; i < COUNT(told); i++) {
		struct str name = str_of(told[i].name);
		size_t at = name.p[name.n - 1] == '/' ? name.n - 1 : name.n;
		if (!str_starts(trait, name))
			continue;
		memcpy((char *)image + told[i].place, &(struct str){trait.p + at, trait.n - at}, sizeof(struct str));
		return true;
	}
	return false;
}

static bool valid_port_by(struct str set)
{
	return set.n == 0 || (str_find_char(set, '=', 0) != STR_NONE && str_find(set, STR("{port}"), 0) != STR_NONE);
}

static bool read_traits(struct image_context *c, struct image_row *row, struct image *image)
{
	static const struct {
		const char *name;
		uint32_t bit;
	} traits[] = {{"new-npm", TRAIT_NEW_NPM}, {"nothing-in", TRAIT_NOTHING_IN}, {"retired", TRAIT_RETIRED}};
	struct str cell = row->cells[COLUMN_TRAITS], trait;
	while (str_word(&cell, &trait)) {
		size_t i = 0;
		if (read_told_trait(image, trait)) {
			if (!valid_port_by(image->port_by))
				return fail(c, row, "expected port-by:NAME=VALUE with {port} in it", trait);
			continue;
		}
		while (i < COUNT(traits) && !str_eq(trait, str_of(traits[i].name)))
			i++;
		if (i == COUNT(traits))
			return fail(c, row, "there is no such trait", trait);
		image->traits |= traits[i].bit;
	}
	return true;
}

static void read_rest(const struct image_row *row, struct image *image)
{
	struct str user = row->cells[COLUMN_USER];
	struct str entrypoint = row->cells[COLUMN_ENTRYPOINT];
	bool entrypoint_unverified = unverified(&entrypoint);
	if (unverified(&user) || user.n == 0)
		image->sure &= ~(uint32_t)SURE_USER;
	image->user_known = is_given(user);
	if (image->user_known)
		image->user = user;
	image->entrypoint_known = is_given(entrypoint) && !entrypoint_unverified;
	if (is_given(entrypoint) && !str_eq(entrypoint, STR("none")))
		image->entrypoint = entrypoint;
	image->drops = row->cells[COLUMN_DROPS];
	image->recipe = row->cells[COLUMN_RECIPE];
	image->writable = row->cells[COLUMN_WRITABLE];
	image->pitfalls = row->cells[COLUMN_PITFALLS];
	image->evidence = row->cells[COLUMN_EVIDENCE];
	image->row = row->line;
	image->configured = row->configured;
}

const struct image *image_row_read(struct image_context *c, struct image_row *row)
{
	if (row->image || !split(c, row))
		return row->image;
	struct image *image = ARENA_NEW(c->arena, struct image);
	image->sure = SURE_ALL;
	if (read_family(c, row, image) && read_tools(c, row, image) && read_shell(c, row, image) &&
	    read_accounts(c, row, image) && read_start(c, row, image) && read_workdir(c, row, image) &&
	    read_traits(c, row, image)) {
		read_rest(row, image);
		row->image = image;
	}
	return row->image;
}

bool image_row_check(struct image_context *c, struct image_row *row)
{
	if (!split(c, row))
		return false;
	image_row_has_repository(c, row, STR("none"));
	image_row_has_tag(c, row, STR("none"));
	if (row->cells[COLUMN_REPOSITORY].n == 0 && row->any_tag && str_eq(row->cells[COLUMN_KEY], STR("*")))
		return fail(c, row, "the key * needs a pattern for the repository or the tag", row->text);
	return !row->fault.n && image_row_read(c, row);
}
