/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"

/* Sleeps until the uptime clock shows this second, and keeps the hardware watchdog of Watchdog=
 * fed meanwhile: loads its driver (WatchdogModule=, else what the devices ask for), opens it as
 * soon as it is there, and feeds it at half of its time. It stays open in m->watchdog. One that
 * somebody else holds open is left to them: systemd in the initramfs does, where
 * RuntimeWatchdogSec= is set there; it is taken when they let go of it. The systemd of the root
 * file system learns by a drop-in in /run, which it reads when it starts, to go on feeding it, also
 * over a kexec (systemd-system.conf(5)). What goes wrong is logged, ignoring. A second call goes on
 * where the first one ended. UINT64_MAX: for ever. */
void feed_until(struct machine *m, uint64_t uptime_s);

/* Starts the watchdog of Watchdog= (5.. s) at once, for a kexec that it is to outlive, and waits a
 * few seconds for its driver and its node. True if it runs: it is open in m->watchdog, or somebody
 * else feeds it, such as feed_until() in another process. That takes it over again when m is
 * closed. */
bool feed_start(struct machine *m);

/* Feeds that watchdog, and any other that runs, now. Loads no driver. Returns the second of the
 * uptime clock when it is due again. */
uint64_t feed_once(struct machine *m);

/* A wait on purpose: the same for that watchdog, and for any other that runs. Loads no driver. Says
 * at its start, and every 10 minutes, when it ends. */
void feed_waiting(struct machine *m, uint64_t uptime_s);
