// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "doors/conf.h"
#include "doors/log.h"
#include "settings.h"

static void warn_line(void *data, unsigned int line, const char *what)
{
	const char *const *path = data;

	log_warning("/%s:%u: %s", *path, line, what);
}

static void parse_file(void *data, const char *path, const char *text, size_t len, int r)
{
	struct machine *m = data;

	if (r < 0)
		log_warning("cannot read \"/%s\": %s, ignoring", path, strerror(-r));
	else
		config_parse(&m->config, text, len, warn_line, &path);
}

void settings_read(struct machine *m)
{
	config_defaults(&m->config);
	conf_read(m->root.fd, "bootassess/bootassess.conf", parse_file, m);
}
