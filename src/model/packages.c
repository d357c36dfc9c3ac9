/* What the commands of the distributions' package managers show. */
#include "model/step.h"

struct manager {
	const char *names; /* with commas */
	enum family family;
	enum account_tools tools; /* of an image that is known by its package manager alone */
	const char *installs;	  /* subcommands that name packages, with commas; ending in '*': beginnings */
	const char *changes;	  /* others that change the system */
	bool files;		  /* packages are named as files */
};

static const struct manager managers[] = {
	{"apt-get,apt,aptitude", FAMILY_DEBIAN, TOOLS_SHADOW, "install,reinstall,build-dep",
	 "update,upgrade,dist-upgrade,full-upgrade,safe-upgrade,remove,purge,autoremove,autopurge", false},
	{"dpkg", FAMILY_DEBIAN, TOOLS_SHADOW, "-i*,--install,--configure", "-r,-P,--remove,--purge,--add-architecture",
	 true},
	{"apk,apk.static", FAMILY_ALPINE, TOOLS_BUSYBOX, "add", "update,upgrade,del,fix", false},
	{"dnf,dnf5,yum", FAMILY_RHEL, TOOLS_SHADOW, "install,reinstall,localinstall,groupinstall",
	 "update,upgrade,remove,erase,swap,makecache,autoremove,distro-sync,module", false},
	{"microdnf,tdnf", FAMILY_RHEL, TOOLS_INSTALL, "install,reinstall", "update,upgrade,remove,makecache", false},
	{"rpm", FAMILY_UNKNOWN, TOOLS_UNKNOWN, "-i*,-U*,-F*,--install,--upgrade", "-e*,--import,--erase", true},
	{"zypper", FAMILY_SUSE, TOOLS_SHADOW, "install,in", "refresh,ref,update,up,dist-upgrade,dup,patch,remove,rm",
	 false},
	{"pacman", FAMILY_ARCH, TOOLS_SHADOW, "-S*,-U*", "-R*", false},
};

static const struct manager *manager_of(struct str name)
{
	for (size_t i = 0; i < sizeof managers / sizeof *managers; i++)
		if (str_in_list(str_of(managers[i].names), name))
			return &managers[i];
	return NULL;
}

static bool is_verb(const char *list, struct str word)
{
	struct str rest = str_of(list), verb;
	while (str_split(&rest, ',', &verb)) {
		bool beginning = str_ends(verb, STR("*"));
		if (beginning ? str_starts(word, str_sub(verb, 0, verb.n - 1)) : str_eq(word, verb))
			return true;
	}
	return false;
}

/* Package managers tell the family of a base that the table does not know. One that is only tried tells nothing. */
static void learn_family(struct step *s, const struct manager *m, struct str name)
{
	struct facts *f = s->f;
	bool believed = f->family == m->family && !f->family_sure;
	if ((f->family != FAMILY_UNKNOWN && !believed) || m->family == FAMILY_UNKNOWN ||
	    (s->where & (SHELL_CONDITIONAL | SHELL_TEST)))
		return;
	f->family_sure = true;
	f->family_why = arena_printf(f->arena, "%.*s is used in it", STR_ARG(name));
	/* Red Hat's and SUSE's small images have no useradd. */
	bool sure = m->family != FAMILY_RHEL && m->family != FAMILY_SUSE;
	if (believed) {
		f->tools_sure |= sure && f->tools == m->tools;
		return;
	}
	f->family = m->family;
	f->tools = m->tools;
	f->tools_sure = sure;
	f->tools_manager = m->tools == TOOLS_INSTALL ? arena_str(f->arena, name) : STR("");
	f->tools_package = STR("shadow-utils");
}

struct str step_package_name(struct str word)
{
	size_t n = 0;
	while (n < word.n && (ascii_alpha(word.p[n]) || !memchr("=<>~@:/", word.p[n], 8)))
		n++;
	return str_sub(word, 0, n);
}

/* A variable may hold several names. */
static void find_root_package(struct step *s, const struct shell_word *word)
{
	struct str names = step_value(s, word), name;
	if (!names.p && word->glob)
		names = word->text;
	while (names.p && s->words->package.n == 0 && str_word(&names, &name)) {
		enum program_kind kind = tables_program(s->f->tables, step_package_name(name)).kind;
		if (kind != PROGRAM_ROOT && kind != PROGRAM_DROPS)
			continue;
		s->run->flags |= RUN_ROOT_PACKAGE;
		s->words->package = step_package_name(name);
	}
}

void step_package_manager(struct step *s, const struct shell_word *words, uint32_t n)
{
	struct str name = command_name(words[0].text);
	const struct manager *m = manager_of(name);
	bool installs = false, changes = false;
	if (!m)
		return;
	learn_family(s, m, name);
	const struct option_set *set = command_options(s->f->tables->commands, words);
	for (uint32_t i = 1; i < n; i += option_width(set, words, i)) {
		struct str word = words[i].text;
		if (!installs) {
			installs = is_verb(m->installs, word);
			changes = changes || installs || is_verb(m->changes, word);
		} else if (word.n && word.p[0] != '-' && !m->files) {
			find_root_package(s, &words[i]);
		}
	}
	if (!changes)
		return;
	step_proves_root(s);
	if (!(s->how & (UNWRAP_SUDO | UNWRAP_FAKE | UNWRAP_OTHER_USER)))
		s->run->flags |= RUN_INSTALLS;
}
