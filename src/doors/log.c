// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "printable.h"
#include "root.h"

#define LINE_MAX_BYTES 900

static enum log_target log_target = LOG_TARGET_STDERR;
static enum log_level log_max_level = LOG_DOOR_INFO;

void log_setup(enum log_target target, enum log_level max_level)
{
	log_target = target;
	log_max_level = max_level;
}

/* One write(2) is one record there; the kernel takes "<level>" off again. */
static bool write_kmsg(enum log_level level, const char *line, size_t len)
{
	_cleanup_(closep) int fd = -1;
	char record[LINE_MAX_BYTES + 16];
	int n;

	fd = openat(AT_FDCWD, "/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	if (fd < 0)
		return false;
	n = snprintf(record, sizeof(record), "<%d>%.*s", (int)level, (int)len, line);
	return write(fd, record, (size_t)n) == n;
}

/* One write, so that lines of several processes do not mix. */
static void write_stderr(enum log_level level, const char *line, size_t len)
{
	char text[LINE_MAX_BYTES + 16];
	int n = 0;

	if (log_target == LOG_TARGET_PREFIXED)
		n = snprintf(text, sizeof(text), "<%d>", (int)level);
	memcpy(text + n, line, len);
	(void)!write(STDERR_FILENO, text, (size_t)n + len);
}

/* A file name from the ESP must not be able to move the cursor or to forge a second line. */
static void make_printable(char *line, size_t len)
{
	for (size_t i = 0, n; i<len; i += n> 0 ? n : 1) {
		n = printable_len(line + i, len - i);
		if (n == 0)
			line[i] = '?';
	}
}

void log_line(enum log_level level, const char *format, ...)
{
	static const char prefix[] = "bootassess: ";
	char line[LINE_MAX_BYTES + 1] = "bootassess: ";
	const size_t start = sizeof(prefix) - 1;
	bool is_for_kmsg = log_target == LOG_TARGET_KMSG || log_target == LOG_TARGET_KMSG_ONLY;
	int saved_errno = errno;
	va_list args;
	size_t len;
	int n;

	if (level > log_max_level)
		return;
	va_start(args, format);
	n = vsnprintf(line + start, sizeof(line) - 1 - start, format, args);
	va_end(args);
	len = start + (n < 0 ? 0 : (size_t)n);
	if (len > LINE_MAX_BYTES - 1)
		len = LINE_MAX_BYTES - 1;
	make_printable(line, len);
	line[len++] = '\n';
	if (!is_for_kmsg || (!write_kmsg(level, line, len) && log_target == LOG_TARGET_KMSG))
		write_stderr(level, line, len);
	errno = saved_errno;
}
