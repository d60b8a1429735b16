// SPDX-License-Identifier: LGPL-2.1-or-later
#include <limits.h>
#include <string.h>

#include "doors/efivar.h"
#include "doors/kexec.h"
#include "doors/watchdog.h"
#include "fitness.h"
#include "kernel.h"

/* Unload what is there, load, unload if that comes to nothing. */
#define LOADS_NEEDED 3
#define LOAD_LIMIT   "proc/sys/kernel/kexec_load_limit_reboot"

/* A number of a file in /proc/sys or /sys; `unknown` if it cannot be read. */
static long read_number(const struct machine *m, const char *path, long unknown)
{
	unsigned long value;
	struct slice word;
	char text[32];
	bool is_negative;

	if (root_read_line(m->root.fd, path, text, sizeof(text)) < 0)
		return unknown;
	is_negative = text[0] == '-';
	word = slice_trim((struct slice){text + is_negative, strlen(text) - is_negative});
	if (slice_uint(word, INT32_MAX, &value) < 0)
		return unknown;
	return is_negative ? -(long)value : (long)value;
}

/* "none [integrity] confidentiality": the word in brackets is in force. */
static bool is_locked_down(const struct machine *m)
{
	char text[128];

	if (root_read_line(m->root.fd, "sys/kernel/security/lockdown", text, sizeof(text)) < 0)
		return false;
	return strchr(text, '[') && !strstr(text, "[none]");
}

/* UEFI 2.10 section 3.3: one byte, 1 while signatures are enforced. */
bool fitness_is_secure_boot(const struct machine *m)
{
	uint8_t value;
	size_t len;

	return m->efivars >= 0 &&
	       efivar_read(m->efivars, "SecureBoot", EFIVAR_GLOBAL, &value, 1, &len) == 0 &&
	       len == 1 && value == 1;
}

/* So many loads, and unloads, the kernel still allows; it counts also those that fail. */
static long loads_left(const struct machine *m)
{
	long limit = read_number(m, LOAD_LIMIT, -1);

	return limit < 0 ? LONG_MAX : limit;
}

/* What could be loaded, but not unloaded again, would be started by a later reboot. */
static bool is_disabled(const struct machine *m)
{
	return read_number(m, "proc/sys/kernel/kexec_load_disabled", 1) != 0 ||
	       loads_left(m) < LOADS_NEEDED;
}

/* Only a kernel that is locked down insists on a signature: Secure Boot alone is a promise that a
 * kexec would break. */
static unsigned int check_lock(const struct machine *m, struct facts *f)
{
	bool is_down = is_locked_down(m), is_secure = fitness_is_secure_boot(m);

	f->locked = is_down || is_secure;
	if (m->config.secure_boot_kexec && is_down)
		return 0;
	return (is_down ? AGAINST_LOCKDOWN : 0) | (is_secure ? AGAINST_SECURE_BOOT : 0);
}

/* Where loads are counted, none is spent on the question: the answer then comes when it is loaded.
 */
static bool has_file_load(const struct machine *m)
{
	return m->root.is_test || loads_left(m) != LONG_MAX || kexec_has_file_load();
}

void fitness_read(const struct machine *m, struct facts *f)
{
	char release[80];

	if (!(m->config.methods & METHOD_KEXEC))
		return;
	if (root_read_line(m->root.fd, "proc/sys/kernel/osrelease", release, sizeof(release)) == 0)
		f->kernel = record_hash(release);
	if (ARCH_NATIVE == ARCH_NONE || f->kernel == 0 ||
	    !root_exists(m->root.fd, "sys/kernel/kexec_loaded") || !has_file_load(m)) {
		f->against = AGAINST_SUPPORT;
		return;
	}
	f->against = check_lock(m, f);
	if (is_disabled(m))
		f->against |= AGAINST_DISABLED;
	if (m->is_kexeced || m->config.max_hops == 0)
		f->against |= AGAINST_HOPS;
	if (!m->config.kexec_without_watchdog &&
	    !watchdog_outlives_kexec(m->root.fd, m->stops_watchdog))
		f->against |= AGAINST_WATCHDOG;
}

bool fitness_may_load_twice(const struct machine *m)
{
	return loads_left(m) > LOADS_NEEDED;
}

uint64_t fitness_memory(const struct machine *m)
{
	struct slice rest, line, word;
	unsigned long kib;
	char text[4096];
	size_t len;

	if (root_read(m->root.fd, "proc/meminfo", text, sizeof(text), &len) < 0)
		return 0;
	rest = (struct slice){text, len};
	while (slice_line(&rest, &line))
		if (slice_word(&line, &word) && slice_is(word, "MemAvailable:") &&
		    slice_word(&line, &word) && slice_uint(word, ULONG_MAX >> 10, &kib) == 0)
			return (uint64_t)kib << 10;
	return 0;
}

unsigned int fitness_image(const struct facts *f, const struct stage *s, uint64_t available)
{
	return (f->locked && !s->image.is_signed ? AGAINST_SIGNATURE : 0) |
	       (available < s->needed ? AGAINST_MEMORY : 0);
}
