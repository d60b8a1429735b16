/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Source of all: the kernel's Documentation/watchdog/watchdog-api.rst, and
 * Documentation/ABI/testing/sysfs-class-watchdog. rootfd: below it are sys and dev. */

/* A watchdog that this process feeds. */
struct watchdog {
	int fd;			 /* -1 = none */
	unsigned int number;	 /* of /dev/watchdogN */
	unsigned long timeout_s; /* as it is in force */
	bool stops_on_close;	 /* its driver does, whoever closes it (no WDIOF_MAGICCLOSE) */
	char identity[64];	 /* as the driver calls it */
};

/* True if a hardware watchdog is running that a kexec leaves running: its state is active, and the
 * core does not stop it on the way (module watchdog, stop_on_reboot=0; about 50 drivers ask for
 * that stop, and whether this one does cannot be seen). softdog is none: it is a timer of the
 * kernel that leaves. is_released: who holds it lets go of it first, so it must not be stoppable
 * (nowayout). rootfd: below it are sys/class/watchdog and sys/module. */
bool watchdog_outlives_kexec(int rootfd, bool is_released);

/* True if the core does not stop watchdogs when the machine is restarted, also by kexec: parameter
 * stop_on_reboot=0 of the module watchdog. */
bool watchdog_survives_restart(int rootfd);

/* Opens, and so starts, a watchdog with this timeout (1.. s): the first one that is hardware, else
 * softdog. One that runs already (the firmware may have started it) goes on, with the new timeout.
 * Where the timeout is too long for it, it gets its longest: see ret->timeout_s. 0; -ENODEV: there
 * is none; -EBUSY: the first one is held open by somebody else, ret->number says which; other
 * negative errno: it cannot be opened. */
int watchdog_open(int rootfd, unsigned long timeout_s, struct watchdog *ret);

/* Gives it its whole time again. */
void watchdog_feed(const struct watchdog *w);

/* Closes it without the magic `V`, and feeds it by that: it runs on, but where stops_on_close is
 * true and its driver is not told nowayout. */
void watchdog_close(struct watchdog *w);

/* Gives every watchdog that nobody else holds open its whole time again, and leaves it running. */
void watchdog_ping(int rootfd);

/* Stops every watchdog that runs, for a machine that is to stay off: ours (it is closed), and those
 * that nobody else holds. How many run on: nowayout, or somebody else holds them. */
unsigned int watchdog_stop(int rootfd, struct watchdog *w);

/* The shortest timeout of those that run, in seconds; 0 if none runs. */
unsigned long watchdog_shortest_s(int rootfd);
