/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "bls.h"
#include "facts.h"
#include "machine.h"
#include "plan.h"
#include "text.h"

/* bootassess(8) repeats these. */
enum status {
	STATUS_DONE = 0,    /* done, nothing to do, or "yes" */
	STATUS_REFUSED = 1, /* refused, failed, or "no" */
	STATUS_USAGE = 2,
};

/* How a verb answers. */
enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_JSON_PRETTY };

/* What the command line asks for. */
struct request {
	const char *word;   /* of mark: "good" or "bad" */
	const char *id;	    /* of a rung as a person writes it, NULL = not said */
	const char *reason; /* --reason=, NULL = not said */
	const char *output; /* --output=, NULL = standard output */
	const char *root;
	unsigned long methods; /* set of enum method, 0 = as configured */
	enum format json;      /* a verb writes compact JSON for both; main() indents it */
	bool dry_run, forget;
	bool motd;			/* of why: one line, or nothing */
	bool list, run, boot;		/* of check; the first two of recover too */
	bool sleep, resumed;		/* of refund */
	bool firmware, prepare, cancel; /* of reboot */
	bool check_filesystem;		/* of status */
	const char *fail;		/* of simulate: --fail=, NULL = not said */
	unsigned long boots;		/* of simulate, 0 = not said */
	bool all, no_kexec;		/* of simulate, the second one of graph too */
	const char *cmdline;		/* of check-initrd, NULL = not said */
	/* Of install, copy, remove. */
	const char *file; /* the second argument: a UKI, or of copy the slot that is written */
	const char *linux_image, *tree, *options; /* NULL = not said */
	const char *initrd[BLS_INITRDS_MAX];
	unsigned int n_initrd;
	/* Shows how far it is, bytes of bytes; main's, NULL = nowhere. */
	void (*progress)(void *data, uint64_t done, uint64_t total);
	void *progress_data;
	bool force;	 /* of activate: also without tries; of install, copy, remove: see there */
	bool now, kexec; /* of activate: restart, by kexec; kexec sets methods too. Of simulate and
			    graph, kexec: as if one were possible */
	bool colour;	 /* standard output is a terminal that takes it */
};

/* A verb works on an open machine that nothing was read of but command line and configuration. What
 * it has to say goes into out, for standard output; what goes wrong is logged. Only main() prints.
 */
typedef enum status (*verb_fn)(struct machine *m, const struct request *q, struct text *out);

enum status status_run(struct machine *m, const struct request *q, struct text *out);
enum status list_run(struct machine *m, const struct request *q, struct text *out);
enum status metrics_run(struct machine *m, const struct request *q, struct text *out);
enum status bless_run(struct machine *m, const struct request *q, struct text *out);
enum status fail_run(struct machine *m, const struct request *q, struct text *out);
enum status mark_run(struct machine *m, const struct request *q, struct text *out);
enum status rearm_run(struct machine *m, const struct request *q, struct text *out);
enum status pin_run(struct machine *m, const struct request *q, struct text *out);
enum status activate_run(struct machine *m, const struct request *q, struct text *out);
enum status unpin_run(struct machine *m, const struct request *q, struct text *out);
enum status can_overwrite_run(struct machine *m, const struct request *q, struct text *out);
enum status switch_run(struct machine *m, const struct request *q, struct text *out);
enum status guard_run(struct machine *m, const struct request *q, struct text *out);
enum status reboot_run(struct machine *m, const struct request *q, struct text *out);
enum status check_initrd_run(struct machine *m, const struct request *q, struct text *out);
enum status refund_run(struct machine *m, const struct request *q, struct text *out);
enum status check_verb(struct machine *m, const struct request *q, struct text *out);
enum status kexec_check_run(struct machine *m, const struct request *q, struct text *out);
enum status history_run(struct machine *m, const struct request *q, struct text *out);
enum status why_run(struct machine *m, const struct request *q, struct text *out);
enum status install_run(struct machine *m, const struct request *q, struct text *out);
enum status remove_run(struct machine *m, const struct request *q, struct text *out);
enum status copy_run(struct machine *m, const struct request *q, struct text *out);
enum status boot_entries_run(struct machine *m, const struct request *q, struct text *out);
enum status simulate_run(struct machine *m, const struct request *q, struct text *out);
enum status graph_run(struct machine *m, const struct request *q, struct text *out);
enum status recover_run(struct machine *m, const struct request *q, struct text *out);

/* Takes the lock that every run holds which changes something. False if it cannot be had: that is
 * logged. */
bool verb_lock(struct machine *m);

/* How a verb that changes something begins: takes the lock (not with --dry-run, nor twice), reaches
 * the machine and reads its facts, observe_settings() included. EVENT_EDIT: bootassess=0 is not
 * heard, for a person may put things right in such a boot too. The disk with the ESP is waited for
 * as long as EspTimeoutSec= says for EVENT_BLESS and EVENT_FAIL, else at most VERB_WAIT_MAX_S, and
 * with --dry-run not at all. False: no lock, which is logged. */
#define VERB_WAIT_MAX_S 5
#define VERB_FSCK_S	10 /* for fsck.fat, where a person or a bless waits */
bool verb_begin(struct machine *m, const struct request *q, enum event event, struct facts *ret);

/* For a verb that starts programs, or runs for long: before machine_reach() the mount namespace is
 * remembered (-1 with --root=), and afterwards $BOOT is let go, and the mounts of everybody are
 * back, now and later. A failure is logged. */
int verb_keep_mounts(const struct machine *m);
void verb_let_go(struct machine *m, int mounts);

/* Replaces out by the decision: as JSON if it was asked for, else as text where the machine is left
 * alone (--dry-run, --root=), else by nothing. */
void verb_show(const struct facts *f, const struct plan *p, const struct request *q,
	       struct text *out);

/* True if the boot entries cannot be read: then that there are none means nothing. */
bool verb_is_blind(const struct facts *f);

/* False if there is nothing that a person could change: the boot entries cannot be read, or this is
 * a crash kernel. That is logged. f: of EVENT_EDIT. */
bool verb_can_edit(const struct facts *f);

/* Pieces of what others print as well: the object of `status --json`, and one entry of `history
 * --json` as an element of an array. */
struct report;
struct history_entry;
void status_json(const struct report *r, struct text *t);
void history_json_entry(const struct history_entry *e, struct text *t);
