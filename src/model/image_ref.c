#include "model/family.h"

/* Names under which Docker Hub can be reached, and mirrors that keep its names. Docker's reference for image names,
   Google's and Amazon's documentation of their mirrors; ubuntu.azurecr.io is what .NET's own Dockerfiles use. */
static const char *const hub_prefixes[] = {
	"docker.io/",	  "index.docker.io/",	    "registry-1.docker.io/", "registry.hub.docker.com/",
	"mirror.gcr.io/", "public.ecr.aws/docker/", "ubuntu.azurecr.io/",
};

/* What a proxy puts between its own name and the Hub's: GitLab's dependency proxy, and the common habit of naming a
   cache after what it caches. */
static const char *const hub_infixes[] = {
	"/docker.io/",
	"/dependency_proxy/containers/",
	"/docker-hub/library/",
	"/dockerhub/library/",
};

/* Namespaces of official images for one architecture (README of docker-library/official-images); the last four are
   what they were called until 2017, so that their `latest` is not today's. */
static const struct {
	const char *name;
	bool outdated;
} architectures[] = {
	{"amd64/", false},    {"arm32v5/", false},  {"arm32v6/", false}, {"arm32v7/", false}, {"arm64v8/", false},
	{"i386/", false},     {"mips64le/", false}, {"ppc64le/", false}, {"riscv64/", false}, {"s390x/", false},
	{"winamd64/", false}, {"armhf/", true},	    {"armel/", true},	 {"aarch64/", true},  {"i686/", true},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool cut_prefix(struct str *s, struct str prefix)
{
	if (!str_starts(*s, prefix) || s->n == prefix.n)
		return false;
	*s = str_sub(*s, prefix.n, s->n);
	return true;
}

static void cut_hub(struct str *repository)
{
	for (size_t i = 0; i < COUNT(hub_prefixes); i++)
		if (cut_prefix(repository, str_of(hub_prefixes[i])))
			break;
	for (size_t i = 0; i < COUNT(hub_infixes); i++) {
		struct str infix = str_of(hub_infixes[i]);
		size_t at = str_find(*repository, infix, 0);
		if (at != STR_NONE && at + infix.n < repository->n) {
			*repository = str_sub(*repository, at + infix.n, repository->n);
			break;
		}
	}
	cut_prefix(repository, STR("library/"));
}

static bool cut_architecture(struct str *repository)
{
	size_t slash = str_find_char(*repository, '/', 0);
	if (slash == STR_NONE || str_find_char(*repository, '/', slash + 1) != STR_NONE)
		return false;
	for (size_t i = 0; i < COUNT(architectures); i++)
		if (cut_prefix(repository, str_of(architectures[i].name)))
			return architectures[i].outdated;
	return false;
}

/* What no tag can hold is a variable or a template's mark that nobody filled in. */
static bool is_tag(struct str tag)
{
	for (size_t i = 0; i < tag.n; i++)
		if (!ascii_alpha(tag.p[i]) && !ascii_digit(tag.p[i]) && !memchr("_.-", tag.p[i], 3))
			return false;
	return true;
}

struct image_ref image_ref_of(struct str reference)
{
	struct image_ref ref = {.repository = reference, .tag = STR("latest"), .digest = {"", 0}};
	size_t at = str_find_char(reference, '@', 0);
	if (at != STR_NONE) {
		ref.repository = str_sub(reference, 0, at);
		ref.digest = str_sub(reference, at + 1, reference.n);
		ref.tag.n = 0;
	}
	size_t name = str_find_last_char(ref.repository, '/');
	size_t colon = str_find_char(ref.repository, ':', name == STR_NONE ? 0 : name + 1);
	if (colon != STR_NONE) {
		struct str tag = str_sub(ref.repository, colon + 1, ref.repository.n);
		ref.repository.n = colon;
		if (tag.n > 0)
			ref.tag = tag;
	}
	if (!is_tag(ref.tag))
		ref.tag.n = 0;
	cut_hub(&ref.repository);
	if (cut_architecture(&ref.repository) && str_eq(ref.tag, STR("latest")))
		ref.tag.n = 0;
	return ref;
}
