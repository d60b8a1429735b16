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

#define BLESS_UNIT UNITDIR "/bootassess-bless.service"
#define GUARD_UNIT UNITDIR "/bootassess-guard.service"
#define CHECK_UNIT UNITDIR "/bootassess-check.service"
#define MOTD_UNIT  UNITDIR "/bootassess-motd.service"
#define WANTS	   "basic.target.wants"
#define EARLY	   "sysinit.target.wants" /* what waits for nothing */
#define REQUIRES   "boot-complete.target.requires"

static const char on_failure[] = "# Made by bootassess-generator.\n"
				 "[Unit]\n"
				 "OnFailure=bootassess-fail.service\n";

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

/* What must not fail for a boot to be a good one: that it is complete, and, since emergency.target
 * ends what leads there, its file systems. */
static int write_dropins(int dir)
{
	static const char *const dirs[] = {"boot-complete.target.d", "local-fs.target.d"};
	char path[64];
	int r = 0;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]) && r >= 0; i++) {
		struct text t;

		text_init(&t, path, sizeof(path));
		text_str(&t, dirs[i]);
		text_str(&t, "/50-bootassess.conf");
		r = root_mkdirs(dir, dirs[i]);
		if (r >= 0)
			r = root_write(dir, path, on_failure, sizeof(on_failure) - 1, 0644);
	}
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
	if (r >= 0 && !machine_has_note(m, "blessed")) {
		r = write_dropins(dir);
		if (r >= 0)
			r = write_guard(dir);
		if (r >= 0)
			r = write_requires(dir);
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
