#include "bot/forge.h"

#include <stdarg.h>
#include <stdlib.h>

#include "report/report.h"

static const struct forge_kind *const kinds[] = {&forge_github, &forge_gitlab, &forge_gitea};
enum { KINDS = sizeof kinds / sizeof *kinds, MOST_OF_AN_ERROR = 300 };

const struct forge_kind *forge_by_name(struct str name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (str_eq(name, str_of(kinds[i]->name)))
			return kinds[i];
	return str_eq(name, STR("forgejo")) ? &forge_gitea : NULL;
}

/* An address is SCHEME://[USER@]HOST[:PORT]/PATH or [USER@]HOST:PATH. */
struct address {
	struct str scheme, host, path; /* host: with its port */
};

static bool address_split(struct str text, struct address *out)
{
	size_t scheme = str_find(text, STR("://"), 0);
	*out = (struct address){0};
	if (scheme != STR_NONE) {
		out->scheme = str_sub(text, 0, scheme);
		text = str_sub(text, scheme + 3, text.n);
	}
	size_t end = str_find_char(text, scheme == STR_NONE ? ':' : '/', 0);
	if (end == STR_NONE)
		return false;
	out->host = str_sub(text, 0, end);
	out->path = str_sub(text, end + 1, text.n);
	size_t user = str_find_last_char(out->host, '@');
	if (user != STR_NONE)
		out->host = str_sub(out->host, user + 1, out->host.n);
	return out->host.n > 0 && str_find_char(out->host, '/', 0) == STR_NONE;
}

const struct forge_kind *forge_of_address(struct str text)
{
	struct address address;
	if (address_split(text, &address)) {
		if (str_eq(address.host, STR("github.com")))
			return &forge_github;
		if (str_starts(address.host, STR("gitlab.")))
			return &forge_gitlab;
		if (str_eq(address.host, STR("codeberg.org")) || str_starts(address.host, STR("gitea.")) ||
		    str_starts(address.host, STR("forgejo.")))
			return &forge_gitea;
	}
	/* Gitea's own runners set GITHUB_… as well. */
	if (getenv("GITEA_ACTIONS") || getenv("FORGEJO_ACTIONS") || getenv("GITEA_TOKEN") || getenv("FORGEJO_TOKEN"))
		return &forge_gitea;
	if (getenv("GITLAB_TOKEN") || getenv("GITLAB_CI"))
		return &forge_gitlab;
	if (getenv("GH_TOKEN") || getenv("GITHUB_TOKEN"))
		return &forge_github;
	return NULL;
}

struct str forge_path_of_address(struct arena *a, struct str text)
{
	struct address address;
	if (!address_split(text, &address))
		return STR("");
	struct str path = address.path;
	while (str_starts(path, STR("/")))
		path = str_sub(path, 1, path.n);
	while (str_ends(path, STR("/")))
		path = str_sub(path, 0, path.n - 1);
	if (str_ends(path, STR(".git")))
		path = str_sub(path, 0, path.n - 4);
	return str_find_char(path, '/', 0) == STR_NONE ? STR("") : arena_str(a, path);
}

static struct str without_slash(struct str s)
{
	return str_ends(s, STR("/")) ? str_sub(s, 0, s.n - 1) : s;
}

static struct str variable(struct forge *f, const char *name)
{
	return without_slash(arena_str(f->arena, str_of(getenv(name))));
}

/* An option is believed before the environment, and that before the address of a clone. */
static void find_addresses(struct forge *f, const char *api, struct str repository)
{
	struct address address;
	const char *server = f->kind == &forge_gitlab ? "CI_SERVER_URL" : "GITHUB_SERVER_URL";
	f->api = api ? without_slash(arena_str(f->arena, str_of(api))) : variable(f, f->kind->api_variable);
	if (!api && f->api.n)
		f->server = variable(f, server);
	if (f->api.n == 0 && address_split(repository, &address) && !str_eq(address.host, STR("github.com"))) {
		struct str scheme = str_eq(address.scheme, STR("http")) ? STR("http") : STR("https");
		f->server = arena_printf(f->arena, "%.*s://%.*s", STR_ARG(scheme), STR_ARG(address.host));
		f->api = arena_printf(f->arena, "%.*s%s", STR_ARG(f->server), f->kind->api_path);
	}
	if (f->api.n == 0)
		f->api = str_of(f->kind->default_api);
	/* GitHub's own API has a host of its own; everywhere else it lies on the server's. */
	if (f->server.n == 0 && str_eq(f->api, str_of(forge_github.default_api)))
		f->server = STR("https://github.com");
	else if (f->server.n == 0 && address_split(f->api, &address))
		f->server = arena_printf(f->arena, "%.*s://%.*s", STR_ARG(address.scheme), STR_ARG(address.host));
}

static struct str host_alone(struct str host)
{
	size_t colon = str_find_last_char(host, ':');
	return colon == STR_NONE ? host : str_sub(host, 0, colon);
}

bool forge_is_of(const struct forge *f, struct str text)
{
	struct address address, server;
	if (!address_split(text, &address) ||
	    !address_split(arena_printf(f->arena, "%.*s/", STR_ARG(f->server)), &server))
		return false;
	struct str host = host_alone(address.host);
	/* Port 443 of ssh has a host of its own on github.com and gitlab.com. */
	if (str_eq(host, STR("ssh.github.com")) || str_eq(host, STR("altssh.gitlab.com")))
		host = str_sub(host, str_find_char(host, '.', 0) + 1, host.n);
	return str_eq_nocase(host, host_alone(server.host));
}

bool forge_init(struct forge *f, struct arena *a, const struct forge_kind *kind, const char *api, struct str address)
{
	*f = (struct forge){.kind = kind, .arena = a};
	find_addresses(f, api, address);
	secret_take(a, kind->tokens, kind->git_user, &f->secret);
	if (f->secret.token.n == 0)
		return forge_fail(f, "no token: set %s", kind->tokens[0]);
	for (size_t i = 0; i < f->secret.token.n; i++)
		if (f->secret.token.p[i] <= ' ' || f->secret.token.p[i] > '~')
			return forge_fail(f, "the token holds a character that no token has");
	if (f->api.n == 0)
		return forge_fail(f, "the API's address is not known: use --api, or set %s", kind->api_variable);
	if (!http_is_private(a, f->api))
		return forge_fail(f, "%.*s: a token is only sent to https://", STR_ARG(f->api));
	if (!http_init(&f->http, a, &f->secret, kind->scheme, kind->headers))
		return forge_fail(f, "libcurl cannot be used");
	return true;
}

void forge_free(struct forge *f)
{
	json_decref(f->json);
	f->json = NULL;
	http_free(&f->http);
}

bool forge_fail(struct forge *f, const char *format, ...)
{
	va_list args;
	struct buf clean = buf_new(f->arena);
	va_start(args, format);
	struct str text = arena_vprintf(f->arena, format, args);
	va_end(args);
	report_clean(&clean, secret_hide(f->arena, &f->secret, text));
	f->error = arena_str(f->arena, buf_str(&clean));
	return false;
}

/* What the forge says of its refusal. */
static struct str reason_of(struct forge *f)
{
	struct str message = json_text_at(f->arena, f->json, "message");
	const json_t *errors = json_object_get(f->json, "errors"), *first = json_array_get(errors, 0);
	struct str more = json_text_at(f->arena, first, "message");
	if (message.n == 0)
		message = json_text_at(f->arena, f->json, "error");
	if (message.n == 0 && json_is_array(json_object_get(f->json, "message")))
		message = str_of(json_string_value(json_array_get(json_object_get(f->json, "message"), 0)));
	if (json_is_string(first))
		more = str_of(json_string_value(first));
	if (more.n)
		message = arena_printf(f->arena, "%.*s: %.*s", STR_ARG(message), STR_ARG(more));
	return message.n > MOST_OF_AN_ERROR ? str_sub(message, 0, MOST_OF_AN_ERROR) : message;
}

bool forge_call(struct forge *f, const char *method, struct str path, json_t *body)
{
	struct http_response response;
	struct str url = arena_printf(f->arena, "%.*s%.*s", STR_ARG(f->api), STR_ARG(path)), json = {0};
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	bool given = body != NULL;
	json_decref(body);
	if (text)
		json = arena_str(f->arena, str_of(text));
	free(text);
	json_decref(f->json);
	f->json = NULL;
	f->status = 0;
	f->transient = false;
	if (!given && method[0] == 'P')
		return forge_fail(f, "%s %.*s: a path or a name is not UTF-8, which JSON cannot hold", method,
				  STR_ARG(path));
	http_send(&f->http, method, url, json, &response);
	f->status = response.status;
	f->transient = response.transient;
	if (response.body.n)
		f->json = json_loadb(response.body.p, response.body.n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	if (response.status >= 200 && response.status < 300)
		return true;
	if (response.status == 0)
		return forge_fail(f, "%s: %s %.*s: %.*s", f->kind->title, method, STR_ARG(path),
				  STR_ARG(response.error));
	return forge_fail(f, "%s: %s %.*s: %ld %.*s", f->kind->title, method, STR_ARG(path), response.status,
			  STR_ARG(reason_of(f)));
}

json_t *json_text(struct str text)
{
	return json_stringn(text.p, text.n);
}

struct str forge_part(struct arena *a, struct str text)
{
	struct buf out = buf_new(a);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (ascii_alpha(c) || ascii_digit(c) || c == '-' || c == '.' || c == '_' || c == '~')
			buf_char(&out, c);
		else
			buf_printf(&out, "%%%02X", (unsigned char)c);
	}
	return arena_str(a, buf_str(&out));
}

static const json_t *member(const json_t *object, const char *name)
{
	const char *dot = strchr(name, '.');
	char outer[16] = "";
	if (!dot)
		return json_object_get(object, name);
	memcpy(outer, name, (size_t)(dot - name));
	return json_object_get(json_object_get(object, outer), dot + 1);
}

struct str json_text_at(struct arena *a, const json_t *object, const char *name)
{
	const json_t *value = member(object, name);
	if (!json_is_string(value))
		return STR("");
	return arena_str(a, (struct str){json_string_value(value), json_string_length(value)});
}

uint64_t json_number_at(const json_t *object, const char *name)
{
	json_int_t value = json_integer_value(member(object, name));
	return value > 0 ? (uint64_t)value : 0;
}

bool json_true_at(const json_t *object, const char *name)
{
	return json_is_true(member(object, name));
}
