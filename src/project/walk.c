#define _GNU_SOURCE
#include "project/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "project/walk_name.h"
#include "report/report.h"

enum { IGNORE_LIMIT = 16 << 20, ENTRY_BYTES = 64 * 1024, LISTING_BYTES = 512 };

/* A directory that is still to be read. */
struct pending {
	struct str path;       /* as shown; empty for the current directory */
	struct config *config; /* of the directory above */
	const struct ignore_list *ignore, *exclude;
};

/* An entry that was seen in a directory; names are read first, since .gitignore may come last. */
struct entry {
	struct str name;
	uint64_t inode;
	unsigned char type;
};

/* The walk below one path of the command line. */
struct tree {
	struct walk *walk;
	struct location location;
	size_t root;			   /* length of the path that was given */
	const struct ignore_list *outside; /* the command line's exclusions */
	struct {
		struct pending *at;
		size_t n, cap;
	} pending;
	struct {
		struct entry *at;
		size_t n, cap;
	} entries;
	struct buf names;    /* of the entries */
	struct buf absolute; /* scratch */
	size_t left_out;
	char *buffer;
	size_t filled; /* bytes of it, when it holds all entries of a directory; 0: it does not */
};

static void complain(struct walk *w, const char *path, const char *message)
{
	report_error(w->errors, path, 0, 0, message);
	w->failed = true;
}

/* Where rules of `directory` apply: the length of "directory/". */
static size_t base_of(struct str directory)
{
	return directory.n > 1 ? directory.n + 1 : directory.n;
}

static const struct ignore_list *exclude_list(struct arena *a, const struct ignore_list *outer, size_t base,
					      const struct text_list *texts)
{
	if (texts->n == 0)
		return outer;
	struct ignore_list *list = ARENA_NEW(a, struct ignore_list);
	list->outer = outer;
	list->base = base;
	for (size_t i = 0; i < texts->n; i++)
		ignore_add(a, list, str_of(texts->at[i]));
	return list;
}

/* --exclude is seen from the current directory, or from a tree that lies elsewhere. */
static size_t command_line_base(const struct location *location)
{
	char *cwd = getcwd(NULL, 0);
	struct str here = str_of(cwd);
	size_t base = base_of(cwd && path_within(location->directory, here) ? here : location->directory);
	free(cwd);
	return base;
}

/* A configuration's exclusions are seen from its directory; --config's may lie anywhere, and counts as the command
   line's. */
static const struct ignore_list *config_exclude(struct walk *w, const struct ignore_list *outer,
						const struct config *config, const struct location *location)
{
	if (config->exclude.n == 0)
		return outer;
	size_t base = path_within(location->directory, config->directory) ? base_of(config->directory)
									  : command_line_base(location);
	return exclude_list(w->arena, outer, base, &config->exclude);
}

static const struct ignore_list *read_ignore_file(struct walk *w, const struct ignore_list *outer, size_t base,
						  const char *path)
{
	struct file_bytes bytes = {0};
	struct file_error error;
	if (file_read(path, IGNORE_LIMIT, &bytes, NULL, &error))
		outer = ignore_read(w->arena, outer, base, arena_str(w->arena, (struct str){bytes.p, bytes.n}));
	else if (!error.missing)
		complain(w, path, error.message);
	file_bytes_free(&bytes);
	return outer;
}

/* The rules that hold above a tree: the repository's own and those of the directories between. */
static const struct ignore_list *ignore_above(struct walk *w, const struct location *location)
{
	struct arena *a = w->arena;
	struct str repository = location->repository, inner = location->directory;
	if (repository.n == 0)
		return NULL;
	size_t base = base_of(repository);
	const struct ignore_list *list =
		read_ignore_file(w, NULL, base, location_join(a, repository, STR(".git/info/exclude")).p);
	/* The tree's own file is met when it is read. */
	for (size_t end = repository.n; end < inner.n;) {
		struct str directory = str_sub(inner, 0, end);
		list = read_ignore_file(w, list, base_of(directory), location_join(a, directory, STR(".gitignore")).p);
		size_t slash = str_find_char(inner, '/', base_of(directory));
		end = slash == STR_NONE ? inner.n : slash;
	}
	return list;
}

/* The absolute path of something in a directory of the tree; valid until the next call. */
static struct str absolute_path(struct tree *t, struct str directory, struct str name)
{
	struct str below = str_sub(directory, t->root < directory.n ? t->root : directory.n, directory.n);
	t->absolute.n = 0;
	buf_add(&t->absolute, t->location.directory);
	if (below.n && below.p[0] != '/' && !str_ends(t->location.directory, STR("/")))
		buf_char(&t->absolute, '/');
	if (below.n && below.p[0] == '/' && str_ends(t->location.directory, STR("/")))
		below = str_sub(below, 1, below.n);
	buf_add(&t->absolute, below);
	if (name.n && !str_ends(buf_str(&t->absolute), STR("/")))
		buf_char(&t->absolute, '/');
	buf_add(&t->absolute, name);
	return buf_str(&t->absolute);
}

static bool is_wanted(const struct walk *w, struct str name)
{
	return w->wanted ? w->wanted(name) : walk_is_dockerfile(name);
}

static bool read_entries(struct tree *t, int fd)
{
	ssize_t got;
	size_t all = 0, last = 0;
	t->entries.n = 0;
	t->names.n = 0;
	while ((got = getdents64(fd, t->buffer, ENTRY_BYTES)) > 0) {
		last = (size_t)got;
		all += last;
		for (ssize_t at = 0; at < got;) {
			const struct dirent64 *d = (const void *)(t->buffer + at);
			struct str name = str_of(d->d_name);
			at += d->d_reclen;
			if (str_eq(name, STR(".")) || str_eq(name, STR("..")))
				continue;
			/* Most names are of no interest: they cost no memory. */
			if (d->d_type != DT_DIR && d->d_type != DT_UNKNOWN && name.p[0] != '.' &&
			    !is_wanted(t->walk, name))
				continue;
			struct entry *e = VEC_PUSH(t->walk->arena, t->entries);
			*e = (struct entry){{NULL, name.n}, d->d_ino, d->d_type};
			buf_add(&t->names, name);
			buf_char(&t->names, 0);
		}
	}
	t->filled = got == 0 && all == last ? all : 0;
	size_t at = 0;
	for (size_t i = 0; i < t->entries.n; at += t->entries.at[i++].name.n + 1)
		t->entries.at[i].name.p = t->names.p + at;
	return got == 0;
}

/* A link is taken when it leads to a file inside the tree: others are not ours to change. */
static bool link_stays_inside(struct tree *t, const char *path)
{
	struct stat st;
	char *real = realpath(path, NULL);
	bool inside =
		real && path_within(str_of(real), t->location.directory) && stat(real, &st) == 0 && S_ISREG(st.st_mode);
	free(real);
	return inside;
}

static void find_type(struct entry *e, const char *path)
{
	struct stat st;
	if (e->type != DT_UNKNOWN || lstat(path, &st) != 0)
		return;
	e->type = S_ISDIR(st.st_mode) ? DT_DIR : S_ISLNK(st.st_mode) ? DT_LNK : S_ISREG(st.st_mode) ? DT_REG : DT_FIFO;
}

static void take_entry(struct tree *t, const struct pending *in, struct entry *e)
{
	struct walk *w = t->walk;
	if (e->type == DT_UNKNOWN)
		find_type(e, location_join(w->arena, in->path, e->name).p);
	bool directory = e->type == DT_DIR;
	if (directory ? walk_skips_directory(e->name)
		      : !is_wanted(w, e->name) || (e->type != DT_REG && e->type != DT_LNK))
		return;
	if (in->ignore || in->exclude) {
		struct str absolute = absolute_path(t, in->path, e->name);
		if (ignore_matches(in->ignore, absolute, directory) ||
		    ignore_matches(in->exclude, absolute, directory) ||
		    ignore_matches(t->outside, absolute, directory)) {
			t->left_out++;
			return;
		}
	} else if (t->outside && ignore_matches(t->outside, absolute_path(t, in->path, e->name), directory)) {
		t->left_out++;
		return;
	}
	struct str path = location_join(w->arena, in->path, e->name);
	if (directory) {
		*VEC_PUSH(w->arena, t->pending) = (struct pending){path, in->config, in->ignore, in->exclude};
		return;
	}
	if (e->type == DT_LNK && !link_stays_inside(t, path.p))
		return;
	*VEC_PUSH(w->arena, w->found) =
		(struct input){.path = path.p, .config = in->config, .inode = e->inode, .link = e->type == DT_LNK};
}

/* What a directory says about everything in it and below. */
static void read_own_rules(struct tree *t, struct pending *in)
{
	struct walk *w = t->walk;
	for (size_t i = 0; i < t->entries.n; i++) {
		struct str name = t->entries.at[i].name;
		if (name.p[0] != '.' || t->entries.at[i].type == DT_DIR)
			continue;
		if (str_eq(name, STR(".gitignore"))) {
			in->ignore = read_ignore_file(w, in->ignore, base_of(absolute_path(t, in->path, STR(""))),
						      location_join(w->arena, in->path, name).p);
		} else if (str_eq(name, STR(CONFIG_NAME)) && !w->configs->fixed) {
			in->config = config_in(w->configs, absolute_path(t, in->path, STR("")));
			in->exclude = exclude_list(w->arena, in->exclude, base_of(in->config->directory),
						   &in->config->exclude);
		} else if (w->sweep && file_is_temporary(name)) {
			file_sweep(location_join(w->arena, in->path, name).p);
		}
	}
}

/* What was found in a directory is asked next what lies beside it: most directories are small. */
static void keep_listing(struct tree *t, size_t first, bool entered)
{
	struct walk *w = t->walk;
	if (first == w->found.n || t->filled == 0 || t->filled > LISTING_BYTES)
		return;
	void *entries = arena_alloc(w->arena, t->filled);
	memcpy(entries, t->buffer, t->filled);
	for (size_t i = first; i < w->found.n; i++)
		w->found.at[i].beside = (struct listing){entries, t->filled, entered};
}

static void read_directory(struct tree *t, struct pending in, int fd)
{
	size_t first = t->walk->found.n;
	if (!read_entries(t, fd))
		complain(t->walk, in.path.n ? in.path.p : ".", strerror(errno));
	read_own_rules(t, &in);
	for (size_t i = 0; i < t->entries.n; i++)
		take_entry(t, &in, &t->entries.at[i]);
	keep_listing(t, first, in.path.n > t->root);
}

static void walk_tree(struct walk *w, struct str path, int fd)
{
	struct arena *a = w->arena;
	size_t before = w->found.n;
	struct tree t = {.walk = w, .location = w->location ? *w->location : location_of(a, path.p), .root = path.n};
	struct pending first = {.path = path, .config = config_upward(w->configs, &t.location)};
	t.names = buf_new(a);
	t.absolute = buf_new(a);
	t.buffer = arena_resize(a, NULL, 0, ENTRY_BYTES);
	if (w->exclude->n)
		t.outside = exclude_list(a, NULL, command_line_base(&t.location), w->exclude);
	first.ignore = ignore_above(w, &t.location);
	if (!str_eq(first.config->directory, t.location.directory))
		first.exclude = config_exclude(w, NULL, first.config, &t.location);
	read_directory(&t, first, fd);
	close(fd);
	for (size_t entered = 1; t.pending.n > 0; entered++) {
		struct pending next = t.pending.at[--t.pending.n];
		if (w->most && entered >= w->most) {
			w->cut = true;
			break;
		}
		int directory = open(next.path.p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (directory < 0) {
			complain(w, next.path.p, arena_printf(a, "cannot be opened: %s", strerror(errno)).p);
			continue;
		}
		read_directory(&t, next, directory);
		close(directory);
	}
	if (w->found.n == before)
		complain(w, path.n ? path.p : ".",
			 t.left_out ? "holds no Dockerfile that is not ignored or excluded" : "holds no Dockerfile");
}

/* "./a//b/./c/" is shown as "a/b/c"; ".." is left, since what is behind it may be a link. */
static struct str tidy(struct arena *a, const char *path)
{
	struct str rest = str_of(path), part;
	struct buf b = buf_new(a);
	if (*path == '/')
		buf_char(&b, '/');
	while (str_split(&rest, '/', &part)) {
		if (part.n == 0 || str_eq(part, STR(".")))
			continue;
		if (b.n && b.p[b.n - 1] != '/')
			buf_char(&b, '/');
		buf_add(&b, part);
	}
	return arena_str(a, buf_str(&b));
}

bool walk_leaves_out(struct walk *w, const char *path, const struct config *config, const struct location *location)
{
	size_t slash = str_find_last_char(str_of(path), '/');
	struct str name = slash == STR_NONE ? str_of(path) : str_of(path + slash + 1);
	struct str absolute = location_join(w->arena, location->directory, name);
	size_t from = command_line_base(location);
	const struct ignore_list *list = exclude_list(w->arena, NULL, from, w->exclude);
	list = config_exclude(w, list, config, location);
	for (const struct ignore_list *l = list; l; l = l->outer)
		from = l->base < from ? l->base : from;
	if (walk_skips_file(name))
		return true;
	for (size_t end = from; end < absolute.n;) {
		size_t next = str_find_char(absolute, '/', end);
		struct str upto = str_sub(absolute, 0, next == STR_NONE ? absolute.n : next);
		bool directory = next != STR_NONE;
		if (directory && walk_skips_directory(str_sub(absolute, end, upto.n)))
			return true;
		/* A list whose base lies deeper has nothing to say yet. */
		for (const struct ignore_list *l = list; l; l = l->outer) {
			struct ignore_list alone = *l;
			alone.outer = NULL;
			if (alone.base <= end && ignore_matches(&alone, upto, directory))
				return true;
		}
		end = upto.n + 1;
	}
	return false;
}

/* Paths on a command line are mostly sorted: many of one directory follow each other. */
static void find_location(struct walk *w, struct str directory)
{
	if (w->last_directory && str_eq(str_of(w->last_directory), directory))
		return;
	w->last_directory = arena_str(w->arena, directory).p;
	w->last_location = location_of(w->arena, w->last_directory);
}

static void take_path(struct walk *w, const char *given)
{
	struct str path = tidy(w->arena, given);
	const char *open_as = path.n ? path.p : ".";
	int fd = open(open_as, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		walk_tree(w, path, fd);
		return;
	}
	if (errno != ENOTDIR) {
		complain(w, given, arena_printf(w->arena, "cannot be opened: %s", strerror(errno)).p);
		return;
	}
	struct config *config = w->configs->plain;
	if (!w->configs->fixed || config->settings.force_exclude) {
		find_location(w, directory_of(path));
		config = config_upward(w->configs, &w->last_location);
	}
	if (config->settings.force_exclude && walk_leaves_out(w, path.p, config, &w->last_location))
		return;
	*VEC_PUSH(w->arena, w->found) = (struct input){.path = path.p, .config = config, .explicit = true};
}

static int by_path(const void *a, const void *b)
{
	const struct input *x = a, *y = b;
	return strcmp(x->path, y->path);
}

static void drop_repeats(struct walk *w)
{
	size_t kept = 0;
	for (size_t i = 0; i < w->found.n; i++)
		if (kept == 0 || strcmp(w->found.at[kept - 1].path, w->found.at[i].path) != 0)
			w->found.at[kept++] = w->found.at[i];
	w->found.n = kept;
}

struct identity {
	uint64_t device, inode, links;
	size_t index;
	bool link;
};

static int by_identity(const void *a, const void *b)
{
	const struct identity *x = a, *y = b;
	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->link != y->link)
		return x->link - y->link; /* the file itself is kept, rather than a link to it */
	return x->index < y->index ? -1 : x->index > y->index;
}

/* One file under several names (a link, or a/../b) must not be fixed by two threads. Hard links are different
   files here: replacing one leaves the other. */
static void drop_aliases(struct walk *w)
{
	size_t n = 0, kept = 0;
	struct identity *ids = ARENA_ARRAY(w->arena, struct identity, w->found.n);
	for (size_t i = 0; i < w->found.n; i++) {
		struct input *in = &w->found.at[i];
		struct stat st, own;
		if (stat(in->path, &st) != 0)
			continue;
		in->link = in->link || (in->explicit && lstat(in->path, &own) == 0 && S_ISLNK(own.st_mode));
		ids[n++] = (struct identity){st.st_dev, st.st_ino, st.st_nlink, i, in->link};
	}
	if (n > 1)
		qsort(ids, n, sizeof *ids, by_identity);
	for (size_t i = 1; i < n; i++)
		if (ids[i].device == ids[i - 1].device && ids[i].inode == ids[i - 1].inode &&
		    (ids[i].links == 1 || ids[i].link))
			w->found.at[ids[i].index].path = NULL;
	for (size_t i = 0; i < w->found.n; i++)
		if (w->found.at[i].path)
			w->found.at[kept++] = w->found.at[i];
	w->found.n = kept;
}

static bool may_hold_aliases(const struct walk *w, size_t paths)
{
	for (size_t i = 0; i < w->found.n; i++)
		if (w->found.at[i].link || (w->found.at[i].explicit && paths > 1))
			return true;
	return false;
}

void walk_paths(struct walk *w, char *const *paths, size_t n)
{
	static char *const here[] = {(char *)"."};
	if (n == 0) {
		paths = here;
		n = 1;
	}
	for (size_t i = 0; i < n; i++)
		take_path(w, paths[i]);
	if (w->found.n > 1)
		qsort(w->found.at, w->found.n, sizeof *w->found.at, by_path);
	drop_repeats(w);
	if (may_hold_aliases(w, n))
		drop_aliases(w);
}
