/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* True if a hardware watchdog is running that a kexec leaves running: its state is active, and the
 * core does not stop it on the way (module watchdog, stop_on_reboot=0; about 50 drivers ask for
 * that stop, and whether this one does cannot be seen). softdog is none: it is a timer of the
 * kernel that leaves. is_released: who holds it lets go of it first, so it must not be stoppable
 * (nowayout). rootfd: below it are sys/class/watchdog and sys/module. */
bool watchdog_outlives_kexec(int rootfd, bool is_released);

/* Gives every watchdog that nobody else holds open its whole time again, and leaves it running. */
void watchdog_ping(int rootfd);
