// SPDX-License-Identifier: LGPL-2.1-or-later
#include "reach.h"

#include <errno.h>
#include <string.h>

#include "doors/block.h"
#include "doors/log.h"
#include "doors/module.h"
#include "doors/mount.h"
#include "doors/power.h"
#include "text.h"

#define QUIET_MS 1000 /* without a name, the ESP is the only one if no disk came for so long */

static const char *const fat_modules[] = {"vfat",	   "nls_cp437", "nls_ascii",
					  "nls_iso8859-1", "nls_utf8",	NULL};

/* What was found; node "" = it was not. */
struct found {
	struct block_partition esp, xbootldr, boot;
	int esp_verdict, boot_verdict; /* enum block_verdict, or negative errno */
	unsigned int n_esps;
};

/* Which partition is the ESP: told by a person, by the loader, by the configuration; "" = the only
 * one. */
static const char *esp_name(const struct machine *m)
{
	if (m->cmdline.esp[0])
		return m->cmdline.esp;
	if (m->sdboot.partuuid[0])
		return m->sdboot.partuuid;
	return m->config.esp;
}

/* Boot=, or "" if it is not set or not understood. */
static const char *boot_name(const struct machine *m)
{
	return block_is_filesystem_name(m->config.boot) ? m->config.boot : "";
}

/* A machine that starts from a file system of Boot= without EFI has none, as a rule. */
static bool needs_esp(const struct machine *m)
{
	return !boot_name(m)[0] || esp_name(m)[0] || m->efivars >= 0;
}

/* Whether another look could change anything. *ret_is_sure: not even a disk that comes now. */
static bool is_enough(const struct machine *m, const struct found *f, bool *ret_is_sure)
{
	bool has_boot = !boot_name(m)[0] || f->boot_verdict == BLOCK_FOUND;
	bool has_esp = !needs_esp(m) || f->esp_verdict == BLOCK_FOUND ||
		       (boot_name(m)[0] && f->esp_verdict == BLOCK_AMBIGUOUS);

	*ret_is_sure = !needs_esp(m) || esp_name(m)[0] != '\0';
	return has_boot && has_esp;
}

/* No look will make it better. */
static bool is_hopeless(const struct machine *m, const struct found *f)
{
	if (f->boot_verdict < 0 || f->boot_verdict == BLOCK_AMBIGUOUS || f->esp_verdict < 0)
		return true;
	return f->esp_verdict == BLOCK_AMBIGUOUS && !boot_name(m)[0];
}

static void look(const struct machine *m, struct found *f)
{
	*f = (struct found){.boot_verdict = BLOCK_NONE};
	f->esp_verdict = block_find_esp(esp_name(m), &f->esp, &f->xbootldr, &f->n_esps);
	if (boot_name(m)[0])
		f->boot_verdict = block_find_filesystem(boot_name(m), &f->boot);
}

/* Waits until both are there. An ESP without a name is only known to be the only one when the disks
 * have stopped coming. */
static void wait_for_disks(const struct machine *m, struct found *f)
{
	_cleanup_(closep) int watch = block_watch();
	const int64_t end_ms = (int64_t)(power_uptime_ms() + m->config.esp_timeout_s * 1000);

	for (;;) {
		bool is_sure, is_there;
		int64_t left_ms;

		look(m, f);
		left_ms = end_ms - (int64_t)power_uptime_ms();
		is_there = is_enough(m, f, &is_sure);
		if (is_hopeless(m, f) || (is_there && is_sure) || left_ms <= 0 || watch < 0)
			return;
		if (is_there && left_ms > QUIET_MS)
			left_ms = QUIET_MS;
		if (block_wait(watch, (int)left_ms) != 0)
			return;
	}
}

/* A module's name is never longer than a file system's type. */
static void load_filesystem(const char *type)
{
	const char *const names[] = {type, NULL};

	if (strcmp(type, "vfat") == 0)
		(void)module_load(fat_modules);
	else
		(void)module_load(names);
}

int reach_mount(const struct machine *m, const char *node, const char *type, const char *target)
{
	int r;

	if (!module_has_filesystem(type))
		load_filesystem(type);
	r = mount_boot(node, type, target);
	if (r == -EINVAL || r == -ENODEV) { /* perhaps an nls module is missing */
		load_filesystem(type);
		r = mount_boot(node, type, target);
	}
	if (r < 0)
		return r;
	r = root_open_dir(m->root.fd, target + 1);
	if (r < 0)
		(void)mount_release(target);
	return r;
}

static int mount_store(struct machine *m, enum place place, const struct block_partition *p)
{
	static const char *const targets[PLACES] = {"/run/bootassess/esp",
						    "/run/bootassess/xbootldr"};
	const char *type = p->type[0] ? p->type : "vfat";
	struct store *s = &m->store[place];
	int r;

	r = root_mkdirs(m->root.fd, targets[place] + 1);
	if (r < 0)
		return r;
	s->fd = reach_mount(m, p->node, type, targets[place]);
	if (s->fd < 0)
		return s->fd;
	memcpy(s->target, targets[place], strlen(targets[place]) + 1);
	memcpy(s->partuuid, p->partuuid, sizeof(s->partuuid));
	memcpy(s->node, p->node, sizeof(s->node));
	memcpy(s->disk, p->disk, sizeof(s->disk));
	memcpy(s->type, type, strlen(type) + 1);
	s->is_fat = strcmp(type, "vfat") == 0;
	return 0;
}

/* False if there is one, and it cannot be mounted. */
static bool mount_found(struct machine *m, enum place place, const char *what,
			const struct block_partition *p)
{
	int r;

	if (!p || !p->node[0])
		return true;
	r = mount_store(m, place, p);
	if (r == 0)
		return true;
	log_err("cannot mount %s \"%s\"%s%s: %s", what, p->node, p->type[0] ? " as " : "", p->type,
		strerror(-r));
	return false;
}

static void log_no_esp(const struct machine *m, const struct found *f)
{
	enum log_level level = m->is_blind ? LOG_DOOR_ERR : LOG_DOOR_NOTICE;
	const char *name = esp_name(m), *blank = name[0] ? " " : "";

	if (f->esp_verdict == BLOCK_AMBIGUOUS)
		log_line(level,
			 "%u ESPs%s%s, and nothing says which one was booted from: see ESP= "
			 "in bootassess.conf(5)",
			 f->n_esps, name[0] ? " of the same name " : "", name);
	else if (m->config.esp_timeout_s == 0)
		log_line(level, "there is no ESP%s%s", blank, name);
	else
		log_line(level, "no ESP%s%s came within %lu s", blank, name,
			 m->config.esp_timeout_s);
}

/* With a file system of Boot= the entries are known to be there. */
static void judge_esp(struct machine *m, const struct found *f)
{
	if (f->esp_verdict == BLOCK_FOUND)
		return;
	m->is_blind |= f->esp_verdict < 0 || m->sdboot.present || esp_name(m)[0] ||
		       (f->esp_verdict == BLOCK_AMBIGUOUS && !boot_name(m)[0]);
	if (needs_esp(m))
		log_no_esp(m, f);
}

static void judge_boot(struct machine *m, const struct found *f)
{
	const char *name = boot_name(m);

	if (!name[0] || f->boot_verdict == BLOCK_FOUND)
		return;
	m->is_blind = true;
	if (f->boot_verdict == BLOCK_AMBIGUOUS)
		log_err("several file systems are \"%s\", and nothing says which one is meant: "
			"none of them is read, see Boot= in bootassess.conf(5)",
			name);
	else if (f->boot_verdict < 0)
		log_err("cannot look for the file system \"%s\" of Boot=: %s", name,
			strerror(-f->boot_verdict));
	else if (m->config.esp_timeout_s == 0)
		log_err("there is no file system \"%s\", see Boot= in bootassess.conf(5)", name);
	else
		log_err("no file system \"%s\" came within %lu s, see Boot= and EspTimeoutSec= in "
			"bootassess.conf(5)",
			name, m->config.esp_timeout_s);
}

/* Which file system has the place of XBOOTLDR; NULL = none. */
static const struct block_partition *choose_xbootldr(const struct machine *m, const struct found *f)
{
	if (boot_name(m)[0]) /* never the other one in its stead */
		return strcmp(f->boot.node, f->esp.node) == 0 ? NULL : &f->boot;
	if (!f->xbootldr.node[0] && f->xbootldr.disk[0])
		log_warning("there are several XBOOTLDR partitions on \"%s\": none of them is read",
			    f->xbootldr.disk);
	return &f->xbootldr;
}

/* An ESP that nobody needs may be damaged. */
static void mount_all(struct machine *m, const struct block_partition *esp,
		      const struct block_partition *xbootldr)
{
	bool has_boot = boot_name(m)[0];

	if (!mount_found(m, PLACE_ESP, "the ESP", esp)) {
		m->is_blind |= !has_boot || esp_name(m)[0] || m->sdboot.present;
		if (!has_boot)
			return;
	}
	if (!mount_found(m, PLACE_XBOOTLDR, has_boot ? "the file system of Boot=" : "XBOOTLDR",
			 xbootldr))
		m->is_blind = true;
}

void reach_boot(struct machine *m)
{
	const struct block_partition *xbootldr;
	uint64_t start_ms = power_uptime_ms();
	struct found f;
	int r;

	if (m->config.boot[0] && !boot_name(m)[0])
		log_warning("Boot=%s is not UUID=, LABEL=, PARTUUID= or PARTLABEL=, ignoring",
			    m->config.boot);
	wait_for_disks(m, &f);
	m->waited_ms = power_uptime_ms() - start_ms;
	judge_esp(m, &f);
	judge_boot(m, &f);
	xbootldr = choose_xbootldr(m, &f);
	if (!f.esp.node[0] && (!xbootldr || !xbootldr->node[0]))
		return;
	r = mount_unshare();
	if (r == 0) { /* what was opened before does not show what is mounted now */
		root_close(&m->root);
		r = root_open(NULL, &m->root);
	}
	if (r < 0) {
		log_err("cannot get a mount namespace: %s", strerror(-r));
		m->is_blind = true;
		return;
	}
	mount_all(m, &f.esp, xbootldr);
}
