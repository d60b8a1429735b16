// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "doors/log.h"
#include "doors/root.h"
#include "doors/service.h"
#include "generator.h"
#include "ladder.h"
#include "machine.h"
#include "settings.h"
#include "verb.h"

#define BLESS_UNIT    UNITDIR "/bootassess-bless.service"
#define GUARD_UNIT    UNITDIR "/bootassess-guard.service"
#define CHECK_UNIT    UNITDIR "/bootassess-check.service"
#define MOTD_UNIT     UNITDIR "/bootassess-motd.service"
#define RECOVERY_UNIT UNITDIR "/bootassess-recovery.service"
#define REFUND_UNIT   UNITDIR "/bootassess-refund.service"
#define WANTS	      "basic.target.wants"
#define EARLY	      "sysinit.target.wants" /* what waits for nothing */
#define REQUIRES      "boot-complete.target.requires"

static const char on_failure[] = "# Made by bootassess-generator.\n"
				 "[Unit]\n"
				 "OnFailure=bootassess-fail.service\n";

static const char late_bless[] = "# Made by bootassess-generator.\n"
				 "[Unit]\n"
				 "After=default.target graphical.target multi-user.target\n";

/* True if this name, as the loader or the command line has it, is on a rung. */
static bool is_on_ladder(const struct config *c, const char *id)
{
	unsigned int pattern;
	enum role role;

	return id[0] && ladder_match(c, id, &role, &pattern) == 0;
}

/* bootassess.slot= has the id with or without suffix, and a dot may be part of it. */
static bool is_slot_on_ladder(const struct config *c, const char *slot)
{
	char id[2 * NAME_SIZE];
	struct text t;

	text_init(&t, id, sizeof(id));
	text_str(&t, slot);
	text_str(&t, ".conf");
	return slot[0] && (is_on_ladder(c, slot) || is_on_ladder(c, id));
}

/* Without our initramfs nobody has said whether there is a ladder. After a kexec the loader speaks
 * of another boot, but of the same machine. */
static bool find_ladder(struct machine *m)
{
	_cleanup_(closep) int efivars = root_open_dir(m->root.fd, "sys/firmware/efi/efivars");
	char id[NAME_SIZE];

	settings_read(m);
	sdboot_read(efivars, &m->sdboot);
	return is_on_ladder(&m->config, m->sdboot.selected) ||
	       (m->sdboot.counted_name[0] && counter_strip(m->sdboot.counted_name, id) == 0 &&
		is_on_ladder(&m->config, id)) ||
	       is_slot_on_ladder(&m->config, m->cmdline.slot) ||
	       is_on_ladder(&m->config, m->cmdline.booted);
}

/* Reads the beginning of the first line of what the assess event of this boot decided. False if it
 * did not run. */
static bool read_assessed(const struct machine *m, char *line, size_t size)
{
	char path[NAME_SIZE];
	struct text t;
	int r;

	text_init(&t, path, sizeof(path));
	text_str(&t, "run/bootassess/");
	text_str(&t, m->boot_id);
	text_str(&t, ".assess");
	r = root_read(m->root.fd, path, line, size, NULL);
	if (r < 0 && r != -E2BIG)
		return false;
	line[strcspn(line, "\n")] = '\0';
	return true;
}

/* That line is "assess: VERDICT (REASON)...". */
static bool has_ladder(struct machine *m)
{
	char line[NAME_SIZE];

	if (!read_assessed(m, line, sizeof(line)))
		return find_ladder(m);
	return !strstr(line, "(disabled)") && !strstr(line, "(no-ladder)");
}

static int write_dropin(int dir, const char *unit, const char *text)
{
	char path[64];
	struct text t;
	int r;

	text_init(&t, path, sizeof(path));
	text_str(&t, unit);
	text_str(&t, ".d");
	r = root_mkdirs(dir, path);
	text_str(&t, "/50-bootassess.conf");
	return r < 0 ? r : root_write(dir, path, text, strlen(text), 0644);
}

/* F9: these come after boot-complete.target, and multi-user.target, which wants them, after them.
 * But our checks come after multi-user.target. systemd breaks such a loop by leaving some unit out.
 * Without default dependencies no target comes after them. What they do is not touched: if they
 * work for GRUB, somebody relies on it. */
static int write_greenboot(int dir)
{
	static const char *const units[] = {"greenboot-task-runner.service",
					    "greenboot-grub2-set-success.service"};
	static const char text[] = "# Made by bootassess-generator, against an ordering loop.\n"
				   "[Unit]\nDefaultDependencies=no\n"
				   "Conflicts=shutdown.target\nBefore=shutdown.target\n";
	int r = 0;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && r >= 0; i++)
		r = write_dropin(dir, units[i], text);
	return r;
}

static int write_wants(int dir)
{
	int r = root_mkdirs(dir, WANTS);

	if (r >= 0)
		r = root_symlink(dir, BLESS_UNIT, WANTS "/bootassess-bless.service");
	if (r >= 0)
		r = root_symlink(dir, MOTD_UNIT, WANTS "/bootassess-motd.service");
	return r;
}

static int write_guard(int dir)
{
	int r = root_mkdirs(dir, EARLY);

	return r < 0 ? r : root_symlink(dir, GUARD_UNIT, EARLY "/bootassess-guard.service");
}

/* F9: boot-complete.target alone would be reached at sysinit.target. */
static int write_requires(int dir)
{
	int r = root_mkdirs(dir, REQUIRES);

	return r < 0 ? r : root_symlink(dir, CHECK_UNIT, REQUIRES "/bootassess-check.service");
}

/* As the initramfs has noted it; where that is somebody else's, by the loader's word. */
static bool is_recovery(const struct machine *m)
{
	const char *id = m->is_kexeced ? m->cmdline.booted : m->sdboot.selected;
	char note[NAME_SIZE];
	unsigned int pattern;
	enum role role;

	if (machine_read_note(m, NOTE_ROLE, note))
		return strcmp(note, role_name(ROLE_RECOVERY)) == 0;
	return id[0] && ladder_match(&m->config, id, &role, &pattern) == 0 && role == ROLE_RECOVERY;
}

/* What must not fail for a boot to be a good one: its file systems, since emergency.target ends
 * what leads to the rest; and that it is complete. Not so in recovery, where a check that fails
 * (there is no network) would end a repair, and use recovery up. There the deadline is for all that
 * is to come up, which nothing else waits for. */
static int write_judges(const struct machine *m, int dir)
{
	int r = write_dropin(dir, "local-fs.target", on_failure);

	if (r < 0)
		return r;
	if (is_recovery(m))
		return write_dropin(dir, "bootassess-bless.service", late_bless);
	r = write_dropin(dir, "boot-complete.target", on_failure);
	if (r >= 0)
		r = write_requires(dir);
	return r < 0 ? r : write_greenboot(dir);
}

/* F5: a system slot gives its try back at a planned restart. Recovery and reset have a budget. */
static int write_refund(const struct machine *m, int dir)
{
	char role[NAME_SIZE];
	int r;

	if (is_recovery(m) ||
	    (machine_read_note(m, NOTE_ROLE, role) && strcmp(role, role_name(ROLE_SYSTEM)) != 0))
		return 0;
	r = root_mkdirs(dir, EARLY);
	return r < 0 ? r : root_symlink(dir, REFUND_UNIT, EARLY "/bootassess-refund.service");
}

/* Also without hooks: it leads out of recovery again after a fault that the slots share. */
static int write_recovery(const struct machine *m, int dir)
{
	int r;

	if (!is_recovery(m))
		return 0;
	r = root_mkdirs(dir, WANTS);
	return r < 0 ? r : root_symlink(dir, RECOVERY_UNIT, WANTS "/bootassess-recovery.service");
}

static void generate(struct machine *m, const char *path)
{
	_cleanup_(closep) int dir = root_open_dir(AT_FDCWD, path);
	int r = dir;

	if (m->cmdline.disabled || m->is_crash_kernel ||
	    root_exists(m->root.fd, "etc/initrd-release") || service_is_container(m->root.fd) ||
	    !has_ladder(m))
		return;
	if (r >= 0)
		r = write_wants(dir);
	if (r >= 0)
		r = write_recovery(m, dir);
	if (r >= 0 && !machine_has_note(m, "blessed")) {
		r = write_judges(m, dir);
		if (r >= 0)
			r = write_guard(dir);
		if (r >= 0)
			r = write_refund(m, dir);
	}
	if (r < 0)
		log_err("generator: cannot write to \"%s\": %s; what is missing there does not run",
			path, strerror(-r));
}

int generator_run(int argc, char **argv)
{
	static const char option[] = "--root=";
	const char *last = argv[argc - 1], *root = NULL;
	struct machine m;
	int r;

	if (argc > 1 && strncmp(last, option, sizeof(option) - 1) == 0) {
		root = last + sizeof(option) - 1;
		argc--;
	}
	if (argc < 2)
		return STATUS_USAGE;
	/* What is wrong with the configuration is for the verbs to say. */
	log_setup(root ? LOG_TARGET_STDERR : LOG_TARGET_KMSG, LOG_DOOR_ERR);
	r = machine_open(root, &m);
	if (r < 0) {
		log_err("generator: cannot open the root: %s", strerror(-r));
		return STATUS_DONE;
	}
	generate(&m, argv[1]);
	machine_close(&m);
	return STATUS_DONE;
}
