#include "model/operands.h"

enum { MAX_ROWS = 9 };

/* How a set is written down. */
struct option_list {
	const char *commands; /* with commas */
	struct {
		const char *options; /* with commas */
		enum option_role role;
	} rows[MAX_ROWS];
	bool words; /* options are whole words, also behind one dash: -out */
	bool old;   /* the first word is a bundle of options without a dash: tar xzf */
};

struct option_set {
	struct map roles; /* option -> its role + 1 */
	bool words, old;  /* as above */
};

#define PIP_NAMES "pip,pip2,pip3,pip2.7,pip3.6,pip3.7,pip3.8,pip3.9,pip3.10,pip3.11,pip3.12,pip3.13,pip3.14"

static const struct option_list lists[] = {
	{.commands = "curl",
	 .rows = {{"-o,--output", ROLE_FILE},
		  {"--output-dir", ROLE_DIR},
		  {"-O,--remote-name,--remote-name-all", ROLE_REMOTE},
		  {"-J,--remote-header-name", ROLE_UNNAMED},
		  {"-A,-b,-c,-C,-d,-D,-e,-E,-F,-h,-H,-K,-m,-P,-Q,-r,-t,-T,-u,-U,-w,-x,-X,-y,-Y,-z", ROLE_VALUE},
		  {"--retry,--retry-delay,--retry-max-time,--max-time,--connect-timeout,--header,--user,--user-agent,--"
		   "request,"
		   "--data,--data-raw,--data-binary,--data-urlencode,--form,--proxy,--cacert,--cert,--key,--cookie,--"
		   "cookie-jar,"
		   "--referer,--write-out,--tls-max,--ciphers,--resolve,--limit-rate,--max-redirs,--proto,--proto-"
		   "redir,"
		   "--proto-default,--interface,--speed-limit,--speed-time,--config,--range,--continue-at,--capath,"
		   "--netrc-file,--proxy-user,--upload-file,--oauth2-bearer,--dump-header",
		   ROLE_VALUE}}},
	{.commands = "wget",
	 .rows = {{"-O,--output-document", ROLE_FILE},
		  {"-P,--directory-prefix", ROLE_DIR},
		  {"-nv,-nc,-nd,-nH,-np", ROLE_FLAG},
		  {"-r,-m,-p,-x,--recursive,--mirror,--page-requisites,--content-disposition,--force-directories",
		   ROLE_UNNAMED},
		  {"-a,-o,-e,-t,-T,-w,-Q,-U,-B,-l,-A,-R,-D,-I,-X,-i", ROLE_VALUE},
		  {"--append-output,--output-file,--execute,--tries,--timeout,--wait,--waitretry,--user,--password,--"
		   "header,"
		   "--user-agent,--post-data,--post-file,--referer,--limit-rate,--input-file,--connect-timeout,--read-"
		   "timeout,"
		   "--dns-timeout,--ca-certificate,--load-cookies,--save-cookies,--level,--accept,--reject,--domains",
		   ROLE_VALUE}}},
	{.commands = "aria2c",
	 .rows = {{"-o,--out", ROLE_FILE},
		  {"-d,--dir", ROLE_DIR},
		  {"-i,-x,-s,-k,-j,-l,-t,--input-file,--max-connection-per-server,--split,--min-split-size",
		   ROLE_VALUE}}},
	{.commands = "axel,fetch", .rows = {{"-o,--output", ROLE_FILE}, {"-n,-s,-U,-H,-T", ROLE_VALUE}}},
	{.commands = "openssl",
	 .rows = {{"-out,-keyout", ROLE_FILE},
		  {"-in,-inkey,-subj,-days,-newkey,-key,-config,-extensions,-addext,-passin,-passout,-CA,-CAkey,-"
		   "extfile",
		   ROLE_VALUE}},
	 .words = true},
	{.commands = "tar,bsdtar",
	 .rows = {{"-C,--directory", ROLE_DIR},
		  {"-f,--file", ROLE_FILE},
		  {"-x,--extract,--get", ROLE_EXTRACT},
		  {"-c,-r,-u,-A,--create,--append,--update", ROLE_CREATE},
		  {"-t,-O,-d,--list,--to-stdout,--diff", ROLE_STDOUT},
		  {"-b,-g,-H,-I,-K,-L,-N,-T,-V,-X,-F,--strip-components,--exclude,--exclude-from,--transform,--xform,--"
		   "owner,"
		   "--group,--mode,--files-from,--use-compress-program,--mtime,--format",
		   ROLE_VALUE}},
	 .old = true},
	{.commands = "jar",
	 .rows = {{"-x,--extract", ROLE_EXTRACT},
		  {"-c,-u,--create", ROLE_CREATE},
		  {"-t", ROLE_STDOUT},
		  {"-f,--file", ROLE_FILE}},
	 .old = true},
	{.commands = "unzip", .rows = {{"-d", ROLE_DIR}, {"-l,-p,-t,-v,-z,-Z,-c", ROLE_STDOUT}, {"-x,-P", ROLE_VALUE}}},
	{.commands = "7z,7za,7zr,7zz",
	 .rows = {{"-o", ROLE_DIR},
		  {"-y,-r,-bd,-bb,-bso0,-bsp0,-bsp1,-bse0,-aoa,-aos", ROLE_FLAG},
		  {"-p,-t,-m,-x,-i", ROLE_JOINED}}},
	{.commands = "cpio",
	 .rows = {{"-D,--directory", ROLE_DIR}, {"-i,--extract", ROLE_EXTRACT}, {"-F,-I,-O,-H,-R", ROLE_VALUE}}},
	{.commands = "gzip,gunzip,bzip2,bunzip2,xz,unxz,zstd,unzstd,lzma,unlzma",
	 .rows = {{"-o", ROLE_FILE}, {"-c,-t,-l,--stdout,--test,--list", ROLE_STDOUT}, {"-S,-T,--suffix", ROLE_VALUE}}},
	{.commands = "patch", .rows = {{"-d,--directory", ROLE_DIR}, {"-i,-p,-o,-F,--input,--strip", ROLE_VALUE}}},
	{.commands = "cp,mv,ln", .rows = {{"-t,--target-directory", ROLE_DIR}, {"-S,--suffix", ROLE_VALUE}}},
	{.commands = "install",
	 .rows = {{"-t,--target-directory", ROLE_DIR},
		  {"-d,--directory", ROLE_DIRECTORY},
		  {"-o,--owner", ROLE_OWNER},
		  {"-g,--group", ROLE_GROUP},
		  {"-m,--mode", ROLE_MODE},
		  {"-S,--suffix,--strip-program", ROLE_VALUE}}},
	{.commands = "rsync",
	 .rows = {{"-e,-f,-B,-T,--rsh,--exclude,--include,--exclude-from,--include-from,--filter,--chown,--chmod,--log-"
		   "file",
		   ROLE_VALUE}}},
	{.commands = "mkdir,mkfifo", .rows = {{"-m,--mode", ROLE_MODE}}},
	{.commands = "touch", .rows = {{"-d,-r,-t,--date,--reference,--time", ROLE_VALUE}}},
	{.commands = "truncate", .rows = {{"-s,-r,--size,--reference", ROLE_VALUE}}},
	{.commands = "chown,chgrp,chmod", .rows = {{"--reference", ROLE_REFERENCE}, {"--from", ROLE_VALUE}}},
	{.commands = "sed",
	 .rows = {{"-i,--in-place", ROLE_IN_PLACE},
		  {"-e,-f,--expression,--file", ROLE_SCRIPT},
		  {"-l,--line-length", ROLE_VALUE}}},
	{.commands = "perl",
	 .rows = {{"-i", ROLE_IN_PLACE}, {"-e,-E", ROLE_SCRIPT}, {"-M,-m,-I,-F,-C,-x", ROLE_JOINED}}},
	{.commands = "git",
	 .rows = {{"-C", ROLE_CHDIR},
		  {"-c,-b,-o,-u,-j,--git-dir,--work-tree,--branch,--depth,--origin,--upload-pack,--jobs,--reference,--"
		   "config,"
		   "--filter,--template,--shallow-since,--separate-git-dir",
		   ROLE_VALUE}}},
	{.commands = "make,gmake",
	 .rows = {{"-C,--directory", ROLE_CHDIR}, {"-f,-I,-o,-W,--file,--makefile", ROLE_VALUE}}},
	{.commands = "ninja", .rows = {{"-C", ROLE_CHDIR}, {"-f,-j,-k,-l,-t", ROLE_VALUE}}},
	{.commands = "gcc,g++,cc,c++,clang,clang++,ld",
	 .rows = {{"-o", ROLE_FILE}, {"-I,-L,-l,-x,-include,-isystem,-MF,-MT,-T", ROLE_VALUE}},
	 .words = true},
	{.commands = "go",
	 .rows = {{"-o", ROLE_FILE},
		  {"-C", ROLE_CHDIR},
		  {"-ldflags,-tags,-gcflags,-asmflags,-mod,-modfile,-p,-buildmode,-run,-coverprofile", ROLE_VALUE}},
	 .words = true},
	{.commands = "dotnet",
	 .rows = {{"-o,--output", ROLE_DIR},
		  {"-c,-r,-f,-v,-a,-s,--configuration,--runtime,--framework,--verbosity,--arch,--os,--source,--version,"
		   "--tool-path",
		   ROLE_VALUE}}},
	{.commands = PIP_NAMES,
	 .rows = {{"-t,--target,--prefix,--root", ROLE_LIBRARY},
		  {"-r,-c,-e,-i,-f,-d,--requirement,--constraint,--editable,--index-url,--extra-index-url,--find-links,"
		   "--trusted-host,"
		   "--cache-dir,--timeout,--retries,--proxy,--cert,--log,--src,--dest,--platform,--python-version,--no-"
		   "binary,"
		   "--only-binary,--progress-bar,--default-timeout",
		   ROLE_VALUE}}},
	{.commands = "npm,pnpm,yarn,bun",
	 .rows = {{"-C,--prefix,--dir,--cwd", ROLE_CHDIR},
		  {"-w,-F,--registry,--workspace,--loglevel,--cache,--cache-folder,--network-timeout,--network-"
		   "concurrency,--filter,"
		   "--omit,--include,--fetch-retries,--fetch-timeout,--modules-folder",
		   ROLE_VALUE}}},
	{.commands = "composer", .rows = {{"-d,--working-dir", ROLE_CHDIR}}},
	{.commands = "bundle,bundler", .rows = {{"-j,--jobs,--path,--without,--with,--gemfile,--retry", ROLE_VALUE}}},
	{.commands = "apt-get,apt,aptitude",
	 .rows = {{"-t,-o,-c,-a,--target-release,--default-release,--option,--config-file", ROLE_VALUE}}},
	{.commands = "apk,apk.static",
	 .rows = {{"-t,-X,-p,--virtual,--repository,--root,--keys-dir,--repositories-file,--arch,--wait,--cache-dir",
		   ROLE_VALUE}}},
	{.commands = "dnf,yum,microdnf,tdnf,dnf5",
	 .rows = {{"-c,-x,-e,-d,--enablerepo,--disablerepo,--installroot,--releasever,--setopt,--exclude,--repo",
		   ROLE_VALUE}}},
	{.commands = "zypper",
	 .rows = {{"-t,-r,-R,--type,--repo,--root,--from,--gpg-auto-import-keys-from", ROLE_VALUE}}},
	{.commands = "pacman", .rows = {{"-r,-b,--root,--dbpath,--ignore,--config,--cachedir", ROLE_VALUE}}},
};

static const struct option_set *read_list(struct arena *a, const struct option_list *list)
{
	struct option_set *set = ARENA_NEW(a, struct option_set);
	set->words = list->words;
	set->old = list->old;
	for (int i = 0; i < MAX_ROWS && list->rows[i].options; i++) {
		struct str options = str_of(list->rows[i].options), option;
		while (str_split(&options, ',', &option))
			*map_put(a, &set->roles, option) = (void *)((uintptr_t)list->rows[i].role + 1);
	}
	return set;
}

void option_sets_read(struct arena *a, struct map *sets)
{
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		const struct option_set *set = read_list(a, &lists[i]);
		struct str names = str_of(lists[i].commands), name;
		while (str_split(&names, ',', &name))
			*map_put(a, sets, name) = (void *)(uintptr_t)set;
	}
}

const struct option_set *option_set_of(const struct map *sets, struct str name)
{
	return map_get(sets, name);
}

/* One option as it was found in a word. */
struct found {
	bool known; /* else it says nothing */
	enum option_role role;
	size_t joined; /* offset in the word of a value joined to it, 0 for none */
};

static struct found find_option(const struct option_set *set, struct str option)
{
	uintptr_t role = set ? (uintptr_t)map_get(&set->roles, option) : 0;
	return (struct found){.known = role > 0, .role = role ? (enum option_role)(role - 1) : ROLE_VALUE};
}

static bool takes_value(const struct found *found)
{
	return found->known && found->role <= ROLE_REFERENCE;
}

/* --name, --name=value, and -name where options are whole words. */
static struct found long_option(const struct option_set *set, struct str word)
{
	size_t equals = str_find_char(word, '=', 0);
	struct found found = find_option(set, equals == STR_NONE ? word : str_sub(word, 0, equals));
	if (equals != STR_NONE)
		found.joined = equals + 1;
	return found;
}

/* The option of one letter, word[i]; what follows belongs to it when it takes a value. */
static struct found letter_option(const struct option_set *set, struct str word, size_t i)
{
	char text[2] = {'-', word.p[i]};
	struct found found = find_option(set, (struct str){text, 2});
	if (found.known && found.role < ROLE_FLAG && i + 1 < word.n)
		found.joined = i + 1;
	return found;
}

static bool is_option(struct str word)
{
	return word.n > 1 && word.p[0] == '-';
}

/* A short option alone, or a bundle of them. */
static bool is_bundle(const struct option_set *set, struct str word)
{
	return word.p[1] != '-' && !(set && set->words) && (word.n == 2 || !find_option(set, word).known);
}

uint32_t option_width(const struct option_set *set, const struct shell_word *words, uint32_t i)
{
	struct str word = words[i].text;
	if (!is_option(word))
		return 1;
	if (!is_bundle(set, word)) {
		struct found found = long_option(set, word);
		return takes_value(&found) && !found.joined ? 2 : 1;
	}
	for (size_t k = 1; k < word.n; k++) {
		struct found found = letter_option(set, word, k);
		if (found.joined)
			return 1;
		if (takes_value(&found))
			return 2;
	}
	return 1;
}

struct reading {
	struct arena *arena;
	const struct option_set *set;
	const struct shell_word *words;
	uint32_t n, i; /* the word after the one being read */
	struct operands *out;
};

static void take(struct reading *r, struct str word, struct found found)
{
	if (!found.known)
		return;
	struct shell_word value = r->words[r->i - 1];
	if (found.joined) {
		value.text = str_sub(word, found.joined, word.n);
	} else if (takes_value(&found)) {
		if (r->i == r->n)
			return;
		value = r->words[r->i++];
	}
	r->out->roles |= 1u << found.role;
	r->out->value[found.role] = value;
	if (found.role == ROLE_FILE)
		*VEC_PUSH(r->arena, r->out->files) = value;
}

/* -abc; `i` is the first letter's place. In an old bundle values are never joined. */
static void take_letters(struct reading *r, struct str word, size_t i, bool old)
{
	for (; i < word.n; i++) {
		struct found found = letter_option(r->set, word, i);
		if (old)
			found.joined = 0;
		take(r, word, found);
		if (found.joined || (takes_value(&found) && !old))
			return;
	}
}

void operands_read(struct arena *a, const struct option_set *set, const struct shell_word *words, uint32_t n,
		   struct operands *out)
{
	struct reading r = {a, set, words, n, 1, out};
	uint32_t *at = ARENA_ARRAY(a, uint32_t, n);
	bool only_operands = false;
	*out = (struct operands){.at = at};
	if (set && set->old && n > 1 && words[1].text.n && words[1].text.p[0] != '-') {
		r.i = 2;
		take_letters(&r, words[1].text, 0, true);
	}
	while (r.i < n) {
		struct str word = words[r.i++].text;
		if (only_operands || !is_option(word))
			at[out->n++] = r.i - 1;
		else if (str_eq(word, STR("--")))
			only_operands = true;
		else if (is_bundle(set, word))
			take_letters(&r, word, 1, false);
		else
			take(&r, word, long_option(set, word));
	}
}
