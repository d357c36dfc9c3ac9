/* unroot-bot: a program of its own, so that unroot itself needs no libcurl. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bot/suggest.h"
#include "project/location.h"

/* The program `unroot` beside this one, or in PATH. */
static const char *find_verifier(struct arena *a)
{
	char *self = realpath("/proc/self/exe", NULL);
	const char *beside = self ? location_join(a, directory_of(str_of(self)), STR("unroot")).p : "unroot";
	free(self);
	return access(beside, X_OK) == 0 ? beside : "unroot";
}

/* The address that tells the forge: that of the first clone. */
static struct str address_of(const struct bot_options *o)
{
	struct git git;
	const char *path = o->clone_count ? o->clones[0] : ".";
	struct str address = STR("");
	if (o->repositories.n)
		return address;
	if (git_open(&git, o->arena, path))
		address = git_address(&git, o->remote);
	git_close(&git);
	return address;
}

static bool open_forge(const struct bot_options *o, struct forge *forge)
{
	struct str address = address_of(o);
	const struct forge_kind *kind = o->kind ? o->kind : forge_of_address(address);
	if (forge_init(forge, o->arena, kind ? kind : &forge_github, o->api, address)) {
		forge->http.longest_wait = o->wait;
		forge->http.verbose = o->verbose;
		return true;
	}
	fprintf(stderr, "unroot-bot: %.*s\n", STR_ARG(forge->error));
	return false;
}

static void print_totals(const struct totals *t, const struct forge *forge)
{
	const struct {
		size_t n;
		const char *text;
	} parts[] = {
		{t->opened, forge ? "opened" : "would be opened"},
		{t->updated, "updated"},
		{t->closed, "closed"},
		{t->current, "up to date"},
		{t->declined, "declined"},
		{t->foreign, "of others"},
		{t->unsure, "not judged"},
		{t->put_off, "put off"},
		{t->nothing, "with nothing to do"},
		{t->failed, "failed"},
	};
	const char *between = "";
	fflush(stdout);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (parts[i].n == 0)
			continue;
		fprintf(stderr, "%s%zu %s", between, parts[i].n, parts[i].text);
		between = ", ";
	}
	if (forge)
		fprintf(stderr, "%s%zu requests sent", *between ? "; " : "", forge->http.requests);
	fputc('\n', stderr);
}

static void run_one(const struct bot_options *o, struct forge *forge, const char *path, bool remote,
		    struct totals *totals)
{
	if (o->suggest)
		suggest_run(o, forge, path, remote, totals);
	else
		run_repository(o, forge, path, remote, o->verify ? find_verifier(o->arena) : NULL, totals);
}

static int run(const struct bot_options *o)
{
	struct totals totals = {0};
	struct forge forge = {0}, *online = o->dry_run ? NULL : &forge;
	if (online && !open_forge(o, online)) {
		forge_free(online);
		return BOT_FAILED;
	}
	for (size_t i = 0; i < o->repositories.n; i++)
		run_one(o, online, o->repositories.at[i], true, &totals);
	for (size_t i = 0; i < o->clone_count; i++)
		run_one(o, online, o->clones[i], false, &totals);
	if (o->repositories.n == 0 && o->clone_count == 0)
		run_one(o, online, ".", false, &totals);
	if (!o->quiet)
		print_totals(&totals, online);
	if (online)
		forge_free(online);
	if (totals.failed || ferror(stdout) || fflush(stdout) != 0)
		return BOT_FAILED;
	return o->dry_run && totals.opened ? BOT_FOUND : BOT_DONE;
}

int main(int argc, char **argv)
{
	struct bot_options options;
	struct arena arena;
	jmp_buf out_of_memory;
	int code = BOT_FAILED;
	signal(SIGPIPE, SIG_IGN);
	arena_init(&arena, NULL, 0);
	arena_arm(&arena, &out_of_memory);
	if (setjmp(out_of_memory) != 0) {
		fputs("unroot-bot: out of memory\n", stderr);
		return BOT_FAILED;
	}
	code = bot_options_read(&options, &arena, argc, argv);
	if (code == BOT_GO)
		code = run(&options);
	arena_free(&arena);
	return code;
}
