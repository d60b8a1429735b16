// SPDX-License-Identifier: LGPL-2.1-or-later
/* What install_recover() makes of a journal that says copy. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "installing.h"
#include "settling.h"
#include "tap.h"

#define LINUX ESP "/EFI/Linux/"

static uint8_t *new_uki;
static size_t new_len;

/* Two UKIs of one size that differ in one byte far from both ends are two. */
static void test_alike(void)
{
	struct install_cost cost;
	char why[300];
	struct install w = {.id = "passive.efi", .force = true};
	struct update u = {.step = UPDATE_COPY, .id = "passive.efi", .type = 2};

	tap_note("cut short, and the old one differs in one byte");
	w.uki = source("/run/new.efi", new_uki, new_len);
	lay_out_uki("passive+0-4.efi");
	start(EVENT_EDIT);
	EQ(install_slot(&device, &facts, &w, &cost, why, sizeof(why)), 0, "alike");
	end();
	new_uki[30001] ^= 1;
	u.tries = u.was = counter_make(3, 0);
	w.uki = source("/run/new.efi", new_uki, new_len);
	EQ(job_number(w.uki.fd, new_len, &u.number), 0, "setup");
	u.was = (struct counter){.present = false};
	start(EVENT_EDIT);
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	EQ(journal_update(&device, PLACE_ESP, &u), 0, "setup");
	machine_end_write(&device, PLACE_ESP);
	end();
	recover();
	start(EVENT_EDIT);
	OK(exists(LINUX "passive.efi"), "alike: the old one is taken back, not finished");
	end();
	new_uki[30001] ^= 1;
	(void)close(w.uki.fd);
}

/* After a cut: an exhausted slot is not filled up again, and one that has started is not renamed.
 */
static void recover_counted(const char *name)
{
	struct update u = {.step = UPDATE_COPY, .id = "passive.efi", .type = 2};
	struct install_file file = source("/run/new.efi", new_uki, new_len);
	char path[300];

	tap_note("the journal says copy: %s", name);
	lay_out_uki("passive.efi");
	u.tries = counter_make(3, 0);
	u.was = counter_make(0, 4);
	EQ(job_number(file.fd, new_len, &u.number), 0, "setup");
	(void)snprintf(path, sizeof(path), LINUX "%s", name);
	start(EVENT_EDIT);
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	(void)unlink(LINUX "passive.efi");
	EQ(put(path, new_uki, new_len), 0, "setup");
	EQ(journal_update(&device, PLACE_ESP, &u), 0, "setup");
	machine_end_write(&device, PLACE_ESP);
	end();
	recover();
	start(EVENT_EDIT);
	if (strcmp(name, "passive+0-4.efi") == 0)
		OK(exists(LINUX "passive+3-0.efi"), "counted: it gets its tries once");
	else
		OK(exists(path), "counted: %s stays", name);
	end();
	(void)close(file.fd);
}

void test_install_cut(uint8_t *uki, size_t len)
{
	new_uki = uki;
	new_len = len;
	test_alike();
	recover_counted("passive+0-4.efi");
	recover_counted("passive+0-3.efi");
	recover_counted("passive+2-1.efi");
}
