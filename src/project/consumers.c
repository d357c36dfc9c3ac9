#include "project/consumers.h"

#include "base/file.h"
#include "base/path.h"
#include "project/walk.h"
#include "project/walk_name.h"

enum { MOST_DIRECTORIES = 20000, LARGEST = 1 << 20 };

/* "kind:" at the beginning of a line, and something that has ports. */
static bool is_manifest(struct str text)
{
	static const char *const parts[] = {"containers:", "targetPort", "port:"};
	bool kind = str_starts(text, STR("kind:")) || str_find(text, STR("\nkind:"), 0) != STR_NONE;
	for (size_t i = 0; kind && i < sizeof parts / sizeof *parts; i++)
		if (str_find(text, str_of(parts[i]), 0) != STR_NONE)
			return true;
	return false;
}

static bool looks_like_manifest(const char *path, struct file_bytes *bytes)
{
	struct file_error error;
	return file_read(path, LARGEST, bytes, NULL, &error) && is_manifest((struct str){bytes->p, bytes->n});
}

static bool is_wanted(struct str name)
{
	return walk_is_yaml(name) || walk_is_dockerfile(name);
}

struct consumers_found consumers_find(struct arena *a, const struct location *location)
{
	static const struct text_list none;
	static const struct settings defaults;
	struct buf errors = buf_new(a); /* what cannot be read has nothing to say */
	struct configs configs;
	struct file_bytes bytes = {0};
	struct walk walk = {.arena = a,
			    .configs = &configs,
			    .exclude = &none,
			    .errors = &errors,
			    .wanted = is_wanted,
			    .most = location->repository.n ? MOST_DIRECTORIES : 1};
	const struct location repository = {location->repository, location->repository};
	walk.location = location->repository.n ? &repository : location;
	const char *top = walk.location->directory.p;
	VEC(const char *) files = {0}, manifests = {0}, dockerfiles = {0};
	configs_init(&configs, a, &defaults, NULL, true, &errors);
	walk_paths(&walk, &(char *){(char *)(uintptr_t)top}, 1);
	for (size_t i = 0; i < walk.found.n; i++) {
		const char *path = walk.found.at[i].path;
		struct str name = path_last(str_of(path));
		if (!walk_is_yaml(name))
			*VEC_PUSH(a, dockerfiles) = path;
		else if (walk_is_compose(name))
			*VEC_PUSH(a, files) = path;
		else if (looks_like_manifest(path, &bytes))
			*VEC_PUSH(a, manifests) = path;
	}
	for (size_t i = 0; i < manifests.n; i++)
		*VEC_PUSH(a, files) = manifests.at[i];
	*VEC_PUSH(a, files) = NULL;
	*VEC_PUSH(a, dockerfiles) = NULL;
	file_bytes_free(&bytes);
	configs_free(&configs);
	if (walk.cut && location->repository.n)
		return (struct consumers_found){NULL, NULL};
	return (struct consumers_found){files.at, dockerfiles.at};
}
