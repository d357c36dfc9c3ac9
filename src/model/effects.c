/* What a command does to the files of the image. */
#include "base/path.h"
#include "model/step.h"

enum { MAX_PATH = 1024 }; /* longer ones are not followed: their text would be many times the file's */

/* The command being read. */
struct command {
	const struct shell_word *words;
	uint32_t n, at;
	struct str name; /* without its directory */
	const struct command_fact *fact;
	struct operands o;
};

static const struct shell_word *operand(const struct command *c, uint32_t i)
{
	return &c->words[c->o.at[i]];
}

static const struct shell_word *role(const struct command *c, enum option_role r)
{
	return operands_have(&c->o, r) ? &c->o.value[r] : NULL;
}

static bool is_mounted(const struct step *s, struct str path)
{
	if (s->mounts.n == 0)
		return false;
	for (struct str dir = path;; dir = path_parent(dir)) {
		if (map_get(&s->mounts, dir))
			return true;
		if (dir.n <= 1)
			return false;
	}
}

/* Directories that images bring, in which only root makes something. */
static bool is_closed(const struct step *s, struct str dir)
{
	enum place place = tables_place(s->f->tables, dir);
	return place == PLACE_SYSTEM || place == PLACE_STATE || str_in_list(STR("/opt,/srv,/home,/usr/src,/var/www"), dir);
}

static bool any_user_may_write(const struct facts *f, struct str path)
{
	struct str dirs = f->image ? f->image->writable : STR(""), dir;
	while (str_word(&dirs, &dir))
		if (path_within(path, dir))
			return true;
	return false;
}

/* Whether only root may make or change something at `path`. */
static bool is_reserved(const struct step *s, struct str path)
{
	enum place place = tables_place(s->f->tables, path);
	if (place == PLACE_TEMP || any_user_may_write(s->f, path))
		return false;
	if (place == PLACE_SYSTEM || place == PLACE_HOME || place == PLACE_BUILD)
		return true;
	return !s->start && (place == PLACE_STATE || is_closed(s, path_parent(path)));
}

static bool is_device(struct str path)
{
	return path_within(path, STR("/dev")) && !path_within(path, STR("/dev/shm"));
}

struct str step_path(const struct step *s, const struct shell_word *word)
{
	struct str value = step_value(s, word), unknown = {NULL, 0};
	/* Without quotes the shell makes several words of it, or a pattern. */
	for (size_t i = 0; word->expands && !word->quoted && i < value.n; i++)
		if (strchr(" \t\n*?[", value.p[i]))
			return unknown;
	if (!value.p || value.n == 0 || (value.p[0] != '/' && s->cwd.n == 0) || value.n + s->cwd.n > MAX_PATH)
		return unknown;
	return path_join(s->f->scratch, s->cwd, value);
}

/* Where the part of a word that is known leads: /etc for /etc/x.d/$NAME and for /etc/x*; p is NULL when nowhere. */
static struct str known_directory(const struct step *s, const struct shell_word *word)
{
	size_t n = 0;
	while (n < word->text.n && n < MAX_PATH && !strchr("*?[{$`~", word->text.p[n]))
		n++;
	size_t slash = str_find_last_char(str_sub(word->text, 0, n), '/');
	struct str dir = slash == STR_NONE ? STR(".") : str_sub(word->text, 0, slash + 1);
	if (n == word->text.n || (slash == STR_NONE && n == 0 && !word->glob) || (dir.p[0] != '/' && s->cwd.n == 0))
		return (struct str){NULL, 0};
	return path_join(s->f->scratch, s->cwd, dir);
}

/* Notes that root is needed where a word names something of the system's. */
static void check_word(struct step *s, const struct shell_word *word, struct str command)
{
	struct str path = step_path(s, word);
	if (!path.p) {
		path = known_directory(s, word);
		if (path.p)
			path = path_join(s->f->scratch, path, STR("*"));
	}
	if (path.p && !is_device(path) && !is_mounted(s, path) && is_reserved(s, path))
		step_needs_root(s, command);
}

static void add_made(struct step *s, enum made_kind kind, struct str path, bool recursive, struct str owner)
{
	if ((s->how & (UNWRAP_LOOSE | UNWRAP_OTHER_USER)) || is_mounted(s, path))
		return;
	struct arena *a = s->f->arena;
	const struct made *last = s->f->made.n ? &s->f->made.at[s->f->made.n - 1] : NULL;
	if (last && last->run == s->index && last->kind == kind && str_eq(last->path, path) && str_eq(last->owner, owner) &&
	    last->recursive == recursive)
		return;
	*VEC_PUSH(a, s->f->made) = (struct made){kind, arena_str(a, path), arena_str(a, owner), recursive, s->index};
}

/* `below`: into a directory that is there, whoever made it. */
static void write_path(struct step *s, enum made_kind kind, struct str path, bool below, struct str command)
{
	if (!path.p) {
		s->run->flags |= RUN_TREE;
		return;
	}
	enum place place = tables_place(s->f->tables, path);
	if (is_device(path) || is_mounted(s, path) || place == PLACE_TEMP)
		return;
	if (is_reserved(s, below ? path_join(s->f->scratch, path, STR("*")) : path))
		step_needs_root(s, command);
	if (place == PLACE_SYSTEM)
		return;
	bool recursive = kind == MADE_FILLED || kind == MADE_TREE || kind == MADE_QUIET;
	add_made(s, kind, path, recursive, STR(""));
	s->run->flags |= RUN_TREE;
}

void step_write(struct step *s, enum made_kind kind, struct str path, struct str command)
{
	write_path(s, kind, path, kind == MADE_TREE, command);
}

void step_write_word(struct step *s, enum made_kind kind, const struct shell_word *word, struct str command)
{
	struct str path = step_path(s, word);
	if (!path.p)
		check_word(s, word, command);
	step_write(s, kind, path, command);
}

/* `name` in the directory that `dir` names, or in the working directory. */
static void write_in(struct step *s, enum made_kind kind, const struct shell_word *dir, struct str name, struct str command)
{
	struct str base = dir ? step_path(s, dir) : s->cwd;
	if (base.n && base.n + name.n <= MAX_PATH)
		step_write(s, kind, path_join(s->f->scratch, base, name), command);
	else if (dir)
		step_write_word(s, kind, dir, command);
	else
		s->run->flags |= RUN_TREE;
}

static bool ends_in_slash(struct str text)
{
	return text.n > 1 && str_ends(text, STR("/"));
}

/* The last part of a word that is known, as a file's name; p is NULL when it has none. */
static struct str last_name(const struct step *s, const struct shell_word *word)
{
	struct str value = step_value(s, word);
	struct str name = value.p ? path_last(value) : value;
	bool none = !name.p || name.n == 0 || str_eq(name, STR(".")) || str_eq(name, STR(".."));
	return none ? (struct str){NULL, 0} : name;
}

/* mkdir, touch, install -d */
static void create(struct step *s, const struct command *c)
{
	bool directories = str_eq(c->name, STR("mkdir")) || operands_have(&c->o, ROLE_DIRECTORY);
	const struct shell_word *mode = role(c, ROLE_MODE), *owner = role(c, ROLE_OWNER);
	struct str mode_text = mode ? step_value(s, mode) : STR("");
	struct str owner_text = owner ? step_value(s, owner) : STR("");
	if (str_eq(c->name, STR("mktemp")))
		return;
	if (owner || role(c, ROLE_GROUP))
		step_needs_root(s, c->name);
	for (uint32_t i = 0; i < c->o.n; i++) {
		struct str path = step_path(s, operand(c, i));
		size_t before = s->f->made.n;
		step_write_word(s, directories ? MADE_DIRECTORY : MADE_FILE, operand(c, i), c->name);
		if (s->f->made.n == before)
			continue;
		if (mode_text.n)
			add_made(s, MADE_MODE, path, false, mode_text);
		if (owner_text.n)
			add_made(s, MADE_OWNER, path, false, owner_text);
	}
}

/* Sources put into a directory that is surely there; many of them, or unknown ones, fill it. */
static void copy_into(struct step *s, const struct command *c, enum made_kind kind, const struct shell_word *dir, uint32_t sources)
{
	enum { FEW = 8 };
	for (uint32_t i = 0; i < sources && sources <= FEW; i++) {
		struct str name = last_name(s, operand(c, i));
		if (!name.p || ends_in_slash(operand(c, i)->text)) {
			step_write_word(s, kind, dir, c->name);
			return;
		}
	}
	if (sources == 0 || sources > FEW)
		step_write_word(s, kind, dir, c->name);
	for (uint32_t i = 0; i < sources && sources <= FEW; i++)
		write_in(s, kind, dir, last_name(s, operand(c, i)), c->name);
}

/* cp, mv, ln, install, rsync */
static void copy_files(struct step *s, const struct command *c)
{
	const struct shell_word *dir = role(c, ROLE_DIR);
	enum made_kind kind = str_eq(c->name, STR("ln")) ? MADE_CONTENT : MADE_FILLED;
	if (operands_have(&c->o, ROLE_DIRECTORY)) {
		create(s, c);
		return;
	}
	uint32_t sources = dir || c->o.n == 0 ? c->o.n : c->o.n - 1;
	if (role(c, ROLE_OWNER) || role(c, ROLE_GROUP))
		step_needs_root(s, c->name);
	for (uint32_t i = 0; str_eq(c->name, STR("mv")) && i < sources; i++) {
		struct str path = step_path(s, operand(c, i));
		check_word(s, operand(c, i), c->name);
		if (path.p)
			add_made(s, MADE_REMOVED, path, true, STR(""));
	}
	if (dir) {
		copy_into(s, c, kind, dir, sources);
		return;
	}
	if (c->o.n == 0)
		return;
	const struct shell_word *last = operand(c, c->o.n - 1);
	if (sources == 0) { /* ln -s target: in the working directory */
		struct str name = last_name(s, last);
		if (str_eq(c->name, STR("ln")) && name.p)
			write_in(s, kind, NULL, name, c->name);
	} else if (ends_in_slash(last->text)) {
		copy_into(s, c, kind, last, sources);
	} else {
		step_write_word(s, kind, last, c->name);
	}
}

/* x.gz -> x beside it. */
static void decompress(struct step *s, const struct command *c)
{
	static const char *const endings[] = {".gz", ".bz2", ".xz", ".zst", ".lzma"};
	for (uint32_t i = 0; i < c->o.n; i++) {
		struct str path = step_path(s, operand(c, i));
		bool packed = false;
		for (size_t k = 0; path.p && !packed && k < sizeof endings / sizeof *endings; k++)
			if ((packed = str_ends(path, str_of(endings[k]))))
				path.n -= strlen(endings[k]);
		if (packed)
			step_write(s, MADE_CONTENT, path, c->name);
		else
			check_word(s, operand(c, i), c->name);
	}
	if (c->o.n)
		s->run->flags |= RUN_TREE;
}

static void make_archive(struct step *s, const struct shell_word *file, struct str command)
{
	if (file && !str_eq(file->text, STR("-")))
		step_write_word(s, MADE_CONTENT, file, command);
}

static void unpack(struct step *s, const struct command *c)
{
	const struct shell_word *dir = role(c, ROLE_DIR);
	struct str first = c->o.n ? operand(c, 0)->text : STR("");
	bool tar = str_in_list(STR("tar,bsdtar,jar,cpio"), c->name);
	if (operands_have(&c->o, ROLE_STDOUT))
		return;
	if (str_in_list(STR("gzip,gunzip,bzip2,bunzip2,xz,unxz,zstd,unzstd,lzma,unlzma"), c->name)) {
		if (role(c, ROLE_FILE))
			make_archive(s, role(c, ROLE_FILE), c->name);
		else
			decompress(s, c);
	} else if (tar && operands_have(&c->o, ROLE_CREATE)) {
		make_archive(s, role(c, ROLE_FILE), c->name);
	} else if (str_in_list(STR("zip,ar,split"), c->name)) {
		if (str_eq(c->name, STR("zip")) && c->o.n)
			make_archive(s, operand(c, 0), c->name);
		else
			s->run->flags |= RUN_TREE;
	} else if (str_eq(c->name, STR("patch"))) {
		s->run->flags |= RUN_TREE;
		if (dir || c->o.n)
			check_word(s, dir ? dir : operand(c, 0), c->name);
	} else if (tar ? operands_have(&c->o, ROLE_EXTRACT) : (!str_starts(c->name, STR("7z")) || str_in_list(STR("x,e"), first))) {
		if (str_eq(c->name, STR("unrar")) && c->o.n > 2 && ends_in_slash(operand(c, c->o.n - 1)->text))
			dir = operand(c, c->o.n - 1);
		struct str path = dir ? step_path(s, dir) : s->cwd;
		if (dir && !path.p)
			check_word(s, dir, c->name);
		write_path(s, MADE_FILLED, path.n ? path : (struct str){NULL, 0}, true, c->name);
	} else {
		s->run->flags |= RUN_TREE;
	}
}

static bool is_url(struct str text)
{
	return str_find(text, STR("://"), 0) != STR_NONE;
}

/* The name that a download gets from its URL; p is NULL where the server, or escapes, have a say in it. */
static struct str name_of_url(const struct step *s, const struct shell_word *word)
{
	struct str url = step_value(s, word), unknown = {NULL, 0};
	if (!url.p)
		return unknown;
	size_t scheme = str_find(url, STR("://"), 0);
	struct str rest = scheme == STR_NONE ? url : str_sub(url, scheme + 3, url.n);
	struct str name = path_last(rest);
	if (name.n == 0 || name.n == rest.n)
		return unknown;
	for (size_t i = 0; i < name.n; i++)
		if (strchr("?#%&;*[]{}", name.p[i]))
			return unknown;
	return name;
}

/* curl, wget, aria2c, openssl: what -o names, or files named as their URLs end. */
static void fetch(struct step *s, const struct command *c)
{
	const struct shell_word *dir = role(c, ROLE_DIR);
	bool wget = str_in_list(STR("wget,aria2c,axel"), c->name);
	for (size_t i = 0; i < c->o.files.n; i++) {
		const struct shell_word *file = &c->o.files.at[i];
		struct str name = step_value(s, file);
		if (str_eq(file->text, STR("-")))
			continue;
		if (dir && name.p && !str_starts(name, STR("/")) && !wget)
			write_in(s, MADE_CONTENT, dir, name, c->name);
		else
			step_write_word(s, MADE_CONTENT, file, c->name);
	}
	if (c->o.files.n && !operands_have(&c->o, ROLE_REMOTE))
		return;
	if (!wget && !operands_have(&c->o, ROLE_REMOTE))
		return; /* to standard output */
	s->run->flags |= RUN_TREE;
	for (uint32_t i = 0; i < c->o.n; i++) {
		const struct shell_word *word = operand(c, i);
		struct str name = name_of_url(s, word);
		if (!wget && !is_url(word->text))
			continue;
		if (name.p && !operands_have(&c->o, ROLE_UNNAMED))
			write_in(s, MADE_CONTENT, dir, name, c->name);
		else if (dir)
			check_word(s, dir, c->name);
	}
}

static bool is_symbolic_mode(struct str word)
{
	for (size_t i = 1; i < word.n; i++)
		if (!strchr("rwxXst", word.p[i]))
			return false;
	return word.n > 1 && word.p[0] == '-';
}

static bool has_letter(const struct command *c, char letter)
{
	for (uint32_t i = 1; i < c->n; i++) {
		struct str w = c->words[i].text;
		if (w.n > 1 && w.p[0] == '-' && w.p[1] != '-' && str_find_char(w, letter, 1) != STR_NONE)
			return true;
	}
	return false;
}

static bool has_word(const struct command *c, struct str word)
{
	for (uint32_t i = 1; i < c->n; i++)
		if (str_eq(c->words[i].text, word))
			return true;
	return false;
}

/* chown and chmod: who or what comes first, unless --reference says it. Globs change what lies in a directory, not the
   directory. */
static void change_files(struct step *s, const struct command *c, enum made_kind kind)
{
	bool recursive = has_letter(c, 'R') || has_word(c, STR("--recursive"));
	bool noted = str_in_list(STR("chown,chmod"), c->name) && !operands_have(&c->o, ROLE_REFERENCE);
	struct str what = STR("");
	uint32_t first = operands_have(&c->o, ROLE_REFERENCE) ? 0 : 1;
	for (uint32_t i = 1; kind == MADE_MODE && i < c->n; i++)
		if (is_symbolic_mode(c->words[i].text)) {
			what = c->words[i].text;
			first = 0;
		}
	if (first && c->o.n) {
		struct str value = step_value(s, operand(c, 0));
		what = value.p ? value : operand(c, 0)->text;
	}
	if (kind == MADE_OWNER)
		step_needs_root(s, c->name);
	for (uint32_t i = first; i < c->o.n; i++) {
		struct str path = step_path(s, operand(c, i));
		check_word(s, operand(c, i), c->name);
		if (noted && path.p)
			add_made(s, kind, path, recursive, what);
	}
}

static void remove_files(struct step *s, const struct command *c)
{
	bool recursive = has_letter(c, 'r') || has_letter(c, 'R') || has_word(c, STR("--recursive"));
	for (uint32_t i = 0; i < c->o.n; i++) {
		struct str path = step_path(s, operand(c, i));
		check_word(s, operand(c, i), c->name);
		if (path.p)
			add_made(s, MADE_REMOVED, path, recursive, STR(""));
	}
}

/* sed -i, tee, dd, truncate, … */
static void edit_files(struct step *s, const struct command *c)
{
	bool sed = str_in_list(STR("sed,perl"), c->name);
	uint32_t first = sed && !operands_have(&c->o, ROLE_SCRIPT) ? 1 : 0;
	uint32_t last = str_eq(c->name, STR("crudini")) && c->o.n ? 1 : c->o.n;
	if (str_eq(c->name, STR("dd"))) {
		for (uint32_t i = 0; i < c->o.n; i++) {
			struct shell_word file = *operand(c, i);
			if (!str_starts(file.text, STR("of=")))
				continue;
			file.text = str_sub(file.text, 3, file.text.n);
			step_write_word(s, MADE_CONTENT, &file, c->name);
		}
		return;
	}
	if ((sed && !operands_have(&c->o, ROLE_IN_PLACE)) || str_eq(c->name, STR("envsubst")))
		return;
	for (uint32_t i = first; i < last; i++)
		step_write_word(s, MADE_CONTENT, operand(c, i), c->name);
}

/* git clone URL DIR, or the last part of the URL. */
static void clone(struct step *s, const struct command *c)
{
	s->run->flags |= RUN_TREE;
	if (c->o.n > 2) {
		step_write_word(s, MADE_FILLED, operand(c, 2), c->name);
	} else if (c->o.n == 2) {
		struct str url = step_value(s, operand(c, 1));
		while (url.n && url.p[url.n - 1] == '/')
			url.n--;
		struct str name = path_last(url);
		if (str_ends(name, STR(".git")))
			name.n -= 4;
		if (url.p && name.n && str_find_char(name, ':', 0) == STR_NONE)
			write_in(s, MADE_FILLED, NULL, name, c->name);
	}
}

/* Where a build tool writes: what its options name, else below the working directory. */
static void tree(struct step *s, const struct command *c, struct str paths)
{
	struct str where;
	s->run->flags |= RUN_TREE;
	if (c->o.files.n) {
		const struct shell_word *file = role(c, ROLE_FILE);
		step_write_word(s, ends_in_slash(file->text) ? MADE_TREE : MADE_CONTENT, file, c->name);
		return;
	}
	if (role(c, ROLE_DIR) || role(c, ROLE_LIBRARY)) {
		const struct shell_word *dir = role(c, ROLE_DIR) ? role(c, ROLE_DIR) : role(c, ROLE_LIBRARY);
		step_write_word(s, role(c, ROLE_DIR) ? MADE_TREE : MADE_QUIET, dir, c->name);
		return;
	}
	while (s->cwd.n && paths.n && str_split(&paths, ',', &where)) {
		bool here = str_eq(where, STR("."));
		if (here && tables_place(s->f->tables, s->cwd) == PLACE_SYSTEM)
			continue; /* a tool run in / or /usr: where it writes is its own affair */
		write_in(s, here ? MADE_TREE : MADE_QUIET, NULL, where, c->name);
	}
}

/* Compilers and make: where they install, root is needed. */
static void build(struct step *s, const struct command *c)
{
	s->run->flags |= RUN_TREE;
	for (size_t i = 0; i < c->o.files.n; i++)
		step_write_word(s, MADE_CONTENT, &c->o.files.at[i], c->name);
	for (uint32_t i = 1; i < c->n; i++) {
		struct str word = c->words[i].text;
		bool target = word.n && word.p[0] != '-' && str_find_char(word, '=', 0) == STR_NONE &&
			      str_find_char(word, '/', 0) == STR_NONE && (str_starts(word, STR("install")) || str_ends(word, STR("install")));
		if (target || str_eq(word, STR("--install")))
			step_needs_root(s, c->name);
	}
}

static void home(struct step *s, const struct command_fact *fact)
{
	struct str paths = fact->home, path;
	bool mounted = s->home.n > 0 && paths.n > 0 && !str_eq(paths, STR("home"));
	if (s->how & UNWRAP_OTHER_USER)
		return;
	while (mounted && str_split(&paths, ',', &path))
		mounted = is_mounted(s, path_join(s->f->scratch, s->home, path));
	if (!mounted)
		s->run->flags |= RUN_HOME;
}

/* The virtual environment that a tool of Python's works in: its own, or the one that was entered. Empty: none. */
static struct str environment_of(struct step *s, const struct command *c)
{
	struct str value = step_value(s, &c->words[0]);
	size_t slash = value.p ? str_find_last_char(value, '/') : STR_NONE;
	if (slash != STR_NONE && slash > 4 && str_ends(str_sub(value, 0, slash), STR("/bin"))) {
		struct str dir = path_join(s->f->scratch, s->cwd, str_sub(value, 0, slash - 4));
		if (dir.p[0] == '/' && tables_place(s->f->tables, dir) != PLACE_SYSTEM)
			return dir;
	}
	bool python = str_starts(c->name, STR("pip")) || str_in_list(STR("poetry,uv,easy_install"), c->name);
	return python ? s->venv : STR("");
}

static void root_command(struct step *s, const struct command *c)
{
	struct str environment = environment_of(s, c);
	if (environment.n) {
		step_write(s, MADE_QUIET, environment, c->name);
		return;
	}
	step_needs_root(s, c->name);
	step_package_manager(s, c->words, c->n);
	step_note_packages(s, c->words, c->n);
}

static void account(struct step *s, const struct command *c)
{
	struct facts *f = s->f;
	bool busybox = f->family == FAMILY_ALPINE || f->family == FAMILY_BUSYBOX || f->family == FAMILY_WOLFI;
	struct account_command command;
	step_needs_root(s, c->name);
	step_proves_root(s);
	accounts_command(&f->accounts, f->arena, &s->vars, c->words, c->n, busybox, s->ins, c->at);
	if (!s->start && account_command_read(f->arena, &s->vars, c->words, c->n, busybox, &command))
		step_note_account(s, &command, c->words, c->n, s->how != 0);
}

/* The text of sh -c. Where the shell around it replaces variables in it, what it says is sure only when their values
   are known. */
static void shell_text(struct step *s, const struct shell_word *text, struct str name)
{
	struct expansion e = {.known = true};
	if (text->expands)
		expand_word(s->f->scratch, &s->vars, '\\', text->text, true, &e);
	if (!e.known)
		step_opaque(s, name);
	step_nested(s, text->text);
}

/* The operand that names the script; NULL when it comes from the standard input. */
static const struct shell_word *script_operand(const struct command *c)
{
	if (c->o.n == 0 || str_eq(operand(c, 0)->text, STR("-")) || has_word(c, STR("-s")))
		return NULL;
	return operand(c, 0);
}

static void shell(struct step *s, const struct command *c)
{
	const struct shell_word *text = command_any_shell_text(c->words, c->n);
	const struct shell_word *script = text ? NULL : script_operand(c);
	if (text)
		shell_text(s, text, c->name);
	else if (!script && s->input.p)
		step_nested(s, s->input);
	else if (!has_word(c, STR("--version")))
		step_opaque(s, script ? script->text : c->name);
}

/* python -m pip … is pip; python -m venv DIR makes DIR; other scripts write below where they run. */
static void interpreter(struct step *s, const struct command *c)
{
	uint32_t i = 1;
	while (i < c->n && c->words[i].text.n > 1 && c->words[i].text.p[0] == '-' && !str_ends(c->words[i].text, STR("m")) &&
	       !str_ends(c->words[i].text, STR("c")))
		i += str_in_list(STR("-W,-X"), c->words[i].text) ? 2 : 1;
	struct str option = i < c->n ? c->words[i].text : STR("");
	bool module = option.n > 1 && option.p[0] == '-' && option.p[option.n - 1] == 'm' && i + 1 < c->n;
	if (module) {
		const struct shell_word *words = c->words + i + 1;
		struct command_fact fact = command_lookup(s->f->tables->commands, words, c->n - i - 1);
		if (str_in_list(STR("venv,virtualenv"), words[0].text)) {
			if (c->words[c->n - 1].text.p && !str_starts(c->words[c->n - 1].text, STR("-")))
				step_write_word(s, MADE_QUIET, &c->words[c->n - 1], c->name);
			return;
		}
		if (fact.effect != EFFECT_UNKNOWN) {
			/* It belongs to the environment that the interpreter belongs to. */
			struct str outer = s->venv, own = environment_of(s, c);
			s->venv = own.n ? own : outer;
			step_command(s, words, c->n - i - 1, c->at);
			s->venv = outer;
			return;
		}
	}
	if (has_word(c, STR("--version")) || has_word(c, STR("-V")))
		return;
	if (c->o.n > 1 && str_eq(path_last(operand(c, 0)->text), STR("setup.py")) &&
	    (has_word(c, STR("install")) || has_word(c, STR("develop"))) && environment_of(s, c).n == 0 && s->venv.n == 0)
		step_needs_root(s, c->name);
	if (!s->input.p && (s->where & SHELL_PIPE_IN) && (c->n == 1 || str_eq(c->words[c->n - 1].text, STR("-"))))
		step_opaque(s, c->name); /* curl … | python3 - */
	tree(s, c, STR("."));
}

/* find … -exec command … \; */
static void find(struct step *s, const struct command *c)
{
	uint32_t outer = s->how, start = 1;
	bool changes = false;
	while (start < c->n && c->words[start].text.n && !strchr("-(!", c->words[start].text.p[0]))
		start++;
	for (uint32_t i = start; i < c->n; i++) {
		struct str word = c->words[i].text;
		changes |= str_eq(word, STR("-delete"));
		if (!str_in_list(STR("-exec,-execdir,-ok,-okdir"), word))
			continue;
		uint32_t end = ++i;
		while (end < c->n && !str_eq(c->words[end].text, STR(";")) && !str_eq(c->words[end].text, STR("+")))
			end++;
		if (end == i)
			break;
		enum effect effect = command_lookup(s->f->tables->commands, c->words + i, end - i).effect;
		changes |= effect == EFFECT_REMOVE || effect == EFFECT_MODE || effect == EFFECT_EDIT;
		s->how |= UNWRAP_LOOSE;
		step_command(s, c->words + i, end - i, c->at);
		s->how = outer;
		i = end;
	}
	for (uint32_t i = 1; changes && i < start; i++) {
		struct str path = step_path(s, &c->words[i]);
		if (path.p && is_reserved(s, path_join(s->f->scratch, path, STR("*"))))
			step_needs_root(s, c->name);
	}
}

/* . venv/bin/activate */
static void source(struct step *s, const struct command *c)
{
	struct str path = c->o.n ? step_path(s, operand(c, 0)) : (struct str){NULL, 0};
	if (path.p && str_ends(path, STR("/bin/activate")))
		s->venv = str_sub(path, 0, path.n - strlen("/bin/activate"));
}

/* A cd that may not happen leaves nobody sure of where the next command runs: see step_script(). */
static void change_directory(struct step *s, const struct command *c)
{
	struct str unknown = {"", 0};
	if (!str_eq(c->name, STR("cd")) || c->o.n > 1)
		s->cwd = unknown;
	else if (c->o.n == 0)
		s->cwd = has_word(c, STR("-")) ? unknown : s->home;
	else if (str_eq(operand(c, 0)->text, STR("-")))
		s->cwd = unknown;
	else
		s->cwd = step_path(s, operand(c, 0));
	if (!s->cwd.p)
		s->cwd = unknown;
}

void step_effect(struct step *s, const struct command_fact *fact, const struct shell_word *words, uint32_t n, uint32_t at)
{
	struct command c = {words, n, at, command_name(words[0].text), fact, {0}};
	operands_read(s->f->scratch, command_options(s->f->tables->commands, words), words, n, &c.o);
	struct str outside = s->cwd;
	if (role(&c, ROLE_CHDIR)) {
		struct str dir = step_path(s, role(&c, ROLE_CHDIR));
		s->cwd = dir.p ? dir : STR("");
	}
	if (str_eq(fact->minds, STR("owner")))
		s->run->flags |= RUN_MINDS_OWNER;
	if (str_eq(fact->minds, STR("npm")))
		s->run->flags |= RUN_NPM;
	if (fact->home.n || fact->effect == EFFECT_HOME)
		home(s, fact);
	switch (fact->effect) {
	case EFFECT_PLAIN:
		if (str_eq(c.name, STR("find")))
			find(s, &c);
		else if (str_in_list(STR(".,source"), c.name))
			source(s, &c);
		break;
	case EFFECT_SERVICE: step_needs_root(s, c.name); break;
	case EFFECT_ROOT: root_command(s, &c); break;
	case EFFECT_ACCOUNT: account(s, &c); break;
	case EFFECT_CREATE: create(s, &c); break;
	case EFFECT_COPY: copy_files(s, &c); break;
	case EFFECT_UNPACK: unpack(s, &c); break;
	case EFFECT_FETCH: fetch(s, &c); break;
	case EFFECT_EDIT: edit_files(s, &c); break;
	case EFFECT_OWNER: change_files(s, &c, MADE_OWNER); break;
	case EFFECT_MODE: change_files(s, &c, MADE_MODE); break;
	case EFFECT_REMOVE: remove_files(s, &c); break;
	case EFFECT_CD: change_directory(s, &c); return;
	case EFFECT_BUILD: build(s, &c); break;
	case EFFECT_TREE:
		if (c.o.n && str_eq(operand(&c, 0)->text, STR("clone")))
			clone(s, &c);
		else
			tree(s, &c, fact->paths);
		break;
	case EFFECT_INTERPRETER: interpreter(s, &c); break;
	case EFFECT_SHELL: shell(s, &c); break;
	default: break;
	}
	s->cwd = outside;
}
