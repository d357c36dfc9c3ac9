/* The accounts that the RUN steps of a file make. */
#ifndef UNROOT_MODEL_ACCOUNTS_H
#define UNROOT_MODEL_ACCOUNTS_H

#include "model/account_tools.h"
#include "model/family.h"

struct file_account {
	struct str name;
	bool uid_known, gid_known;
	uint32_t uid, gid;
	struct str group; /* name of the primary group; empty when not known */
	struct str home;  /* as passwd will have it; empty when not known */
	bool home_made;	  /* the tool makes it, owned by the account */
	struct str shell; /* empty: the tool's default, or not known */
	bool system;
	bool changed;	 /* an account of the image that usermod changes: only what it sets is known */
	bool removed;	 /* userdel, also of an account of the image; or renamed */
	struct str tool; /* "useradd", "adduser", "passwd" for a line written to /etc/passwd, ... */
	uint32_t ins;	 /* the instruction that makes it */
	uint32_t at;	 /* offset of the command in the step's text */
};

struct file_group {
	struct str name;
	bool gid_known;
	uint32_t gid;
	bool removed;
	uint32_t ins;
};

struct accounts {
	VEC(struct file_account) users;
	VEC(struct file_group) groups;
	struct map user_names, group_names; /* index + 1 of the latest of a name */
	struct map group_ids;		    /* the same by gid, in digits */
};

/* Notes what an account command does, conditional or not. `command` is as account_command_read() gives it, with its
   texts in `keep`; `tool` is copied there. What is not known of it leaves the fact unknown (an account whose name is
   unknown is not noted). A name that is made twice, as in `useradd app || adduser -D app`, is one account, of which is
   known what both agree on. */
void accounts_command(struct accounts *accounts, struct arena *keep, const struct account_command *command,
		      struct str tool, uint32_t ins, uint32_t at);

/* Notes lines for /etc/passwd or /etc/group (`file`) that a step writes: `echo 'app:x:1000:…' >> /etc/passwd`. */
void accounts_line(struct accounts *accounts, struct arena *keep, struct str file, struct str line, uint32_t ins,
		   uint32_t at);

/* The account or group of that name that still exists after everything noted, or NULL. */
const struct file_account *accounts_user(const struct accounts *accounts, struct str name);
const struct file_group *accounts_group(const struct accounts *accounts, struct str name);

/* Whether the file removes or renames an account of that name, which may be one of the image's. */
bool accounts_removed(const struct accounts *accounts, struct str name);

#endif
