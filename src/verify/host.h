/* Looking into a container from outside, through this machine's /proc: nothing has to be installed in the image.
 *
 * The processes of a container are those of its process namespace. An engine on a remote or virtual machine has them
 * elsewhere, and what belongs to another user cannot be looked into: then nothing is found here. */
#ifndef UNROOT_VERIFY_HOST_H
#define UNROOT_VERIFY_HOST_H

#include "base/arena.h"

struct host_process {
	long pid;	  /* on this machine */
	uint32_t uids[4]; /* real, effective, saved, file system: as the container sees them */
	char name[32];
};

/* A container that can be seen. */
struct host_container {
	long pid;	    /* of its first process, on this machine */
	uint64_t processes; /* its process namespace */
};

struct host_processes {
	struct host_process *at;
	size_t n, cap;
};

/* A socket that waits for the outside. */
struct host_port {
	uint32_t port;
	bool udp, loopback;
};

struct host_ports {
	struct host_port *at;
	size_t n, cap;
};

/* Finds the container of that id by its first process; false when it cannot be seen from here. */
bool host_find(long pid, const char *id, struct host_container *out);

/* Its processes, by pid; none when it has ended. */
void host_list(struct arena *a, const struct host_container *container, struct host_processes *out);

/* Kills the processes below `ancestor` that run in containers. */
void host_kill_contained(long ancestor);

/* TCP ports that are listened on and UDP ports that are bound in the network of process `pid`, sorted, each once; false
   when that cannot be read. */
bool host_listen(struct arena *a, long pid, struct host_ports *out);

/* The same from the text of /proc/PID/net/tcp or udp. */
void host_read_ports(struct arena *a, struct str text, bool udp, struct host_ports *out);

/* The uids of /proc/PID/status and the container's number for one of this machine's, by /proc/PID/uid_map. */
bool host_read_uids(struct str status, uint32_t uids[4]);
uint32_t host_map_uid(struct str uid_map, uint32_t uid);

/* Enters the network of process `pid`, for good: for a process of its own. */
bool host_enter_network(long pid);

#endif
