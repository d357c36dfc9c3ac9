/* Kubernetes manifests: what they say about the image's ports (kubernetes.io, API reference: Pod, Service,
 * NetworkPolicy). */
#include "plan/consumer_sites.h"

enum { MOST_PODS = 64 };

static uint32_t path_get(struct yaml *y, uint32_t node, const char *path)
{
	struct str rest = str_of(path), key;
	while (str_split(&rest, '.', &key))
		node = yaml_get(y, node, key);
	return node;
}

/* The pod's template: what holds "metadata" and "spec" of the pod itself. */
static uint32_t pod_of(struct yaml *y, uint32_t object)
{
	struct str kind = yaml_scalar(y, yaml_get(y, object, STR("kind")));
	if (str_eq(kind, STR("Pod")))
		return object;
	return path_get(y, object, str_eq(kind, STR("CronJob")) ? "spec.jobTemplate.spec.template" : "spec.template");
}

static void named_number(const struct consumer_walk *w, uint32_t item, const char *key)
{
	struct yaml *y = &w->f->yaml;
	struct str protocol = yaml_scalar(y, yaml_get(y, item, STR("protocol")));
	if (!protocol.n || str_eq_nocase(protocol, STR("tcp")))
		consumer_number(w, yaml_get(y, item, str_of(key)));
}

static void handler(const struct consumer_walk *w, uint32_t probe)
{
	struct yaml *y = &w->f->yaml;
	consumer_number(w, path_get(y, probe, "httpGet.port"));
	consumer_number(w, path_get(y, probe, "tcpSocket.port"));
	consumer_command(w, path_get(y, probe, "exec.command"), false);
}

static void variables(const struct consumer_walk *w, uint32_t container)
{
	struct yaml *y = &w->f->yaml;
	struct yaml_list items = yaml_items(w->p->f->arena, y, yaml_get(y, container, STR("env")));
	for (size_t i = 0; i < items.n; i++) {
		struct str name = yaml_scalar(y, yaml_get(y, items.at[i], STR("name")));
		uint32_t value = yaml_get(y, items.at[i], STR("value"));
		if (name.n && yaml_scalar(y, value).p)
			consumer_variable(w, value, name, yaml_scalar(y, value), 0);
	}
}

static void own_container(const struct consumer_walk *w, uint32_t pod, uint32_t container)
{
	static const char *const probes[] = {"livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart",
					     "lifecycle.preStop"};
	struct yaml *y = &w->f->yaml;
	struct yaml_list ports = yaml_items(w->p->f->arena, y, yaml_get(y, container, STR("ports")));
	if (str_eq(yaml_scalar(y, path_get(y, pod, "spec.hostNetwork")), STR("true"))) {
		consumer_doubt(w, container, "it uses the host's network, where the container's port is the host's");
		return;
	}
	for (size_t i = 0; i < ports.n; i++)
		named_number(w, ports.at[i], "containerPort");
	for (size_t i = 0; i < sizeof probes / sizeof *probes; i++)
		handler(w, path_get(y, container, probes[i]));
	variables(w, container);
	consumer_command(w, yaml_get(y, container, STR("command")), true);
	consumer_command(w, yaml_get(y, container, STR("args")), true);
}

/* A container of another image, or of this one by another name: it matters where it has the port. */
static void other_container(const struct consumer_walk *w, uint32_t container, struct str image)
{
	struct yaml *y = &w->f->yaml;
	const struct consumers *c = w->consumers;
	struct yaml_list ports = yaml_items(w->p->f->arena, y, yaml_get(y, container, STR("ports")));
	if (image_find(w->p->f->tables->images, image))
		return; /* a published image */
	for (size_t i = 0; i < c->services.n; i++)
		if (c->services.at[i].whose == SERVICE_OTHERS && c->services.at[i].builds &&
		    str_eq(c->services.at[i].image, consumers_image_name(image)))
			return; /* another one of the repository */
	for (size_t i = 0; i < ports.n; i++) {
		uint32_t port, node = yaml_get(y, ports.at[i], STR("containerPort"));
		if (str_to_u32(yaml_scalar(y, node), &port) && port == w->change->from)
			consumer_doubt(w, node, "a container has the port, and whether it is this image is not known");
	}
}

static void note_pod(struct consumer_walk *w, uint32_t pod)
{
	uint32_t labels = path_get(&w->f->yaml, pod, "metadata.labels");
	if (labels == YAML_NONE)
		return;
	if (w->pods->n == MOST_PODS)
		consumer_doubt(w, labels, "more pods run this image than are looked at");
	else
		*VEC_PUSH(w->p->f->arena, *w->pods) = (struct pod_labels){&w->f->yaml, labels};
}

static void read_pod(struct consumer_walk *w, uint32_t object)
{
	static const char *const lists[] = {"spec.containers", "spec.initContainers"};
	struct yaml *y = &w->f->yaml;
	uint32_t pod = pod_of(y, object);
	for (size_t l = 0; l < sizeof lists / sizeof *lists; l++) {
		struct yaml_list items = yaml_items(w->p->f->arena, y, path_get(y, pod, lists[l]));
		for (size_t i = 0; i < items.n; i++) {
			struct str image = yaml_scalar(y, yaml_get(y, items.at[i], STR("image")));
			struct str name = yaml_scalar(y, yaml_get(y, items.at[i], STR("name")));
			uint32_t container = yaml_resolve(y, items.at[i]);
			if (container == YAML_NONE || !image.n)
				continue;
			w->who = arena_printf(w->p->f->arena, "container %.*s", STR_ARG(plan_short(name)));
			if (!consumers_are_ours(w->consumers, image)) {
				other_container(w, container, image);
				continue;
			}
			own_container(w, pod, container);
			note_pod(w, pod);
		}
	}
	w->who = STR("");
}

/* Whether the pods of the image have all labels of the selector. */
static bool selects(const struct consumer_walk *w, uint32_t selector)
{
	struct yaml *y = &w->f->yaml;
	struct yaml_list wanted = yaml_items(w->p->f->arena, y, selector);
	for (size_t i = 0; wanted.n && i < w->pods->n; i++) {
		const struct pod_labels *pod = &w->pods->at[i];
		size_t k = 0;
		while (k < wanted.n &&
		       str_eq(yaml_scalar(pod->yaml, yaml_get(pod->yaml, pod->node, y->at[wanted.at[k]].key)),
			      yaml_scalar(y, wanted.at[k])))
			k++;
		if (k == wanted.n)
			return true;
	}
	return false;
}

/* A service without a target port sends to the port it has itself: that it has to say from now on. */
static void add_target(const struct consumer_walk *w, uint32_t port)
{
	struct arena *a = w->p->f->arena;
	const struct yaml_node *n = &w->f->yaml.at[port];
	struct str text = w->p->f->workspace->at[w->f->file].current;
	if (n->shared || !n->verbatim) {
		consumer_doubt(w, port, "the service's port stands behind an anchor");
		return;
	}
	uint32_t at = n->span.end;
	if (n->flow) {
		at += at < text.n && (text.p[at] == '"' || text.p[at] == '\'');
		plan_port_edit(w->p, w->change, w->f->file, (struct span){at, at},
			       arena_printf(a, ", targetPort: %u", w->change->to));
		return;
	}
	size_t line = n->key_start, end = str_find_char(text, '\n', at);
	while (line > 0 && text.p[line - 1] != '\n')
		line--;
	end = end == STR_NONE ? text.n : end;
	bool crlf = end > 0 && end < text.n && text.p[end - 1] == '\r';
	at = (uint32_t)(crlf ? end - 1 : end);
	plan_port_edit(w->p, w->change, w->f->file, (struct span){at, at},
		       arena_printf(a, "%s%*stargetPort: %u", crlf ? "\r\n" : "\n", (int)(n->key_start - line), "",
				    w->change->to));
}

static void read_service(const struct consumer_walk *w, uint32_t object)
{
	struct yaml *y = &w->f->yaml;
	struct yaml_list ports = yaml_items(w->p->f->arena, y, path_get(y, object, "spec.ports"));
	bool headless = str_eq(yaml_scalar(y, path_get(y, object, "spec.clusterIP")), STR("None"));
	if (!selects(w, path_get(y, object, "spec.selector")))
		return;
	for (size_t i = 0; i < ports.n; i++) {
		uint32_t number, port = yaml_get(y, ports.at[i], STR("port"));
		struct str protocol = yaml_scalar(y, yaml_get(y, ports.at[i], STR("protocol")));
		if (yaml_get(y, ports.at[i], STR("targetPort")) != YAML_NONE)
			named_number(w, ports.at[i], "targetPort");
		else if (!str_to_u32(yaml_scalar(y, port), &number) || number != w->change->from ||
			 (protocol.n && !str_eq_nocase(protocol, STR("tcp"))))
			continue;
		else if (headless)
			consumer_doubt(w, port, "a service without an address of its own leads straight to the port");
		else
			add_target(w, port);
	}
}

static void read_policy(const struct consumer_walk *w, uint32_t object)
{
	struct yaml *y = &w->f->yaml;
	struct arena *a = w->p->f->arena;
	struct yaml_list rules = yaml_items(a, y, path_get(y, object, "spec.ingress"));
	if (!selects(w, path_get(y, object, "spec.podSelector.matchLabels")))
		return;
	for (size_t i = 0; i < rules.n; i++) {
		struct yaml_list ports = yaml_items(a, y, yaml_get(y, rules.at[i], STR("ports")));
		for (size_t k = 0; k < ports.n; k++)
			named_number(w, ports.at[k], "port");
	}
}

/* The documents of a file, and the items of a List. */
static struct yaml_list objects_of(struct arena *a, struct yaml *y)
{
	struct yaml_list objects = {0};
	for (uint32_t i = 0; i < y->n; i++) {
		if (y->at[i].parent != YAML_NONE)
			continue;
		if (!str_eq(yaml_scalar(y, yaml_get(y, i, STR("kind"))), STR("List"))) {
			*VEC_PUSH(a, objects) = i;
			continue;
		}
		struct yaml_list items = yaml_items(a, y, yaml_get(y, i, STR("items")));
		for (size_t k = 0; k < items.n; k++)
			*VEC_PUSH(a, objects) = items.at[k];
	}
	return objects;
}

/* A template that is still to be rendered, or no YAML: the port may be named in it. */
static void unreadable(const struct consumer_walk *w)
{
	static const char *const keys[] = {"containerPort: ", "targetPort: "};
	struct str text = w->p->f->workspace->at[w->f->file].current;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct str wanted = arena_printf(w->p->f->arena, "%s%u", keys[i], w->change->from);
		size_t at = str_find(text, wanted, 0);
		bool whole = at != STR_NONE && (at + wanted.n == text.n || !ascii_digit(text.p[at + wanted.n]));
		if (whole)
			plan_reason(w->p, UNROOT_UNSAFE, INS_NONE,
				    arena_printf(w->p->f->arena, "%.*s:%.*s, and it names port %u", STR_ARG(w->f->path),
						 STR_ARG(w->f->yaml.fault), w->change->from));
	}
}

void manifest_pods(struct consumer_walk *w)
{
	struct yaml_list objects = objects_of(w->p->f->arena, &w->f->yaml);
	if (w->f->yaml.fault.n)
		unreadable(w);
	for (size_t i = 0; i < objects.n; i++)
		read_pod(w, objects.at[i]);
}

void manifest_services(struct consumer_walk *w)
{
	struct yaml *y = &w->f->yaml;
	struct yaml_list objects = objects_of(w->p->f->arena, y);
	for (size_t i = 0; w->pods->n && i < objects.n; i++) {
		struct str kind = yaml_scalar(y, yaml_get(y, objects.at[i], STR("kind")));
		if (str_eq(kind, STR("Service")))
			read_service(w, objects.at[i]);
		else if (str_eq(kind, STR("NetworkPolicy")))
			read_policy(w, objects.at[i]);
	}
}
