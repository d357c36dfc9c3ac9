#define _GNU_SOURCE
#include "bot/http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	TRIES = 6,
	FIRST_PAUSE = 250, /* milliseconds, doubled each time */
	LARGEST = 16 << 20,
	CONNECT_SECONDS = 15,
	TOTAL_SECONDS = 60,
	MOST_REDIRECTS = 5
};

/* What a response says, as far as it matters. */
struct answer {
	char *body;
	size_t n;
	bool too_large;
	long retry_after; /* seconds; -1: not said */
	long remaining;	  /* requests; -1: not said */
	long long reset;  /* when there are more, seconds since 1970; 0: not said */
	CURLcode code;
	long status;
};

static size_t take_body(char *data, size_t size, size_t n, void *user)
{
	struct answer *answer = user;
	size_t length = size * n;
	if (answer->n + length > LARGEST) {
		answer->too_large = true;
		return 0;
	}
	char *grown = realloc(answer->body, answer->n + length + 1);
	if (!grown)
		return 0;
	memcpy(grown + answer->n, data, length);
	answer->body = grown;
	answer->n += length;
	return length;
}

static long long number_after(struct str line, struct str name, long long otherwise)
{
	if (line.n <= name.n || !str_eq_nocase(str_sub(line, 0, name.n), name))
		return otherwise;
	uint32_t value;
	return str_to_u32(str_trim(str_sub(line, name.n, line.n)), &value) ? (long long)value : otherwise;
}

static size_t take_header(char *data, size_t size, size_t n, void *user)
{
	struct answer *answer = user;
	struct str line = {data, size * n};
	answer->retry_after = (long)number_after(line, STR("retry-after:"), answer->retry_after);
	answer->remaining = (long)number_after(line, STR("x-ratelimit-remaining:"), answer->remaining);
	answer->remaining = (long)number_after(line, STR("ratelimit-remaining:"), answer->remaining);
	answer->reset = number_after(line, STR("x-ratelimit-reset:"), answer->reset);
	answer->reset = number_after(line, STR("ratelimit-reset:"), answer->reset);
	return line.n;
}

bool http_init(struct http *h, struct arena *a, const struct secret *secret, const char *scheme,
	       const char *const *headers)
{
	*h = (struct http){.arena = a, .secret = secret, .scheme = scheme, .headers = headers, .longest_wait = 300};
	h->curl = curl_global_init(CURL_GLOBAL_DEFAULT) == 0 ? curl_easy_init() : NULL;
	return h->curl != NULL;
}

void http_free(struct http *h)
{
	if (!h->curl)
		return;
	curl_easy_cleanup(h->curl);
	curl_global_cleanup();
	h->curl = NULL;
}

bool http_is_private(struct arena *a, struct str url)
{
	static const char *const near[] = {"localhost", "127.0.0.1", "[::1]"};
	CURLU *parts = curl_url();
	char *scheme = NULL, *host = NULL;
	bool ok = false;
	if (parts && curl_url_set(parts, CURLUPART_URL, arena_str(a, url).p, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
		ok = strcmp(scheme, "https") == 0;
		for (size_t i = 0; i < sizeof near / sizeof *near && strcmp(scheme, "http") == 0; i++)
			ok = ok || strcmp(host, near[i]) == 0;
	}
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(parts);
	return ok;
}

static struct curl_slist *make_headers(const struct http *h, bool body)
{
	struct curl_slist *list = NULL;
	for (const char *const *header = h->headers; *header; header++)
		list = curl_slist_append(list, *header);
	if (body)
		list = curl_slist_append(list, "Content-Type: application/json");
	if (h->secret->token.n)
		list = curl_slist_append(
			list, arena_printf(h->arena, "Authorization: %s %.*s", h->scheme, STR_ARG(h->secret->token)).p);
	return list;
}

static void perform(struct http *h, const char *method, struct str url, struct str json, struct answer *answer)
{
	CURL *curl = h->curl;
	struct curl_slist *headers = make_headers(h, json.n > 0);
	curl_easy_reset(curl); /* keeps the connection */
	curl_easy_setopt(curl, CURLOPT_URL, arena_str(h->arena, url).p);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "unroot-bot");
	if (json.n) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)json.n);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, json.p);
	}
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, http_is_private(h->arena, url) ? "http,https" : "https");
	curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, str_starts(url, STR("http:")) ? "http,https" : "https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)MOST_REDIRECTS);
	curl_easy_setopt(curl, CURLOPT_POSTREDIR, (long)CURL_REDIR_POST_ALL);
	curl_easy_setopt(curl, CURLOPT_UNRESTRICTED_AUTH, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TOTAL_SECONDS);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer);
	answer->code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
	curl_slist_free_all(headers);
	h->requests++;
}

static bool is_busy(const struct answer *answer)
{
	return answer->status == 429 || (answer->status == 403 && (answer->retry_after >= 0 || answer->remaining == 0));
}

static bool is_broken(const struct answer *answer)
{
	return answer->code != CURLE_OK || answer->status == 500 || (answer->status >= 502 && answer->status <= 504);
}

/* A fault that stays: another try would only repeat it. */
static bool is_final(const struct answer *answer)
{
	switch (answer->code) {
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_TOO_MANY_REDIRECTS:
		return true;
	default:
		return answer->too_large;
	}
}

static void pause_for(long long milliseconds)
{
	struct timespec t = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
	nanosleep(&t, NULL);
}

/* Seconds that the server wants to be left alone, or -1. */
static long long wished(const struct answer *answer)
{
	if (answer->retry_after >= 0)
		return answer->retry_after;
	if (answer->reset > 0 && answer->remaining == 0) {
		long long left = answer->reset - (long long)time(NULL);
		return left > 0 ? left + 1 : 1;
	}
	return -1;
}

static void fill(struct http *h, const struct answer *answer, struct http_response *r)
{
	*r = (struct http_response){.status = answer->status, .body = STR(""), .error = STR("")};
	if (answer->n)
		r->body = arena_str(h->arena, (struct str){answer->body, answer->n});
	r->transient = (is_busy(answer) || is_broken(answer)) && !is_final(answer);
	if (answer->code == CURLE_OK)
		return;
	r->status = 0;
	r->error = answer->too_large ? STR("the answer is too large") : str_of(curl_easy_strerror(answer->code));
}

void http_send(struct http *h, const char *method, struct str url, struct str json, struct http_response *r)
{
	bool repeatable = strcmp(method, "POST") != 0;
	long long pause = FIRST_PAUSE;
	for (int attempt = 1;; attempt++) {
		struct answer answer = {.retry_after = -1, .remaining = -1};
		perform(h, method, url, json, &answer);
		if (h->verbose)
			fprintf(stderr, "unroot-bot: %s %.*s: %ld\n", method, STR_ARG(url), answer.status);
		fill(h, &answer, r);
		free(answer.body);
		long long wait = wished(&answer);
		bool again = r->transient && attempt < TRIES && (is_busy(&answer) || repeatable);
		if (!again || wait > (long long)h->longest_wait)
			return;
		pause_for(wait >= 0 ? wait * 1000 : pause);
		pause *= 2;
	}
}
