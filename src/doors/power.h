/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* reboot(2): the machine restarts, or is switched off, or stopped. They return only if
 * that failed: negative errno. */
int power_reboot(void);
int power_off(void);
int power_halt(void);

/* Milliseconds since the kernel started, suspend included (CLOCK_BOOTTIME): the only clock that is
 * trusted. */
uint64_t power_uptime_ms(void);

/* Sleeps until that clock shows this second. Signals do not shorten it. */
void power_sleep_until(uint64_t uptime_s);
