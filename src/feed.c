// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "doors/log.h"
#include "doors/module.h"
#include "doors/power.h"
#include "feed.h"

#define DRIVERS	    "/kernel/drivers/watchdog/"
#define DROPIN_DIR  "run/systemd/system.conf.d"
#define DROPIN	    DROPIN_DIR "/50-bootassess.conf"
#define NAMES_MAX   8
#define LINE_S	    600 /* between two lines of a wait */
#define IDLE_S	    60	/* nothing to feed now */
#define TRY_MAX_S   16	/* so long apart are the last tries to find one */
#define START_TRIES 4	/* a second apart, where somebody waits for it */
#define DROPIN_SIZE 256

static uint64_t uptime_s_now(void)
{
	return power_uptime_ms() / 1000;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Half of its time, so that one that is missed is no harm. */
static uint64_t pause_of(unsigned long timeout_s)
{
	return timeout_s >= 2 ? timeout_s / 2 : 1;
}

/* PID 1 of the root file system reads its configuration anew after the switch-root, and /run goes
 * with it. RebootWatchdogSec= has a good default, 10 minutes: a shutdown may take longer than
 * Watchdog=. */
static void tell_manager(const struct machine *m)
{
	char buf[DROPIN_SIZE];
	struct text t;
	int r;

	text_init(&t, buf, sizeof(buf));
	text_str(&t, "# Made by bootassess-initrd, see Watchdog= in bootassess.conf(5).\n"
		     "[Manager]\nRuntimeWatchdogSec=");
	text_uint(&t, m->config.watchdog_s, 0);
	text_str(&t, "\nKExecWatchdogSec=");
	text_uint(&t, m->config.watchdog_s, 0);
	if (m->watchdog.number > 0) {
		text_str(&t, "\nWatchdogDevice=/dev/watchdog");
		text_uint(&t, m->watchdog.number, 0);
	}
	text_char(&t, '\n');
	r = root_mkdirs(m->root.fd, DROPIN_DIR);
	if (r == 0)
		r = root_write(m->root.fd, DROPIN, t.buf, t.len, 0644);
	if (r < 0)
		log_warning("cannot write \"/%s\": %s; systemd does not feed the watchdog unless "
			    "RuntimeWatchdogSec= is set",
			    DROPIN, strerror(-r));
}

/* WatchdogModule= as module_load() takes it. */
static void load_named(const char *names)
{
	char buf[NAMES_MAX][64];
	const char *list[NAMES_MAX + 1];
	struct slice rest = {names, strlen(names)}, word;
	size_t n = 0;
	int r;

	while (n < NAMES_MAX && slice_word(&rest, &word))
		if (slice_copy(word, buf[n], sizeof(buf[n])) == 0) {
			list[n] = buf[n];
			n++;
		}
	list[n] = NULL;
	r = module_load(list);
	if (r < 0)
		log_warning("cannot load modules: %s, ignoring", strerror(-r));
	else if (r > 0)
		log_warning("WatchdogModule=\"%s\": not all of it can be loaded, ignoring", names);
}

/* Once is enough for named modules; a device may come later. */
static void load_driver(const struct machine *m, bool is_first)
{
	int r = 0;

	if (m->config.watchdog_module[0]) {
		if (is_first)
			load_named(m->config.watchdog_module);
		return;
	}
	r = module_load_for_devices(m->root.fd, DRIVERS);
	if (r < 0 && is_first)
		log_warning("cannot load a driver for the watchdog: %s, ignoring", strerror(-r));
}

static void say_started(const struct machine *m)
{
	const struct watchdog *w = &m->watchdog;

	log_info("watchdog%u (%s) runs: without being fed for %lu s it resets the machine",
		 w->number, w->identity, w->timeout_s);
	if (w->timeout_s < m->config.watchdog_s)
		log_warning("watchdog%u can wait %lu s at most, not the %lu s of Watchdog=",
			    w->number, w->timeout_s, m->config.watchdog_s);
	if (w->stops_on_close)
		log_warning("watchdog%u is stopped when nobody holds it, until the service manager "
			    "takes it; the option nowayout of its driver would prevent that",
			    w->number);
	if ((m->config.methods & METHOD_KEXEC) && !watchdog_survives_restart(m->root.fd))
		log_notice("watchdog%u may be stopped by a kexec: watchdog.stop_on_reboot=0 is not "
			   "on the kernel command line",
			   w->number);
}

/* One try. 0: it is open; -EBUSY: somebody else has it; -ENODEV: it may still come; other negative
 * errno, logged: no use to try again. */
static int start(struct machine *m, bool is_first)
{
	int r = watchdog_open(m->root.fd, m->config.watchdog_s, &m->watchdog);

	if (r == -ENODEV || r == -ENOENT) {
		load_driver(m, is_first);
		r = watchdog_open(m->root.fd, m->config.watchdog_s, &m->watchdog);
	}
	if (r == -ENODEV || r == -ENOENT) /* its node comes a moment later */
		return -ENODEV;
	if (r == 0)
		say_started(m);
	else if (r != -EBUSY)
		log_err("cannot open \"/dev/watchdog%u\": %s; a hang is not ended by it",
			m->watchdog.number, strerror(-r));
	return r;
}

static void try_to_start(struct machine *m, struct feed_tries *t)
{
	bool is_first = t->pause_s == 0, was_busy = t->is_busy;
	int r = start(m, is_first);

	t->is_busy = r == -EBUSY;
	t->is_over = r != 0 && r != -ENODEV && r != -EBUSY;
	if (r != -ENODEV && !was_busy && m->watchdog.number > 0)
		tell_manager(m);
	if (r == 0) { /* if it is ever closed, they begin anew */
		t->pause_s = 0;
		return;
	}
	/* Who has it may let go of it, as an assess does whose kexec came to nothing. */
	if (t->is_busy) {
		if (!was_busy)
			log_info("watchdog%u is fed by somebody else", m->watchdog.number);
		t->pause_s = pause_of(m->config.watchdog_s);
		return;
	}
	if (r == -ENODEV && t->pause_s == TRY_MAX_S)
		log_err("there is no watchdog, or no driver for it in this initramfs: a hang is "
			"not "
			"ended by it; see Watchdog= in bootassess.conf(5)");
	t->pause_s = is_first ? 2 : 2 * t->pause_s;
	t->is_over |= t->pause_s > 2 * TRY_MAX_S;
}

/* When to come back. */
static uint64_t feed_own(struct machine *m, uint64_t now_s)
{
	struct feed_tries *t = &m->feed_tries;

	if (m->config.watchdog_s == 0)
		return UINT64_MAX;
	if (!t->has_told)
		tell_manager(m);
	t->has_told = true;
	if (m->watchdog.fd < 0 && !t->is_over)
		try_to_start(m, t);
	if (m->watchdog.fd >= 0)
		return now_s + pause_of(m->watchdog.timeout_s);
	return t->is_over ? UINT64_MAX : now_s + t->pause_s;
}

void feed_until(struct machine *m, uint64_t uptime_s)
{
	uint64_t now_s;

	while ((now_s = uptime_s_now()) < uptime_s) {
		watchdog_feed(&m->watchdog);
		power_sleep_until(earlier(feed_own(m, now_s), uptime_s));
	}
	watchdog_feed(&m->watchdog);
}

bool feed_start(struct machine *m)
{
	int r = -ENODEV;

	for (unsigned int i = 0; i < START_TRIES && r == -ENODEV; i++) {
		if (i > 0)
			power_sleep_until(uptime_s_now() + 1);
		r = start(m, i == 0);
	}
	return r == 0 || r == -EBUSY;
}

/* Feeds what can be fed; returns when to do it again. Ours is opened by its name too: sysfs does
 * not tell of it on every kernel (CONFIG_WATCHDOG_SYSFS). */
static uint64_t feed_all(struct machine *m, uint64_t now_s)
{
	unsigned long timeout_s;

	if (m->config.watchdog_s > 0 && m->watchdog.fd < 0)
		(void)watchdog_open(m->root.fd, m->config.watchdog_s, &m->watchdog);
	timeout_s = watchdog_shortest_s(m->root.fd);
	if (m->watchdog.fd >= 0 && (timeout_s == 0 || m->watchdog.timeout_s < timeout_s))
		timeout_s = m->watchdog.timeout_s;
	watchdog_feed(&m->watchdog);
	watchdog_ping(m->root.fd);
	/* Somebody else has ours, and may let go of it: then it is for us to feed. */
	if (m->watchdog.fd < 0 && m->config.watchdog_s > 0 &&
	    (timeout_s == 0 || m->config.watchdog_s < timeout_s))
		timeout_s = m->config.watchdog_s;
	return now_s + (timeout_s > 0 ? pause_of(timeout_s) : IDLE_S);
}

uint64_t feed_once(struct machine *m)
{
	return feed_all(m, uptime_s_now());
}

void feed_waiting(struct machine *m, uint64_t uptime_s)
{
	uint64_t now_s, line_s = 0, next_s;

	while ((now_s = uptime_s_now()) < uptime_s) {
		if (now_s >= line_s) {
			log_err("waiting %llu s, then starting again at uptime %llu s",
				(unsigned long long)(uptime_s - now_s),
				(unsigned long long)uptime_s);
			line_s = now_s + LINE_S;
		}
		next_s = earlier(feed_all(m, now_s), line_s);
		power_sleep_until(earlier(next_s, uptime_s));
	}
}
