#include "syntax/validate.h"

#include "base/buf.h"

enum flag_type { FLAG_END, FLAG_BOOL, FLAG_STRING, FLAG_STRINGS };

/* A flag's value in the file, for messages. */
struct value {
	struct str name;
	struct str text;
	size_t at;
};

struct flag_rule {
	const char *name;
	enum flag_type type;
	bool (*check)(struct examined *e, const struct value *v);
};

static bool check_duration(struct examined *e, const struct value *v);
static bool check_retries(struct examined *e, const struct value *v);
static bool check_mount(struct examined *e, const struct value *v);
static bool check_device(struct examined *e, const struct value *v);
static bool check_network(struct examined *e, const struct value *v);
static bool check_security(struct examined *e, const struct value *v);

enum { MAX_FLAGS = 8 };

static const struct flag_rule rules[KW_COUNT][MAX_FLAGS + 1] = {
	[KW_ADD] = {{"chown", FLAG_STRING, NULL},
		    {"chmod", FLAG_STRING, NULL},
		    {"link", FLAG_BOOL, NULL},
		    {"keep-git-dir", FLAG_BOOL, NULL},
		    {"checksum", FLAG_STRING, NULL},
		    {"unpack", FLAG_BOOL, NULL},
		    {"exclude", FLAG_STRINGS, NULL}},
	[KW_COPY] = {{"chown", FLAG_STRING, NULL},
		     {"from", FLAG_STRING, NULL},
		     {"chmod", FLAG_STRING, NULL},
		     {"link", FLAG_BOOL, NULL},
		     {"exclude", FLAG_STRINGS, NULL},
		     {"parents", FLAG_BOOL, NULL}},
	[KW_FROM] = {{"platform", FLAG_STRING, NULL}},
	[KW_HEALTHCHECK] = {{"interval", FLAG_STRING, check_duration},
			    {"timeout", FLAG_STRING, check_duration},
			    {"start-period", FLAG_STRING, check_duration},
			    {"start-interval", FLAG_STRING, check_duration},
			    {"retries", FLAG_STRING, check_retries}},
	[KW_RUN] = {{"mount", FLAG_STRINGS, check_mount},
		    {"network", FLAG_STRING, check_network},
		    {"security", FLAG_STRING, check_security},
		    {"device", FLAG_STRINGS, check_device}},
};

/* Distance of two words: letters put in, left out, changed, or swapped with a neighbour. */
static size_t distance(struct str word, struct str name)
{
	enum { LONGEST = 16 };
	size_t rows[3][LONGEST + 1];
	size_t *before = rows[0], *last = rows[1], *now = rows[2];
	if (name.n > LONGEST || word.n > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= name.n; j++)
		last[j] = j;
	for (size_t i = 1; i <= word.n; i++) {
		now[0] = i;
		for (size_t j = 1; j <= name.n; j++) {
			bool same = ascii_lower(word.p[i - 1]) == ascii_lower(name.p[j - 1]);
			size_t best = last[j - 1] + !same;
			best = last[j] + 1 < best ? last[j] + 1 : best;
			best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
			if (i > 1 && j > 1 && ascii_lower(word.p[i - 1]) == ascii_lower(name.p[j - 2]) &&
			    ascii_lower(word.p[i - 2]) == ascii_lower(name.p[j - 1]) && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			now[j] = best;
		}
		size_t *free_row = before;
		before = last;
		last = now;
		now = free_row;
	}
	return last[name.n];
}

const char *validate_nearest(struct str word, const char *const *names)
{
	const char *nearest = NULL;
	size_t least = word.n < 3 ? 1 : word.n < 6 ? 2 : 3; /* must be less than this */
	for (; *names; names++) {
		size_t d = distance(word, str_of(*names));
		if (d < least) {
			least = d;
			nearest = *names;
		}
	}
	return nearest;
}

static bool fail_value(struct examined *e, const struct value *v, const char *expected)
{
	return validate_fail(e, v->at, "%s: bad value \"%.*s\" for --%.*s; expected %s",
			     keyword_name(e->split.keyword).p, STR_ARG(validate_excerpt(v->text)), STR_ARG(v->name),
			     expected);
}

static bool unknown_flag(struct examined *e, const struct flag_rule *known, struct str name, size_t at)
{
	const char *names[MAX_FLAGS + 1] = {NULL};
	for (size_t i = 0; known[i].type != FLAG_END; i++)
		names[i] = known[i].name;
	const char *nearest = validate_nearest(name, names);
	return validate_fail(e, at, "%s: unknown flag --%.*s%s%s%s", keyword_name(e->split.keyword).p,
			     STR_ARG(validate_excerpt(name)), nearest ? " (did you mean --" : "",
			     nearest ? nearest : "", nearest ? "?)" : "");
}

static bool check_flag(struct examined *e, const struct flag_rule *known, struct range raw, unsigned *used)
{
	size_t equals, i = 0;
	struct str flag = flag_decode(e->arena, range_text(e->text, raw), e->escape, &equals);
	size_t split = equals == STR_NONE ? flag.n : str_find_char(flag, '=', 0);
	struct value v = {.name = str_sub(flag, 2, split), .at = raw.from};

	while (known[i].type != FLAG_END && !str_eq(v.name, str_of(known[i].name)))
		i++;
	if (known[i].type == FLAG_END)
		return unknown_flag(e, known, v.name, raw.from);
	if (*used & 1u << i && known[i].type != FLAG_STRINGS)
		return validate_fail(e, raw.from, "%s: --%s is given twice", keyword_name(e->split.keyword).p,
				     known[i].name);
	*used |= 1u << i;
	if (equals == STR_NONE)
		return known[i].type == FLAG_BOOL ||
		       validate_fail(e, raw.from, "%s: --%s needs a value (--%s=VALUE)",
				     keyword_name(e->split.keyword).p, known[i].name, known[i].name);
	v.text = str_sub(flag, split + 1, flag.n);
	v.at = raw.from + equals + 1;
	if (known[i].type == FLAG_BOOL && !str_eq_nocase(v.text, STR("true")) && !str_eq_nocase(v.text, STR("false")))
		return fail_value(e, &v, "true or false");
	return !known[i].check || known[i].check(e, &v);
}

bool validate_flags(struct examined *e)
{
	struct range flag;
	unsigned used = 0;
	size_t at = e->split.flags;
	while (flag_next(e->text, &at, e->split.rest.to, e->escape, &flag))
		if (!check_flag(e, rules[e->split.keyword], flag, &used))
			return false;
	return true;
}

/* A unit of Go's time.ParseDuration in nanoseconds, 0 when it is none. */
static uint64_t duration_unit(struct str name)
{
	static const struct {
		const char *name;
		uint64_t nanoseconds;
	} units[] = {{"ns", 1},
		     {"us", 1000},
		     {"\xC2\xB5s", 1000},
		     {"\xCE\xBCs", 1000},
		     {"ms", 1000000},
		     {"s", 1000000000},
		     {"m", 60 * UINT64_C(1000000000)},
		     {"h", 3600 * UINT64_C(1000000000)}};
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (str_eq(name, str_of(units[i].name)))
			return units[i].nanoseconds;
	return 0;
}

/* One number with its unit, added to *total. */
static bool duration_part(struct str *s, uint64_t *total)
{
	const uint64_t limit = UINT64_C(1) << 63;
	uint64_t whole = 0, unit;
	double fraction = 0, scale = 1;
	size_t at = 0, digits = 0, start;

	for (; at < s->n && ascii_digit(s->p[at]); at++, digits++) {
		if (whole > limit / 10)
			return false;
		whole = whole * 10 + (uint64_t)(s->p[at] - '0');
		if (whole > limit)
			return false;
	}
	if (at < s->n && s->p[at] == '.')
		for (at++; at < s->n && ascii_digit(s->p[at]); at++, digits++)
			if (scale < 1e18) {
				fraction = fraction * 10 + (s->p[at] - '0');
				scale *= 10;
			}
	for (start = at; at < s->n && s->p[at] != '.' && !ascii_digit(s->p[at]); at++)
		;
	unit = duration_unit(str_sub(*s, start, at));
	if (digits == 0 || unit == 0 || whole > limit / unit)
		return false;
	*total += whole * unit + (uint64_t)(fraction * ((double)unit / scale));
	*s = str_sub(*s, at, s->n);
	return *total <= limit;
}

static bool check_duration(struct examined *e, const struct value *v)
{
	struct str s = v->text;
	uint64_t total = 0;
	bool negative = s.n > 0 && s.p[0] == '-', ok;

	if (s.n == 0)
		return true;
	if (negative || s.p[0] == '+')
		s = str_sub(s, 1, s.n);
	ok = s.n > 0;
	if (!str_eq(s, STR("0")))
		while (ok && s.n > 0)
			ok = duration_part(&s, &total);
	if (!ok || (!negative && total > INT64_MAX))
		return fail_value(e, v, "a duration such as 30s or 1m30s");
	if (total != 0 && (negative || total < 1000000))
		return fail_value(e, v, "0 or at least 1ms");
	return true;
}

static bool check_retries(struct examined *e, const struct value *v)
{
	struct str s = v->text;
	uint32_t n = 0;
	bool negative = s.n > 0 && s.p[0] == '-';
	if (s.n == 0)
		return true;
	if (negative || s.p[0] == '+')
		s = str_sub(s, 1, s.n);
	if (!str_to_u32(s, &n) || n > INT32_MAX || (negative && n > 0))
		return fail_value(e, v, "a number from 0 to 2147483647");
	return true;
}

static bool check_network(struct examined *e, const struct value *v)
{
	return str_eq(v->text, STR("default")) || str_eq(v->text, STR("none")) || str_eq(v->text, STR("host")) ||
	       fail_value(e, v, "default, none or host");
}

static bool check_security(struct examined *e, const struct value *v)
{
	return str_eq(v->text, STR("insecure")) || str_eq(v->text, STR("sandbox")) ||
	       fail_value(e, v, "insecure or sandbox");
}

/* The next field of a comma-separated value; *rest.p is NULL behind the last one. False when its
   quotes are wrong. */
static bool csv_field(struct arena *a, struct str *rest, struct str *field)
{
	struct buf out = buf_new(a);
	size_t at = 1;
	if (rest->n == 0 || rest->p[0] != '"') {
		str_split(rest, ',', field);
		return str_find_char(*field, '"', 0) == STR_NONE;
	}
	for (;; at++) {
		size_t quote = str_find_char(*rest, '"', at);
		if (quote == STR_NONE)
			return false;
		buf_add(&out, str_sub(*rest, at, quote));
		at = quote + 1;
		if (at == rest->n || rest->p[at] != '"')
			break;
		buf_char(&out, '"');
	}
	*field = buf_str(&out);
	if (at < rest->n && rest->p[at] != ',')
		return false;
	*rest = at < rest->n ? str_sub(*rest, at + 1, rest->n) : (struct str){NULL, 0};
	return true;
}

static const char csv_expected[] = "key=value pairs with commas between them";

static bool check_mount(struct examined *e, const struct value *v)
{
	struct str rest = v->text, field, key;
	if (rest.n == 0)
		return fail_value(e, v, csv_expected);
	while (rest.p) {
		if (!csv_field(e->arena, &rest, &field))
			return fail_value(e, v, csv_expected);
		if (!str_split(&field, '=', &key) || !field.p || !str_eq_nocase(key, STR("from")))
			continue;
		size_t dollar = str_find_char(field, '$', 0);
		if (dollar != STR_NONE && dollar + 1 != field.n)
			return fail_value(e, v, "from= without variables (name a stage with FROM … AS instead)");
	}
	return true;
}

/* Go's strconv.ParseBool. */
static bool is_bool(struct str s)
{
	static const char *const words[] = {"1", "t", "T", "TRUE",  "true",  "True",
					    "0", "f", "F", "FALSE", "false", "False"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_eq(s, str_of(words[i])))
			return true;
	return false;
}

static bool check_device(struct examined *e, const struct value *v)
{
	struct str rest = v->text, field, key, whole;
	bool named = false;
	if (rest.n == 0)
		return fail_value(e, v, csv_expected);
	while (rest.p) {
		if (!csv_field(e->arena, &rest, &field))
			return fail_value(e, v, csv_expected);
		whole = field;
		str_split(&field, '=', &key);
		if (str_eq_nocase(key, STR("required"))) {
			if (field.p && !is_bool(field))
				return fail_value(e, v, "required=true or required=false");
		} else if (field.p && str_eq_nocase(key, STR("name"))) {
			if (named)
				return fail_value(e, v, "one device name");
			named = field.n > 0;
		} else if (named) {
			return fail_value(e, v, "one device name, and required if wanted");
		} else {
			named = whole.n > 0;
		}
	}
	return true;
}
