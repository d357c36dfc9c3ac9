#define _GNU_SOURCE
#include "verify/host.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROC_FILE = 1 << 17, FIRST_EPHEMERAL = 32768, MOST_PROCESSES = 4096, MOST_PORTS = 256, MOST_PARENTS = 64 };

/* A small file of /proc, cut at the buffer's end. */
static struct str read_proc(const char *directory, const char *name, char *buffer, size_t size)
{
	char path[128];
	size_t n = 0;
	snprintf(path, sizeof path, "/proc/%.24s/%s", directory, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	for (ssize_t got; fd >= 0 && n < size && (got = read(fd, buffer + n, size - n)) > 0;)
		n += (size_t)got;
	if (fd >= 0)
		close(fd);
	return (struct str){buffer, n};
}

static const char *decimal(char buffer[24], long pid)
{
	snprintf(buffer, 24, "%ld", pid);
	return buffer;
}

/* The namespace that holds the process's number, or 0 when that cannot be seen. */
static uint64_t process_namespace(const char *directory)
{
	char path[64];
	struct stat st;
	snprintf(path, sizeof path, "/proc/%.24s/ns/pid", directory);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

bool host_find(long pid, const char *id, struct host_container *out)
{
	char directory[24], mounts[1 << 16];
	if (pid <= 0)
		return false;
	decimal(directory, pid);
	*out = (struct host_container){.pid = pid, .processes = process_namespace(directory)};
	/* Engines mount /etc/hosts and the like from a directory that is named after the container. */
	return out->processes != 0 && out->processes != process_namespace("self") &&
	       str_find(read_proc(directory, "mountinfo", mounts, sizeof mounts), str_of(id), 0) != STR_NONE;
}

/* The words of a line of /proc/PID/status. */
static struct str status_field(struct str status, struct str name)
{
	struct str line;
	while (str_split(&status, '\n', &line))
		if (str_starts(line, name))
			return str_trim(str_sub(line, name.n, line.n));
	return STR("");
}

bool host_read_uids(struct str status, uint32_t uids[4])
{
	struct str word, field = status_field(status, STR("Uid:"));
	for (size_t i = 0; i < 4; i++)
		if (!str_word(&field, &word) || !str_to_u32(word, &uids[i]))
			return false;
	return true;
}

uint32_t host_map_uid(struct str map, uint32_t uid)
{
	struct str line, word;
	while (str_split(&map, '\n', &line)) {
		uint32_t row[3];
		size_t i = 0;
		while (i < 3 && str_word(&line, &word) && str_to_u32(word, &row[i]))
			i++;
		if (i == 3 && uid >= row[1] && uid - row[1] < row[2])
			return row[0] + (uid - row[1]);
	}
	return uid;
}

static bool is_zombie(struct str status)
{
	return str_find(status, STR("\nState:\tZ"), 0) != STR_NONE;
}

static bool read_process(const char *directory, struct host_process *out)
{
	char buffer[8192];
	struct str status = read_proc(directory, "status", buffer, sizeof buffer);
	struct str first = status;
	if (!host_read_uids(status, out->uids) || is_zombie(status) || !str_split(&first, '\n', &status))
		return false;
	struct str name = str_trim(str_sub(status, str_starts(status, STR("Name:")) ? 5 : 0, status.n));
	snprintf(out->name, sizeof out->name, "%.*s", STR_ARG(name));
	struct str map = read_proc(directory, "uid_map", buffer, sizeof buffer);
	for (size_t i = 0; i < 4; i++)
		out->uids[i] = host_map_uid(map, out->uids[i]);
	return true;
}

static int by_pid(const void *x, const void *y)
{
	const struct host_process *a = x, *b = y;
	return (a->pid > b->pid) - (a->pid < b->pid);
}

void host_list(struct arena *a, const struct host_container *container, struct host_processes *out)
{
	DIR *proc = opendir("/proc");
	*out = (struct host_processes){0};
	for (struct dirent *entry; proc && out->n < MOST_PROCESSES && (entry = readdir(proc));) {
		struct host_process process = {.pid = strtol(entry->d_name, NULL, 10)};
		if (process.pid > 0 && process_namespace(entry->d_name) == container->processes &&
		    read_process(entry->d_name, &process))
			*VEC_PUSH(a, *out) = process;
	}
	if (proc)
		closedir(proc);
	if (out->n)
		qsort(out->at, out->n, sizeof *out->at, by_pid);
}

/* How many numbers a process has: one for each process namespace that it can be seen from. */
static size_t count_numbers(const char *directory)
{
	char buffer[8192];
	struct str word, field = status_field(read_proc(directory, "status", buffer, sizeof buffer), STR("NSpid:"));
	size_t n = 0;
	while (str_word(&field, &word))
		n++;
	return n;
}

static bool is_below(const char *directory, long ancestor)
{
	char buffer[8192], above[24];
	for (size_t i = 0; i < MOST_PARENTS; i++) {
		uint32_t parent;
		struct str status = read_proc(i ? above : directory, "status", buffer, sizeof buffer);
		if (!str_to_u32(status_field(status, STR("PPid:")), &parent) || parent == 0)
			return false;
		if ((long)parent == ancestor)
			return true;
		decimal(above, (long)parent);
	}
	return false;
}

void host_kill_contained(long ancestor)
{
	DIR *proc = opendir("/proc");
	size_t own = count_numbers("self");
	for (struct dirent *entry; proc && (entry = readdir(proc));) {
		long pid = strtol(entry->d_name, NULL, 10);
		if (pid > 0 && count_numbers(entry->d_name) > own && is_below(entry->d_name, ancestor))
			kill((pid_t)pid, SIGKILL);
	}
	if (proc)
		closedir(proc);
}

static void add_port(struct arena *a, struct host_ports *out, struct host_port port)
{
	for (size_t i = 0; i < out->n; i++)
		if (out->at[i].port == port.port && out->at[i].udp == port.udp) {
			out->at[i].loopback = out->at[i].loopback && port.loopback;
			return;
		}
	if (out->n < MOST_PORTS)
		*VEC_PUSH(a, *out) = port;
}

/* 127.0.0.0/8, ::1 and the mapped form; addresses are hexadecimal words in the machine's byte order (little endian
 * here). */
static bool is_loopback(struct str address)
{
	if (address.n == 8)
		return str_ends(address, STR("7F"));
	return str_eq(address, STR("00000000000000000000000001000000")) ||
	       (str_starts(address, STR("0000000000000000FFFF0000")) && str_ends(address, STR("7F")));
}

void host_read_ports(struct arena *a, struct str text, bool udp, struct host_ports *out)
{
	struct str line, words[4];
	str_split(&text, '\n', &line); /* the head */
	while (str_split(&text, '\n', &line)) {
		size_t n = 0;
		while (n < 4 && str_word(&line, &words[n]))
			n++;
		size_t colon = n == 4 ? str_find_char(words[1], ':', 0) : STR_NONE;
		if (colon == STR_NONE || words[1].n - colon != 5 || !str_eq(words[3], udp ? STR("07") : STR("0A")))
			continue;
		char hex[5] = {0};
		memcpy(hex, words[1].p + colon + 1, 4);
		struct host_port port = {.port = (uint32_t)strtoul(hex, NULL, 16),
					 .udp = udp,
					 .loopback = is_loopback(str_sub(words[1], 0, colon))};
		if (!udp || port.port < FIRST_EPHEMERAL)
			add_port(a, out, port);
	}
}

static int by_port(const void *x, const void *y)
{
	const struct host_port *a = x, *b = y;
	int order = (a->port > b->port) - (a->port < b->port);
	return order ? order : a->udp - b->udp;
}

bool host_listen(struct arena *a, long pid, struct host_ports *out)
{
	static const char *const files[] = {"net/tcp", "net/tcp6", "net/udp", "net/udp6"};
	char *buffer = arena_alloc(a, PROC_FILE), directory[24];
	bool any = false;
	*out = (struct host_ports){0};
	decimal(directory, pid);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct str text = read_proc(directory, files[i], buffer, PROC_FILE);
		any |= text.n > 0;
		host_read_ports(a, text, i >= 2, out);
	}
	if (out->n)
		qsort(out->at, out->n, sizeof *out->at, by_port);
	return any;
}

static int open_namespace(const char *who, const char *which)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%s/ns/%s", who, which);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static bool same_file(int a, int b)
{
	struct stat x, y;
	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool host_enter_network(long pid)
{
	char who[24];
	decimal(who, pid);
	int user = open_namespace(who, "user"), own = open_namespace("self", "user"), net = open_namespace(who, "net");
	/* A rootless engine's network belongs to its user namespace, which has to be entered first. */
	bool ok = user >= 0 && own >= 0 && net >= 0 &&
		  (same_file(user, own) || setns(net, CLONE_NEWNET) == 0 || setns(user, CLONE_NEWUSER) == 0) &&
		  setns(net, CLONE_NEWNET) == 0;
	for (size_t i = 0; i < 3; i++) {
		int fd = i == 0 ? user : i == 1 ? own : net;
		if (fd >= 0)
			close(fd);
	}
	return ok;
}
