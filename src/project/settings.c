#include "project/settings.h"

#include "project/image_rows.h"
#include "project/nearest.h"

#define FIELD(name) offsetof(struct settings, name)

const struct setting settings_table[SETTING_COUNT] = {
	{"select", "select", SETTING_RULES, FIELD(select), {0}},
	{"ignore", "ignore", SETTING_RULES, FIELD(ignore), {0}},
	{"exclude", "exclude", SETTING_LIST, FIELD(exclude), {0}},
	{"force-exclude", "force-exclude", SETTING_FLAG, FIELD(force_exclude), {0}},
	{"unsafe-fixes", "unsafe-fixes", SETTING_FLAG, FIELD(unsafe_fixes), {0}},
	{"target", "target", SETTING_TEXT, FIELD(target), {0}},
	{"all-targets", "all-targets", SETTING_FLAG, FIELD(all_targets), {0}},
	{"build-args", "build-arg", SETTING_PAIRS, FIELD(build_args), {0}},
	{"user", "user", SETTING_USER, FIELD(user), {0}},
	{"uid", "uid", SETTING_ID, FIELD(uid), {0}},
	{"gid", "gid", SETTING_ID, FIELD(gid), {0}},
	{"numeric", "numeric", SETTING_FLAG, FIELD(numeric), {0}},
	{"placement", "placement", SETTING_CHOICE, FIELD(early), {"late", "early"}},
	{"ownership", "ownership", SETTING_CHOICE, FIELD(minimal_ownership), {"app", "minimal"}},
	{"ports", "ports", SETTING_CHOICE, FIELD(keep_ports), {"remap", "keep"}},
	{"ports-map", NULL, SETTING_PAIRS, FIELD(ports_map), {0}},
	{"templates", "templates", SETTING_PATH, FIELD(templates), {0}},
	{"images", NULL, SETTING_IMAGES, FIELD(images), {0}},
};

static void *field(const struct settings *s, const struct setting *setting)
{
	return (char *)s + setting->offset;
}

static void mark(struct settings *s, const struct setting *setting)
{
	s->given |= 1u << (setting - settings_table);
}

static bool is_given(const struct settings *s, const struct setting *setting)
{
	return s->given >> (setting - settings_table) & 1;
}

const struct setting *setting_by_key(struct str key)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (str_eq(key, str_of(settings_table[i].key)))
			return &settings_table[i];
	return NULL;
}

const char *setting_nearest(struct str key)
{
	struct nearest n = nearest_to(key);
	for (size_t i = 0; i < SETTING_COUNT; i++)
		nearest_try(&n, settings_table[i].key);
	return n.word;
}

static bool is_rule(struct arena *a, struct str name, const char **expected)
{
	struct nearest near = nearest_to(name);
	for (size_t i = 0; unroot_rule_id(i); i++) {
		if (str_eq(name, str_of(unroot_rule_id(i))))
			return true;
		nearest_try(&near, unroot_rule_id(i));
	}
	*expected = near.word ? arena_printf(a, "a rule; did you mean %s?", near.word).p
			      : "a rule, as unroot explain lists them";
	return false;
}

bool setting_append(struct arena *a, struct settings *s, const struct setting *setting, struct str text,
		    const char **expected)
{
	struct text_list *list = field(s, setting);
	*expected = "a text that is not empty";
	if (text.n == 0 || (setting->kind == SETTING_RULES && !is_rule(a, text, expected)))
		return false;
	*VEC_PUSH(a, *list) = arena_str(a, text).p;
	*VEC_PUSH(a, *list) = NULL;
	list->n--;
	mark(s, setting);
	return true;
}

void setting_set_rows(struct settings *s, const struct setting *setting, const char *rows)
{
	s->images = NULL;
	s->image_rows = rows;
	mark(s, setting);
}

void setting_append_pair(struct arena *a, struct settings *s, const struct setting *setting, struct str name,
			 struct str value)
{
	struct pair_list *list = field(s, setting);
	mark(s, setting);
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(name, str_of(list->at[i].name))) {
			list->at[i].value = arena_str(a, value).p;
			return;
		}
	*VEC_PUSH(a, *list) = (unroot_pair){arena_str(a, name).p, arena_str(a, value).p};
	*VEC_PUSH(a, *list) = (unroot_pair){NULL, NULL};
	list->n--;
}

static bool set_user(struct arena *a, struct settings *s, struct str value, const char **expected)
{
	size_t colon = str_find_char(value, ':', 0);
	struct str user = colon == STR_NONE ? value : str_sub(value, 0, colon);
	*expected = "NAME or NAME:GROUP of letters, digits, _ . and -, beginning with a letter or _, at most 31 long";
	if (!str_is_account_name(user) ||
	    (colon != STR_NONE && !str_is_account_name(str_sub(value, colon + 1, value.n))))
		return false;
	s->user = arena_str(a, user).p;
	s->group = colon == STR_NONE ? NULL : arena_str(a, str_sub(value, colon + 1, value.n)).p;
	return true;
}

static bool set_choice(bool *flag, const struct setting *setting, struct arena *a, struct str value,
		       const char **expected)
{
	for (size_t i = 0; i < 2; i++)
		if (str_eq(value, str_of(setting->choices[i]))) {
			*flag = i == 1;
			return true;
		}
	*expected = arena_printf(a, "%s or %s", setting->choices[0], setting->choices[1]).p;
	return false;
}

static bool set_flag(bool *flag, struct str value, const char **expected)
{
	*flag = str_eq(value, STR("true"));
	*expected = "true or false";
	return *flag || str_eq(value, STR("false"));
}

static bool set_id(unsigned *id, struct str value, const char **expected)
{
	uint32_t number;
	*expected = "a number from 1 to 4294967294 (0 is root)";
	if (!str_to_u32(value, &number) || number == 0 || number == UINT32_MAX)
		return false;
	*id = number;
	return true;
}

bool setting_set(struct arena *a, struct settings *s, const struct setting *setting, struct str value,
		 const char **expected)
{
	struct str part;
	size_t equals;
	bool ok = true;
	*expected = "a text that is not empty";
	if (value.n == 0 && !setting_is_list(setting))
		return false;
	switch (setting->kind) {
	case SETTING_LIST:
	case SETTING_RULES:
		while (str_split(&value, ',', &part))
			if (str_trim(part).n && !setting_append(a, s, setting, str_trim(part), expected))
				return false;
		break;
	case SETTING_PAIRS:
		equals = str_find_char(value, '=', 0);
		*expected = "NAME=VALUE";
		if (equals == STR_NONE || equals == 0)
			return false;
		setting_append_pair(a, s, setting, str_sub(value, 0, equals), str_sub(value, equals + 1, value.n));
		break;
	case SETTING_TEXT:
	case SETTING_PATH:
	case SETTING_IMAGES:
		*(const char **)field(s, setting) = arena_str(a, value).p;
		break;
	case SETTING_USER:
		ok = set_user(a, s, value, expected);
		break;
	case SETTING_ID:
		ok = set_id(field(s, setting), value, expected);
		break;
	case SETTING_FLAG:
		ok = set_flag(field(s, setting), value, expected);
		break;
	case SETTING_CHOICE:
		ok = set_choice(field(s, setting), setting, a, value, expected);
		break;
	}
	if (ok)
		mark(s, setting);
	return ok;
}

/* What the command line excludes, a configuration's exclusions do not bring back. */
static bool adds_up(const struct setting *setting)
{
	return setting->kind == SETTING_PAIRS || setting->offset == FIELD(exclude);
}

void settings_merge(struct arena *a, struct settings *under, const struct settings *over)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting *setting = &settings_table[i];
		if (!is_given(over, setting))
			continue;
		const struct text_list *texts = field(over, setting);
		const struct pair_list *pairs = field(over, setting);
		const char *ignored;
		mark(under, setting);
		if (setting->kind == SETTING_PAIRS) {
			for (size_t k = 0; k < pairs->n; k++)
				setting_append_pair(a, under, setting, str_of(pairs->at[k].name),
						    str_of(pairs->at[k].value));
		} else if (setting_is_list(setting)) {
			if (!adds_up(setting))
				*(struct text_list *)field(under, setting) = (struct text_list){0};
			for (size_t k = 0; k < texts->n; k++)
				setting_append(a, under, setting, str_of(texts->at[k]), &ignored);
		} else if (setting->kind == SETTING_USER) {
			under->user = over->user;
			under->group = over->group;
		} else if (setting->kind == SETTING_ID) {
			*(unsigned *)field(under, setting) = *(unsigned *)field(over, setting);
		} else if (setting->kind == SETTING_TEXT || setting->kind == SETTING_PATH) {
			*(const char **)field(under, setting) = *(const char **)field(over, setting);
		} else {
			*(bool *)field(under, setting) = *(bool *)field(over, setting);
		}
	}
}

void settings_show_text(struct buf *out, struct str text)
{
	buf_char(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7F)
			buf_printf(out, "\\x%02X", c);
		else
			buf_char(out, (char)c);
	}
	buf_char(out, '"');
}

static void show_scalar(struct buf *out, const char *text)
{
	buf_char(out, ' ');
	settings_show_text(out, str_of(text));
}

static void show_value(const struct settings *s, const struct setting *setting, struct buf *out)
{
	const struct text_list *texts = field(s, setting);
	const struct pair_list *pairs = field(s, setting);
	switch (setting->kind) {
	case SETTING_LIST:
	case SETTING_RULES:
		buf_add(out, texts->n ? STR("") : STR(" []"));
		for (size_t i = 0; i < texts->n; i++) {
			buf_add(out, STR("\n  - "));
			settings_show_text(out, str_of(texts->at[i]));
		}
		break;
	case SETTING_PAIRS:
		for (size_t i = 0; i < pairs->n; i++) {
			buf_add(out, STR("\n  "));
			settings_show_text(out, str_of(pairs->at[i].name));
			buf_add(out, STR(": "));
			settings_show_text(out, str_of(pairs->at[i].value));
		}
		break;
	case SETTING_IMAGES:
		if (s->image_rows)
			image_rows_show(str_of(s->image_rows), out);
		else
			show_scalar(out, s->images);
		break;
	case SETTING_TEXT:
	case SETTING_PATH:
		show_scalar(out, *(const char *const *)field(s, setting));
		break;
	case SETTING_USER:
		buf_printf(out, s->group ? " %s:%s" : " %s", s->user, s->group);
		break;
	case SETTING_ID:
		buf_printf(out, " %u", *(const unsigned *)field(s, setting));
		break;
	case SETTING_FLAG:
		buf_add(out, *(const bool *)field(s, setting) ? STR(" true") : STR(" false"));
		break;
	case SETTING_CHOICE:
		buf_printf(out, " %s", setting->choices[*(const bool *)field(s, setting)]);
		break;
	}
}

void settings_show(const struct settings *s, struct buf *out)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (!is_given(s, &settings_table[i]))
			continue;
		buf_printf(out, "%s:", settings_table[i].key);
		show_value(s, &settings_table[i], out);
		buf_char(out, '\n');
	}
}

void settings_to_options(const struct settings *s, unroot_options *o)
{
	*o = (unroot_options){
		.least = s->unsafe_fixes ? UNROOT_UNSAFE : UNROOT_DISPLAY,
		.select = s->select.at,
		.ignore = s->ignore.at,
		.target = s->target,
		.all_targets = s->all_targets,
		.build_args = s->build_args.at,
		.user = s->user,
		.group = s->group,
		.uid = s->uid,
		.gid = s->gid,
		.numeric = s->numeric,
		.early = s->early,
		.minimal_ownership = s->minimal_ownership,
		.keep_ports = s->keep_ports,
		.port_map = s->ports_map.at,
	};
}
