/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

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

/* From now on neither ^C nor a terminal that goes away ends this process: it may stand between a
 * kernel that is loaded and the restart that is to take it. */
void service_hold_signals(void);

/* Runs `systemctl kexec` or `systemctl reboot`, where systemd is not running `reboot`, and waits
 * for it. A reboot is never turned into a kexec by an image that could not be unloaded
 * (SYSTEMCTL_SKIP_AUTO_KEXEC=1). 0: the restart is under way; -EOPNOTSUPP for a kexec without
 * systemd; -ECANCELED if the command refused; other negative errno if it could not be started. */
int service_restart(bool kexec, bool is_systemd);
