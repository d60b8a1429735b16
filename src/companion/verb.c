// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "doors/log.h"
#include "doors/run.h"
#include "explain.h"
#include "mend.h"
#include "observe.h"
#include "repair.h"
#include "verb.h"

bool verb_lock(struct machine *m)
{
	machine_lock(m);
	if (m->lock >= 0)
		return true;
	log_err("refused: nothing is changed without the lock");
	return false;
}

/* In a running system the disks are there. Who only looks does not wait for one, and a person not
 * for long. What blesses or gives up a boot may come early, and its disk late. */
static void limit_wait(struct machine *m, const struct request *q, enum event event)
{
	if (q->dry_run)
		m->config.esp_timeout_s = 0;
	else if (event != EVENT_BLESS && event != EVENT_FAIL && event != EVENT_DEADLINE &&
		 m->config.esp_timeout_s > VERB_WAIT_MAX_S)
		m->config.esp_timeout_s = VERB_WAIT_MAX_S;
}

bool verb_begin(struct machine *m, const struct request *q, enum event event, struct facts *ret)
{
	if (!q->dry_run && m->lock < 0 && !verb_lock(m))
		return false;
	if (event == EVENT_EDIT)
		m->cmdline.disabled = false;
	limit_wait(m, q, event); /* after the lock, whose holder may wait for the disk */
	m->recover = mend_update;
	m->fsck_s = event == EVENT_EDIT || event == EVENT_BLESS ? VERB_FSCK_S : 0;
	machine_reach(m);
	if (!q->dry_run && !m->cmdline.disabled && !m->is_crash_kernel)
		repair_stores(m); /* before the facts: names may change */
	observe(m, event, ret);
	observe_settings(m, ret);
	return true;
}

int verb_keep_mounts(const struct machine *m)
{
	return m->root.is_test ? -1 : run_keep_mounts();
}

void verb_let_go(struct machine *m, int mounts)
{
	int r;

	machine_release(m);
	if (m->root.is_test)
		return;
	r = mounts < 0 ? mounts : run_return_mounts(mounts);
	closep(&mounts);
	if (r == 0) {
		root_close(&m->root);
		r = root_open(NULL, &m->root);
	}
	if (r < 0)
		log_warning("what is started now runs in a mount namespace of its own: %s",
			    strerror(-r));
}

void verb_show(const struct facts *f, const struct plan *p, const struct request *q,
	       struct text *out)
{
	text_init(out, out->buf, out->size);
	if (q->json)
		explain_json(f, p, out);
	else if (q->root || q->dry_run)
		explain_text(f, p, out);
}

bool verb_is_blind(const struct facts *f)
{
	for (unsigned int i = 0; i < f->ladder.n; i++)
		if (!f->ladder.rung[i].missing)
			return f->blind;
	return f->blind || f->unsure;
}

bool verb_can_edit(const struct facts *f)
{
	if (f->disabled)
		log_err("refused: this is a crash kernel");
	else if (verb_is_blind(f))
		log_err("refused: the boot entries cannot be read");
	else
		return true;
	return false;
}
