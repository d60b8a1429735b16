// SPDX-License-Identifier: LGPL-2.1-or-later
/* Process 1 of the user-mode Linux that tests/powercut/run boots: an initramfs with this program,
 * its libraries, mkfs.vfat and fsck.fat. Results go to a directory of the host, /out here. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "doors/log.h"
#include "doors/module.h"
#include "doors/mount.h"
#include "trial.h"

#define SYSLOG_CONSOLE_OFF 6
#define SHORT_BITS	   8

static struct geometry geometries[] = {
	{"fat16", "16", "4", 512, 12, NULL},
	{"fat32", "32", "1", 512, 34, NULL},
	{"fat32-4k", "32", "1", 4096, 272, NULL},
};

static void set_up(const char *host_dir)
{
	static const char *const dirs[] = {"/proc", "/sys", "/dev",	 "/run",
					   "/out",  "/usr", "/usr/sbin", NULL};
	static const char *const modules[] = {"vfat", "nls_cp437", "nls_iso8859-1", "nbd", NULL};

	for (size_t i = 0; dirs[i]; i++)
		(void)mkdir(dirs[i], 0755);
	(void)mount("proc", "/proc", "proc", 0, NULL);
	(void)mount("sysfs", "/sys", "sysfs", 0, NULL);
	(void)mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	(void)mount("tmpfs", "/run", "tmpfs", 0, NULL);
	(void)mount("none", "/out", "hostfs", 0, host_dir);
	(void)dup2(open("/out/tap", O_WRONLY | O_CREAT | O_APPEND, 0644), STDOUT_FILENO);
	(void)dup2(open("/out/stderr", O_WRONLY | O_CREAT | O_APPEND, 0644), STDERR_FILENO);
	log_setup(LOG_TARGET_STDERR, getenv("VERBOSE") ? LOG_DOOR_INFO : 0);
	if (module_load(modules) != 0)
		dprintf(STDOUT_FILENO, "not ok - powercut: modules\n");
	(void)klogctl(SYSLOG_CONSOLE_OFF, NULL, 0);
}

/* A '_' in the variable stands for a space. */
static bool is_wanted(const char *variable, const char *name)
{
	const char *given = getenv(variable);
	char want[200];

	(void)snprintf(want, sizeof(want), "%s", given ? given : "");
	for (char *p = want; *p; p++)
		if (*p == '_')
			*p = ' ';
	return strstr(name, want) || (given && strstr(name, given));
}

/* A naive sequence must lose something; ours may lose no more than what is known. */
static bool is_good(const struct trial *t)
{
	const struct result *r = &t->result;

	if (t->op->is_naive)
		return r->setup == 0 && r->lost > 0;
	return r->setup == 0 && r->lost <= trial_known(t) && r->undurable == 0 &&
	       r->not_recovered == 0 && (t->op->may_take || r->taken == 0);
}

/* TAP for one trial, and its row of the table. */
static void tell(const struct trial *t, double seconds)
{
	const struct result *r = &t->result;
	unsigned int bad = r->lost + r->undurable + (t->op->may_take ? 0 : r->taken);
	const char *note = "";
	char name[200];

	(void)snprintf(name, sizeof(name), "%s, %s, %s", t->op->name, t->geometry->name,
		       layout_names[t->layout]);
	if (is_good(t) && bad > 0)
		note = t->op->is_naive ? ", as it must" : ", the known residue";
	dprintf(STDOUT_FILENO, "%s - %s: %u bad states of %llu%s\n", is_good(t) ? "ok" : "not ok",
		name, bad, (unsigned long long)r->states.n_distinct, note);
	if (r->example[0])
		dprintf(STDOUT_FILENO, "#   %s\n", r->example);
	dprintf(STDOUT_FILENO, "#row %s;%u;%llu;%u;%u;%llu;%llu;%s;%u;%u;%u;%u;%u;%.1f\n", name,
		r->states.n_requests, (unsigned long long)r->bytes, r->states.n_blocks,
		r->states.n_flushes, (unsigned long long)r->states.n_tried,
		(unsigned long long)r->states.n_distinct, r->states.is_sampled ? "sampled" : "all",
		r->lost, r->undurable, r->taken, r->not_recovered, r->n_by_fsck, seconds);
}

static void run_one(struct geometry *g, const struct operation *op, enum layout layout,
		    const struct bounds *bounds)
{
	static struct trial t;
	struct timespec start, stop;

	t = (struct trial){
		.geometry = g, .op = op, .layout = layout, .checks_all = bounds->bits > SHORT_BITS};
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	trial_run(&t, bounds);
	(void)clock_gettime(CLOCK_MONOTONIC, &stop);
	tell(&t,
	     (double)(stop.tv_sec - start.tv_sec) + (double)(stop.tv_nsec - start.tv_nsec) / 1e9);
}

/* Beside FAT16 a short run takes the layout that is most different from one sector, and with large
 * sectors only what depends on a layout. */
static bool is_due(const struct geometry *g, const struct operation *op, enum layout l,
		   const struct bounds *bounds)
{
	if (!(op->layouts & 1u << l) || (l == LAYOUT_CLUSTER && g->cluster[0] == '1'))
		return false;
	if (bounds->bits <= SHORT_BITS && g != geometries && l != LAYOUT_STRADDLE &&
	    op->layouts != 1u << l)
		return false;
	if (bounds->bits <= SHORT_BITS && g->block_size > UNIT && op->layouts == 1u << l)
		return false;
	return is_wanted("OPERATION", op->name) && is_wanted("GEOMETRY", g->name) &&
	       is_wanted("LAYOUT", layout_names[l]);
}

static void run_all(const struct bounds *bounds)
{
	for (size_t g = 0; g < sizeof(geometries) / sizeof(geometries[0]); g++)
		for (size_t i = 0; i < n_operations; i++)
			for (enum layout l = 0; l < LAYOUTS; l++)
				if (is_due(&geometries[g], &operations[i], l, bounds))
					run_one(&geometries[g], &operations[i], l, bounds);
}

/* The environment comes from the kernel command line. */
int main(void)
{
	const char *host_dir = getenv("OUT"), *full = getenv("POWERCUT_FULL");
	struct bounds bounds = {.bits = SHORT_BITS, .samples = 40};

	if (getpid() != 1 || !host_dir)
		return 2;
	if (full && strcmp(full, "1") == 0)
		bounds = (struct bounds){.bits = 12, .samples = 1000};
	set_up(host_dir);
	run_all(&bounds);
	dprintf(STDOUT_FILENO, "# end\n");
	sync();
	(void)syscall(SYS_reboot, 0xfee1dead, 0x28121969, RB_POWER_OFF, NULL);
	return 1;
}
