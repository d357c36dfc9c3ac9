/* Ports below 1024: every place that names one moves, or none. */
#include "model/address.h"
#include "plan/plan.h"

enum { FIRST_UNPRIVILEGED = 1024, PORTS = 65536 };

static struct str number(struct arena *a, uint32_t port)
{
	return arena_printf(a, "%u", port);
}

static void set_bits(unsigned char *bits, uint32_t first, uint32_t last)
{
	while (first <= last && first % 8) {
		bits[first / 8] |= (unsigned char)(1 << first % 8);
		first++;
	}
	if (first < last) { /* whole bytes: the range may be all ports, in every line */
		memset(bits + first / 8, 0xFF, (last + 1 - first) / 8);
		first += (last + 1 - first) / 8 * 8;
	}
	for (; first <= last; first++)
		bits[first / 8] |= (unsigned char)(1 << first % 8);
}

static bool has_bit(const unsigned char *bits, uint32_t port)
{
	return bits[port / 8] >> port % 8 & 1;
}

/* One bit a port: those that an EXPOSE names, or begins with. */
static void read_first_exposed(const struct facts *f, unsigned char bits[PORTS / 8])
{
	memset(bits, 0, PORTS / 8);
	for (size_t i = 0; i < f->exposes.n; i++)
		if (f->exposes.at[i].port < PORTS)
			set_bits(bits, f->exposes.at[i].port, f->exposes.at[i].port);
}

/* The same with the start command's, ranges included. */
static void read_exposed(struct plan *p)
{
	const struct facts *f = p->f;
	p->exposed = ARENA_ARRAY(f->arena, unsigned char, PORTS / 8);
	for (size_t i = 0; i < f->exposes.n; i++) {
		uint32_t first = f->exposes.at[i].port, last = f->exposes.at[i].last;
		if (first <= last && last < PORTS)
			set_bits(p->exposed, first, last);
	}
	for (size_t i = 0; i < f->start.words.n; i++) {
		uint32_t port;
		if (address_port(f->start.words.at[i].text, true, &port) != STR_NONE && port < PORTS)
			set_bits(p->exposed, port, port);
	}
}

static bool in_use(const struct plan *p, uint32_t port)
{
	if (has_bit(p->exposed, port))
		return true;
	for (size_t i = 0; i < p->ports.n; i++)
		if (p->ports.at[i].to == port)
			return true;
	for (size_t i = 0; i < p->bound.n; i++)
		if (p->bound.at[i] == port)
			return true;
	return false;
}

/* Where the caller's map leads, or 0. */
static uint32_t mapped_port(const struct plan *p, uint32_t port)
{
	for (size_t i = 0; i < p->wishes->nport_map; i++)
		if (p->wishes->port_map[i].from == port)
			return p->wishes->port_map[i].to;
	return 0;
}

static uint32_t usual_port(uint32_t port)
{
	return port == 80 ? 8080 : port == 443 ? 8443 : port + 8000;
}

/* 80 -> 8080, 443 -> 8443, otherwise +8000, never onto a port already used. */
static uint32_t new_port(struct plan *p, uint32_t port)
{
	uint32_t to = usual_port(port), mapped = mapped_port(p, port);
	if (!p->exposed)
		read_exposed(p);
	if (mapped && in_use(p, mapped))
		plan_reason(p, UNROOT_UNSAFE, INS_NONE,
			    arena_printf(p->f->arena, "port %u, which is to take the place of %u, is in use already", mapped, port));
	if (mapped)
		return mapped;
	while (to < PORTS - 1 && in_use(p, to))
		to++;
	return to;
}

static struct port_change *find_change(const struct plan *p, uint32_t port)
{
	return p->change_of && p->change_of[port] ? &p->ports.at[p->change_of[port] - 1] : NULL;
}

static struct port_change *add_change(struct plan *p, struct port_change change)
{
	if (!p->change_of)
		p->change_of = ARENA_ARRAY(p->f->arena, uint16_t, FIRST_UNPRIVILEGED);
	*VEC_PUSH(p->f->arena, p->ports) = change;
	p->change_of[change.from] = (uint16_t)p->ports.n;
	return &p->ports.at[p->ports.n - 1];
}

struct port_change *plan_port_change(struct plan *p, uint32_t port, uint32_t ins)
{
	struct port_change *change = find_change(p, port);
	if (change)
		return change;
	return add_change(p, (struct port_change){.from = port, .to = new_port(p, port), .ins = ins});
}

void plan_port_moved(struct plan *p, uint32_t port)
{
	uint32_t to = mapped_port(p, port);
	if (to == 0)
		to = usual_port(port);
	if (find_change(p, port))
		return;
	for (size_t i = 0; i < p->bound.n; i++)
		if (p->bound.at[i] == to) {
			add_change(p, (struct port_change){.from = port, .to = to, .ins = INS_NONE, .bound = true, .done = true});
			return;
		}
}

void plan_port_edit(struct plan *p, struct port_change *change, uint32_t file, struct span span, struct str text)
{
	*VEC_PUSH(p->f->arena, change->edits) = (struct port_edit){file, span, text};
}

static void add_edit(struct plan *p, struct port_change *change, uint32_t start, uint32_t end, struct str text)
{
	plan_port_edit(p, change, 0, (struct span){start, end}, text);
}

static bool is_option(const struct plan *p, struct str name)
{
	return tables_port_option(p->f->tables, name, p->f->start.program);
}

/* The words of a command, and where they stand. */
struct command_words {
	struct plan *p;
	const struct start_word *at;
	size_t n;
	uint32_t file;
	struct port_change *only; /* or NULL: whatever port it is */
};

/* A word that tells the port. */
static void word_site(const struct command_words *c, const struct start_word *word, size_t from, bool bare)
{
	struct plan *p = c->p;
	uint32_t port;
	struct str value = str_sub(word->text, from, word->text.n);
	size_t fallback = str_find(value, STR(":-"), 0);
	if (fallback != STR_NONE && str_ends(value, STR("}"))) { /* ${PORT:-80} */
		from += fallback + 2;
		value = str_sub(value, fallback + 2, value.n - 1);
		bare = true;
	}
	size_t at = address_port(value, bare, &port);
	if (at == STR_NONE || port == 0 || port >= FIRST_UNPRIVILEGED || (c->only && c->only->from != port))
		return;
	struct port_change *change = c->only ? c->only : plan_port_change(p, port, word->ins);
	if (!word->plain) {
		plan_reason(p, UNROOT_UNSAFE, word->ins, STR("the port in the start command is not written plainly"));
		return;
	}
	change->told = true;
	plan_port_edit(p, change, c->file,
		       (struct span){word->span.start + (uint32_t)(from + at), word->span.start + (uint32_t)(from + value.n)},
		       number(p->f->arena, change->to));
}

static size_t behind_blanks(struct str text, size_t at)
{
	while (at < text.n && text.p[at] == ' ')
		at++;
	return at;
}

static bool exposed(const unsigned char *bits, struct str digits)
{
	uint32_t port;
	return str_to_u32(digits, &port) && port < PORTS && has_bit(bits, port);
}

static void command_sites(const struct command_words *c)
{
	struct plan *p = c->p;
	unsigned char bits[PORTS / 8];
	read_first_exposed(p->f, bits);
	for (size_t i = 0; i < c->n; i++) {
		const struct start_word *word = &c->at[i];
		const struct start_word *before = i ? &c->at[i - 1] : NULL;
		bool after_option = before && before->text.n > 1 && before->text.p[0] == '-';
		size_t equals = str_find_char(word->text, '=', 0);
		if (word->text.n == 0)
			continue;
		if (word->text.p[0] == '-' || word->text.p[0] == '/') {
			if (equals != STR_NONE && is_option(p, str_sub(word->text, 0, equals)))
				word_site(c, word, equals + 1, true);
			else if (word->text.n > 2 && word->text.p[1] != '-' && is_option(p, str_sub(word->text, 0, 2)))
				word_site(c, word, behind_blanks(word->text, 2), true); /* -b:80, "-p 80" */
		} else if (after_option && is_option(p, before->text)) {
			word_site(c, word, 0, true);
		} else if (!after_option) {
			/* An operand: an address, or a number that is exposed as well. */
			word_site(c, word, 0, i > 0 && exposed(bits, word->text));
			if (i == 0 && exposed(bits, word->text))
				word_site(c, word, 0, true); /* CMD ["443"] behind an ENTRYPOINT */
		}
	}
}

void plan_port_words(struct plan *p, const struct start_word *words, size_t n, uint32_t file, struct port_change *change)
{
	command_sites(&(struct command_words){p, words, n, file, change});
}

static bool is_name_char(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '_';
}

struct map plan_start_variables(const struct plan *p)
{
	struct map names = {0};
	for (size_t i = 0; i < p->f->start.words.n; i++) {
		struct str text = p->f->start.words.at[i].text;
		for (size_t at = str_find_char(text, '$', 0); at != STR_NONE; at = str_find_char(text, '$', at)) {
			size_t start = ++at;
			if (start < text.n && text.p[start] == '{')
				start++;
			for (at = start; at < text.n && is_name_char(text.p[at]);)
				at++;
			if (at > start)
				*map_put(p->f->scratch, &names, str_sub(text, start, at)) = p->f;
		}
	}
	return names;
}

/* One of the addresses that a variable of the Dockerfile holds. */
static void address_site(struct plan *p, struct str name, const struct variable *v, struct str item)
{
	struct facts *f = p->f;
	uint32_t port;
	size_t at = address_port(item, true, &port);
	if (at == STR_NONE || port == 0 || port >= FIRST_UNPRIVILEGED)
		return;
	size_t ins = document_instruction_at(f->doc, v->span.start);
	struct port_change *change = plan_port_change(p, port, ins == STR_NONE ? INS_NONE : (uint32_t)ins);
	struct str written = source_text(&f->doc->source, v->span);
	size_t whole = str_find(written, v->value, 0);
	size_t in_written = whole != STR_NONE	   ? whole + (size_t)(item.p - v->value.p) + at
			    : item.n == v->value.n ? str_find(written, str_sub(item, at, item.n), 0)
						   : STR_NONE;
	if (in_written == STR_NONE || written.n > v->value.n + 2) {
		plan_reason(p, UNROOT_UNSAFE, INS_NONE,
			    arena_printf(f->arena, "the port in %.*s is not written plainly", STR_ARG(name)));
		return;
	}
	change->told = true;
	add_edit(p, change, v->span.start + (uint32_t)in_written, v->span.start + (uint32_t)(in_written + item.n - at),
		 number(f->arena, change->to));
}

/* The low ports that a variable of the Dockerfile holds: "80", "http://+:80;https://+:443". */
static void variable_site(struct plan *p, struct str name, const struct variable *v)
{
	struct str rest = v->value, item;
	while (str_split(&rest, ';', &item))
		address_site(p, name, v, item);
}

static void variable_sites(struct plan *p)
{
	struct facts *f = p->f;
	struct map names = plan_start_variables(p);
	for (size_t i = 0; i < f->variables.n; i++) {
		struct str name = f->variables.at[i].name;
		const struct variable *v = f->variables.at[i].variable;
		if (!v->known || v->span.end == 0)
			continue;
		if ((v->from_env && tables_port_variable(f->tables, name, f->start.program)) || map_get(&names, name))
			variable_site(p, name, v);
	}
}

bool plan_port_variable(struct plan *p, struct str name)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->variables.n; i++) {
		const struct variable *v = f->variables.at[i].variable;
		uint32_t port;
		if (!str_eq(f->variables.at[i].name, name) || !v->known || v->span.end == 0 || address_port(v->value, true, &port) == STR_NONE)
			continue;
		variable_site(p, name, v);
		return true;
	}
	return false;
}

static bool is_bound(const struct port_change *change)
{
	return change->bound || change->told;
}

static bool moves(const struct plan *p, uint32_t port)
{
	for (size_t i = 0; i < p->ports.n; i++)
		if (p->ports.at[i].from == port)
			return true;
	return false;
}

/* Whether the instruction lies in a stage that other stages are FROM too. */
static bool is_shared(const struct facts *f, uint32_t ins)
{
	uint32_t low = 0, high = f->nchain;
	while (high - low > 1) { /* the last stage of the chain that begins above it */
		uint32_t middle = low + (high - low) / 2;
		if (f->stages->at[f->chain[middle]].from <= ins)
			low = middle;
		else
			high = middle;
	}
	const struct stage *stage = &f->stages->at[f->chain[low]];
	return low + 1 < f->nchain && ins > stage->from && ins < stage->end && stage->children > 1;
}

/* "EXPOSE $PORT": where the variable gets its value is the place to edit. */
static void exposed_variable(struct plan *p, const struct exposed *e, struct str written)
{
	size_t slash = str_find_char(written, '/', 0);
	struct str word = slash == STR_NONE ? written : str_sub(written, 0, slash);
	struct expansion x = facts_expand(p->f, word);
	if (x.from && x.from->known && x.from->span.end)
		variable_site(p, word, x.from);
	else
		plan_reason(p, UNROOT_UNSAFE, e->ins, arena_printf(p->f->arena, "EXPOSE %.*s cannot be moved by itself", STR_ARG(written)));
}

bool plan_port_told(const struct plan *p)
{
	const struct facts *f = p->f;
	for (size_t i = 0; i < f->variables.n; i++)
		if (f->variables.at[i].variable->from_env &&
		    tables_port_variable(f->tables, f->variables.at[i].name, f->start.program))
			return true;
	for (size_t i = 0; i < f->start.words.n; i++)
		if (is_option(p, f->start.words.at[i].text))
			return true;
	return false;
}

/* Ports that the image's own program binds unless it is told otherwise. */
static void image_ports(struct plan *p)
{
	const struct facts *f = p->f;
	if (f->image && f->image->nlow_ports && p->ports.n + p->stuck.n == 0 && !plan_port_told(p) &&
	    f->start.recipe.n == 0)
		plan_reason(p, UNROOT_UNSAFE, INS_NONE,
			    arena_printf(f->arena, "programs on %.*s bind port %u unless they are told otherwise",
					 STR_ARG(f->image_name), f->image->low_ports[0]));
}

/* EXPOSE follows a port whose bind site moves; alone it proves nothing. */
static void exposed_sites(struct plan *p)
{
	struct facts *f = p->f;
	bool by_image = plan_image_variable(p);
	for (size_t i = 0; i < f->exposes.n; i++) {
		const struct exposed *e = &f->exposes.at[i];
		if (e->port == 0 || e->port >= FIRST_UNPRIVILEGED)
			continue;
		if (e->udp) {
			plan_reason(p, UNROOT_UNSAFE, e->ins, arena_printf(f->arena, "where UDP port %u is bound is not known", e->port));
			continue;
		}
		if (p->recipe && !moves(p, e->port))
			continue; /* the server does not bind it */
		if (by_image && !moves(p, e->port)) {
			plan_follow(p, arena_printf(f->arena,
						    "nothing in the image binds port %u, which stays exposed: what has "
						    "it bound from outside picks one from %d on",
						    e->port, FIRST_UNPRIVILEGED));
			continue;
		}
		struct port_change *change = plan_port_change(p, e->port, e->ins);
		struct str written = source_text(&f->doc->source, e->span);
		bool by_variable = str_find_char(written, '$', 0) != STR_NONE;
		if (!p->wishes->keep_ports && (e->port != e->last || (!e->editable && !by_variable))) {
			plan_reason(p, UNROOT_UNSAFE, e->ins, arena_printf(f->arena, "EXPOSE %.*s cannot be moved by itself", STR_ARG(written)));
			continue;
		}
		if (!is_bound(change) && !p->wishes->keep_ports)
			plan_reason(p, UNROOT_UNSAFE, e->ins,
				    arena_printf(f->arena, "where port %u is bound does not stand in the Dockerfile", e->port));
		if (is_shared(f, e->ins))
			plan_reason(p, UNROOT_UNSAFE, e->ins, STR("a port would move in a stage that others are built upon"));
		if (by_variable && !e->editable && is_bound(change) && !p->wishes->keep_ports)
			exposed_variable(p, e, written);
		else if (e->editable && is_bound(change))
			add_edit(p, change, e->span.start, e->span.end, number(f->arena, change->to));
	}
}

/* Some are gone, and those behind them have moved up. */
static void keep_first(struct plan *p, size_t kept)
{
	p->ports.n = kept;
	if (!p->change_of)
		return;
	memset(p->change_of, 0, FIRST_UNPRIVILEGED * sizeof *p->change_of);
	for (size_t i = 0; i < kept; i++)
		p->change_of[p->ports.at[i].from] = (uint16_t)(i + 1);
}

/* EXPOSE alone would be a lie: what is not bound in a known place stays. */
static void drop_unbound(struct plan *p)
{
	size_t kept = 0;
	for (size_t i = 0; i < p->ports.n; i++) {
		struct port_change change = p->ports.at[i];
		if (is_bound(&change))
			p->ports.at[kept++] = change;
		else
			*VEC_PUSH(p->f->arena, p->stuck) = (struct stuck_port){change.from, change.ins};
	}
	keep_first(p, kept);
}

/* A bind site that stands at another port on purpose, and nothing that names the low one. */
static void drop_done(struct plan *p)
{
	size_t kept = 0;
	for (size_t i = 0; i < p->ports.n; i++)
		if (!p->ports.at[i].done || p->ports.at[i].edits.n)
			p->ports.at[kept++] = p->ports.at[i];
	keep_first(p, kept);
}

/* The bytes of a value without its quotes that are the port `from`; empty where they are not. */
static struct span port_in_value(const struct facts *f, struct span value, uint32_t from)
{
	uint32_t port;
	struct str text = source_text(&f->doc->source, value);
	if (text.n > 1 && (text.p[0] == '"' || text.p[0] == '\'') && text.p[text.n - 1] == text.p[0]) {
		value.start++;
		value.end--;
		text = str_sub(text, 1, text.n - 1);
	}
	size_t at = address_port(text, true, &port);
	if (at == STR_NONE || port != from)
		return (struct span){0, 0};
	return (struct span){value.start + (uint32_t)at, value.end};
}

/* LABEL and ENV that tell a reverse proxy which port the container binds follow it. */
static void announced_sites(struct plan *p, uint32_t ins)
{
	struct facts *f = p->f;
	struct args args;
	instruction_args(f->scratch, f->doc, ins, &args);
	for (uint32_t i = 0; i + 1 < args.nwords; i += 2) {
		struct expansion name = facts_expand(f, args.words[i].text);
		if (!name.known || !tables_port_label(f->tables, name.text))
			continue;
		for (size_t k = 0; k < p->ports.n; k++) {
			struct port_change *change = &p->ports.at[k];
			struct span span = port_in_value(f, args.words[i + 1].span, change->from);
			if (span.end)
				add_edit(p, change, span.start, span.end, number(f->arena, change->to));
		}
	}
}

static void announcements(struct plan *p)
{
	const struct facts *f = p->f;
	for (uint32_t i = 0; p->ports.n && i < f->nchain; i++) {
		const struct stage *stage = &f->stages->at[f->chain[i]];
		for (uint32_t ins = stage->from + 1; ins < stage->end; ins++) {
			enum keyword keyword = (enum keyword)f->doc->instructions.at[ins].keyword;
			struct arena_mark mark = arena_mark(f->scratch);
			if (keyword == KW_LABEL || keyword == KW_ENV)
				announced_sites(p, ins);
			arena_rewind(f->scratch, mark);
		}
	}
}

/* The base's EXPOSE names the old port: the new one is added. */
static void new_exposes(struct plan *p)
{
	unsigned char bits[PORTS / 8];
	if (p->ports.n == 0)
		return;
	read_first_exposed(p->f, bits);
	for (size_t i = 0; i < p->ports.n; i++) {
		struct port_change *change = &p->ports.at[i];
		change->expose = change->bound && !change->done && !(change->from < PORTS && has_bit(bits, change->from));
	}
}

void plan_ports(struct plan *p)
{
	plan_port_words(p, p->f->start.words.at, p->f->start.words.n, 0, NULL);
	variable_sites(p);
	if (p->recipe)
		plan_recipe_ports(p);
	exposed_sites(p);
	drop_unbound(p);
	plan_health(p);
	announcements(p);
	drop_done(p);
	new_exposes(p);
	image_ports(p);
	if (p->ports.n + p->stuck.n == 0) {
		if (!p->recipe && !plan_port_told(p))
			plan_unbound_ports(p);
		return;
	}
	if (p->wishes->keep_ports || p->wishes->no_ports) {
		p->ports.n = p->stuck.n = 0;
		plan_reason(p, UNROOT_INTERFACE, INS_NONE,
			    STR("it keeps a port below 1024, which any user may bind under Docker 20.10 and later or containerd 2, but not with "
				"host networking, Podman, CRI-O or containerd 1"));
		return;
	}
	plan_consumers(p);
	if (p->cls > UNROOT_INTERFACE)
		p->cls = UNROOT_INTERFACE;
}
