/* The text of a web server's configuration as directives and blocks, with their places. It reads what nginx and Apache
 * httpd read (nginx.org "Configuration File's Structure"; httpd.apache.org "Configuration Files"). */
#ifndef UNROOT_MODEL_SERVER_CONFIG_H
#define UNROOT_MODEL_SERVER_CONFIG_H

#include "base/arena.h"

enum config_syntax { CONFIG_NGINX, CONFIG_APACHE };

enum config_event {
	CONFIG_DIRECTIVE,
	CONFIG_OPEN, /* "server {"; "<VirtualHost *:80>", whose name is "<VirtualHost" */
	CONFIG_CLOSE
};

struct config_word {
	struct str text; /* without its quotes; escapes stay as written */
	uint32_t start;	 /* offset of `text` */
};

struct config_item {
	enum config_event event;
	VEC(struct config_word) words; /* the name first; none for nginx's CONFIG_CLOSE */
	uint32_t end;		       /* behind its ';' or '{', or at its line end */
};

struct config_reader {
	struct str text;
	enum config_syntax syntax;
	uint32_t at;
	bool unread; /* set where a quote or block did not end */
};

/* The next directive or block; false at the end. Linear. */
bool config_next(struct arena *a, struct config_reader *r, struct config_item *item);

#endif
