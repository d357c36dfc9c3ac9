#include <stdio.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "cli/commands.h"
#include "cli/exit.h"
#include "project/nearest.h"
#include "unroot/unroot.h"

static void print_help(FILE *to)
{
	fputs("Usage: unroot COMMAND [OPTION]... [PATH]...\n"
	      "Makes containers run as a non-root user, by changing their Dockerfiles.\n\n"
	      "Commands:\n",
	      to);
	for (size_t i = 0; i < command_count; i++)
		fprintf(to, "  %-9s %s\n", commands[i].name, commands[i].does);
	fputs("\n"
	      "Start with `unroot fix --diff`, which writes nothing; see `unroot fix --help`.\n"
	      "Exit codes: 0 clean or done, 1 something would change, 2 something failed.\n",
	      to);
}

static int unknown_command(const char *name)
{
	struct nearest near = nearest_to(str_of(name));
	for (size_t i = 0; i < command_count; i++)
		nearest_try(&near, commands[i].name);
	if (near.word)
		fprintf(stderr, "unroot: unknown command %s (did you mean %s?)\n", name, near.word);
	else
		fprintf(stderr, "unroot: unknown command %s, expected one of those that unroot --help lists\n", name);
	return EXIT_FAILED;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	struct arena arena;
	jmp_buf out_of_memory;
	int code;
	arena_init(&arena, NULL, 0);
	arena_arm(&arena, &out_of_memory);
	if (setjmp(out_of_memory) == 0) {
		code = command->run(&arena, argc, argv);
	} else {
		fputs("unroot: out of memory\n", stderr);
		code = EXIT_FAILED;
	}
	arena_free(&arena);
	return code;
}

/* Memory of large files goes back to the system as soon as it is free: glibc would keep more and more of it. */
static void return_large_blocks(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#endif
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	struct str word = str_of(name);
	return_large_blocks();
	for (size_t i = 0; i < command_count; i++)
		if (str_eq(word, str_of(commands[i].name)))
			return run_command(&commands[i], argc - 1, argv + 1);
	if (str_eq(word, STR("--version")) || str_eq(word, STR("-V"))) {
		printf("unroot %s\n", unroot_version());
		return EXIT_DONE;
	}
	if (str_eq(word, STR("--help")) || str_eq(word, STR("-h")) || str_eq(word, STR("help"))) {
		print_help(stdout);
		return EXIT_DONE;
	}
	if (argc > 1)
		return unknown_command(name);
	print_help(stderr);
	return EXIT_FAILED;
}
