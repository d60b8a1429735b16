/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Levels of syslog(3), as the kernel's log has them. */
enum log_level {
	LOG_DOOR_ERR = 3,
	LOG_DOOR_WARNING = 4,
	LOG_DOOR_NOTICE = 5,
	LOG_DOOR_INFO = 6,
	LOG_DOOR_DEBUG = 7
};

/* Where the lines go. */
enum log_target {
	LOG_TARGET_STDERR,   /* plain lines: a person, or a test */
	LOG_TARGET_PREFIXED, /* the same with <LEVEL> in front, which journald takes off again */
	LOG_TARGET_KMSG,     /* /dev/kmsg, so that they reach the console, the journal and pstore */
	LOG_TARGET_KMSG_ONLY, /* the same, for what was said elsewhere already */
};

/* Sets target and the highest level that is shown (default: stderr, LOG_DOOR_INFO). */
void log_setup(enum log_target target, enum log_level max_level);

/* Writes one line "bootassess: ..." (at most 900 bytes, longer is cut; control characters become
 * `?`). The kernel limits the rate of one open /dev/kmsg, so each line opens it anew. Where
 * /dev/kmsg cannot be opened, stderr serves (not for LOG_TARGET_KMSG_ONLY). Never fails; errno is
 * kept. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_err(...)	 log_line(LOG_DOOR_ERR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_DOOR_WARNING, __VA_ARGS__)
#define log_notice(...)	 log_line(LOG_DOOR_NOTICE, __VA_ARGS__)
#define log_info(...)	 log_line(LOG_DOOR_INFO, __VA_ARGS__)
#define log_debug(...)	 log_line(LOG_DOOR_DEBUG, __VA_ARGS__)
