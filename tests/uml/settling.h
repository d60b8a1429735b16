/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "observe.h"
#include "settle.h"

/* What test-settle.c and test-settings.c have in common: a machine with an ESP and XBOOTLDR of
 * 4 MiB each, and played EFI variables. */

#define EFIVARS	 "/sys/firmware/efi/efivars"
#define GUID	 "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define OUR_GUID "-a43b6b5c-0f1f-4bb8-8f39-5b4f0a6f3c9e"
#define ESP	 "/run/bootassess/esp"
#define XBOOTLDR "/run/bootassess/xbootldr"
#define ENTRIES	 "/loader/entries/"
#define CONF	 ESP "/loader/loader.conf"

extern struct machine device;
extern struct facts facts;
extern struct plan plan;

/* Plays /sys/firmware, with what systemd-boot 257 leaves when it has booted active+2-1.conf. */
void play_firmware(void);
void set_variable(const char *name, const char *value); /* NULL: it is not there */
void set_features(unsigned int low, unsigned int high); /* LoaderFeatures */
bool variable_is(const char *name, const char *value);	/* NULL: absent */

/* Opens the machine anew and observes. */
void start(enum event event);
void end(void);

/* An ESP with nothing on it but these files (pairs of path and content; the list ends with NULL),
 * no notes and no variables of ours. Paths begin with ESP or XBOOTLDR. */
void lay_out(const char *const files[]);

bool file_is(const char *path, const char *text); /* NULL: absent. The machine is open. */

/* How many files of a directory hold exactly this. */
int count_content(const char *dir, const char *text);
