/* unroot tokens: how a Dockerfile is read. */
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "report/json.h"
#include "syntax/token.h"

static const char help[] = "Usage: unroot tokens [OPTION]... FILE...\n"
			   "Prints the tokens and instructions of Dockerfiles as JSON, one object a file.\n"
			   "FILE may be - for standard input.\n\n"
			   "      --sexp   print \"== FILE\" and each instruction as BuildKit's S-expression\n"
			   "  -h, --help\n";

/* Prints a buffer's text and empties it, so that a large file needs little memory. */
static void flush(struct buf *out)
{
	fwrite(out->p, 1, out->n, stdout);
	out->n = 0;
}

static bool add_position(struct arena *a, struct document *d, json_t *o, struct span span)
{
	struct position at = source_position(a, &d->source, span.start);
	return json_set_number(o, "start", span.start) && json_set_number(o, "end", span.end) &&
	       json_set_number(o, "line", at.line) && json_set_number(o, "column", at.column);
}

static bool print_tokens(struct arena *a, struct document *d)
{
	struct tokens tokens = {0};
	tokens_of(a, d, &tokens);
	for (size_t i = 0; i < tokens.n; i++) {
		struct arena_mark mark = arena_mark(a);
		struct buf out = buf_new(a);
		struct span span = {tokens.at[i].start, tokens.at[i].end};
		json_t *o = json_object();
		bool ok = json_set_text(a, o, "kind", token_kind_name(tokens.at[i].kind)) &&
			  add_position(a, d, o, span) && json_set_bytes(a, o, "text", source_text(&d->source, span));
		fputs(i ? ",\n" : "\n", stdout);
		if (!json_add(&out, o) || !ok)
			return false;
		flush(&out);
		if (i > 0) /* the first one has made the table of lines */
			arena_rewind(a, mark);
	}
	return true;
}

static const char *form_name(enum args_form form)
{
	static const char *const names[] = {
		[ARGS_NONE] = "none",	  [ARGS_WORDS] = "words", [ARGS_PAIRS] = "pairs",
		[ARGS_STRING] = "string", [ARGS_EXEC] = "exec",	  [ARGS_INSTRUCTION] = "instruction",
	};
	return names[form];
}

static bool append(json_t *array, json_t *value, bool ok)
{
	return json_array_append_new(array, value) == 0 && ok;
}

static bool add_flags(struct arena *a, struct document *d, json_t *array, const struct args *args)
{
	bool ok = true;
	for (uint32_t i = 0; i < args->nflags && ok; i++) {
		const struct flag *flag = &args->flags[i];
		json_t *o = json_object();
		ok = json_set_bytes(a, o, "name", flag->name) &&
		     (!flag->has_value || json_set_bytes(a, o, "value", flag->value)) &&
		     add_position(a, d, o, flag->span);
		ok = append(array, o, ok);
	}
	return ok;
}

static bool add_words(struct arena *a, struct document *d, json_t *array, const struct args *args)
{
	bool ok = true;
	for (uint32_t i = 0; i < args->nwords && ok; i++) {
		json_t *o = json_object();
		ok = json_set_bytes(a, o, "text", args->words[i].text) && add_position(a, d, o, args->words[i].span);
		ok = append(array, o, ok);
	}
	return ok;
}

static bool add_heredocs(struct arena *a, struct document *d, json_t *array, const struct args *args)
{
	bool ok = true;
	for (uint32_t i = 0; i < args->nheredocs && ok; i++) {
		const struct heredoc *heredoc = &args->heredocs[i];
		json_t *o = json_object();
		ok = json_set_bytes(a, o, "name", heredoc->name) &&
		     json_object_set_new(o, "expand", json_boolean(heredoc->expand)) == 0 &&
		     json_object_set_new(o, "chomp", json_boolean(heredoc->chomp)) == 0 &&
		     add_position(a, d, o, heredoc->body);
		ok = append(array, o, ok);
	}
	return ok;
}

/* One instruction; that of an ONBUILD is of one depth, as BuildKit has it. */
static json_t *instruction_json(struct arena *a, struct document *d, const struct args *args)
{
	json_t *o = json_object(), *flags = json_array(), *words = json_array(), *heredocs = json_array();
	bool ok = json_set_bytes(a, o, "keyword", args->keyword_text) &&
		  json_set_text(a, o, "form", form_name(args->form));
	ok = ok && add_flags(a, d, flags, args) && add_words(a, d, words, args) && add_heredocs(a, d, heredocs, args);
	ok &= json_object_set_new(o, "flags", flags) == 0;
	ok &= json_object_set_new(o, "arguments", words) == 0;
	ok &= json_object_set_new(o, "heredocs", heredocs) == 0;
	if (ok && args->health_type.n)
		ok = json_set_bytes(a, o, "type", args->health_type);
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

static bool print_instruction(struct arena *a, struct document *d, size_t index)
{
	const struct instruction *in = &d->instructions.at[index];
	struct buf out = buf_new(a);
	struct args args;
	instruction_args(a, d, index, &args);
	json_t *o = instruction_json(a, d, &args);
	bool ok = o && add_position(a, d, o, (struct span){in->start, in->end}) &&
		  json_set_number(o, "last_line", in->last_line);
	/* ONBUILD's own instruction stands inside; they do not nest. */
	json_t *outer = o;
	for (const struct args *sub = args.sub; ok && sub; sub = sub->sub) {
		json_t *inner = instruction_json(a, d, sub);
		ok = json_object_set_new(outer, "instruction", inner) == 0;
		outer = inner;
	}
	fputs(index ? ",\n" : "\n", stdout);
	if (!json_add(&out, o) || !ok)
		return false;
	flush(&out);
	return true;
}

static bool print_value(struct arena *a, json_t *o, bool ok)
{
	struct buf out = buf_new(a);
	if (!json_add(&out, o) || !ok)
		return false;
	flush(&out);
	return true;
}

static bool print_json(struct arena *a, struct document *d, const char *path)
{
	json_t *head = json_object(), *error = json_object();
	struct position at = source_position(a, &d->source, d->error.offset);
	bool ok = json_set_bytes(a, head, "path", str_of(path)) &&
		  json_set_bytes(a, head, "escape", (struct str){&d->escape, 1});
	fputs("{\"file\":", stdout);
	ok = print_value(a, head, ok);
	fputs(",\"tokens\":[", stdout);
	ok = ok && print_tokens(a, d);
	fputs("],\n\"instructions\":[", stdout);
	for (size_t i = 0; i < d->instructions.n && ok; i++) {
		struct arena_mark mark = arena_mark(a);
		ok = print_instruction(a, d, i);
		arena_rewind(a, mark);
	}
	fputs("],\n\"error\":", stdout);
	if (d->error.message.n == 0) {
		json_decref(error);
		error = json_null();
	} else {
		ok = ok && json_set_number(error, "line", at.line) && json_set_number(error, "column", at.column) &&
		     json_set_text(a, error, "message", arena_str(a, d->error.message).p);
	}
	ok = print_value(a, error, ok);
	fputs("}\n", stdout);
	return ok;
}

static void print_sexp(struct arena *a, const struct document *d, const char *path)
{
	printf("== %s\n", path);
	if (d->error.message.n && !d->error.instruction_layer) {
		printf("error %u: %.*s\n", d->error.line, STR_ARG(d->error.message));
		return;
	}
	for (size_t i = 0; i < d->instructions.n; i++) {
		struct arena_mark mark = arena_mark(a);
		struct buf out = buf_new(a);
		struct args args;
		instruction_args(a, d, i, &args);
		args_sexp(&args, &out);
		buf_char(&out, '\n');
		flush(&out);
		arena_rewind(a, mark);
	}
}

static bool print_file(struct arena *a, const struct options *o, const char *path, struct file_bytes *bytes)
{
	struct arena_mark mark = arena_mark(a);
	struct file_error error;
	struct document document = {0};
	bool standard_input = strcmp(path, "-") == 0, ok = true;
	if (standard_input ? !file_read_fd(STDIN_FILENO, SOURCE_MAX_BYTES, true, bytes, NULL, &error)
			   : !file_read(path, SOURCE_MAX_BYTES, bytes, NULL, &error)) {
		struct buf line = buf_new(a);
		report_error(&line, path, 0, 0, error.message);
		fwrite(line.p, 1, line.n, stderr);
		arena_rewind(a, mark);
		return false;
	}
	document_parse(a, &document, path, (struct str){bytes->p, bytes->n});
	if (o->sexp)
		print_sexp(a, &document, path);
	else
		ok = print_json(a, &document, path);
	if (!ok)
		fputs("unroot: out of memory\n", stderr);
	arena_rewind(a, mark);
	return ok;
}

int cmd_tokens(struct arena *a, int argc, char **argv)
{
	struct options o;
	struct file_bytes bytes = {0};
	int code = options_read(&o, a, FOR_TOKENS, argc, argv, help);
	if (code != OPTIONS_GO)
		return code;
	if (o.path_count == 0) {
		fputs("unroot: tokens needs a file, or - for standard input\n", stderr);
		return EXIT_FAILED;
	}
	code = EXIT_DONE;
	for (size_t i = 0; i < o.path_count; i++)
		if (!print_file(a, &o, o.paths[i], &bytes))
			code = EXIT_FAILED;
	file_bytes_free(&bytes);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("standard output");
		return EXIT_FAILED;
	}
	return code;
}
