// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes the blanks between the parts out again. */
static void squeeze(char *s)
{
	bool in_string = false;
	char *to = s;

	for (; *s; s++) {
		if (in_string && *s == '\\' && s[1])
			*to++ = *s++;
		else if (*s == '"')
			in_string = !in_string;
		else if (!in_string && strchr(" \t\n", *s))
			continue;
		*to++ = *s;
	}
	*to = '\0';
}

/* Only blanks are added, and none within a string. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = 4096 + size * size; /* a line each, and a tab for each bracket before it */
	char *compact = malloc(size + 1), *pretty = malloc(room);
	struct text t;

	if (compact && pretty && size < 2048) {
		if (size > 0)
			memcpy(compact, data, size);
		compact[size] = '\0';
		text_init(&t, pretty, room);
		json_indent(compact, &t);
		squeeze(compact);
		squeeze(pretty);
		if (t.full || strcmp(compact, pretty) != 0)
			__builtin_trap();
	}
	free(compact);
	free(pretty);
	return 0;
}
