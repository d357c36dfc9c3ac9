#include "model/stage.h"

/* The stages of one name, in order. */
struct namesakes {
	uint32_t *at;
	size_t n, cap;
};

/* BuildKit's own ARGs (dockerfile2llb/platform.go, defaultArgs): what they are is up to who builds. The proxy
   variables are predefined too, but have no value unless one is passed and declared. */
static const struct str predefined[] = {
	{"BUILDPLATFORM", 13}, {"BUILDOS", 7},	       {"BUILDOSVERSION", 14}, {"BUILDARCH", 9},
	{"BUILDVARIANT", 12},  {"TARGETPLATFORM", 14}, {"TARGETOS", 8},	       {"TARGETOSVERSION", 15},
	{"TARGETARCH", 10},    {"TARGETVARIANT", 13},  {"TARGETSTAGE", 11},
};

static const struct build_arg *build_arg_of(const struct stages *s, struct str name)
{
	return map_get(&s->build_args, name);
}

/* Puts an expanded value where it lasts as long as the scope does; what is another variable's value does so already,
   and must not be copied: a file may hand one on any number of times. */
static void put_expanded(struct scope *scope, struct str name, const struct expansion *x, bool from_env,
			 struct span span)
{
	struct variable v = {.known = x->known, .from_env = from_env, .span = span};
	const struct variable *old = x->known ? scope_get(scope, name) : NULL;

	if (old && str_eq(old->value, x->text))
		v.value = old->value;
	else if (x->known)
		v.value = x->from ? x->text : arena_str(scope->arena, x->text);
	scope_put(scope, name, v);
}

/* One NAME or NAME=default of an ARG. `global` is NULL in the global scope itself. */
static void apply_arg(struct arena *scratch, const struct stages *s, struct scope *scope, const struct scope *global,
		      char escape, const struct args *args, const struct word *word, bool image_env_unknown)
{
	size_t equals = str_find_char(word->text, '=', 0);
	struct str name = str_sub(word->text, 0, equals == STR_NONE ? word->text.n : equals);
	const struct build_arg *passed = build_arg_of(s, name);
	const struct variable *inherited = global && equals == STR_NONE ? map_get(&global->names, name) : NULL;

	if (passed) {
		scope_put(scope, passed->name, (struct variable){.value = passed->value, .known = true});
	} else if (equals != STR_NONE) {
		struct str value = str_sub(word->text, equals + 1, word->text.n);
		struct span span = view_span(&args->view, word->at + equals + 1, word->at + word->text.n);
		struct expansion x;
		expand_word(scratch, scope, escape, value, image_env_unknown, &x);
		put_expanded(scope, name, &x, false, span);
	} else {
		struct variable unset = {.unset = true, .span = word->span};
		scope_put(scope, name, inherited ? *inherited : unset);
	}
}

/* ENV's words are expanded before any of its variables is set. */
static void apply_env(struct arena *scratch, struct scope *scope, char escape, const struct args *args,
		      bool image_env_unknown)
{
	struct expansion *x = ARENA_ARRAY(scratch, struct expansion, args->nwords);

	for (uint32_t i = 0; i < args->nwords; i++)
		expand_word(scratch, scope, escape, args->words[i].text, image_env_unknown, &x[i]);
	for (uint32_t i = 0; i + 1 < args->nwords; i += 2)
		if (x[i].known)
			put_expanded(scope, x[i].text, &x[i + 1], true, args->words[i + 1].span);
}

void stages_apply(struct arena *scratch, const struct stages *s, struct scope *scope, const struct document *d,
		  const struct args *instruction, bool image_env_unknown)
{
	if (instruction->keyword == KW_ENV) {
		apply_env(scratch, scope, d->escape, instruction, image_env_unknown);
	} else if (instruction->keyword == KW_ARG) {
		for (uint32_t i = 0; i < instruction->nwords; i++)
			apply_arg(scratch, s, scope, &s->global, d->escape, instruction, &instruction->words[i],
				  image_env_unknown);
	}
}

struct scope stages_scope(struct arena *a, struct stages *s, const struct scope *parent)
{
	struct scope scope = scope_child(a, parent);

	scope.spent = &s->spent;
	return scope;
}

/* The last of a name before stage `before`. */
static uint32_t latest_before(const struct namesakes *same, uint32_t before)
{
	size_t low = 0, high = same->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (same->at[middle] < before)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? same->at[low - 1] : STAGE_NONE;
}

static struct str lower(struct arena *a, struct str s)
{
	char *copy = arena_alloc(a, s.n);

	for (size_t i = 0; i < s.n; i++)
		copy[i] = ascii_lower(s.p[i]);
	return (struct str){copy, s.n};
}

/* The stage of that name before `before`. */
static uint32_t find_name(const struct stages *s, struct str name, uint32_t before)
{
	struct arena *a = s->global.arena;
	struct arena_mark mark = arena_mark(a);
	const struct namesakes *same = map_get(&s->by_name, lower(a, name));

	arena_rewind(a, mark);
	return same ? latest_before(same, before) : STAGE_NONE;
}

uint32_t stages_find(const struct stages *s, struct str text, uint32_t before, bool numbers)
{
	uint32_t number;

	if (numbers && str_to_u32(text, &number))
		return number < before && number < s->n ? number : STAGE_NONE;
	return find_name(s, text, before);
}

uint32_t stages_target(const struct stages *s, struct str text)
{
	if (text.n == 0)
		return s->n ? s->n - 1 : STAGE_NONE;
	return stages_find(s, text, s->n, true);
}

static void add_name(struct arena *a, struct stages *s, struct str name, uint32_t index)
{
	struct namesakes *same = map_get(&s->by_name, name);

	if (!same) {
		same = ARENA_NEW(a, struct namesakes);
		*map_put(a, &s->by_name, arena_str(a, name)) = same;
	}
	*VEC_PUSH(a, *same) = index;
}

static void read_from(struct arena *a, const struct stages *s, const struct document *d, uint32_t instruction,
		      struct from *out)
{
	struct args args;

	*out = (struct from){.name = {"", 0}, .platform = {"", 0}};
	instruction_args(a, d, instruction, &args);
	if (args.nwords > 0) {
		out->base = args.words[0];
		expand_word(a, &s->global, d->escape, args.words[0].text, false, &out->expanded);
		out->expanded.known = out->expanded.known && out->expanded.text.n > 0;
	}
	if (args.nwords == 3)
		out->name = lower(a, args.words[2].text);
	const struct flag *platform = args_flag(&args, STR("platform"));
	if (platform)
		out->platform = platform->value;
}

void stages_from(struct arena *a, const struct stages *s, const struct document *d, uint32_t index, struct from *out)
{
	read_from(a, s, d, s->at[index].from, out);
}

static void add_stage(struct arena *a, struct arena *scratch, struct stages *s, const struct document *d,
		      uint32_t instruction)
{
	struct arena_mark mark = arena_mark(scratch);
	uint32_t index = s->n++;
	struct stage *stage = &s->at[index];
	struct from from;

	read_from(scratch, s, d, instruction, &from);
	*stage = (struct stage){.from = instruction, .parent = STAGE_NONE, .base = {"", 0}};
	if (from.expanded.known) {
		stage->base = source_keep(a, &d->source, from.expanded.text);
		stage->parent = stages_find(s, stage->base, index, false);
	}
	if (stage->parent != STAGE_NONE)
		s->at[stage->parent].children++;
	if (from.name.n)
		add_name(a, s, from.name, index);
	arena_rewind(scratch, mark);
}

static void mark_copied(struct stages *s, struct str text, bool numbers)
{
	uint32_t stage = stages_find(s, text, s->n - 1, numbers);

	if (stage != STAGE_NONE)
		s->at[stage].copied_from = true;
}

/* --mount=type=bind,from=NAME,...: comma-separated, each field perhaps in double quotes. */
static void mark_mounted(struct stages *s, struct str fields)
{
	struct str field, key;

	while (str_split(&fields, ',', &field)) {
		if (field.n >= 2 && field.p[0] == '"' && field.p[field.n - 1] == '"')
			field = str_sub(field, 1, field.n - 1);
		str_split(&field, '=', &key);
		if (field.p && str_eq_nocase(key, STR("from")))
			mark_copied(s, field, false);
	}
}

static void mark_sources(struct stages *s, const struct args *args)
{
	if (args->keyword == KW_ONBUILD && args->sub)
		args = args->sub;
	for (uint32_t i = 0; i < args->nflags; i++) {
		const struct flag *flag = &args->flags[i];
		if (args->keyword == KW_COPY && str_eq(flag->name, STR("from")))
			mark_copied(s, flag->value, true);
		else if (args->keyword == KW_RUN && str_eq(flag->name, STR("mount")))
			mark_mounted(s, flag->value);
	}
}

/* Whether "from=" stands in the text: most instructions need not be read for it. */
static bool says_from(struct str text)
{
	size_t at = str_find_char(text, '=', 0);

	while (at != STR_NONE) {
		if (at >= 4 && str_eq_nocase(str_sub(text, at - 4, at), STR("from")))
			return true;
		at = str_find_char(text, '=', at + 1);
	}
	return false;
}

static void read_sources(struct arena *scratch, struct stages *s, const struct document *d, uint32_t index)
{
	const struct instruction *ins = &d->instructions.at[index];
	struct arena_mark mark = arena_mark(scratch);
	struct args args;

	if (!says_from(str_sub(d->source.bytes, ins->start, ins->text_end)))
		return;
	instruction_args(scratch, d, index, &args);
	mark_sources(s, &args);
	arena_rewind(scratch, mark);
}

static void read_global_arg(struct arena *scratch, struct stages *s, const struct document *d, uint32_t index)
{
	struct arena_mark mark = arena_mark(scratch);
	struct args args;

	instruction_args(scratch, d, index, &args);
	for (uint32_t i = 0; i < args.nwords; i++)
		apply_arg(scratch, s, &s->global, NULL, d->escape, &args, &args.words[i], false);
	arena_rewind(scratch, mark);
}

/* Whether anything can ask for a variable of the global scope: most files have no ARG. */
static bool asks_for_global(const struct document *d)
{
	for (size_t i = 0; i < d->instructions.n; i++) {
		const struct instruction *ins = &d->instructions.at[i];
		if (ins->keyword == KW_ARG || ins->keyword == KW_ONBUILD ||
		    (ins->keyword == KW_FROM &&
		     str_find_char(str_sub(d->source.bytes, ins->start, ins->end), '$', 0) != STR_NONE))
			return true;
	}
	return false;
}

static void begin_global(struct arena *a, struct stages *s, const struct document *d, const struct build_arg *args,
			 size_t nargs)
{
	for (size_t i = 0; i < nargs; i++)
		*map_put(a, &s->build_args, args[i].name) = (void *)(uintptr_t)&args[i];
	s->global = stages_scope(a, s, NULL);
	if (!asks_for_global(d))
		return;
	struct variable *variables = ARENA_ARRAY(a, struct variable, sizeof predefined / sizeof *predefined);
	for (size_t i = 0; i < sizeof predefined / sizeof *predefined; i++) {
		const struct build_arg *passed = build_arg_of(s, predefined[i]);
		if (passed)
			variables[i] = (struct variable){.value = passed->value, .known = true};
		*map_put(a, &s->global.names, predefined[i]) = &variables[i];
	}
}

void stages_read(struct arena *a, struct arena *scratch, const struct document *d, const struct build_arg *args,
		 size_t nargs, struct stages *out)
{
	size_t froms = 0;
	uint32_t n = (uint32_t)d->instructions.n; /* fewer than there are bytes */

	*out = (struct stages){0};
	begin_global(a, out, d, args, nargs);
	for (uint32_t i = 0; i < n; i++)
		froms += d->instructions.at[i].keyword == KW_FROM;
	out->at = ARENA_ARRAY(a, struct stage, froms);
	for (uint32_t i = 0; i < n; i++) {
		enum keyword keyword = (enum keyword)d->instructions.at[i].keyword;
		if (keyword == KW_FROM)
			add_stage(a, scratch, out, d, i);
		else if (out->n == 0 && keyword == KW_ARG)
			read_global_arg(scratch, out, d, i);
		else if (out->n > 0 && (keyword == KW_COPY || keyword == KW_RUN || keyword == KW_ONBUILD))
			read_sources(scratch, out, d, i);
		if (out->n > 0)
			out->at[out->n - 1].end = i + 1;
	}
}
