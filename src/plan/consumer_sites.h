/* Places in compose files and manifests that name a port. Inside of the plan only. */
#ifndef UNROOT_PLAN_CONSUMER_SITES_H
#define UNROOT_PLAN_CONSUMER_SITES_H

#include "model/consumers.h"
#include "plan/plan.h"

/* The labels of pods that run the image. */
struct pod_labels {
	struct yaml *yaml;
	uint32_t node;
};
struct pods {
	struct pod_labels *at;
	size_t n, cap;
};

/* One port in one file. */
struct consumer_walk {
	struct plan *p;
	struct consumers *consumers;
	struct consumer_file *f;
	struct port_change *change;
	struct map variables; /* those that the start command refers to */
	struct str who;	      /* for messages: "service web" */
	struct pods *pods;    /* of all manifests */
};

/* The fix is unsafe, since a place that names the port stays as it is. */
void consumer_doubt(const struct consumer_walk *w, uint32_t node, const char *what);

/* Replaces a part of a scalar's text, or says why that cannot be. */
void consumer_edit(const struct consumer_walk *w, uint32_t node, size_t from, size_t to, struct str text);

/* A scalar that is the port alone: "80", 80. Others are none of ours. */
void consumer_number(const struct consumer_walk *w, uint32_t node);

/* What Compose's environment, or a container's env in a manifest, gives a variable. `value` stands at offset `at` of
   the node's text. */
void consumer_variable(const struct consumer_walk *w, uint32_t node, struct str name, struct str value, uint32_t at);

/* The variables of an env_file, a path as the workspace is asked for it. One that is not there tells nothing. */
void consumer_env_file(const struct consumer_walk *w, uint32_t node, struct str path);

/* A command, as one text or as a list: what the container starts (`starts`), or asks itself. */
void consumer_command(const struct consumer_walk *w, uint32_t node, bool starts);

/* The new number. */
struct str consumer_port(const struct consumer_walk *w);

/* All of one compose file, for one port. */
void compose_sites(struct consumer_walk *w);

/* The pods of a manifest; when those of all are known, what leads to them. */
void manifest_pods(struct consumer_walk *w);
void manifest_services(struct consumer_walk *w);

#endif
