/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config.h"
#include "facts.h"
#include "history.h"
#include "text.h"

/* Health checks, without the running of them: which there are, in which order, and what comes of
 * their results. */

#define CHECKS_MAX     128 /* programs of all kinds together */
#define CHECK_LINE_MAX 160 /* of a line of output that is kept, with its terminator */

/* From SIGTERM to SIGKILL, where the time limit is not shorter: seconds. */
#define CHECK_GRACE_S 5

/* Of a recovery hook: the system slots can be tried again. bootassess(8) repeats it. */
#define CHECK_STATUS_REPAIRED 10

/* What a program is for. Each kind has a directory of its own. */
enum check_kind {
	CHECK_REQUIRED, /* this boot is no good without it */
	CHECK_WANTED,	/* a warning */
	CHECK_GREEN,	/* greenboot's hooks after a good verdict */
	CHECK_RED,	/* and after a bad one */
	CHECK_RECOVERY, /* no check: a hook of the recovery system */
	CHECK_KINDS,
};

/* Where its directory lies. */
enum check_source {
	CHECK_USR,	     /* /usr/lib/bootassess */
	CHECK_ETC,	     /* /etc/bootassess */
	CHECK_GREENBOOT_USR, /* /usr/lib/greenboot */
	CHECK_GREENBOOT_ETC, /* /etc/greenboot */
	CHECK_SOURCES,
};

/* What a directory has under a name. */
enum check_file {
	CHECK_FILE_MASK,    /* an empty file, or /dev/null */
	CHECK_FILE_PLAIN,   /* a file that nobody may execute */
	CHECK_FILE_PROGRAM, /* one that somebody may */
};

enum check_result {
	CHECK_NOT_RUN,
	CHECK_PASSED,
	CHECK_FAILED,	 /* exit status other than 0: `status` */
	CHECK_KILLED,	 /* by the signal `status` */
	CHECK_TIMED_OUT, /* and was killed */
	CHECK_NO_START,	 /* negative errno `status` */
	CHECK_REPAIRED,	 /* CHECK_RECOVERY: exit status CHECK_STATUS_REPAIRED */
};

struct check {
	enum check_kind kind;
	enum check_source source;
	char name[NAME_SIZE];
	bool masked;
	bool by_shell; /* greenboot's *.sh, which bash reads, executable or not */
	/* what came of it */
	enum check_result result; /* of the last attempt */
	int status;
	unsigned int attempts;
	char line[CHECK_LINE_MAX]; /* the last line of output that was not blank */
};

struct checks {
	struct check check[CHECKS_MAX]; /* by kind, folder, name */
	unsigned int n;
	bool dropped; /* there are more than fit */
};

/* Path of the directory without leading slash, or NULL if there is none: bootassess has no green
 * and red, greenboot no recovery. */
const char *check_dir(enum check_kind kind, enum check_source source);

/* True if a file of this name is no check: hidden, or what an editor or a package manager left
 * (`~`, .bak, .old, .new, .orig, .swp, .rpm*, .dpkg-*). */
bool check_is_backup(const char *name);

/* Adds what a directory has. A program or a mask in /etc/bootassess takes the place of what
 * /usr/lib/bootassess has under the same name and kind, whatever the order of the calls; greenboot
 * knows no such rule, and runs both. 0; 1 if the file is no check, since nobody may execute it (its
 * name is of no account then); -ENOSPC, noted in ->dropped. */
int check_offer(struct checks *l, enum check_kind kind, enum check_source source, const char *name,
		enum check_file file);

/* True if greenboot.conf (text) has this name in its last DISABLED_HEALTHCHECKS=(...). Only words
 * and quoted words are understood, no shell. */
bool check_is_disabled(struct slice conf, const char *name);

/* Keeps a line of output as the check's last one: control characters become `?`, a blank line
 * changes nothing. */
void check_note_line(struct check *c, const char *line, size_t len);

/* True if it was run, and neither passed nor repaired anything. */
bool check_has_failed(const struct check *c);

/* The first required check that has failed, or NULL: this boot is healthy. */
const struct check *check_verdict(const struct checks *l);

/* Appends what came of a check: "exit status 1", "killed after 60 s without an end". timeout_s: as
 * it was. */
void check_text_result(const struct check *c, unsigned long timeout_s, struct text *t);

/* True if it is a fault that the system rungs share: `check` ("" = none) failed in this boot, and
 * the same one in an earlier boot, of another system rung. */
bool check_is_shared(const struct facts *f, const char *check, const struct history_entry *earlier);

/* The same as a set: the bit of that rung, or 0. */
unsigned int check_shared_rung(const struct facts *f, const char *check,
			       const struct history_entry *earlier);

/* True if the check has failed on other system rungs (failed: the set of them), and on each of them
 * that could be started: one that has yet to try may be well. */
bool check_is_fault_shared(const struct facts *f, unsigned int failed);

/* The longest time that all of them may take within their limits, with retries, hooks and
 * SettleSec=: seconds. */
unsigned long check_longest_s(const struct checks *l, const struct config *c);

/* Words for output. */
const char *check_kind_name(enum check_kind kind);
const char *check_result_name(enum check_result result);
