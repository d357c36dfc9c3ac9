/* unroot completion: what shells complete, written from the tables of commands, options and rules. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/options.h"

static const char help[] = "Usage: unroot completion bash|zsh|fish\n"
			   "Prints a script with which the shell completes unroot's command line, for example\n"
			   "  unroot completion bash > ~/.local/share/bash-completion/completions/unroot\n\n"
			   "  -h, --help\n";

static void words_of(const struct option_info *option)
{
	for (size_t i = 0; option->words[i]; i++)
		printf("%s%s", i ? " " : "", option->words[i]);
}

static bool takes_rules(const struct option_info *option)
{
	return strcmp(option->name, "select") == 0 || strcmp(option->name, "ignore") == 0;
}

static void rules(void)
{
	const char *id;
	for (size_t i = 0; (id = unroot_rule_id(i)); i++)
		printf("%s%s", i ? " " : "", id);
}

/* One line of a case statement that sets `words` after an option with a value. */
static void bash_value(const struct option_info *option)
{
	if (!option->value || option->path)
		return;
	printf("\t--%s) words='", option->name);
	if (takes_rules(option))
		rules();
	else
		words_of(option);
	puts("' ;;");
}

static void bash_command(const struct command *command)
{
	struct option_info option;
	printf("\t%s) options='", command->name);
	for (size_t i = 0; options_info(i, &option); i++)
		if (option.commands & command->options)
			printf("%s--%s", i ? " " : "", option.name);
	fputs("'", stdout);
	if (command->options == FOR_EXPLAIN || command->options == FOR_COMPLETION) {
		fputs(" operands='", stdout);
		if (command->options == FOR_EXPLAIN)
			rules();
		else
			fputs("bash zsh fish", stdout);
		fputs("'", stdout);
	}
	puts(" ;;");
}

static void bash(void)
{
	struct option_info option;
	puts("# bash completion for unroot\n"
	     "_unroot()\n"
	     "{\n"
	     "\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words= options= "
	     "operands=\n"
	     "\tCOMPREPLY=()");
	fputs("\tif ((COMP_CWORD == 1)); then\n\t\tmapfile -t COMPREPLY < <(compgen -W '", stdout);
	for (size_t i = 0; i < command_count; i++)
		printf("%s ", commands[i].name);
	puts("--help --version' -- \"$current\")\n"
	     "\t\treturn\n"
	     "\tfi\n"
	     "\tif [[ $current == = ]]; then\n"
	     "\t\tcurrent=\n"
	     "\telif [[ $previous == = ]]; then\n"
	     "\t\tprevious=${COMP_WORDS[COMP_CWORD - 2]}\n"
	     "\tfi\n"
	     "\tcase $previous in");
	for (size_t i = 0; options_info(i, &option); i++)
		bash_value(&option);
	puts("\t*) words=- ;;\n\tesac\n\tcase ${COMP_WORDS[1]} in");
	for (size_t i = 0; i < command_count; i++)
		bash_command(&commands[i]);
	puts("\tesac\n"
	     "\tif [[ $words == - ]]; then\n"
	     "\t\twords=$operands\n"
	     "\t\t[[ $current != -* ]] || words=$options\n"
	     "\tfi\n"
	     "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
	     "}\n"
	     "complete -o default -F _unroot unroot");
}

static void zsh_option(const struct option_info *option)
{
	printf(" \\\n\t\t\t'*--%s%s", option->name, option->value ? "=" : "");
	if (option->value) {
		printf(":%s:", option->name);
		if (option->path) {
			fputs("_files", stdout);
		} else if (takes_rules(option) || option->words[0]) {
			putchar('(');
			if (takes_rules(option))
				rules();
			else
				words_of(option);
			putchar(')');
		} else {
			putchar(' ');
		}
	}
	putchar('\'');
	if (option->letter)
		printf(" '-%c%s'", option->letter, option->value ? "+:value: " : "");
}

static void zsh_command(const struct command *command)
{
	struct option_info option;
	printf("\t%s)\n\t\t_arguments -s", command->name);
	for (size_t i = 0; options_info(i, &option); i++)
		if (option.commands & command->options)
			zsh_option(&option);
	fputs(" \\\n\t\t\t'*:", stdout);
	if (command->options == FOR_EXPLAIN) {
		fputs("rule:(", stdout);
		rules();
		puts(")' ;;");
	} else {
		puts(command->options == FOR_COMPLETION ? "shell:(bash zsh fish)' ;;" : "file:_files' ;;");
	}
}

static void zsh(void)
{
	puts("#compdef unroot\n"
	     "_unroot()\n"
	     "{\n"
	     "\tlocal -a all\n"
	     "\tall=(");
	for (size_t i = 0; i < command_count; i++)
		printf("\t\t'%s:%s'\n", commands[i].name, commands[i].does);
	puts("\t)\n"
	     "\tif ((CURRENT == 2)); then\n"
	     "\t\t_describe command all\n"
	     "\t\treturn\n"
	     "\tfi\n"
	     "\tshift words\n"
	     "\t((CURRENT--))\n"
	     "\tcase $words[1] in");
	for (size_t i = 0; i < command_count; i++)
		zsh_command(&commands[i]);
	puts("\tesac\n"
	     "}\n"
	     "_unroot \"$@\"");
}

static void fish_option(const struct option_info *option)
{
	fputs("complete -c unroot -n '__fish_seen_subcommand_from", stdout);
	for (size_t i = 0; i < command_count; i++)
		if (option->commands & commands[i].options)
			printf(" %s", commands[i].name);
	printf("' -l %s", option->name);
	if (option->letter)
		printf(" -s %c", option->letter);
	if (option->value)
		fputs(option->path ? " -r -F" : " -x", stdout);
	if (takes_rules(option) || option->words[0]) {
		fputs(" -a '", stdout);
		if (takes_rules(option))
			rules();
		else
			words_of(option);
		putchar('\'');
	}
	putchar('\n');
}

static void fish(void)
{
	struct option_info option;
	puts("# fish completion for unroot");
	for (size_t i = 0; i < command_count; i++)
		printf("complete -c unroot -n __fish_use_subcommand -f -a %s -d '%s'\n", commands[i].name,
		       commands[i].does);
	for (size_t i = 0; options_info(i, &option); i++)
		fish_option(&option);
	fputs("complete -c unroot -n '__fish_seen_subcommand_from explain' -f -a '", stdout);
	rules();
	puts("'\n"
	     "complete -c unroot -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'");
}

int cmd_completion(struct arena *a, int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
	struct options o;
	int code = options_read(&o, a, FOR_COMPLETION, argc, argv, help);
	if (code != OPTIONS_GO)
		return code;
	for (size_t i = 0; o.path_count == 1 && i < sizeof shells / sizeof *shells; i++) {
		if (strcmp(o.paths[0], shells[i].name) != 0)
			continue;
		shells[i].print();
		if (fflush(stdout) == 0)
			return EXIT_DONE;
		perror("standard output");
		return EXIT_FAILED;
	}
	fputs("unroot: completion: expected one shell: bash, zsh or fish\n", stderr);
	return EXIT_FAILED;
}
