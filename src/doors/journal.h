/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "log.h"

/* A field of a journal entry. name: upper case, as systemd.journal-fields(7). value NULL: left out.
 */
struct journal_field {
	const char *name;
	const char *value;
};

/* Sends one entry to the journal: MESSAGE, PRIORITY, MESSAGE_ID (32 hexadecimal digits; NULL =
 * none), SYSLOG_IDENTIFIER=bootassess, then the fields. rootfd: the socket is
 * run/systemd/journal/socket below it. Never waits: a journal that does not take it loses it. 0;
 * -ENOENT or -ECONNREFUSED without a journal; other negative errno. Source:
 * systemd.io/JOURNAL_NATIVE_PROTOCOL. Not by libsystemd: the companion also runs where there is
 * none, and this is one datagram. */
int journal_send(int rootfd, enum log_level level, const char *message_id, const char *message,
		 const struct journal_field *fields, size_t n_fields);

/* True if the standard error of this process goes to the journal (JOURNAL_STREAM names its device
 * and inode): then a line there would be a second entry. Source: systemd.exec(5). */
bool journal_is_stderr(void);
