/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Restarting a running system as a whole: by its service manager, which ends the services and
 * unmounts. */

/* True if systemd is the service manager: sd_booted(3), /run/systemd/system below rootfd. */
bool service_is_systemd(int rootfd);

/* True if this process may mount and restart (CAP_SYS_ADMIN, CAP_SYS_BOOT). */
bool service_may_restart(void);

/* True if this is a container, whose restart is not that of the machine (as systemd, podman and
 * docker mark it below rootfd). */
bool service_is_container(int rootfd);

/* True if systemd stops its watchdog before a kexec, which it does unless KExecWatchdogSec= is set
 * in systemd-system.conf(5); also if it does not say (before version 251, say). Runs `systemctl
 * show`. */
bool service_stops_watchdog(void);

/* The same for a restart, before which it has RebootWatchdogSec= for it (10 minutes, if nobody says
 * otherwise). */
bool service_stops_watchdog_at_reboot(void);

/* From now on neither ^C nor a terminal that goes away ends this process: it may stand between a
 * kernel that is loaded and the restart that is to take it. */
void service_hold_signals(void);

/* The units that have failed, names with blanks between, cut where they do not fit; "" if there is
 * none or systemd does not say. Runs `systemctl --failed`. */
void service_failed_units(char *buf, size_t size);

/* The ways to end a running system. */
enum service_end { SERVICE_REBOOT, SERVICE_KEXEC, SERVICE_POWEROFF, SERVICE_HALT };

/* By whom, and against what. */
enum service_manner {
	SERVICE_BY_INIT, /* the command of that name: systemd is not running */
	SERVICE_ASK,	/* `systemctl`: inhibitor locks are heard, from systemd 257 also for root */
	SERVICE_INSIST, /* `systemctl -i`: they are not */
	SERVICE_FORCE,	/* `systemctl --force`: nor any job or dependency. The services are killed,
			 * the file systems unmounted */
};

/* Runs `systemctl kexec`, `reboot`, `poweroff` or `halt`, or the command of that name, and waits
 * for it. What it says goes where ours goes. A reboot is never turned into a kexec by an image that
 * could not be unloaded (SYSTEMCTL_SKIP_AUTO_KEXEC=1), nor into a soft-reboot by a root that was
 * made ready in /run/nextroot (SYSTEMCTL_SKIP_AUTO_SOFT_REBOOT=1): both would pass the boot loader
 * by. 0: the restart is under way; -EOPNOTSUPP for a kexec without systemd or by force; -ECANCELED
 * if the command refused; other negative errno if it could not be started. Source: systemctl(1),
 * systemd's docs/ENVIRONMENT.md. */
int service_end(enum service_end how, enum service_manner manner);

/* True if systemd is on the way down, whoever asked for it. Runs `systemctl is-system-running`. */
bool service_is_stopping(void);

/* True if it is to restart: there is a job for reboot.target. Runs `systemctl show`. */
bool service_is_rebooting(void);

/* True if all services have ended, and systemd-shutdown is process 1: it ends the processes that
 * are left, waits for them, unmounts and restarts. Each of its steps has a limit. Reads proc/1/comm
 * below rootfd, no disk. Source: systemd's src/shutdown/shutdown.c. */
bool service_is_at_end(int rootfd);
