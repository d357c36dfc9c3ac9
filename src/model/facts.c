#include "model/facts.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/path.h"

/* Words of the file may refer to variables that the base image sets in its own ENV; only scratch has none. */
static bool image_may_set(const struct facts *f)
{
	return f->family != FAMILY_SCRATCH;
}

struct expansion facts_expand(const struct facts *f, struct str word)
{
	struct expansion e;
	expand_word(f->arena, f->env, f->doc->escape, word, image_may_set(f), &e);
	return e;
}

/* The same in memory that lasts for one instruction. */
static struct expansion expand(const struct facts *f, struct str word)
{
	struct expansion e;
	expand_word(f->scratch, f->env, f->doc->escape, word, image_may_set(f), &e);
	return e;
}

struct str facts_keep(const struct facts *f, struct str text)
{
	return source_keep(f->arena, &f->doc->source, text);
}

static void find_chain(struct facts *f)
{
	uint32_t n = 0;
	for (uint32_t s = f->target; s != STAGE_NONE; s = f->stages->at[s].parent)
		n++;
	f->chain = ARENA_ARRAY(f->arena, uint32_t, n);
	f->nchain = n;
	for (uint32_t s = f->target; s != STAGE_NONE; s = f->stages->at[s].parent)
		f->chain[--n] = s;
}

static enum user_kind kind_of_user(struct str text)
{
	size_t colon = str_find_char(text, ':', 0);
	struct str name = colon == STR_NONE ? text : str_sub(text, 0, colon);
	uint32_t uid;
	if (name.n == 0 || str_eq(name, STR("root")) || str_eq_nocase(name, STR("ContainerAdministrator")) || (str_to_u32(name, &uid) && uid == 0))
		return USER_ROOT;
	return USER_OTHER;
}

static void read_image(struct facts *f)
{
	const struct stage *first = &f->stages->at[f->chain[0]];
	struct from from;
	struct user user = {.kind = USER_UNKNOWN, .ins = INS_NONE};
	struct workdir workdir = {.path = STR("/"), .known = true, .ins = INS_NONE};
	if (first->base.n == 0) {
		stages_from(f->arena, f->stages, f->doc, f->chain[0], &from);
		f->family_why = arena_printf(f->arena, "the base image depends on %.*s, which has no value here",
					     STR_ARG(from.expanded.unresolved.n ? from.expanded.unresolved : from.base.text));
	} else {
		f->image_name = first->base;
		f->image = image_find(f->tables->images, f->image_name);
		f->family_why = f->image ? arena_printf(f->arena, "image %.*s", STR_ARG(f->image_name))
					 : arena_printf(f->arena, "image %.*s is not in the table", STR_ARG(f->image_name));
	}
	user.why = f->image_why = f->family_why;
	if (f->image) {
		f->family = f->image->family;
		f->tools = f->image->tools;
		f->tools_manager = f->image->tools_manager;
		f->tools_package = f->image->tools_package;
		f->family_sure = (f->image->sure & SURE_FAMILY) != 0;
		f->tools_sure = (f->image->sure & SURE_TOOLS) != 0;
		enum user_kind kind = f->image->user_known ? kind_of_user(f->image->user) : USER_UNKNOWN;
		/* A user that is not verified is believed where that means to leave the file alone. */
		if ((f->image->sure & SURE_USER) || kind == USER_OTHER) {
			user.text = f->image->user;
			user.kind = kind;
		}
	}
	workdir.known = f->image && f->image->workdir_known;
	if (workdir.known)
		workdir.path = f->image->workdir;
	*VEC_PUSH(f->arena, f->users) = user;
	*VEC_PUSH(f->arena, f->workdirs) = workdir;
}

static uint32_t current_user(const struct facts *f)
{
	return (uint32_t)f->users.n - 1;
}

static uint32_t current_workdir(const struct facts *f)
{
	return (uint32_t)f->workdirs.n - 1;
}

/* What can be written again as the word of a USER. */
static bool is_plain_word(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] <= ' ' || text.p[i] == 0x7f || strchr("\"'\\$`", text.p[i]))
			return false;
	return true;
}

static void read_user(struct facts *f, const struct args *args, uint32_t ins)
{
	struct user user = {.kind = USER_UNKNOWN, .ins = ins};
	struct expansion e;
	if (args->nwords == 0)
		return;
	e = expand(f, args->words[0].text);
	user.text = facts_keep(f, e.known ? str_trim(e.text) : args->words[0].text);
	user.by_variable = str_find_char(args->words[0].text, '$', 0) != STR_NONE;
	if (e.known && !is_plain_word(user.text)) {
		user.why = STR("no account can have this name");
	} else if (e.known) {
		user.kind = kind_of_user(user.text);
		user.why = STR("USER");
	} else {
		user.why = arena_printf(f->arena, "USER depends on %.*s, which has no value here", STR_ARG(e.unresolved));
	}
	if (ins == f->moved.ins)
		f->moved = user;
	else
		*VEC_PUSH(f->arena, f->users) = user;
}

/* A path of the file, made absolute, in scratch memory; empty when it is not known. */
static struct str absolute(struct facts *f, struct str word)
{
	struct expansion e = expand(f, word);
	const struct workdir *workdir = facts_workdir(f);
	if (!e.known || (!workdir->known && !str_starts(e.text, STR("/"))))
		return (struct str){NULL, 0};
	if (workdir->path.n + e.text.n > PATH_LONGEST)
		return (struct str){NULL, 0};
	return facts_follow(f, path_join(f->scratch, workdir->path, e.text), true);
}

static void read_workdir(struct facts *f, const struct args *args, uint32_t ins)
{
	if (args->nwords == 0)
		return;
	struct str path = facts_keep(f, absolute(f, args->words[0].text));
	*VEC_PUSH(f->arena, f->workdirs) = (struct workdir){path, path.n > 0, ins};
}

static bool is_archive(struct str name)
{
	static const char *const endings[] = {".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz"};
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (str_ends(name, str_of(endings[i])))
			return true;
	return false;
}

static bool is_remote(struct str source)
{
	return str_starts(source, STR("http://")) || str_starts(source, STR("https://")) ||
	       str_starts(source, STR("git@")) || str_starts(source, STR("ftp://"));
}

static const struct copy_flags *read_copy_flags(struct facts *f, const struct args *args, struct copy *copy)
{
	static const struct copy_flags none = {{"", 0}, {"", 0}, {"", 0}};
	const struct flag *from = args_flag(args, STR("from"));
	const struct flag *chown = args_flag(args, STR("chown"));
	const struct flag *chmod = args_flag(args, STR("chmod"));
	const struct flag *link = args_flag(args, STR("link"));
	copy->from_stage = from != NULL;
	copy->has_chown = chown != NULL;
	copy->has_chmod = chmod != NULL;
	copy->link = link && !str_eq_nocase(link->value, STR("false"));
	if (!from && !chown && !chmod)
		return &none;
	struct copy_flags *flags = ARENA_NEW(f->arena, struct copy_flags);
	*flags = none;
	if (from)
		flags->from = facts_keep(f, from->value);
	if (chmod)
		flags->chmod = facts_keep(f, chmod->value);
	if (chown) {
		struct expansion e = expand(f, chown->value);
		flags->chown = facts_keep(f, e.known ? e.text : chown->value);
	}
	return flags;
}

static struct str read_sources(struct facts *f, const struct args *args, struct copy *copy)
{
	struct buf all = buf_new(f->scratch);
	for (uint32_t i = 0; i + 1 < args->nwords; i++) {
		struct str source = args->words[i].text;
		if (i)
			buf_char(&all, '\n');
		buf_add(&all, source);
		copy->remote |= copy->add && is_remote(source);
		copy->archive |= copy->add && !is_remote(source) && is_archive(source);
	}
	return facts_keep(f, args->nwords == 2 ? args->words[0].text : buf_str(&all));
}

static void read_copy(struct facts *f, const struct args *args, uint32_t ins)
{
	struct copy copy = {.ins = ins, .user = current_user(f), .workdir = current_workdir(f)};
	const struct copy *last = f->copies.n ? &f->copies.at[f->copies.n - 1] : NULL;
	if (args->nwords < 2)
		return;
	struct str written = args->words[args->nwords - 1].text, dest = absolute(f, written);
	copy.add = args->keyword == KW_ADD;
	copy.heredoc = args->nheredocs > 0;
	copy.flags = read_copy_flags(f, args, &copy);
	copy.sources = read_sources(f, args, &copy);
	copy.dest = last && str_eq(last->dest, dest) ? last->dest : facts_keep(f, dest);
	copy.dest_slash = str_ends(written, STR("/")) || str_ends(written, STR(".")) || args->nwords > 2;
	*VEC_PUSH(f->arena, f->copies) = copy;
}

static void read_expose(struct facts *f, const struct args *args, uint32_t ins)
{
	for (uint32_t i = 0; i < args->nwords; i++) {
		struct exposed port = {.ins = ins, .span = args->words[i].span};
		struct expansion e = expand(f, args->words[i].text);
		struct str text = e.known ? e.text : STR("");
		size_t slash = str_find_char(text, '/', 0);
		struct str number = slash == STR_NONE ? text : str_sub(text, 0, slash);
		size_t dash = str_find_char(number, '-', 0);
		struct str first = dash == STR_NONE ? number : str_sub(number, 0, dash);
		struct str last = dash == STR_NONE ? number : str_sub(number, dash + 1, number.n);
		if (!str_to_u32(first, &port.port) || !str_to_u32(last, &port.last))
			continue;
		port.udp = slash != STR_NONE && str_eq_nocase(str_sub(text, slash + 1, text.n), STR("udp"));
		port.editable = dash == STR_NONE && str_eq(args->words[i].text, text);
		if (port.editable)
			port.span.end = port.span.start + (uint32_t)number.n;
		*VEC_PUSH(f->arena, f->exposes) = port;
	}
}

static void read_volume(struct facts *f, const struct args *args, uint32_t ins)
{
	for (uint32_t i = 0; i < args->nwords; i++)
		*VEC_PUSH(f->arena, f->volumes) = (struct volume){ins, facts_keep(f, absolute(f, args->words[i].text))};
}

static int by_name(const void *left, const void *right)
{
	const struct named_variable *a = left, *b = right;
	return str_order(a->name, b->name);
}

/* Variables of the scopes from the target stage to the image; the innermost of a name counts. */
static void list_variables(struct facts *f)
{
	struct map seen = {0};
	for (const struct scope *scope = f->env; scope; scope = scope->parent)
		for (size_t i = 0; i < scope->names.cap; i++) {
			const struct map_entry *entry = &scope->names.slots[i];
			if (!entry->value || map_get(&seen, entry->key))
				continue;
			*map_put(f->arena, &seen, entry->key) = entry->value;
			*VEC_PUSH(f->arena, f->variables) = (struct named_variable){entry->key, entry->value};
		}
	if (f->variables.n > 1)
		qsort(f->variables.at, f->variables.n, sizeof *f->variables.at, by_name);
}

/* "C:\src", C:/ */
static bool has_drive(struct str path)
{
	return path.n > 2 && ascii_alpha(path.p[0]) && path.p[1] == ':' && (path.p[2] == '\\' || path.p[2] == '/');
}

/* powershell is the name on Windows alone; elsewhere it is pwsh. */
static bool is_windows_shell(struct str program)
{
	size_t slash = str_find_last_char(program, '\\');
	struct str name = slash == STR_NONE ? command_name(program) : str_sub(program, slash + 1, program.n);
	return str_eq_nocase(name, STR("powershell")) || str_eq_nocase(name, STR("powershell.exe")) ||
	       str_eq_nocase(name, STR("cmd")) || str_eq_nocase(name, STR("cmd.exe"));
}

static bool is_windows_user(struct str user)
{
	return str_eq_nocase(user, STR("ContainerAdministrator")) || str_eq_nocase(user, STR("ContainerUser"));
}

/* Shells, paths and accounts that there are on Windows alone tell the family of a base that is not known for sure. */
static void learn_windows(struct facts *f, const struct args *args, uint32_t ins)
{
	struct str first = args->nwords ? args->words[0].text : STR(""), program = first;
	enum keyword keyword = args->keyword;
	bool shell = keyword == KW_SHELL || keyword == KW_RUN;
	if (f->family_sure || args->nwords == 0)
		return;
	if (args->form != ARGS_EXEC)
		str_word(&first, &program);
	bool called = keyword == KW_RUN && args->form != ARGS_EXEC && str_eq(program, STR("&")); /* PowerShell's call */
	if (called)
		str_word(&first, &program);
	bool named = shell && (is_windows_shell(program) || (called && has_drive(program)));
	bool path = (keyword == KW_WORKDIR || keyword == KW_VOLUME || keyword == KW_COPY || keyword == KW_ADD) &&
		    has_drive(args->words[args->nwords - 1].text);
	if (!named && !path && !(keyword == KW_USER && is_windows_user(program)))
		return;
	f->family = FAMILY_WINDOWS;
	f->family_sure = true;
	f->family_why = arena_printf(f->arena, "line %u is for Windows", f->doc->instructions.at[ins].line);
	f->tools = TOOLS_NONE;
}

/* Instructions that count as they stand: their words are read where they are wanted. True for one of them. */
static bool note_instruction(struct facts *f, uint32_t stage, uint32_t ins)
{
	struct last here = {ins, stage};
	switch ((enum keyword)f->doc->instructions.at[ins].keyword) {
	case KW_CMD: f->cmd = here; return true;
	case KW_ENTRYPOINT: f->entrypoint = here; return true;
	case KW_HEALTHCHECK: f->healthcheck = here; return true;
	case KW_ONBUILD: f->has_onbuild |= stage == f->target; return true;
	case KW_LABEL:
	case KW_MAINTAINER:
	case KW_STOPSIGNAL: return true;
	default: return false;
	}
}

static void read_instruction(struct facts *f, uint32_t stage, uint32_t ins)
{
	struct arena_mark mark = arena_mark(f->scratch);
	struct args args;
	enum keyword keyword = (enum keyword)f->doc->instructions.at[ins].keyword;
	if (note_instruction(f, stage, ins))
		return;
	instruction_args(f->scratch, f->doc, ins, &args);
	learn_windows(f, &args, ins);
	switch (keyword) {
	case KW_USER: read_user(f, &args, ins); break;
	case KW_WORKDIR: read_workdir(f, &args, ins); break;
	case KW_ENV:
	case KW_ARG: stages_apply(f->scratch, f->stages, f->env, f->doc, &args, image_may_set(f)); break;
	case KW_EXPOSE: read_expose(f, &args, ins); break;
	case KW_VOLUME: read_volume(f, &args, ins); break;
	case KW_COPY:
	case KW_ADD: read_copy(f, &args, ins); break;
	case KW_RUN: facts_read_run(f, &args, ins); break;
	case KW_SHELL: f->shell = (struct last){ins, stage}; break;
	default: break;
	}
	if (stage == f->target &&
	    (keyword == KW_RUN || keyword == KW_COPY || keyword == KW_ADD || keyword == KW_WORKDIR))
		f->last_step = ins;
	arena_rewind(f->scratch, mark);
}

/* What a parent stage has for the stages that are built upon it runs right behind their FROM. The steps among it are not
   followed: nothing could be added to them. */
static void read_trigger(struct facts *f, uint32_t from, uint32_t ins)
{
	struct arena_mark mark = arena_mark(f->scratch);
	struct args args;
	instruction_args(f->scratch, f->doc, ins, &args);
	switch (args.sub ? args.sub->keyword : KW_UNKNOWN) {
	case KW_USER: read_user(f, args.sub, from); break;
	case KW_ENV:
	case KW_ARG: stages_apply(f->scratch, f->stages, f->env, f->doc, args.sub, image_may_set(f)); break;
	case KW_LABEL:
	case KW_MAINTAINER:
	case KW_STOPSIGNAL: break;
	case KW_WORKDIR: read_workdir(f, args.sub, INS_NONE); /* fall through */
	default: f->triggered = f->triggered == INS_NONE ? ins : f->triggered; break;
	}
	arena_rewind(f->scratch, mark);
}

static void read_triggers(struct facts *f, uint32_t parent, uint32_t from)
{
	const struct stage *stage = &f->stages->at[parent];
	for (uint32_t ins = stage->from + 1; ins < stage->end; ins++)
		if (f->doc->instructions.at[ins].keyword == KW_ONBUILD)
			read_trigger(f, from, ins);
}

/* The first step before any USER that has the flag, or NULL. */
static const struct run *first_run(const struct facts *f, uint32_t flag)
{
	for (size_t i = 0; i < f->runs.n && f->runs.at[i].user == 0; i++)
		if (f->runs.at[i].flags & flag)
			return &f->runs.at[i];
	return NULL;
}

/* A step that only root can do, before any USER, shows that the image is root's: its tag may be older than what the table
   knows of it. sudo alone shows that a default user which is not known is somebody else. */
static void settle_default_user(struct facts *f)
{
	struct user *first = &f->users.at[0];
	const struct run *run = first->kind == USER_ROOT ? NULL : first_run(f, RUN_PROVES_ROOT);
	if (run) {
		if (first->kind == USER_OTHER)
			f->doubted = (struct user){.kind = USER_OTHER, .text = first->text, .ins = run->ins};
		first->kind = USER_ROOT;
		first->why = arena_printf(f->arena, "%.*s in line %u needs root, before any USER", STR_ARG(run->words->root_command),
					  f->doc->instructions.at[run->ins].line);
	} else if (first->kind == USER_UNKNOWN && (run = first_run(f, RUN_LACKS_ROOT))) {
		first->kind = USER_OTHER;
		first->text = STR("");
		first->why = arena_printf(f->arena, "line %u gets root by sudo", f->doc->instructions.at[run->ins].line);
	}
}

enum place facts_place(const struct facts *f, struct str path)
{
	for (struct str dir = path; f->own.n && dir.n > 1; dir = path_parent(dir))
		if (map_get(&f->own, dir))
			return PLACE_APP;
	return tables_place(f->tables, path);
}

/* Before the steps are read that may make them. */
static void note_workdirs(struct facts *f, const struct stage *stage)
{
	for (uint32_t ins = stage->from + 1; ins < stage->end; ins++) {
		struct args args;
		struct arena_mark mark = arena_mark(f->scratch);
		if (f->doc->instructions.at[ins].keyword != KW_WORKDIR)
			continue;
		instruction_args(f->scratch, f->doc, ins, &args);
		struct str path = args.nwords ? args.words[0].text : STR("");
		if (str_starts(path, STR("/")) && path.n <= PATH_LONGEST && str_find_char(path, '$', 0) == STR_NONE)
			*map_put(f->arena, &f->worked_in, path_join(f->arena, STR("/"), path)) = f;
		arena_rewind(f->scratch, mark);
	}
}

/* Debian's package passwd, which holds groupadd and useradd, is of priority "required": no Debian is without it. */
static void settle_tools(struct facts *f)
{
	if (f->family != FAMILY_DEBIAN || !f->family_sure)
		return;
	if (f->tools == TOOLS_UNKNOWN)
		f->tools = TOOLS_SHADOW;
	f->tools_sure = true;
}

const struct run *facts_run_at(const struct facts *f, uint32_t ins)
{
	size_t low = 0, high = f->runs.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (f->runs.at[middle].ins < ins)
			low = middle + 1;
		else
			high = middle;
	}
	return low < f->runs.n && f->runs.at[low].ins == ins ? &f->runs.at[low] : NULL;
}

void facts_read(struct facts *f, struct arena *keep, struct arena *scratch, const struct document *doc,
		struct workspace *workspace, const struct tables *tables, struct stages *stages, uint32_t target,
		uint32_t moved_user)
{
	*f = (struct facts){.arena = keep,
			    .scratch = scratch,
			    .doc = doc,
			    .workspace = workspace,
			    .tables = tables,
			    .stages = stages,
			    .target = target,
			    .cmd = {INS_NONE, 0},
			    .entrypoint = {INS_NONE, 0},
			    .healthcheck = {INS_NONE, 0},
			    .shell = {INS_NONE, 0},
			    .doubted = {.ins = INS_NONE},
			    .triggered = INS_NONE,
			    .moved = {.ins = moved_user},
			    .last_step = INS_NONE,
			    .last_root_step = INS_NONE,
			    .context = ARENA_NEW(keep, struct context_root)};
	find_chain(f);
	read_image(f);
	for (uint32_t i = 0; i < f->nchain; i++)
		note_workdirs(f, &f->stages->at[f->chain[i]]);
	for (uint32_t i = 0; i < f->nchain; i++) {
		const struct stage *stage = &f->stages->at[f->chain[i]];
		struct scope *scope = ARENA_NEW(keep, struct scope);
		*scope = stages_scope(keep, stages, f->env);
		f->env = scope;
		if (i > 0)
			read_triggers(f, f->chain[i - 1], stage->from);
		for (uint32_t ins = stage->from + 1; ins < stage->end; ins++)
			read_instruction(f, f->chain[i], ins);
	}
	list_variables(f);
	settle_default_user(f);
	settle_tools(f);
	facts_read_start(f);
}
