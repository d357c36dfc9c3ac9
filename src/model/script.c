/* Scripts of the build context that steps and start commands run. */
#include "base/path.h"
#include "model/step.h"

enum { MAX_SCRIPTS = 32 }; /* that the steps of one stage read: each look-up goes through its copies */

uint32_t script_shebang(struct str text, struct shell_word *words, uint32_t max)
{
	struct str line, word;
	uint32_t n = 0;
	if (!str_starts(text, STR("#!")))
		return 0;
	text = str_sub(text, 2, text.n);
	str_split(&text, '\n', &line);
	while (n < max && str_word(&line, &word)) {
		if (n == 0 && (str_eq(command_name(word), STR("env")) || word.p[0] == '-'))
			continue;
		words[n++] = (struct shell_word){.text = word};
	}
	return n;
}

bool script_is_text(struct str bytes)
{
	return str_find_char(str_sub(bytes, 0, bytes.n < 512 ? bytes.n : 512), '\0', 0) == STR_NONE;
}

/* Whether a step since may have put something else there. */
static bool replaced(const struct facts *f, struct str path)
{
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->run == RUN_START || m->kind == MADE_OWNER || m->kind == MADE_MODE || m->kind == MADE_DIRECTORY)
			continue;
		if (str_eq(m->path, path) ||
		    ((m->kind == MADE_FILLED || m->kind == MADE_REMOVED) && path_within(path, m->path)))
			return true;
	}
	return false;
}

/* The text of the script that a word names; p is NULL when it cannot be told for sure. */
static struct str script_text(struct step *s, const struct shell_word *word)
{
	struct str none = {NULL, 0}, path = step_path(s, word);
	uint32_t file;
	if (!path.p || s->f->scripts_read >= MAX_SCRIPTS)
		return none;
	s->f->scripts_read++;
	if (!facts_context_file(s->f, path, &file) || replaced(s->f, path))
		return none;
	struct str text = s->f->workspace->at[file].current;
	return script_is_text(text) ? text : none;
}

bool step_run_script(struct step *s, const struct shell_word *word)
{
	struct shell_word words[2];
	struct str text = script_text(s, word);
	if (!text.p)
		return false;
	uint32_t n = script_shebang(text, words, 2);
	if (n && command_lookup(s->f->tables->commands, words, 1).effect != EFFECT_SHELL)
		return false;
	step_nested(s, text);
	return true;
}

bool step_source_script(struct step *s, const struct shell_word *word)
{
	struct str text = script_text(s, word);
	if (text.p)
		step_sourced(s, text);
	return text.p != NULL;
}
