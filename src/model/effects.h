/* What a command does to the image, in parts: effects.c, files.c and writes.c only. */
#ifndef UNROOT_MODEL_EFFECTS_H
#define UNROOT_MODEL_EFFECTS_H

#include "model/step.h"

/* The command being read. */
struct command {
	const struct shell_word *words;
	uint32_t n, at;
	struct str name; /* without its directory */
	struct operands o;
};

static inline const struct shell_word *operand(const struct command *c, uint32_t i)
{
	return &c->words[c->o.at[i]];
}

static inline const struct shell_word *role(const struct command *c, enum option_role r)
{
	return operands_have(&c->o, r) ? &c->o.value[r] : NULL;
}

static inline bool has_letter(const struct command *c, char letter)
{
	for (uint32_t i = 1; i < c->n; i++) {
		struct str w = c->words[i].text;
		if (w.n > 1 && w.p[0] == '-' && w.p[1] != '-' && str_find_char(w, letter, 1) != STR_NONE)
			return true;
	}
	return false;
}

static inline bool has_word(const struct command *c, struct str word)
{
	for (uint32_t i = 1; i < c->n; i++)
		if (str_eq(c->words[i].text, word))
			return true;
	return false;
}

/* Notes that root is needed where a word names something of the system's. */
void step_check_word(struct step *s, const struct shell_word *word, struct str command);

/* Whether the part of a word that is known leads to where the app has no directories: the system's, for the moment, root's. */
bool step_leads_elsewhere(const struct step *s, const struct shell_word *word);

/* The same for what lies below `path`. */
void step_check_below(struct step *s, struct str path, struct str command);

/* Whether `path` is not in the image but mounted while the step runs. */
bool step_is_mounted(const struct step *s, struct str path);

/* Notes a path that is made, changed or removed. */
void step_add_made(struct step *s, enum made_kind kind, struct str path, bool recursive, struct str owner);

/* Something is written into the directory `path`, which is there. */
void step_write_below(struct step *s, enum made_kind kind, struct str path, struct str command);

/* The same for files that become root's, whoever had them. */
void step_copy_below(struct step *s, struct str path, struct str command);

/* `name` is written in the directory that `dir` names, or in the working directory. */
void step_write_in(struct step *s, enum made_kind kind, const struct shell_word *dir, struct str name,
		   struct str command);

/* Programs among the operands get rights of their own, as by setcap; the first operand says which. */
void effect_set_rights(struct step *s, const struct command *c);

/* The effects on files (src/model/files.c). */
void effect_create(struct step *s, const struct command *c);
void effect_copy_files(struct step *s, const struct command *c);
void effect_unpack(struct step *s, const struct command *c);
void effect_fetch(struct step *s, const struct command *c);
void effect_change_files(struct step *s, const struct command *c, enum made_kind kind);
void effect_remove_files(struct step *s, const struct command *c);
void effect_edit_files(struct step *s, const struct command *c);
void effect_clone(struct step *s, const struct command *c);
void effect_tree(struct step *s, const struct command *c, struct str paths);
void effect_build(struct step *s, const struct command *c);

#endif
