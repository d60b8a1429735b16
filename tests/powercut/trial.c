// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "companion/mend.h"
#include "decide.h"
#include "doors/mount.h"
#include "fat-check.h"
#include "history-store.h"
#include "repair.h"
#include "trial.h"

#define FSCK_S		  20
#define SYSLOG_READ_CLEAR 4
#define HISTORY_PATH	  "loader/bootassess/history"
#define BIG_DIR		  "/run/big"
#define FSCK_PATH	  "/usr/sbin/fsck.fat" /* one of src/fsck.c */

/* Each state is found by another boot. */
static void forget_notes(const struct machine *m)
{
	DIR *d = opendir("/run/bootassess");
	size_t len = strlen(m->boot_id);
	const struct dirent *e;

	while (d && (e = readdir(d)))
		if (len > 0 && strncmp(e->d_name, m->boot_id, len) == 0)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		(void)closedir(d);
}

/* A name that a crash state does not have was not booted. */
static void play_loader(const struct trial *t, struct machine *m)
{
	const char *name = t->op->counted ? t->op->counted : "";
	const char *slash = strrchr(name, '/');
	char path[400];

	if (t->op->is_in_file) {
		m->loader = &loader_grub;
		(void)snprintf(m->cmdline.slot, sizeof(m->cmdline.slot), "active");
		return;
	}
	m->sdboot = (struct sdboot){.present = true, .is_sdboot = true, .version = 257};
	if (strncmp(t->op->entry, "EFI/Linux/", 10) == 0)
		(void)snprintf(m->sdboot.selected, NAME_SIZE, "active.efi");
	else if (counter_strip(strrchr(t->op->entry, '/') + 1, m->sdboot.selected) < 0 ||
		 strncmp(m->sdboot.selected, "active", 6) != 0)
		(void)snprintf(m->sdboot.selected, NAME_SIZE, "active.conf");
	(void)snprintf(path, sizeof(path), ESP_DIR "/%s", name);
	if (!slash || access(path, F_OK) < 0)
		return;
	m->sdboot.counted_type = strncmp(name, "EFI/", 4) == 0 ? 2 : 1;
	(void)snprintf(m->sdboot.counted_name, NAME_SIZE, "%s", slash + 1);
}

int trial_open(const struct trial *t, struct machine *m, struct facts *f)
{
	struct store *s = &m->store[PLACE_ESP];
	int r;

	r = machine_open(NULL, m);
	if (r < 0)
		return r;
	forget_notes(m);
	m->recover = t->op->is_companion ? mend_update : NULL;
	m->fsck_s = FSCK_S;
	(void)snprintf(m->config.system, sizeof(m->config.system), "active* passive*");
	r = mount_fat(t->geometry->device->node, ESP_DIR);
	if (r < 0) {
		machine_close(m);
		return r;
	}
	(void)snprintf(s->target, sizeof(s->target), "%s", ESP_DIR);
	(void)snprintf(s->node, sizeof(s->node), "%s", t->geometry->device->node);
	(void)snprintf(s->disk, sizeof(s->disk), "%s", s->node + strlen("/dev/"));
	(void)snprintf(s->partuuid, sizeof(s->partuuid), "aaaaaaaa-0001-4000-8000-00000000000a");
	(void)snprintf(s->type, sizeof(s->type), "vfat");
	s->is_fat = true;
	s->fd = root_open_dir(m->root.fd, &ESP_DIR[1]);
	play_loader(t, m);
	observe(m, EVENT_ASSESS, f);
	return 0;
}

static void __attribute__((format(printf, 3, 4)))
give_example(struct trial *t, const char *state, const char *format, ...)
{
	char why[400];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	if (getenv("VERBOSE"))
		dprintf(STDOUT_FILENO, "#   %s: %s\n", state, why);
	if (strcmp(state, "setup") == 0)
		t->result.setup++;
	if (!t->result.example[0])
		(void)snprintf(t->result.example, sizeof(t->result.example), "%s: %s", state, why);
}

static bool has_rung(const struct ladder *l, const char *id)
{
	int i = ladder_find(l, id);

	return i >= 0 && !l->rung[i].missing && !l->rung[i].broken;
}

static bool is_next_name_free(const struct facts *f, char *why, size_t size)
{
	for (unsigned int i = 0; i < f->ladder.n; i++) {
		const struct rung *r = &f->ladder.rung[i];
		struct counter next = counter_next(&r->counter, 1);
		char name[NAME_SIZE], path[400];

		if (r->missing || !r->counter.present || counter_format(r->id, &next, name) < 0)
			continue;
		(void)snprintf(path, sizeof(path), ESP_DIR "/%s/%s", ladder_dir(r->type), name);
		if (strcmp(name, r->name) != 0 && access(path, F_OK) == 0) {
			(void)snprintf(why, size, "the loader's next name is taken: %s", name);
			return false;
		}
	}
	return true;
}

/* What could boot before and can after the operation can now, and the decision is none for a
 * machine at its end. */
static bool can_boot(const struct trial *t, const struct machine *m, const struct facts *f,
		     char *why, size_t size)
{
	struct plan p;

	for (unsigned int i = 0; i < t->ladder_before.n; i++) {
		const char *id = t->ladder_before.rung[i].id;

		if (t->op->slot && strcmp(strrchr(t->op->slot, '/') + 1, id) == 0)
			continue;
		if (has_rung(&t->ladder_before, id) && has_rung(&t->ladder_after, id) &&
		    !has_rung(&f->ladder, id)) {
			(void)snprintf(why, size, "%s cannot boot", id);
			return false;
		}
	}
	decide(f, &m->config, &p);
	(void)snprintf(why, size, "verdict %s, reason %s", verdict_name(p.verdict),
		       reason_name(p.reason));
	return p.verdict != VERDICT_HOLD && p.verdict != VERDICT_RESET &&
	       p.reason != REASON_UNKNOWN_ENTRY && p.reason != REASON_NO_LADDER &&
	       p.reason != REASON_FOREIGN_ENTRY;
}

/* Blocks of other things double the number of states and lose nothing more: what is lost in the
 * same way counts once, where one is known (KNOWN_RESIDUE). */
static void note_loss(struct trial *t, struct snapshot *now)
{
	char why[400];

	if (t->has_loss && trial_known(t) > 0 &&
	    judge_equal(&t->loss, now, false, why, sizeof(why))) {
		t->is_known_loss = true;
		return;
	}
	t->is_known_loss = ++t->result.lost <= trial_known(t);
	if (t->has_loss)
		return;
	t->loss = *now;
	*now = (struct snapshot){0};
	t->has_loss = true;
}

/* What tries files say is seen by the ladder alone: old or new, and new content has a counter. */
static bool is_counter_sound(const struct trial *t, const struct facts *f,
			     const struct snapshot *now, bool is_after, char *why, size_t size)
{
	const struct item *old = snapshot_find(&t->before, t->op->entry);
	const struct item *new = snapshot_find(now, t->op->entry);
	bool is_new = t->op->is_companion && new && (!old || old->hash != new->hash);

	for (unsigned int i = 0; t->op->is_in_file && i < f->ladder.n; i++) {
		const struct rung *r = &f->ladder.rung[i];
		int before = ladder_find(&t->ladder_before, r->id);
		int after = ladder_find(&t->ladder_after, r->id);
		bool is_old = before >= 0 &&
			      counter_is_same(&t->ladder_before.rung[before].counter, &r->counter);

		if (after < 0 || r->missing)
			continue;
		if (counter_is_same(&t->ladder_after.rung[after].counter, &r->counter) ||
		    (is_old && !is_after &&
		     !(is_new && strcmp(r->name, strrchr(new->path, '/') + 1) == 0)))
			continue;
		(void)snprintf(why, size, "%s is +%d-%d (%d)", r->id, r->counter.left,
			       r->counter.done, r->counter.present);
		return false;
	}
	return true;
}

/* Looks at the state that is mounted. */
static void judge_state(struct trial *t, const struct machine *m, const struct facts *f,
			bool is_after, const char *text)
{
	struct snapshot now;
	char why[400] = "a directory cannot be read";

	if (!snapshot_take(ESP_DIR, &now) ||
	    !judge_between(&t->before, &t->after, &now, t->op->slot, why, sizeof(why)) ||
	    !judge_together(&t->before, &t->after, &now, t->op->together, why, sizeof(why)) ||
	    !judge_guarded(&t->before, &now, t->op->guarded, t->op->entry, why, sizeof(why)) ||
	    !is_counter_sound(t, f, &now, is_after, why, sizeof(why)) ||
	    !can_boot(t, m, f, why, sizeof(why))) {
		note_loss(t, &now);
		give_example(t, text, "%s", why);
	} else if (is_after && !judge_equal(&t->after, &now, true, why, sizeof(why))) {
		t->result.undurable++;
		give_example(t, text, "%s", why);
	} else if (!is_next_name_free(f, why, sizeof(why))) {
		t->result.taken++;
		if (!t->op->may_take)
			give_example(t, text, "%s", why);
	}
	snapshot_free(&now);
}

static bool kernel_complains(char *why, size_t size)
{
	static char log[65536];
	const char *line;
	int n = klogctl(SYSLOG_READ_CLEAR, log, sizeof(log) - 1);

	log[n > 0 ? n : 0] = '\0';
	line = strstr(log, "Filesystem has been set read-only");
	if (!line)
		line = strstr(log, "): error, ");
	if (!line)
		line = strstr(log, "I/O error, dev nbd");
	if (line)
		(void)snprintf(why, size, "kernel: %.*s", (int)strcspn(line, "\n"), line);
	return line;
}

/* fsck.fat itself costs more than all the rest: it looks at the first states, and at some more. */
static bool is_turn(const struct trial *t)
{
	return t->checks_all || t->n_recovered < 4 || t->n_recovered % 16 == 0;
}

static bool is_sound(const struct trial *t, char *why, size_t size)
{
	return fat_check(t->geometry->device->memory, why, size) &&
	       (!is_turn(t) || fat_check_by_program(t->geometry->device->node, why, size));
}

/* Some states are put right with fsck.fat at hand, where the product looks for it, most without. */
static void offer_fsck(struct trial *t)
{
	bool is_offered =
		is_turn(t) && (t->checks_all ? t->n_recovered % 2 == 0 : t->n_recovered != 1);

	(void)unlink(FSCK_PATH);
	if (is_offered && link("/fsck.fat", FSCK_PATH) < 0)
		give_example(t, "setup", "fsck.fat: %s", strerror(errno));
	t->result.n_by_fsck += is_offered;
}

/* Fills all clusters that are free: that changes no file which is alive. */
static bool survives_big_file(const struct trial *t, char *why, size_t size)
{
	static char block[65536];
	struct snapshot with, without;
	bool is_fine;
	int fd;

	memset(block, 0xaa, sizeof(block));
	(void)mkdir(BIG_DIR, 0755);
	if (mount(t->geometry->device->node, BIG_DIR, "vfat", MS_NOATIME, "errors=remount-ro") <
	    0) {
		(void)snprintf(why, size, "cannot be mounted writable: %s", strerror(errno));
		return false;
	}
	is_fine = snapshot_take(BIG_DIR, &without);
	fd = open(BIG_DIR "/.bootassess-big", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	for (size_t len = sizeof(block); fd >= 0 && len >= 512; len /= 2)
		while (write(fd, block, len) == (ssize_t)len)
			;
	(void)snprintf(why, size, "no big file can be written: %s", strerror(errno));
	is_fine = is_fine && fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		(void)close(fd);
	if (umount(BIG_DIR) < 0 ||
	    mount(t->geometry->device->node, BIG_DIR, "vfat", MS_RDONLY, NULL) < 0)
		is_fine = false;
	is_fine = is_fine && snapshot_take(BIG_DIR, &with) &&
		  judge_equal(&without, &with, false, why, size);
	snapshot_free(&without);
	snapshot_free(&with);
	(void)umount(BIG_DIR);
	return is_fine;
}

static bool is_of_slot(const struct item *item)
{
	return strncmp(item->path, "bootassess/", 11) == 0 ||
	       strcmp(item->path, HISTORY_PATH) == 0 ||
	       strncmp(item->path, "loader/entries/passive", 22) == 0;
}

/* The second time its files may have other numbers: all else is as it should be, and the slot can
 * boot (which can_boot() asks) and has its tries. */
static bool judge_numbered(const struct trial *t, const struct facts *f, struct snapshot *now,
			   char *why, size_t size)
{
	const struct counter full = counter_make(3, 0);
	struct snapshot after = {.item = calloc(t->after.n + 1, sizeof(*after.item))};
	int rung = ladder_find(&f->ladder, "passive.conf");
	bool is_fine;
	size_t n = 0;

	for (size_t i = 0; i < t->after.n; i++)
		if (!is_of_slot(&t->after.item[i]))
			after.item[after.n++] = t->after.item[i];
	for (size_t i = 0; i < now->n; i++)
		if (!is_of_slot(&now->item[i]))
			now->item[n++] = now->item[i];
	now->n = n;
	is_fine = judge_equal(&after, now, false, why, size);
	free(after.item);
	if (rung >= 0 && counter_is_same(&f->ladder.rung[rung].counter, &full))
		return is_fine;
	(void)snprintf(why, size, "the slot is not armed");
	return false;
}

static struct snapshot without_history(const struct snapshot *s)
{
	struct snapshot copy = {.item = calloc(s->n + 1, sizeof(struct item))};

	if (!copy.item)
		abort();
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->item[i].path, HISTORY_PATH) != 0)
			copy.item[copy.n++] = s->item[i];
	return copy;
}

/* A repair is noted there: it is no longer the same, but each of its entries is whole. */
static bool is_history_sound(const struct machine *m, struct snapshot *now, char *why, size_t size)
{
	struct history h;
	size_t n = 0;

	for (size_t i = 0; i < now->n; i++)
		if (strcmp(now->item[i].path, HISTORY_PATH) != 0)
			now->item[n++] = now->item[i];
	if (now->n == n)
		return true;
	now->n = n;
	if (history_store_read(m, &h) == 0)
		return true;
	(void)snprintf(why, size, "the history cannot be read");
	return false;
}

static bool compare_recovered(const struct trial *t, char *why, size_t size)
{
	struct machine m;
	struct facts f;
	struct snapshot now, before, after;
	bool is_fine;

	if (trial_open(t, &m, &f) < 0) {
		(void)snprintf(why, size, "cannot be mounted");
		return false;
	}
	before = without_history(&t->before);
	after = without_history(&t->after);
	is_fine = snapshot_take(ESP_DIR, &now) && is_history_sound(&m, &now, why, size);
	if (t->op->is_numbered)
		is_fine = is_fine && judge_numbered(t, &f, &now, why, size);
	else if (t->op->is_once)
		is_fine = is_fine && judge_between(&before, &after, &now, NULL, why, size);
	else
		is_fine = is_fine && judge_equal(&after, &now, false, why, size);
	is_fine = is_fine && can_boot(t, &m, &f, why, size) && is_next_name_free(&f, why, size);
	if (is_fine && t->op->is_companion && now.n_temporary > 0) {
		(void)snprintf(why, size, "a temporary is left");
		is_fine = false;
	}
	snapshot_free(&now);
	snapshot_free(&before);
	snapshot_free(&after);
	machine_close(&m);
	return is_fine;
}

/* The product puts it right, and does the operation once more. */
static void recover(struct trial *t, struct machine *m, struct facts *f, bool is_known,
		    const char *text)
{
	char why[400] = "";
	int repaired, r = 0;

	/* What it said when the state was only read is judged by what could be read. */
	(void)kernel_complains(why, sizeof(why));
	offer_fsck(t);
	repaired = repair_store(m, PLACE_ESP);
	observe(m, EVENT_ASSESS, f);
	if (repaired == 0 && !t->op->is_once)
		r = t->op->run(m, f);
	machine_close(m);
	if (repaired < 0 || r < 0)
		(void)snprintf(why, sizeof(why), "repair: %s, again: %s", strerror(-repaired),
			       strerror(-r));
	else if (compare_recovered(t, why, sizeof(why)) && is_sound(t, why, sizeof(why)) &&
		 survives_big_file(t, why, sizeof(why)) && !kernel_complains(why, sizeof(why)))
		return;
	if (is_known)
		return; /* what is lost stays lost: it is counted there */
	t->result.not_recovered++;
	give_example(t, text, "after recovery: %s", why);
}

unsigned int trial_known(const struct trial *t)
{
	return t->op->known_layouts & 1u << t->layout ? t->op->known_lost : 0;
}

static void look_at(void *data, bool is_after, const char *text)
{
	uint64_t reads = ((struct trial *)data)->geometry->device->n_reads;
	struct trial *t = data;
	struct machine m;
	struct facts f;
	int r;

	t->is_known_loss = false;
	r = trial_open(t, &m, &f);
	if (r < 0) {
		t->result.lost++;
		give_example(t, text, "cannot be mounted: %s", strerror(-r));
		return;
	}
	if (reads == t->geometry->device->n_reads)
		give_example(t, text, "the kernel did not look at the disk");
	judge_state(t, &m, &f, is_after, text);
	if (t->op->is_naive)
		machine_close(&m);
	else
		recover(t, &m, &f, t->is_known_loss, text);
	t->n_recovered++;
}

static void take(struct trial *t, struct snapshot *s, struct ladder *l)
{
	struct machine m;
	struct facts f;

	if (trial_open(t, &m, &f) < 0 || !snapshot_take(ESP_DIR, s)) {
		give_example(t, "setup", "cannot be mounted");
		return;
	}
	*l = f.ladder;
	machine_close(&m);
}

/* What the operation writes, until nothing is mounted any more. */
static size_t record(struct trial *t)
{
	const struct device *d = t->geometry->device;
	struct machine m;
	struct facts f;
	size_t n = 0;
	int r;

	device_record(t->geometry->device);
	if (t->op->is_shared && mount(d->node, PUBLIC_DIR, "vfat", 0, NULL) < 0)
		give_example(t, "setup", "public: %s", strerror(errno));
	r = trial_open(t, &m, &f);
	if (r == 0) {
		r = t->op->run(&m, &f);
		(void)device_log(d, &n);
		machine_close(&m);
	}
	if (r < 0)
		give_example(t, "setup", "the operation failed: %s", strerror(-r));
	if (t->op->is_shared)
		(void)umount(PUBLIC_DIR);
	device_flush(d);
	device_stop(t->geometry->device);
	return n;
}

/* What others mount later, the initramfs has had for itself in this boot. */
static void pass_initramfs(struct trial *t)
{
	struct device *d = t->geometry->device;
	struct machine m;
	struct facts f;

	if (trial_open(t, &m, &f) == 0) {
		if (repair_store(&m, PLACE_ESP) < 0)
			give_example(t, "setup", "the repair of the initramfs failed");
		machine_close(&m);
	}
	device_flush(d);
	device_set_base(d);
}

/* An operation that a power cut ends is what this one begins with. */
static void cut_short(struct trial *t)
{
	struct device *d = t->geometry->device;
	const struct request *log;
	size_t n, n_writes = 0;
	struct machine m;
	struct facts f;

	device_record(d);
	if (trial_open(t, &m, &f) == 0) {
		(void)t->op->cut_short(&m, &f);
		machine_close(&m);
	}
	device_flush(d);
	device_stop(d);
	log = device_log(d, &n);
	for (size_t i = 0; i < n; i++)
		n_writes += log[i].type == REQUEST_WRITE;
	if (n_writes == 0)
		give_example(t, "setup", "nothing was written that could be cut");
	disk_apply(d, n_writes * t->op->cut_percent / 100);
}

void trial_run(struct trial *t, const struct bounds *bounds)
{
	const struct request *log;
	size_t n, n_before;

	(void)mkdir("/run/bootassess", 0755);
	(void)mkdir(ESP_DIR, 0755);
	(void)mkdir(PUBLIC_DIR, 0755);
	(void)unlink(FSCK_PATH); /* what is recorded is the product's own */
	disk_lay_out(t);
	if (t->op->prepare)
		disk_cut(t, t->op->n_cut);
	if (t->op->cut_short)
		cut_short(t);
	if (t->op->is_shared)
		pass_initramfs(t);
	take(t, &t->before, &t->ladder_before);
	n_before = record(t);
	take(t, &t->after, &t->ladder_after);
	log = device_log(t->geometry->device, &n);
	for (size_t i = 0; i < n; i++)
		t->result.bytes += log[i].type == REQUEST_WRITE ? log[i].n * UNIT : 0;
	if (!t->result.example[0])
		states_each(t->geometry->device, log, n, n_before, bounds->bits, bounds->samples,
			    look_at, t, &t->result.states);
	snapshot_free(&t->before);
	snapshot_free(&t->after);
	snapshot_free(&t->loss);
}
