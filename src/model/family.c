#include "model/family.h"

#include "base/path.h"
#include "model/image_row.h"

enum { MAX_REPOSITORY = 512, MAX_CURSORS = 16, MAX_KNOWN = 1000, MAX_REFERENCE = 256 };

/* A key of a row. The rows of the hash below stand in the table's order, for equal hashes are put one after the other;
   that two keys may share a hash does no harm, since a row looks at the repository again. */
struct key {
	uint32_t hash;
	uint32_t row; /* index + 1; 0: an empty slot */
};

/* Where a row stands; the row itself is made when it is first looked at. */
struct place {
	const char *text;
	uint32_t length;
	uint32_t line : 31;
	uint32_t configured : 1;
	struct image_row *row;
};

struct image_table {
	const struct registries *registries;
	struct image_context context;
	VEC(struct place) rows;
	struct key *slots;
	uint32_t mask;
	struct map open_tags; /* repository -> struct image *: what its rows agree on */
	struct map known;     /* reference -> struct found *: what was looked up before; bounded */
};

/* Reading. */

struct keys {
	VEC(struct key) v;
};

static void add_list(struct image_context *c, struct str name, struct str accounts)
{
	struct str *copy = ARENA_NEW(c->arena, struct str);
	void **place = map_put(c->arena, &c->lists, name);
	*copy = str_trim(accounts);
	if (!*place)
		*place = copy;
}

static void add_row(struct image_table *t, struct keys *keys, struct str cell, struct place place)
{
	struct str key;
	*VEC_PUSH(t->context.arena, t->rows) = place;
	while (str_split(&cell, ',', &key))
		*VEC_PUSH(t->context.arena, keys->v) = (struct key){str_hash(key), (uint32_t)t->rows.n};
}

static void read_text(struct image_table *t, struct keys *keys, struct str text, bool configured)
{
	struct str line;
	uint32_t number = 0;
	while (str_split(&text, '\n', &line)) {
		number++;
		if (line.n == 0 || line.p[0] == '#' || line.p[0] == '\r')
			continue;
		size_t tab = str_find_char(line, '\t', 0);
		struct str first = str_sub(line, 0, tab == STR_NONE ? line.n : tab);
		if (str_eq(first, STR("key")))
			continue;
		if (first.n > 0 && first.p[0] == '@' && tab != STR_NONE)
			add_list(&t->context, first, str_sub(line, tab + 1, line.n));
		else
			add_row(t, keys, first,
				(struct place){line.p, (uint32_t)line.n, number & 0x7fffffff, configured, NULL});
	}
}

static uint32_t slot_of(const struct image_table *t, uint32_t hash)
{
	return (hash ^ hash >> 15) & t->mask;
}

static void index_keys(struct image_table *t, const struct keys *keys)
{
	uint32_t slots = 16;
	while (slots < keys->v.n * 2)
		slots *= 2;
	t->slots = ARENA_ARRAY(t->context.arena, struct key, slots);
	t->mask = slots - 1;
	for (size_t i = 0; i < keys->v.n; i++) {
		uint32_t at = slot_of(t, keys->v.at[i].hash);
		while (t->slots[at].row)
			at = (at + 1) & t->mask;
		t->slots[at] = keys->v.at[i];
	}
}

static struct image_row *row_at(struct image_table *t, size_t index)
{
	struct place *place = &t->rows.at[index];
	if (!place->row) {
		place->row = ARENA_NEW(t->context.arena, struct image_row);
		place->row->text = (struct str){place->text, place->length};
		place->row->line = place->line;
		place->row->configured = place->configured;
	}
	return place->row;
}

static bool check_rows(struct image_table *t, bool configured_only, uint32_t *bad_line, struct str *why)
{
	for (size_t i = 0; i < t->rows.n; i++) {
		struct image_row *row;
		if (configured_only && !t->rows.at[i].configured)
			break;
		row = row_at(t, i);
		if (image_row_check(&t->context, row))
			continue;
		*bad_line = row->line;
		*why = row->fault;
		return false;
	}
	return true;
}

struct image_table *image_table_read(struct arena *a, struct str text, struct str extra,
				     const struct registries *registries, uint32_t *bad_line, struct str *why)
{
	struct image_table *t = ARENA_NEW(a, struct image_table);
	struct keys keys = {{NULL, 0, 0}};
	t->context.arena = a;
	t->registries = registries;
	read_text(t, &keys, extra, true);
	read_text(t, &keys, text, false);
	index_keys(t, &keys);
	return extra.n == 0 || check_rows(t, true, bad_line, why) ? t : NULL;
}

bool image_table_check(struct image_table *t, uint32_t *bad_line, struct str *why)
{
	return check_rows(t, false, bad_line, why);
}

/* Looking up: the rows of all keys that a repository can be found under, merged back into the table's order. */

struct cursor {
	uint32_t hash, slot;
};

struct candidates {
	struct image_table *table;
	struct cursor at[MAX_CURSORS];
	size_t n;
};

/* The row under the cursor, as index + 1, or 0 at its end. */
static uint32_t cursor_row(const struct image_table *t, struct cursor *c)
{
	while (t->slots[c->slot].row && t->slots[c->slot].hash != c->hash)
		c->slot = (c->slot + 1) & t->mask;
	return t->slots[c->slot].row;
}

static void add_cursor(struct candidates *c, struct str key)
{
	struct cursor cursor = {.hash = str_hash(key)};
	cursor.slot = slot_of(c->table, cursor.hash);
	if (c->n < MAX_CURSORS && cursor_row(c->table, &cursor))
		c->at[c->n++] = cursor;
}

static struct image_row *next_candidate(struct candidates *c)
{
	uint32_t best = 0;
	for (size_t i = 0; i < c->n; i++) {
		uint32_t row = cursor_row(c->table, &c->at[i]);
		if (row && (!best || row < best))
			best = row;
	}
	for (size_t i = 0; best && i < c->n; i++)
		if (cursor_row(c->table, &c->at[i]) == best)
			c->at[i].slot = (c->at[i].slot + 1) & c->table->mask;
	return best ? row_at(c->table, best - 1) : NULL;
}

static struct candidates candidates_of(struct image_table *t, struct str repository)
{
	struct candidates c = {.table = t};
	char wildcard[MAX_REPOSITORY + 2];
	struct str rest = repository;
	struct str part;
	add_cursor(&c, repository);
	while (str_split(&rest, '/', &part)) {
		if (!rest.p) {
			if (part.n < repository.n)
				add_cursor(&c, part);
			break;
		}
		memcpy(wildcard, part.p, part.n);
		memcpy(wildcard + part.n, "/*", 2);
		add_cursor(&c, (struct str){wildcard, part.n + 2});
	}
	add_cursor(&c, STR("*"));
	return c;
}

/* The agreement of several rows. */

static struct str common(struct str a, struct str b)
{
	return str_eq(a, b) ? a : (struct str){"", 0};
}

static bool is_shadow(enum account_tools tools)
{
	return tools == TOOLS_SHADOW || tools == TOOLS_SHADOW_ADDUSER;
}

static const struct account *find_account(const struct image *image, struct str name)
{
	for (uint32_t i = 0; i < image->naccounts; i++)
		if (str_eq(image->accounts[i].name, name))
			return &image->accounts[i];
	return NULL;
}

static void agree_accounts(struct arena *a, struct image *all, const struct image *one)
{
	struct account *kept = ARENA_ARRAY(a, struct account, all->naccounts);
	const struct account *app = NULL;
	uint32_t n = 0;
	if (all->naccounts != one->naccounts)
		all->sure &= ~(uint32_t)SURE_ACCOUNTS;
	for (uint32_t i = 0; i < all->naccounts; i++) {
		const struct account *mine = &all->accounts[i];
		const struct account *other = find_account(one, mine->name);
		if (!other || mine->uid != other->uid || mine->gid != other->gid)
			all->sure &= ~(uint32_t)SURE_ACCOUNTS;
		if (!other)
			continue;
		kept[n] = *mine;
		kept[n].ids_known =
			mine->ids_known && other->ids_known && mine->uid == other->uid && mine->gid == other->gid;
		kept[n].home = common(mine->home, other->home);
		if (all->app == mine && one->app == other)
			app = &kept[n];
		n++;
	}
	all->accounts = kept;
	all->naccounts = n;
	all->app = app;
}

static void agree(struct arena *a, struct image *all, const struct image *one)
{
	bool same_package = str_eq(all->tools_manager, one->tools_manager) && str_eq(all->tools_package, one->tools_package);
	all->sure &= one->sure;
	all->traits &= one->traits;
	if (all->family != one->family) {
		all->family = FAMILY_UNKNOWN;
		all->sure &= ~(uint32_t)SURE_FAMILY;
	}
	if (all->tools != one->tools || !same_package) {
		bool shadow = same_package && is_shadow(all->tools) && is_shadow(one->tools);
		all->tools = shadow ? TOOLS_SHADOW : TOOLS_UNKNOWN;
		all->sure &= ~(uint32_t)SURE_TOOLS;
	}
	all->has_shell = all->has_shell && one->has_shell;
	all->user_known = all->user_known && one->user_known && str_eq(all->user, one->user);
	if (!all->user_known)
		all->sure &= ~(uint32_t)SURE_USER;
	all->start = all->start == one->start ? all->start : START_UNKNOWN;
	all->entrypoint_known =
		all->entrypoint_known && one->entrypoint_known && str_eq(all->entrypoint, one->entrypoint);
	all->entrypoint = common(all->entrypoint, one->entrypoint);
	all->drops = all->drops.n ? all->drops : one->drops;
	all->recipe = common(all->recipe, one->recipe);
	all->workdir_known = all->workdir_known && one->workdir_known && str_eq(all->workdir, one->workdir);
	all->writable = common(all->writable, one->writable);
	all->pitfalls = common(all->pitfalls, one->pitfalls);
	all->port_by = common(all->port_by, one->port_by);
	all->writes = common(all->writes, one->writes);
	all->settings = common(all->settings, one->settings);
	if (all->nlow_ports == 0) {
		all->low_ports = one->low_ports;
		all->nlow_ports = one->nlow_ports;
	}
	agree_accounts(a, all, one);
}

/* What all rows that any tag of the repository can lead to have in common. */
static const struct image *find_without_tag(struct image_table *t, struct str repository)
{
	struct candidates c = candidates_of(t, repository);
	struct arena *a = t->context.arena;
	struct image *all = NULL;
	struct image_row *row;
	bool complete = false;
	bool windows = false;
	const struct image *known = map_get(&t->open_tags, repository);
	if (known)
		return known;
	while ((row = next_candidate(&c)) != NULL) {
		const struct image *image;
		if (!image_row_has_repository(&t->context, row, repository) ||
		    !(image = image_row_read(&t->context, row)) || (image->traits & TRAIT_RETIRED))
			continue;
		if (image->family == FAMILY_WINDOWS && !row->any_tag) {
			/* Who builds on Windows says so in the tag; a row for every name does not say that there are such tags. */
			windows |= !str_eq(row->cells[COLUMN_KEY], STR("*"));
			continue;
		}
		if (!all && row->any_tag && !windows)
			return image;
		if (!all) {
			all = ARENA_NEW(a, struct image);
			*all = *image;
		} else {
			agree(a, all, image);
		}
		if (row->any_tag) {
			complete = true;
			break;
		}
	}
	if (all) {
		if (!complete || windows)
			all->sure = 0;
		*map_put(a, &t->open_tags, arena_str(a, repository)) = all;
	}
	return all;
}

static const struct image *look_up(struct image_table *t, struct str reference)
{
	struct image_ref ref = image_ref_of(t->registries, reference);
	struct image_row *row;
	if (ref.repository.n == 0 || ref.repository.n > MAX_REPOSITORY)
		return NULL;
	if (ref.tag.n == 0)
		return find_without_tag(t, ref.repository);
	struct candidates c = candidates_of(t, ref.repository);
	while ((row = next_candidate(&c)) != NULL)
		if (image_row_has_repository(&t->context, row, ref.repository) &&
		    image_row_has_tag(&t->context, row, ref.tag)) {
			const struct image *image = image_row_read(&t->context, row);
			if (image)
				return image;
		}
	return NULL;
}

/* What a reference was found to be; there may be no image. */
struct found {
	const struct image *image;
};

/* Few images are the base of most files. */
const struct image *image_find(struct image_table *t, struct str reference)
{
	struct arena *a = t->context.arena;
	const struct found *found = map_get(&t->known, reference);
	if (found)
		return found->image;
	const struct image *image = look_up(t, reference);
	if (t->known.n < MAX_KNOWN && reference.n <= MAX_REFERENCE) {
		struct found *kept = ARENA_NEW(a, struct found);
		kept->image = image;
		*map_put(a, &t->known, arena_str(a, reference)) = kept;
	}
	return image;
}

bool image_lets_all_write(const struct image *image, struct str path)
{
	struct str dirs = image ? image->writable : STR(""), dir;
	while (str_word(&dirs, &dir))
		if (path_within(path, dir))
			return true;
	return false;
}
