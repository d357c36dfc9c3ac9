/* Parts of the help texts that commands share. A command's text fits a screen of 80 by 24. */
#ifndef UNROOT_CLI_HELP_H
#define UNROOT_CLI_HELP_H

#define HELP_RULES                                                                                                     \
	"      --unsafe-fixes     also fixes that rest on facts which are not known\n"                                 \
	"      --select RULES, --ignore RULES          only, or never, these (a,b,c)\n"
#define HELP_ACCOUNT                                                                                                   \
	"      --user NAME[:GROUP], --uid N, --gid N   of a new account (app, 10001)\n"                                \
	"      --numeric          write USER as uid:gid\n"                                                             \
	"      --placement late|early  USER last, or right below the last root step\n"                                 \
	"      --ownership app|minimal  give the user the app, or only what it writes\n"                               \
	"      --ports remap|keep  move ports below 1024, or leave them\n"
#define HELP_SURROUNDINGS                                                                                              \
	"      --target STAGE, --all-targets           stage that is meant (last)\n"                                   \
	"      --build-arg NAME=VALUE, --context DIR   as for docker build\n"                                          \
	"      --templates DIR    snippets and images.tsv that go before the built-in\n"                               \
	"      --config FILE, --isolated, --show-config  .unroot.yaml: this, none, print\n"
#define HELP_PATHS                                                                                                     \
	"      --exclude GLOB     leave out; --force-exclude: even explicit paths\n"                                   \
	"      --stdin-filename P  name of standard input (also --stdin-filepath)\n"
#define HELP_REST                                                                                                      \
	"      --output-format text|concise|json|sarif|github|gitlab|checkstyle|rdjson\n"                              \
	"      --output-file FILE, --exit-zero (never 1), --color auto|always|never\n"                                \
	"  -j N threads, -q no notes, -v source lines, -h this text, -V version\n"

#endif
