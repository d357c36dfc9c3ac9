#define _XOPEN_SOURCE 700

#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void give_up(const char *what, const char *path)
{
	fprintf(stderr, "%s: %s: %s\n", what, path, strerror(errno));
	exit(99);
}

struct str file_bytes(struct arena *a, const char *path)
{
	struct buf bytes = buf_new(a);
	char part[16384];
	FILE *f = fopen(path, "rb");
	if (!f)
		give_up("cannot read", path);
	for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
		buf_add(&bytes, (struct str){part, n});
	if (ferror(f))
		give_up("cannot read", path);
	fclose(f);
	return buf_str(&bytes);
}

static void make_parents(const char *path)
{
	char *copy = strdup(path);
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0777) != 0 && errno != EEXIST)
			give_up("cannot make directory", copy);
		*slash = '/';
	}
	free(copy);
}

void file_put(const char *path, struct str bytes)
{
	make_parents(path);
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(bytes.p, 1, bytes.n, f) != bytes.n || fclose(f) != 0)
		give_up("cannot write", path);
}

bool path_exists(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void names_in(struct arena *a, const char *path, struct paths *out)
{
	DIR *d = opendir(path);
	if (!d)
		give_up("cannot read directory", path);
	for (struct dirent *entry; (entry = readdir(d));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			*VEC_PUSH(a, *out) = arena_str(a, str_of(entry->d_name)).p;
	closedir(d);
	if (out->n)
		qsort(out->at, out->n, sizeof *out->at, by_text);
}

void paths_below(struct arena *a, const char *path, const char *suffix, struct paths *out)
{
	struct paths todo = {0};
	*VEC_PUSH(a, todo) = path;
	while (todo.n > 0) {
		const char *here = todo.at[--todo.n];
		struct stat st;
		if (lstat(here, &st) != 0)
			give_up("cannot find", here);
		if (S_ISREG(st.st_mode) && str_ends(str_of(here), str_of(suffix)))
			*VEC_PUSH(a, *out) = here;
		if (!S_ISDIR(st.st_mode))
			continue;
		struct paths names = {0};
		names_in(a, here, &names);
		for (size_t i = 0; i < names.n; i++)
			*VEC_PUSH(a, todo) = arena_printf(a, "%s/%s", here, names.at[i]).p;
	}
	if (out->n)
		qsort(out->at, out->n, sizeof *out->at, by_text);
}

const char *scratch_new(struct arena *a)
{
	const char *parent = getenv("TMPDIR");
	struct str path = arena_printf(a, "%s/unroot-test-XXXXXX", parent && *parent ? parent : "/tmp");
	if (!mkdtemp((char *)path.p))
		give_up("cannot make directory", path.p);
	return path.p;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *place)
{
	(void)st;
	(void)kind;
	(void)place;
	return remove(path);
}

void scratch_remove(const char *path)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		give_up("cannot remove", path);
}

static _Noreturn void become(const char *directory, const char *const argv[], int output)
{
	int empty = open("/dev/null", O_RDONLY);
	if (empty < 0 || dup2(empty, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
		_exit(126);
	if (directory && chdir(directory) != 0)
		_exit(126);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static void show(FILE *f)
{
	char part[4096];
	rewind(f);
	for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
		fwrite(part, 1, n, stderr);
}

int run_program(const char *directory, const char *const argv[], int expected)
{
	int status;
	FILE *output = tmpfile();
	if (!output)
		give_up("cannot make", "a temporary file");
	fflush(NULL);
	pid_t child = fork();
	if (child == 0)
		become(directory, argv, fileno(output));
	if (child < 0 || waitpid(child, &status, 0) != child)
		give_up("cannot run", argv[0]);
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	if (code != expected) {
		fprintf(stderr, "%s: exit code %d, not %d\n", argv[0], code, expected);
		show(output);
	}
	fclose(output);
	return code;
}
