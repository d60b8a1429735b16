/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"

/* Sleeps until the uptime clock shows this second, and keeps the hardware watchdog of Watchdog=
 * fed meanwhile: loads its driver (WatchdogModule=, else what the devices ask for), opens it as
 * soon as it is there, and feeds it at half of its time. It stays open in m->watchdog. One that
 * somebody else holds open is left to them: systemd in the initramfs does, where
 * RuntimeWatchdogSec= is set there. The systemd of the root file system learns by a drop-in in
 * /run, which it reads when it starts, to go on feeding it, also over a kexec
 * (systemd-system.conf(5)). What goes wrong is logged, ignoring. UINT64_MAX: for ever. */
void feed_until(struct machine *m, uint64_t uptime_s);

/* A wait on purpose: the same for that watchdog, and for any other that runs. Loads no driver. Says
 * at its start, and every 10 minutes, when it ends. */
void feed_waiting(struct machine *m, uint64_t uptime_s);
