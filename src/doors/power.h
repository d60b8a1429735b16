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

/* Milliseconds since the kernel started, suspend left out (CLOCK_MONOTONIC). */
uint64_t power_awake_ms(void);

/* Writes out what is dirty: sync(2). Does not return before a disk that hangs does. */
void power_sync(void);

/* What restarts the machine at once, without a word to drivers or disks (sysrq b): opened early,
 * for nothing needs to be found then. Returns the fd, or negative errno. power_reset() returns only
 * if it failed: negative errno. Source: the kernel's Documentation/admin-guide/sysrq.rst. */
int power_open_reset(int rootfd);
int power_reset(int fd);

/* What the clock of the day shows, Unix time; 0 before 1970. Nothing may be decided by it. */
uint64_t power_clock_s(void);
