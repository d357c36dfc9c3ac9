/* What commands do to files. */
#include "base/path.h"
#include "model/effects.h"

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

/* A directory that the file makes and works in is its own, though it lies where the system's are. Below /etc packages
   have theirs, so that mkdir has to say that it was not there. */
static void claim(struct step *s, struct str path, bool anew)
{
	struct facts *f = s->f;
	bool known = map_get(&f->tables->places, path) != NULL;
	if (!s->start && !known && map_get(&f->worked_in, path) && facts_place(f, path) == PLACE_SYSTEM &&
	    (anew || path_within(path, STR("/usr"))))
		*map_put(f->arena, &f->own, arena_str(f->arena, path)) = f;
}

/* mkdir, touch, install -d */
void effect_create(struct step *s, const struct command *c)
{
	bool directories = str_eq(c->name, STR("mkdir")) || operands_have(&c->o, ROLE_DIRECTORY);
	const struct shell_word *mode = role(c, ROLE_MODE), *owner = role(c, ROLE_OWNER);
	struct str mode_text = mode ? step_value(s, mode) : STR("");
	struct str owner_text = owner ? step_value(s, owner) : STR("");
	bool anew = str_eq(c->name, STR("mkdir")) && !has_letter(c, 'p') && !has_word(c, STR("--parents"));
	if (str_eq(c->name, STR("mktemp")))
		return;
	if (owner || role(c, ROLE_GROUP))
		step_needs_root(s, c->name);
	for (uint32_t i = 0; i < c->o.n; i++) {
		struct str path = step_path(s, operand(c, i));
		size_t before = s->f->made.n;
		if (directories && path.p)
			claim(s, path, anew);
		else if (directories && (!step_value(s, operand(c, i)).p || !facts_workdir(s->f)->known) &&
			 !step_leads_elsewhere(s, operand(c, i)))
			s->run->flags |= RUN_UNKNOWN_DIRECTORY;
		step_write_word(s, directories ? MADE_DIRECTORY : MADE_FILE, operand(c, i), c->name);
		if (s->f->made.n == before)
			continue;
		if (mode_text.n)
			step_add_made(s, MADE_MODE, path, false, mode_text);
		if (owner_text.n)
			step_add_made(s, MADE_OWNER, path, false, owner_text);
	}
}

/* The mode that a path was given last, as far as the latest commands say; p is NULL when they do not. */
static struct str latest_mode(const struct step *s, struct str path)
{
	enum { LOOK_BACK = 64 };
	const struct facts *f = s->f;
	for (size_t i = f->made.n, n = 0; i > 0 && n < LOOK_BACK; i--, n++) {
		const struct made *m = &f->made.at[i - 1];
		if (m->kind == MADE_MODE && (m->recursive ? path_within(path, m->path) : str_eq(path, m->path)))
			return m->owner;
	}
	return (struct str){NULL, 0};
}

/* What install -o and -m give, and the modes that cp and mv keep. */
static void mark_copy(struct step *s, const struct command *c, const struct shell_word *source, struct str path)
{
	bool install = str_eq(c->name, STR("install"));
	const struct shell_word *mode = install ? role(c, ROLE_MODE) : NULL, *owner = install ? role(c, ROLE_OWNER) : NULL;
	struct str from = install ? (struct str){NULL, 0} : step_path(s, source);
	struct str text = mode ? step_value(s, mode) : from.p ? latest_mode(s, from) : (struct str){NULL, 0};
	struct str owner_text = owner ? step_value(s, owner) : (struct str){NULL, 0};
	if (path.p && text.p)
		step_add_made(s, MADE_MODE, path, false, text);
	if (path.p && owner_text.p)
		step_add_made(s, MADE_OWNER, path, false, owner_text);
}

/* Sources put into a directory that is surely there; many of them, or unknown ones, fill it. */
static void copy_into(struct step *s, const struct command *c, enum made_kind kind, const struct shell_word *dir,
		      uint32_t sources)
{
	enum { FEW = 8 };
	struct str path = step_path(s, dir);
	bool named = sources > 0 && sources <= FEW;
	for (uint32_t i = 0; named && i < sources; i++)
		named = last_name(s, operand(c, i)).p && !ends_in_slash(operand(c, i)->text);
	if (!path.p)
		step_check_word(s, dir, c->name);
	bool keeps_owners = !str_in_list(STR("cp,install"), c->name) || has_letter(c, 'a') || has_letter(c, 'p') || has_word(c, STR("--archive"));
	if ((!named || !path.p) && kind == MADE_FILLED && !keeps_owners)
		step_copy_below(s, path, c->name);
	else if (!named || !path.p)
		step_write_below(s, kind, path, c->name);
	for (uint32_t i = 0; named && path.p && i < sources; i++) {
		struct str name = last_name(s, operand(c, i));
		step_write_in(s, kind, dir, name, c->name);
		mark_copy(s, c, operand(c, i), path_join(s->f->scratch, path, name));
	}
}

/* Whether a command of this step, or one of the last, has made a directory of the path. */
static bool is_directory(const struct step *s, struct str path)
{
	enum { LOOK_BACK = 64 };
	const struct facts *f = s->f;
	if (str_eq(path, s->cwd) || str_eq(path, facts_workdir(f)->path))
		return true;
	for (size_t i = f->made.n, n = 0; i > 0 && n < LOOK_BACK; i--, n++) {
		const struct made *m = &f->made.at[i - 1];
		if (path_within(path, m->path) && m->kind == MADE_REMOVED)
			return false;
		if (str_eq(path, m->path) && (m->kind == MADE_DIRECTORY || m->kind == MADE_FILLED))
			return true;
	}
	return false;
}

/* ln -s TARGET PATH, or into the directory PATH. */
static void note_link(struct step *s, const struct command *c, const struct shell_word *target, struct str path, bool inside)
{
	bool symbolic = has_letter(c, 's') || has_word(c, STR("--symbolic"));
	bool itself = has_letter(c, 'n') || has_letter(c, 'T') || has_word(c, STR("--no-dereference")) ||
		      has_word(c, STR("--no-target-directory"));
	enum place place = path.p ? facts_place(s->f, path) : PLACE_SYSTEM;
	struct str known = target->glob ? (struct str){NULL, 0} : step_path(s, target);
	if (symbolic && !s->start && place != PLACE_HOME && known.p && facts_place(s->f, known) == PLACE_HOME)
		*VEC_PUSH(s->f->arena, s->f->home_links) = (struct home_link){s->index, arena_str(s->f->arena, known)};
	if (!symbolic || s->start || (s->how & (UNWRAP_LOOSE | UNWRAP_OTHER_USER)) || place_is_system(place) || place == PLACE_HOME)
		return; /* the system's are no app's directories; what lies below /root moves by its name */
	struct str value = target->glob ? (struct str){NULL, 0} : step_value(s, target);
	if (inside || (!itself && is_directory(s, path))) {
		struct str name = last_name(s, target);
		if (!name.p)
			return;
		path = path_join(s->f->scratch, path, name);
	}
	facts_add_link(s->f, path, value);
}

static void remove_path(struct step *s, struct str path, bool recursive)
{
	step_add_made(s, MADE_REMOVED, path, recursive, STR(""));
	if (!(s->how & (UNWRAP_LOOSE | UNWRAP_OTHER_USER)))
		facts_drop_link(s->f, path);
}

/* cp, mv, ln, install, rsync */
void effect_copy_files(struct step *s, const struct command *c)
{
	const struct shell_word *dir = role(c, ROLE_DIR);
	enum made_kind kind = str_eq(c->name, STR("ln")) ? MADE_CONTENT : MADE_FILLED;
	if (operands_have(&c->o, ROLE_DIRECTORY)) {
		effect_create(s, c);
		return;
	}
	uint32_t sources = dir || c->o.n == 0 ? c->o.n : c->o.n - 1;
	if (role(c, ROLE_OWNER) || role(c, ROLE_GROUP))
		step_needs_root(s, c->name);
	for (uint32_t i = 0; str_eq(c->name, STR("mv")) && i < sources; i++) {
		struct str path = step_path_itself(s, operand(c, i));
		step_check_word(s, operand(c, i), c->name);
		if (path.p)
			remove_path(s, path, true);
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
		if (str_eq(c->name, STR("ln")) && name.p) {
			step_write_in(s, kind, NULL, name, c->name);
			note_link(s, c, last, s->cwd.n ? s->cwd : (struct str){NULL, 0}, true);
		}
	} else if (ends_in_slash(last->text) || sources > 1 || operand(c, 0)->glob) {
		copy_into(s, c, kind, last, sources);
		if (str_eq(c->name, STR("ln")) && sources == 1)
			note_link(s, c, operand(c, 0), step_path_itself(s, last), ends_in_slash(last->text));
	} else if (str_eq(c->name, STR("ln"))) {
		struct str path = step_path_itself(s, last);
		if (path.p)
			step_write(s, kind, path, c->name);
		else
			step_write_word(s, kind, last, c->name);
		note_link(s, c, operand(c, 0), path, false);
	} else {
		step_write_word(s, kind, last, c->name);
		mark_copy(s, c, operand(c, 0), step_path(s, last));
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
			step_check_word(s, operand(c, i), c->name);
	}
	if (c->o.n)
		s->run->flags |= RUN_TREE;
}

static void make_archive(struct step *s, const struct shell_word *file, struct str command)
{
	if (file && !str_eq(file->text, STR("-")))
		step_write_word(s, MADE_CONTENT, file, command);
}

void effect_unpack(struct step *s, const struct command *c)
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
			step_check_word(s, dir ? dir : operand(c, 0), c->name);
	} else if (tar ? operands_have(&c->o, ROLE_EXTRACT)
		       : (!str_starts(c->name, STR("7z")) || str_in_list(STR("x,e"), first))) {
		if (str_eq(c->name, STR("unrar")) && c->o.n > 2 && ends_in_slash(operand(c, c->o.n - 1)->text))
			dir = operand(c, c->o.n - 1);
		struct str path = dir ? step_path(s, dir) : s->cwd;
		if (dir && !path.p)
			step_check_word(s, dir, c->name);
		step_write_below(s, MADE_FILLED, path.n ? path : (struct str){NULL, 0}, c->name);
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
void effect_fetch(struct step *s, const struct command *c)
{
	const struct shell_word *dir = role(c, ROLE_DIR);
	bool wget = str_in_list(STR("wget,aria2c,axel"), c->name);
	for (size_t i = 0; i < c->o.files.n; i++) {
		const struct shell_word *file = &c->o.files.at[i];
		struct str name = step_value(s, file);
		if (str_eq(file->text, STR("-")))
			continue;
		if (dir && name.p && !str_starts(name, STR("/")) && !wget)
			step_write_in(s, MADE_CONTENT, dir, name, c->name);
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
			step_write_in(s, MADE_CONTENT, dir, name, c->name);
		else if (dir)
			step_check_word(s, dir, c->name);
	}
}

static void note_rights(struct step *s, struct str path)
{
	if (!s->start && path.p)
		*VEC_PUSH(s->f->arena, s->f->privileged) = (struct privileged){s->index, arena_str(s->f->arena, path)};
}

void effect_set_rights(struct step *s, const struct command *c)
{
	for (uint32_t i = 1; i < c->o.n; i++)
		note_rights(s, step_path(s, operand(c, i)));
}

/* 4755, u+s */
static bool gives_rights(struct str mode)
{
	if (mode.n && ascii_digit(mode.p[0]))
		return mode.n > 3 && ((mode.p[mode.n - 4] - '0') & 6) != 0;
	size_t plus = str_find_char(mode, '+', 0);
	return plus != STR_NONE && str_find_char(mode, 's', plus) != STR_NONE;
}

static bool is_symbolic_mode(struct str word)
{
	for (size_t i = 1; i < word.n; i++)
		if (!strchr("rwxXst", word.p[i]))
			return false;
	return word.n > 1 && word.p[0] == '-';
}

/* chown and chmod: who or what comes first, unless --reference says it. Globs change what lies in a directory, not the
   directory. */
void effect_change_files(struct step *s, const struct command *c, enum made_kind kind)
{
	bool recursive = has_letter(c, 'R') || has_word(c, STR("--recursive"));
	bool noted = str_in_list(STR("chown,chmod"), c->name) && !operands_have(&c->o, ROLE_REFERENCE);
	bool lays_hands_on_links = kind == MADE_OWNER && recursive && !has_letter(c, 'H') && !has_letter(c, 'L');
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
		bool link_alone = lays_hands_on_links && !ends_in_slash(operand(c, i)->text);
		struct str path = link_alone ? step_path_itself(s, operand(c, i)) : step_path(s, operand(c, i));
		step_check_word(s, operand(c, i), c->name);
		if (noted && path.p && !(link_alone && facts_is_link(s->f, path)))
			step_add_made(s, kind, path, recursive, what);
		if (kind == MADE_MODE && gives_rights(what))
			note_rights(s, path);
	}
}

void effect_remove_files(struct step *s, const struct command *c)
{
	bool recursive = has_letter(c, 'r') || has_letter(c, 'R') || has_word(c, STR("--recursive"));
	for (uint32_t i = 0; i < c->o.n; i++) {
		struct str path = step_path_itself(s, operand(c, i));
		step_check_word(s, operand(c, i), c->name);
		if (path.p)
			remove_path(s, path, recursive);
	}
}

/* sed -i, tee, dd, truncate, … */
void effect_edit_files(struct step *s, const struct command *c)
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
void effect_clone(struct step *s, const struct command *c)
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
			step_write_in(s, MADE_FILLED, NULL, name, c->name);
	}
}

/* "-o /usr/local/bin/app": a program of the app's own, also where the system's are. */
static void write_built(struct step *s, const struct shell_word *file, struct str command)
{
	struct str path = step_path(s, file);
	if (path.p && !s->start && !ends_in_slash(file->text))
		*map_put(s->f->arena, &s->f->built, arena_str(s->f->arena, path)) = s->f;
	step_write_word(s, ends_in_slash(file->text) ? MADE_TREE : MADE_CONTENT, file, command);
}

/* Where a build tool writes: what its options name, else below the working directory. */
void effect_tree(struct step *s, const struct command *c, struct str paths)
{
	struct str where;
	s->run->flags |= RUN_TREE;
	if (c->o.files.n) {
		write_built(s, role(c, ROLE_FILE), c->name);
		return;
	}
	if (role(c, ROLE_DIR) || role(c, ROLE_LIBRARY)) {
		const struct shell_word *dir = role(c, ROLE_DIR) ? role(c, ROLE_DIR) : role(c, ROLE_LIBRARY);
		step_write_word(s, role(c, ROLE_DIR) ? MADE_TREE : MADE_QUIET, dir, c->name);
		return;
	}
	while (s->cwd.n && paths.n && str_split(&paths, ',', &where)) {
		bool here = str_eq(where, STR("."));
		if (here && place_is_system(facts_place(s->f, s->cwd)))
			continue; /* a tool run in / or /usr: where it writes is its own affair */
		step_write_in(s, here ? MADE_TREE : MADE_QUIET, NULL, where, c->name);
	}
}

/* Compilers and make: where they install, root is needed. */
void effect_build(struct step *s, const struct command *c)
{
	s->run->flags |= RUN_TREE;
	for (size_t i = 0; i < c->o.files.n; i++)
		write_built(s, &c->o.files.at[i], c->name);
	for (uint32_t i = 1; i < c->n; i++) {
		struct str word = c->words[i].text;
		bool target = word.n && word.p[0] != '-' && str_find_char(word, '=', 0) == STR_NONE &&
			      str_find_char(word, '/', 0) == STR_NONE &&
			      (str_starts(word, STR("install")) || str_ends(word, STR("install")));
		if (target || str_eq(word, STR("--install")))
			step_needs_root(s, c->name);
	}
}
