#include "cli/commands.h"

#include "cli/options.h"

const struct command commands[] = {
	{"fix", "rewrite Dockerfiles so that their containers run as non-root", FOR_FIX, cmd_fix},
	{"check", "list what stands in the way, and write nothing", FOR_CHECK, cmd_check},
	{"explain", "explain a rule, or list the rules", FOR_EXPLAIN, cmd_explain},
	{"verify", "build and run a Dockerfile and its fix, and compare them", FOR_VERIFY, cmd_verify},
	{"facts", "print what is known about a Dockerfile, with the evidence, as JSON", FOR_FACTS, cmd_facts},
	{"lsp", "serve an editor with the Language Server Protocol", FOR_LSP, cmd_lsp},
	{"bot", "open pull requests, and keep them up to date", 0, cmd_bot},
	{"tokens", "print the tokens and instructions of a Dockerfile as JSON", FOR_TOKENS, cmd_tokens},
	{"completion", "print completions for bash, zsh or fish", FOR_COMPLETION, cmd_completion},
};
const size_t command_count = sizeof commands / sizeof *commands;
