/* Looking into a container from outside, through this machine's /proc: nothing has to be installed in the image.
 *
 * The processes of a container are those whose control group names its id. A remote or virtual machine's engine has
 * its processes elsewhere: then nothing is found here. */
#ifndef UNROOT_VERIFY_HOST_H
#define UNROOT_VERIFY_HOST_H

#include "base/arena.h"

struct host_process {
	long pid;	   /* on this machine */
	uint32_t uids[4];  /* real, effective, saved, file system: as the container sees them */
	char name[32];
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

/* Whether process `pid` belongs to the container. */
bool host_has(long pid, struct str container);

/* The processes of the container, by pid. */
void host_list(struct arena *a, struct str container, struct host_processes *out);

/* TCP ports that are listened on and UDP ports that are bound in the network of process `pid`, sorted, each once; false when that
   cannot be read. */
bool host_listen(struct arena *a, long pid, struct host_ports *out);

/* The same from the text of /proc/PID/net/tcp or udp. */
void host_read_ports(struct arena *a, struct str text, bool udp, struct host_ports *out);

/* The uids of /proc/PID/status and the container's number for one of this machine's, by /proc/PID/uid_map. */
bool host_read_uids(struct str status, uint32_t uids[4]);
uint32_t host_map_uid(struct str uid_map, uint32_t uid);

/* Enters the network of process `pid`, for good: for a process of its own. */
bool host_enter_network(long pid);

#endif
