/* Compose files: the container side of what they say about the image's ports (compose-spec.io, "05-services"). */
#include "base/path.h"
#include "plan/consumer_sites.h"

enum { MOST_NAMES = 32, MOST_SERVICES = 256, FIRST_UNPRIVILEGED = 1024 };

static const char *const port_keys[] = {"ports", "expose"};
static const char what_is_unbound[] =
	"it leads to a port below 1024, and what binds that does not stand in the Dockerfile";

/* The container's part of "[[IP:]HOST:]CONTAINER[/PROTOCOL]", as offsets of the text. False where it is not TCP. */
static bool container_part(struct str text, size_t *from, size_t *to)
{
	int depth = 0;
	*from = 0;
	*to = text.n;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c == '[' || (c == '{' && i > 0 && text.p[i - 1] == '$'))
			depth++;
		else if ((c == ']' || c == '}') && depth > 0)
			depth--;
		else if (c == ':' && depth == 0)
			*from = i + 1;
		else if (c == '/' && depth == 0) {
			*to = i;
			return str_eq_nocase(str_sub(text, i + 1, text.n), STR("tcp"));
		}
	}
	return true;
}

static void short_port(const struct consumer_walk *w, uint32_t node, struct str text)
{
	size_t from, to;
	uint32_t first, last;
	if (!container_part(text, &from, &to))
		return;
	struct str part = str_sub(text, from, to);
	size_t dash = str_find_char(part, '-', 0);
	if (str_find_char(part, '$', 0) != STR_NONE) {
		consumer_doubt(w, node, "the container's port is a variable");
	} else if (dash == STR_NONE) {
		if (str_to_u32(part, &first) && first == w->change->from)
			consumer_edit(w, node, from, to, consumer_port(w));
	} else if (str_to_u32(str_sub(part, 0, dash), &first) && str_to_u32(str_sub(part, dash + 1, part.n), &last) &&
		   first <= w->change->from && w->change->from <= last) {
		consumer_doubt(w, node, "the port is part of a range");
	}
}

static void port_entry(const struct consumer_walk *w, uint32_t item)
{
	struct yaml *y = &w->f->yaml;
	uint32_t node = yaml_resolve(y, item);
	struct str text = yaml_scalar(y, node);
	struct str protocol = yaml_scalar(y, yaml_get(y, node, STR("protocol")));
	if (text.p)
		short_port(w, node, text);
	else if (!protocol.n || str_eq_nocase(protocol, STR("tcp")))
		consumer_number(w, yaml_get(y, node, STR("target")));
}

static void port_entries(const struct consumer_walk *w, uint32_t service, struct str key)
{
	struct yaml_list items = yaml_items(w->p->f->arena, &w->f->yaml, yaml_get(&w->f->yaml, service, key));
	for (size_t i = 0; i < items.n; i++)
		port_entry(w, items.at[i]);
}

static void pairs(const struct consumer_walk *w, uint32_t list)
{
	struct yaml *y = &w->f->yaml;
	struct yaml_list items = yaml_items(w->p->f->arena, y, list);
	for (size_t i = 0; i < items.n; i++) {
		struct str name, value;
		uint32_t at;
		if (consumers_pair(y, items.at[i], &name, &value, &at))
			consumer_variable(w, yaml_resolve(y, items.at[i]), name, value, at);
	}
}

static void env_files(const struct consumer_walk *w, uint32_t list)
{
	struct yaml *y = &w->f->yaml;
	struct arena *a = w->p->f->arena;
	struct str directory = path_parent(w->f->path), path = yaml_scalar(y, list);
	struct yaml_list items = yaml_items(a, y, path.p ? YAML_NONE : list);
	if (path.n)
		consumer_env_file(w, yaml_resolve(y, list), path_join(a, directory, path));
	for (size_t i = 0; i < items.n; i++) {
		path = yaml_scalar(y, items.at[i]);
		if (!path.p)
			path = yaml_scalar(y, yaml_get(y, items.at[i], STR("path")));
		if (path.n)
			consumer_env_file(w, items.at[i], path_join(a, directory, path));
	}
}

static void own_service(struct consumer_walk *w, const struct service *s)
{
	struct yaml *y = &w->f->yaml;
	struct arena *a = w->p->f->arena;
	struct str mode = yaml_scalar(y, yaml_get(y, s->node, STR("network_mode")));
	w->who = arena_printf(a, "service %.*s", STR_ARG(plan_short(s->name)));
	if (str_eq(mode, STR("host"))) {
		consumer_doubt(w, s->node, "it uses the host's network, where the container's port is the host's");
		return;
	}
	port_entries(w, s->node, STR("ports"));
	port_entries(w, s->node, STR("expose"));
	pairs(w, yaml_get(y, s->node, STR("environment")));
	env_files(w, yaml_get(y, s->node, STR("env_file")));
	pairs(w, yaml_get(y, s->node, STR("labels")));
	pairs(w, yaml_get(y, yaml_get(y, s->node, STR("deploy")), STR("labels")));
	consumer_command(w, yaml_get(y, yaml_get(y, s->node, STR("healthcheck")), STR("test")), false);
	consumer_command(w, yaml_get(y, s->node, STR("command")), true);
	consumer_command(w, yaml_get(y, s->node, STR("entrypoint")), true);
}

/* An entry of ports or expose, and the one port of the container that it names; false where it is another kind of
 * entry. */
static bool entry_port(struct yaml *y, uint32_t item, bool *tcp, uint32_t *port)
{
	size_t from = 0, to;
	struct str text = yaml_scalar(y, item);
	if (!text.p)
		text = yaml_scalar(y, yaml_get(y, item, STR("target")));
	if (!text.p)
		return false;
	*tcp = container_part(text, &from, &to);
	return str_to_u32(str_sub(text, from, to), port);
}

/* A service that may be the image's, or not: only if it names the port does that matter. */
static void doubtful_service(struct consumer_walk *w, const struct service *s)
{
	struct yaml *y = &w->f->yaml;
	for (size_t k = 0; k < sizeof port_keys / sizeof *port_keys; k++) {
		struct yaml_list items = yaml_items(w->p->f->arena, y, yaml_get(y, s->node, str_of(port_keys[k])));
		for (size_t i = 0; i < items.n; i++) {
			uint32_t port;
			bool tcp;
			if (!entry_port(y, items.at[i], &tcp, &port) || !tcp || port != w->change->from)
				continue;
			w->who = arena_printf(w->p->f->arena, "service %.*s", STR_ARG(plan_short(s->name)));
			consumer_doubt(w, yaml_resolve(y, items.at[i]),
				       "it names the port, and whether it runs this image is not known");
			return;
		}
	}
}

/* Labels that tell a reverse proxy which port the container binds. */
static void unbound_labels(const struct consumer_walk *w, uint32_t list)
{
	struct yaml *y = &w->f->yaml;
	struct yaml_list items = yaml_items(w->p->f->arena, y, list);
	for (size_t i = 0; i < items.n; i++) {
		struct str name, value;
		uint32_t at, port;
		if (consumers_pair(y, items.at[i], &name, &value, &at) && tables_port_label(w->p->f->tables, name) &&
		    str_to_u32(value, &port) && port && port < FIRST_UNPRIVILEGED)
			consumer_doubt(w, yaml_resolve(y, items.at[i]), what_is_unbound);
	}
}

static void unbound_service(struct consumer_walk *w, const struct service *s)
{
	struct yaml *y = &w->f->yaml;
	struct arena *a = w->p->f->arena;
	w->who = arena_printf(a, "service %.*s", STR_ARG(plan_short(s->name)));
	for (size_t k = 0; k < sizeof port_keys / sizeof *port_keys; k++) {
		struct yaml_list items = yaml_items(a, y, yaml_get(y, s->node, str_of(port_keys[k])));
		for (size_t i = 0; i < items.n; i++) {
			uint32_t port;
			bool tcp;
			if (entry_port(y, items.at[i], &tcp, &port) && port && port < FIRST_UNPRIVILEGED)
				consumer_doubt(w, yaml_resolve(y, items.at[i]), what_is_unbound);
		}
	}
	unbound_labels(w, yaml_get(y, s->node, STR("labels")));
	unbound_labels(w, yaml_get(y, yaml_get(y, s->node, STR("deploy")), STR("labels")));
}

void plan_unbound_ports(struct plan *p)
{
	struct consumers *c = consumers_of(p->f->workspace, p->f->arena);
	for (size_t i = 0; i < c->services.n; i++) {
		const struct service *s = &c->services.at[i];
		struct consumer_walk w = {.p = p, .consumers = c, .f = &c->files.at[s->file]};
		if (s->whose == SERVICE_OURS && plan_has_stage(p, s->target))
			unbound_service(&w, s);
	}
}

/* The hosts that others of the project know the image's container by. */
struct names {
	struct str at[MOST_NAMES];
	size_t n;
};

static void add_name(struct names *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(names->at[i], name))
			return;
	if (name.n && names->n < MOST_NAMES && str_find_char(name, '$', 0) == STR_NONE)
		names->at[names->n++] = name;
}

static void add_aliases(struct names *names, struct arena *a, struct yaml *y, uint32_t service)
{
	struct yaml_list networks = yaml_items(a, y, yaml_get(y, service, STR("networks")));
	for (size_t i = 0; i < networks.n; i++) {
		struct yaml_list aliases =
			yaml_items(a, y, yaml_get(y, yaml_resolve(y, networks.at[i]), STR("aliases")));
		for (size_t k = 0; k < aliases.n; k++)
			add_name(names, yaml_scalar(y, aliases.at[k]));
	}
}

static bool of_same_project(const struct consumers *c, const struct service *s, const struct consumer_file *f)
{
	return s->whose == SERVICE_OURS && str_eq(c->files.at[s->file].directory, f->directory);
}

static void find_names(const struct consumer_walk *w, struct names *names)
{
	struct consumers *c = w->consumers;
	for (size_t i = 0; i < c->services.n; i++) {
		const struct service *s = &c->services.at[i];
		struct yaml *y = &c->files.at[s->file].yaml;
		if (!of_same_project(c, s, w->f) || !plan_has_stage(w->p, s->target))
			continue;
		add_name(names, s->name);
		add_name(names, yaml_scalar(y, yaml_get(y, s->node, STR("container_name"))));
		add_name(names, yaml_scalar(y, yaml_get(y, s->node, STR("hostname"))));
		add_aliases(names, w->p->f->arena, y, s->node);
	}
}

/* Keys of a service whose texts name hosts for other reasons, or never. */
static bool names_no_host(struct str key)
{
	static const char *const keys[] = {"ports",	  "expose",	    "volumes",	   "image",    "links",
					   "depends_on",  "container_name", "hostname",	   "networks", "extends",
					   "profiles",	  "build",	    "env_file",	   "secrets",  "devices",
					   "extra_hosts", "network_mode",   "volumes_from"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (str_eq(key, str_of(keys[i])))
			return true;
	return false;
}

/* For each node: whether hosts may be named there. A build's arguments are, the rest of a build is not. */
static bool *places_of_hosts(struct arena *a, const struct yaml *y)
{
	bool *may = ARENA_ARRAY(a, bool, y->n);
	uint32_t *depth = ARENA_ARRAY(a, uint32_t, y->n);
	for (uint32_t i = 0; i < y->n; i++) {
		const struct yaml_node *node = &y->at[i];
		if (node->parent == YAML_NONE)
			continue;
		uint32_t up = node->parent;
		depth[i] = depth[up] + 1;
		bool top = str_eq(node->key, STR("services")) || str_eq(node->key, STR("configs")) ||
			   str_starts(node->key, STR("x-"));
		bool args = str_eq(y->at[up].key, STR("build")) && str_eq(node->key, STR("args"));
		may[i] = depth[i] == 1 ? top : (may[up] && !(depth[i] == 3 && names_no_host(node->key))) || args;
	}
	return may;
}

/* "http://web/", "web:80". What stands behind an anchor means the same wherever it is used. */
static void urls(const struct consumer_walk *w, const struct names *names)
{
	struct yaml *y = &w->f->yaml;
	bool *may = places_of_hosts(w->p->f->arena, y);
	for (uint32_t i = 0; i < y->n; i++)
		for (size_t k = 0; may[i] && y->at[i].kind == YAML_SCALAR && k < names->n; k++)
			plan_port_host(w->p, w->change, w->f->file, y->at[i].span, names->at[k]);
}

/* WEB_HOST=web and WEB_PORT=80 of another service belong together. */
static void split_addresses(const struct consumer_walk *w, const struct service *s, const struct names *names)
{
	static const char *const endings[] = {"HOST", "HOSTNAME", "SERVER", "ADDR", "ADDRESS", "SERVICE", "DOMAIN"};
	struct arena *a = w->p->f->arena;
	struct yaml *y = &w->f->yaml;
	struct yaml_list items = yaml_items(a, y, yaml_get(y, s->node, STR("environment")));
	struct map hosts = {0};
	struct str name, value;
	uint32_t at, port;
	for (size_t i = 0; i < items.n; i++)
		for (size_t e = 0;
		     consumers_pair(y, items.at[i], &name, &value, &at) && e < sizeof endings / sizeof *endings; e++)
			for (size_t k = 0; str_ends(name, str_of(endings[e])) && k < names->n; k++)
				if (str_eq(value, names->at[k]))
					*map_put(a, &hosts, str_sub(name, 0, name.n - strlen(endings[e]))) = y;
	for (size_t i = 0; i < items.n && hosts.n; i++)
		if (consumers_pair(y, items.at[i], &name, &value, &at) && str_ends(name, STR("PORT")) &&
		    map_get(&hosts, str_sub(name, 0, name.n - 4)) && str_to_u32(value, &port) &&
		    port == w->change->from)
			consumer_edit(w, yaml_resolve(y, items.at[i]), at, at + value.n, consumer_port(w));
}

/* "network_mode: service:web": the containers ask each other as localhost. */
static void shared_network(struct consumer_walk *w, const struct service *s, const struct names *names)
{
	uint32_t node = yaml_get(&w->f->yaml, s->node, STR("network_mode"));
	struct str mode = yaml_scalar(&w->f->yaml, node);
	for (size_t k = 0; str_starts(mode, STR("service:")) && k < names->n; k++)
		if (str_eq(str_sub(mode, 8, mode.n), names->at[k]))
			consumer_doubt(w, node,
				       "it shares the container's network, and may ask its ports as localhost");
}

static void unreadable(const struct consumer_walk *w)
{
	plan_reason(w->p, UNROOT_UNSAFE, INS_NONE,
		    arena_printf(w->p->f->arena, "%.*s:%.*s", STR_ARG(w->f->path), STR_ARG(w->f->yaml.fault)));
}

void compose_sites(struct consumer_walk *w)
{
	struct consumers *c = w->consumers;
	struct names names = {0};
	size_t own = 0;
	if (w->f->yaml.fault.n) {
		unreadable(w);
		return;
	}
	find_names(w, &names);
	for (size_t i = 0; i < c->services.n && own < MOST_SERVICES; i++) {
		const struct service *s = &c->services.at[i];
		if (&c->files.at[s->file] != w->f)
			continue;
		w->who = arena_printf(w->p->f->arena, "service %.*s", STR_ARG(plan_short(s->name)));
		if (s->whose == SERVICE_OURS && plan_has_stage(w->p, s->target)) {
			own_service(w, s);
			own++;
		} else if (s->whose == SERVICE_DOUBT) {
			doubtful_service(w, s);
		} else if (names.n) {
			split_addresses(w, s, &names);
			shared_network(w, s, &names);
		}
	}
	w->who = STR("");
	if (own == MOST_SERVICES)
		consumer_doubt(w, 0, "more services run this image than are looked at");
	if (names.n)
		urls(w, &names);
	if (w->f->yaml.fault.n)
		unreadable(w);
}
