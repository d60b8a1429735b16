// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "doors/efivar.h"
#include "doors/log.h"
#include "doors/module.h"
#include "doors/mount.h"
#include "fdt.h"
#include "feed.h"
#include "loader.h"
#include "loadvar.h"
#include "machine.h"
#include "reach.h"
#include "record.h"
#include "repair.h"
#include "reset.h"
#include "text.h"

#define CONFIG_PATH    "etc/bootassess/bootassess.conf"
#define RUN_PATH       "run/bootassess"
#define LOCK_EXTRA_MS  10000 /* beyond the wait for the disk that another run may be in */
#define WAIT_LOCK_MS   1000  /* who looks whether it is taken holds it for a moment */
#define NOTE_SIZE      96
#define KEXEC_PROPERTY "linux,booted-from-kexec" /* kernel drivers/of/kexec.c */
#define LOADER_TYPE_KEXEC                                                      \
	208 /* 0xd0: kexec_file_load, kernel arch/x86/kernel/kexec-bzimage64.c \
	     */

static const char *const efivarfs_modules[] = {"efivarfs", NULL};

static void warn_config(void *data, unsigned int line, const char *what)
{
	(void)data;
	log_warning("/%s:%u: %s", CONFIG_PATH, line, what);
}

static void read_config(struct machine *m)
{
	char text[16384];
	size_t len;
	int r;

	config_defaults(&m->config);
	r = root_read(m->root.fd, CONFIG_PATH, text, sizeof(text), &len);
	if (r == -ENOENT)
		return;
	if (r < 0) {
		log_warning("cannot read \"/%s\": %s, taking the defaults", CONFIG_PATH,
			    strerror(-r));
		return;
	}
	config_parse(&m->config, text, len, warn_config, NULL);
	if (m->config.reset_method != RESET_ENTRY && !reset_is_configured(&m->config))
		log_warning(
			"/%s: ResetMethod=wipe without ResetWipe= and ResetHook= resets nothing, "
			"ignoring",
			CONFIG_PATH);
}

static void read_cmdline(struct machine *m)
{
	struct slice invalid;
	char text[4096] = "";
	size_t len = 0;
	int r;

	r = root_read(m->root.fd, "proc/cmdline", text, sizeof(text), &len);
	if (r < 0 && r != -ENOENT)
		log_warning("cannot read \"/proc/cmdline\": %s, ignoring", strerror(-r));
	cmdline_parse(text, len, &m->cmdline, &invalid);
	text[strcspn(text, "\n")] = '\0';
	m->cmdline_number = record_hash(text);
	if (invalid.len > 0)
		log_warning("kernel command line: \"%.*s\" is not valid, ignoring",
			    (int)invalid.len, invalid.s);
}

/* arm64 with ACPI shows no /proc/device-tree. The tree is there all the same, and short: the EFI
 * stub makes it, and a kexec adds this to it. A long one is of a machine that has the other. */
static bool read_fdt_kexeced(const struct machine *m)
{
	char data[16384];
	size_t len;

	return root_read(m->root.fd, "sys/firmware/fdt", data, sizeof(data), &len) == 0 &&
	       fdt_has_property((const uint8_t *)data, len, KEXEC_PROPERTY);
}

/* The kernel itself says how it was started, and no command line can
 * forge that. */
static bool read_kexeced(const struct machine *m)
{
	struct slice line;
	unsigned long type;
	char text[16];
	int r;

	if (root_exists(m->root.fd, "proc/device-tree/chosen/" KEXEC_PROPERTY) ||
	    read_fdt_kexeced(m))
		return true;
	r = root_read_line(m->root.fd, "proc/sys/kernel/bootloader_type", text, sizeof(text));
	/* Who cannot be asked is believed by its command line: else what the loader said of the
	 * boot before would be taken for this one, and blessed. */
	if (r < 0 && r != -ENOENT)
		return m->cmdline.booted[0] || m->cmdline.txn > 0;
	if (r < 0)
		return false;
	line = (struct slice){text, strlen(text)};
	return slice_uint(line, 255, &type) == 0 && type == LOADER_TYPE_KEXEC;
}

int machine_open(const char *dir, struct machine *ret)
{
	struct machine m = {
		.lock = -1, .hold = -1, .efivars = -1, .watchdog.fd = -1, .loader = &loader_sdboot};
	char boot_id[64];
	int r;

	m.store[PLACE_ESP].fd = m.store[PLACE_XBOOTLDR].fd = -1;
	r = root_open(dir, &m.root);
	if (r < 0)
		return r;
	read_cmdline(&m);
	read_config(&m);
	if (root_read_line(m.root.fd, "proc/sys/kernel/random/boot_id", boot_id, sizeof(boot_id)) ==
		    0 &&
	    loadvar_is_uuid(boot_id))
		memcpy(m.boot_id, boot_id, sizeof(m.boot_id));
	m.is_kexeced = read_kexeced(&m);
	m.is_crash_kernel = root_exists(m.root.fd, "proc/vmcore");
	*ret = m;
	return 0;
}

static void reach_efivars(struct machine *m)
{
	int r = 1;

	if (!m->root.is_test && root_exists(m->root.fd, "sys/firmware/efi")) {
		if (!module_has_filesystem("efivarfs"))
			(void)module_load(efivarfs_modules);
		r = mount_efivarfs();
		if (r < 0)
			log_warning("cannot mount efivarfs: %s, going on without EFI variables",
				    strerror(-r));
	}
	closep(&m->efivars);
	m->efivars = root_open_dir(m->root.fd, "sys/firmware/efi/efivars");
	if (m->efivars < 0 && m->efivars != -ENOENT)
		log_warning("cannot open \"/sys/firmware/efi/efivars\": %s, going on without EFI "
			    "variables",
			    strerror(-m->efivars));
	sdboot_read(m->efivars, &m->sdboot);
	for (unsigned int i = 0; i < m->sdboot.n_garbage; i++)
		log_warning("EFI variable %s-%s holds garbage, ignoring it", m->sdboot.garbage[i],
			    EFIVAR_LOADER);
}

/* Where systemd is not, nobody has mounted it; lockdown can be read nowhere else. */
static void reach_lockdown(const struct machine *m)
{
	int r;

	if (m->root.is_test || !(m->config.methods & METHOD_KEXEC) ||
	    root_exists(m->root.fd, "sys/kernel/security/lockdown"))
		return;
	r = mount_securityfs();
	if (r < 0)
		log_warning("cannot mount securityfs: %s, ignoring", strerror(-r));
}

void machine_reach(struct machine *m)
{
	reach_efivars(m);
	reach_lockdown(m);
	if (m->root.is_test) {
		m->store[PLACE_ESP].fd = root_open_dir(m->root.fd, "efi");
		m->store[PLACE_XBOOTLDR].fd = root_open_dir(m->root.fd, "boot");
		m->store[PLACE_ESP].is_fat = m->store[PLACE_XBOOTLDR].is_fat = true;
		m->is_blind = m->store[PLACE_ESP].fd < 0 && m->sdboot.present;
	} else {
		reach_boot(m);
	}
	loader_find(m);
}

static void close_store(struct store *s)
{
	if (s->fd < 0)
		return;
	closep(&s->fd);
	if (s->target[0])
		(void)mount_release(s->target);
	s->fd = -1;
}

void machine_release(struct machine *m)
{
	close_store(&m->store[PLACE_XBOOTLDR]);
	close_store(&m->store[PLACE_ESP]);
}

void machine_close(struct machine *m)
{
	machine_release(m);
	closep(&m->efivars);
	closep(&m->hold);
	closep(&m->lock);
	watchdog_close(&m->watchdog);
	root_close(&m->root);
}

void machine_lock(struct machine *m)
{
	unsigned int timeout_ms = (unsigned int)m->config.esp_timeout_s * 1000 + LOCK_EXTRA_MS +
				  m->lock_wait_s * 1000;
	int r;

	r = root_mkdirs(m->root.fd, RUN_PATH);
	if (r == 0)
		r = root_lock(m->root.fd, RUN_PATH "/lock", timeout_ms);
	if (r >= 0)
		m->lock = r;
	else
		log_warning("cannot lock \"/%s/lock\": %s, ignoring", RUN_PATH, strerror(-r));
}

void machine_begin_hold(struct machine *m)
{
	m->hold = root_lock(m->root.fd, RUN_PATH "/hold", WAIT_LOCK_MS);
	if (m->hold >= 0)
		closep(&m->lock);
	else /* then at least the other lock keeps them out, as long as they wait for it */
		log_warning("cannot lock \"/%s/hold\": %s, ignoring", RUN_PATH, strerror(-m->hold));
}

void machine_end_hold(struct machine *m)
{
	if (m->lock < 0)
		machine_lock(m);
	closep(&m->hold);
}

void machine_wait_until(struct machine *m, uint64_t uptime_s, bool is_hold)
{
	_cleanup_(closep) int waiting = root_lock(m->root.fd, RUN_PATH "/wait", WAIT_LOCK_MS);

	if (is_hold)
		machine_begin_hold(m);
	else
		closep(&m->lock);
	feed_waiting(m, uptime_s);
	machine_end_hold(m);
}

static bool is_locked(const struct machine *m, const char *path)
{
	_cleanup_(closep) int fd = root_lock(m->root.fd, path, 0);

	return fd == -EAGAIN;
}

bool machine_is_holding(const struct machine *m)
{
	return is_locked(m, RUN_PATH "/hold");
}

bool machine_is_waiting(const struct machine *m)
{
	return is_locked(m, RUN_PATH "/wait");
}

int machine_begin_write(struct machine *m, enum place place)
{
	struct store *s = &m->store[place];
	int r;

	if (s->fd < 0)
		return s->target[0] ? -ENODEV : -ENOENT;
	r = repair_store(m, place);
	if (r < 0)
		return r;
	return s->target[0] ? mount_make_writable(s->target, &s->is_shared) : 0;
}

void machine_end_write(struct machine *m, enum place place)
{
	const struct store *s = &m->store[place];
	int r;

	if (!s->target[0])
		return;
	r = mount_make_read_only(s->target, s->is_shared);
	if (r < 0)
		log_warning("cannot make \"%s\" read-only again: %s, ignoring", s->target,
			    strerror(-r));
}

/* Tried twice: an error may pass, and without it nothing more can be done in this run. */
static void mount_again(struct machine *m, struct store *s)
{
	const char *type = s->is_fat ? "vfat" : s->type;

	s->fd = reach_mount(m, s->node, type, s->target);
	if (s->fd < 0)
		s->fd = reach_mount(m, s->node, type, s->target);
	if (s->fd >= 0)
		return;
	log_err("cannot mount \"%s\" again: %s: the boot entries on it can be neither read nor "
		"changed in this run",
		s->node, strerror(-s->fd));
	s->fd = -1;
	m->is_blind = true;
}

/* Where others have it mounted, ours stays: without it they would come to the same end. */
static int unmount_alone(struct machine *m, struct store *s)
{
	int r = mount_has_others(s->target);

	if (r != 0)
		return r < 0 ? r : -EBUSY;
	closep(&s->fd);
	r = mount_release(s->target);
	if (r < 0)
		s->fd = root_open_dir(m->root.fd, s->target + 1);
	return r;
}

int machine_begin_alone(struct machine *m, enum place place, struct volume *ret)
{
	struct store *s = &m->store[place];
	int r;

	if (s->fd < 0)
		return -ENOENT;
	if (!s->target[0] || !s->is_fat)
		return -ENODEV;
	r = unmount_alone(m, s);
	if (r < 0)
		return r;
	r = volume_open(s->node, true, ret);
	if (r < 0)
		mount_again(m, s);
	return r;
}

void machine_end_alone(struct machine *m, enum place place, struct volume *v)
{
	volume_close(v);
	mount_again(m, &m->store[place]);
}

enum place machine_boot_place(const struct machine *m)
{
	const struct store *s = &m->store[PLACE_XBOOTLDR];

	/* Also one that was there and could not be mounted again: what is ours lies on it. */
	return s->fd >= 0 || s->target[0] ? PLACE_XBOOTLDR : PLACE_ESP;
}

static void note_path(const struct machine *m, const char *note, char path[NOTE_SIZE])
{
	struct text t;

	text_init(&t, path, NOTE_SIZE);
	text_str(&t, RUN_PATH "/");
	text_str(&t, m->boot_id[0] ? m->boot_id : "boot");
	text_char(&t, '.');
	text_str(&t, note);
}

bool machine_has_note(const struct machine *m, const char *note)
{
	char path[NOTE_SIZE];

	note_path(m, note, path);
	return root_exists(m->root.fd, path);
}

bool machine_read_note(const struct machine *m, const char *note, char text[NAME_SIZE])
{
	char path[NOTE_SIZE], line[NAME_SIZE];

	note_path(m, note, path);
	if (root_read_line(m->root.fd, path, line, sizeof(line)) < 0 || !line[0])
		return false;
	memcpy(text, line, sizeof(line));
	return true;
}

void machine_set_note(const struct machine *m, const char *note, const char *text)
{
	char path[NOTE_SIZE];
	int r;

	note_path(m, note, path);
	r = root_mkdirs(m->root.fd, RUN_PATH);
	if (r == 0)
		r = root_write(m->root.fd, path, text, strlen(text), 0600);
	if (r < 0)
		log_warning("cannot write \"/%s\": %s, ignoring", path, strerror(-r));
}

bool machine_read_note_line(const struct machine *m, const char *note, char *buf, size_t size)
{
	char path[NOTE_SIZE], line[2 * NAME_SIZE];
	struct text t;
	int r;

	note_path(m, note, path);
	r = root_read(m->root.fd, path, line, sizeof(line), NULL);
	if (r < 0 && r != -E2BIG)
		return false;
	line[strcspn(line, "\n")] = '\0';
	if (!line[0])
		return false;
	text_init(&t, buf, size);
	text_str(&t, line);
	return true;
}
