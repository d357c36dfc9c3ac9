#define _GNU_SOURCE
#include "bot/secret.h"

#include <stdlib.h>

static const char *const all_names[] = {
	"GH_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN", "GITEA_TOKEN", "FORGEJO_TOKEN", NULL};

struct str secret_base64(struct arena *a, struct str s)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf out = buf_new(a);
	for (size_t i = 0; i < s.n; i += 3) {
		uint32_t bits = 0;
		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (i + k < s.n ? (unsigned char)s.p[i + k] : 0u);
		for (size_t k = 0; k < 4; k++)
			buf_char(&out, i + k > s.n ? '=' : letters[bits >> (18 - 6 * k) & 63]);
	}
	return arena_str(a, buf_str(&out));
}

static void wipe(const char *name)
{
	char *value = getenv(name);
	if (!value)
		return;
	explicit_bzero(value, strlen(value));
	unsetenv(name);
}

void secret_take(struct arena *a, const char *const *names, const char *user, struct secret *out)
{
	*out = (struct secret){0};
	for (; *names && out->token.n == 0; names++)
		out->token = arena_str(a, str_trim(str_of(getenv(*names))));
	for (size_t i = 0; all_names[i]; i++)
		wipe(all_names[i]);
	if (out->token.n)
		out->basic = secret_base64(a, arena_printf(a, "%s:%.*s", user, STR_ARG(out->token)));
}

static struct str hide(struct arena *a, struct str secret, struct str text)
{
	struct buf out = buf_new(a);
	size_t at = 0, found;
	if (secret.n == 0 || str_find(text, secret, 0) == STR_NONE)
		return text;
	for (; (found = str_find(text, secret, at)) != STR_NONE; at = found + secret.n) {
		buf_add(&out, str_sub(text, at, found));
		buf_add(&out, STR("***"));
	}
	buf_add(&out, str_sub(text, at, text.n));
	return arena_str(a, buf_str(&out));
}

struct str secret_hide(struct arena *a, const struct secret *s, struct str text)
{
	return hide(a, s->basic, hide(a, s->token, text));
}
