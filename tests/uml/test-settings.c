// SPDX-License-Identifier: LGPL-2.1-or-later
/* The pin, and what systemd-boot's variables and loader.conf select, on the kernel's vfat. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "loaders/sdboot.h"
#include "pin-store.h"
#include "settling.h"
#include "tap.h"

#define PIN XBOOTLDR "/loader/bootassess/pin"

static const char *const files[] = {ESP ENTRIES "active+2-1.conf",
				    "efi /a\n",
				    ESP ENTRIES "passive.conf",
				    "efi /p\n",
				    CONF,
				    "timeout 3\ndefault passive.conf\n",
				    ESP "/a",
				    "a",
				    ESP "/p",
				    "p",
				    NULL};

static void put_pin(const char *text, size_t len)
{
	EQ(machine_begin_write(&device, PLACE_XBOOTLDR), 0, "setup");
	EQ(put(PIN, text, len), 0, "setup");
	machine_end_write(&device, PLACE_XBOOTLDR);
	observe(&device, EVENT_EDIT, &facts);
}

static void test_pin(void)
{
	char sector[600];

	tap_note("pin");
	lay_out(files);
	start(EVENT_EDIT);
	wrap_start();
	EQ(pin_store_write(&device, NULL), 1, "pin: none to take away");
	EQ(wrap_calls(), 0, "pin: nothing is written");
	EQ(pin_store_write(&device, "passive.conf"), 0, "pin");
	observe(&device, EVENT_EDIT, &facts);
	EQ_STR(facts.pin, "passive.conf", "pin: read");
	wrap_start();
	EQ(pin_store_write(&device, "passive.conf"), 1, "pin: the same");
	EQ(wrap_calls(), 0, "pin: nothing is written");
	EQ(pin_store_write(&device, "active.conf"), 0, "pin: another");
	EQ_STR(wrap_trace(), "pwrite pin; fdatasync pin; ", "pin: in place, one write");
	memset(sector, '\n', 512);
	sector[512] = '\0';
	EQ(pin_store_write(&device, NULL), 0, "unpin");
	OK(file_is(PIN, sector), "unpin: newlines alone");
	observe(&device, EVENT_EDIT, &facts);
	EQ_STR(facts.pin, "", "unpin: read");
	EQ(pin_store_write(&device, NULL), 1, "unpin: again");
	memset(sector, 'x', NAME_SIZE);
	sector[NAME_SIZE] = '\0';
	EQ(pin_store_write(&device, sector), -ENAMETOOLONG, "pin: too long");
	end();
}

static void test_read_pin(void)
{
	char sector[600];

	start(EVENT_EDIT);
	put_pin("active", 6);
	EQ_STR(facts.pin, "active.conf", "pin: by hand, without a newline");
	put_pin(" PASSIVE.conf \r\nactive\n", 23);
	EQ_STR(facts.pin, "passive.conf", "pin: the first line");
	put_pin("", 0);
	EQ_STR(facts.pin, "", "pin: empty");
	put_pin("active\0\n", 8);
	EQ_STR(facts.pin, "", "pin: a NUL");
	memset(sector, '\n', sizeof(sector));
	memcpy(sector, "active", 6);
	put_pin(sector, 513);
	EQ_STR(facts.pin, "", "pin: longer than a sector");
	put_pin(sector, 512);
	EQ_STR(facts.pin, "active.conf", "pin: a sector");
	EQ(pin_store_write(&device, NULL), 0, "unpin");
	end();
}

static void read_settings(void)
{
	sdboot_read(device.efivars, &device.sdboot);
	observe_settings(&device, &facts);
}

static int prefer(const char *id)
{
	int r;

	read_settings();
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	r = sdboot_prefer(device.efivars, device.store[PLACE_ESP].fd, &facts.settings, id);
	machine_end_write(&device, PLACE_ESP);
	return r;
}

static int pin(const char *id)
{
	int r;

	read_settings();
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	r = sdboot_pin(device.efivars, device.store[PLACE_ESP].fd, &facts.settings, id);
	machine_end_write(&device, PLACE_ESP);
	return r;
}

static void test_read(void)
{
	tap_note("settings");
	lay_out(files);
	start(EVENT_EDIT);
	OK(facts.settings.known && !facts.settings.has_preferred, "settings: of systemd-boot 257");
	OK(!facts.settings.ids_have_counters && !facts.failed, "settings: nothing else");
	EQ_STR(facts.settings.value[SETTING_DEFAULT_FILE], "passive.conf", "settings: file");
	set_variable("LoaderEntryDefault", "active*");
	set_variable("LoaderEntryPreferred", "p");
	set_variable("LoaderEntryLastBooted", "l");
	set_features(0xff, 8);
	machine_set_note(&device, "fail", "x");
	read_settings();
	OK(facts.settings.has_preferred && facts.failed, "settings: preferred, failed");
	EQ_STR(facts.settings.value[SETTING_DEFAULT_VARIABLE], "active*", "settings: default");
	EQ_STR(facts.settings.value[SETTING_PREFERRED_VARIABLE], "p", "settings: preferred");
	EQ_STR(facts.settings.saved, "l", "settings: saved");
	set_variable("LoaderEntryLastBooted", NULL);
	set_variable("LoaderInfo", "GRUB 2");
	read_settings();
	OK(!facts.settings.known && !facts.settings.value[SETTING_DEFAULT_VARIABLE][0],
	   "settings: another loader");
	set_variable("LoaderInfo", "systemd-boot 257.13-1");
	set_features(0xff, 0);
	end();
}

/* Up to systemd 252 the ids hold the counter. */
static void test_old(void)
{
	tap_note("old ids");
	lay_out(files);
	start(EVENT_EDIT);
	set_variable("LoaderEntries", "Passive.conf");
	set_variable("LoaderInfo", "systemd-boot 252.39-1~deb12u1");
	read_settings();
	OK(!facts.settings.ids_have_counters, "old: this one was corrected: it counted");
	set_variable("LoaderBootCountPath", NULL);
	read_settings();
	OK(facts.settings.ids_have_counters, "old: a release with counters");
	set_variable("LoaderInfo", "systemd-boot 257");
	read_settings();
	OK(!facts.settings.ids_have_counters, "old: one without");
	set_variable("LoaderEntries", "Active+2-1.conf");
	read_settings();
	OK(facts.settings.ids_have_counters, "old: but the list shows it");
	EQ(prefer("active.conf"), 0, "old: prefer");
	OK(variable_is("LoaderEntryDefault", "Active[+.]*conf"), "old: a pattern, spelt alike");
	EQ(prefer("active.conf"), 1, "old: again");
	read_settings();
	EQ(sdboot_release(device.efivars, &facts.settings, "active.conf"), 0, "old: release");
	OK(variable_is("LoaderEntryDefault", NULL), "old: released");
	set_variable("LoaderBootCountPath", "\\loader\\entries\\active+2-1.conf");
	set_variable("LoaderEntries", "ACTIVE.conf");
	EQ(prefer("active.conf"), 0, "prefer: as the list spells it");
	OK(variable_is("LoaderEntryDefault", "ACTIVE.conf"), "prefer: LoaderEntryDefault");
	set_variable("LoaderEntries", NULL);
	end();
}

static void test_variables(void)
{
	tap_note("variables");
	lay_out(files);
	start(EVENT_EDIT);
	set_features(0xff, 8);
	EQ(prefer("active.conf"), 0, "prefer");
	OK(variable_is("LoaderEntryPreferred", "active.conf"), "prefer: LoaderEntryPreferred");
	OK(variable_is("LoaderEntryDefault", NULL), "prefer: and nothing else");
	EQ(prefer("active.conf"), 1, "prefer: again");
	EQ(pin("passive.conf"), 0, "pin");
	OK(variable_is("LoaderEntryPreferred", "passive.conf"), "pin: LoaderEntryPreferred");
	OK(variable_is("LoaderEntryDefault", "passive.conf"), "pin: LoaderEntryDefault");
	EQ(pin("passive.conf"), 1, "pin: again");
	read_settings();
	EQ(sdboot_release(device.efivars, &facts.settings, "active.conf"), 1, "release: not it");
	set_variable("LoaderEntryPreferred", "passive*");
	set_variable("LoaderEntryDefault", "passive+3.conf");
	read_settings();
	EQ(sdboot_release(device.efivars, &facts.settings, "passive.conf"), 0, "release");
	OK(variable_is("LoaderEntryPreferred", "passive*"), "release: not a pattern of others");
	OK(variable_is("LoaderEntryDefault", NULL), "release: a name with a counter too");
	OK(file_is(CONF, "timeout 3\ndefault passive.conf\n"), "loader.conf is as it was");
	end();
}

/* No variable can be written. */
static void test_file(void)
{
	static const char old[] = "timeout 3\n# default x\n default\tpassive.conf\n"
				  "default passive\npreferred p\n";
	char pinned[100], longer[1200];

	tap_note("loader.conf");
	lay_out(files);
	start(EVENT_EDIT);
	set_features(0xff, 0);
	set_variable("LoaderEntryDefault", "other.conf");
	EQ(mount(NULL, EFIVARS, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0, "setup");
	EQ(prefer("active.conf"), -EROFS, "file: not while a variable overrules it");
	EQ(mount(NULL, EFIVARS, NULL, MS_REMOUNT, NULL), 0, "setup");
	set_variable("LoaderEntryDefault", NULL);
	EQ(mount(NULL, EFIVARS, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0, "setup");
	wrap_start();
	EQ(prefer("active.conf"), 0, "file: prefer");
	OK(file_is(CONF, "timeout 3\ndefault active.conf\n\n"), "file: in place");
	OK(strstr(wrap_trace(), "pwrite loader.conf; fdatasync loader.conf; "), "file: one write");
	EQ(prefer("active.conf"), 1, "file: again");
	EQ(pin("passive.conf"), 0, "file: pin");
	OK(file_is(CONF, "timeout 3\ndefault passive.conf\n"), "file: the length is kept");

	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	EQ(put(CONF, old, sizeof(old) - 1), 0, "setup");
	EQ(mount(NULL, EFIVARS, NULL, MS_REMOUNT, NULL), 0, "setup");
	set_features(0xff, 8);
	EQ(mount(NULL, EFIVARS, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0, "setup");
	EQ(pin("active.conf"), 0, "file: pin, where preferred is heard");
	(void)snprintf(pinned, sizeof(pinned), "%s",
		       "timeout 3\n# default x\ndefault active.conf\npreferred active.conf\n");
	memset(pinned + strlen(pinned), '\n', sizeof(old) - 1 - strlen(pinned));
	pinned[sizeof(old) - 1] = '\0';
	OK(file_is(CONF, pinned), "file: one line each");

	memset(longer, 'c', sizeof(longer));
	longer[0] = '#';
	memcpy(longer + 1100, "\ntimeout 1\n", 12);
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	EQ(put(CONF, longer, strlen(longer)), 0, "setup");
	EQ(pin("active.conf"), 0, "file: of several sectors, without a default");
	memcpy(longer + 1111, "default active.conf\n", 21);
	OK(file_is(CONF, longer), "file: a line at the end");
	EQ(mount(NULL, EFIVARS, NULL, MS_REMOUNT, NULL), 0, "setup");
	set_features(0xff, 0);
	end();
}

/* The default of loader.conf, whatever its length. */
static void test_unpin_correct(void)
{
	char text[1200], wanted[1200];

	tap_note("unpin, correct");
	lay_out(files);
	start(EVENT_EDIT);
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	memset(text, 'c', sizeof(text));
	text[0] = '#';
	memcpy(text + 1000, "\ndefault active+3.conf\n", 24);
	memcpy(wanted, text, sizeof(text));
	EQ(put(CONF, text, strlen(text)), 0, "setup");
	EQ(sdboot_correct(device.store[PLACE_ESP].fd, "passive.conf"), 1, "correct: another's");
	EQ(sdboot_correct(device.store[PLACE_ESP].fd, "active.conf"), 0, "correct: long file");
	memcpy(wanted + 1000, "\ndefault active.conf\n\n\n", 24);
	OK(file_is(CONF, wanted), "correct: content");
	EQ(sdboot_correct(device.store[PLACE_ESP].fd, "active.conf"), 1, "correct: again");
	EQ(mount(NULL, EFIVARS, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0, "setup");
	EQ(sdboot_unpin(device.efivars, device.store[PLACE_ESP].fd), 0, "unpin: long file");
	EQ(mount(NULL, EFIVARS, NULL, MS_REMOUNT, NULL), 0, "setup");
	memcpy(wanted + 1000, "\ndefault *\n\n\n\n\n\n\n\n\n\n\n\n\n", 24);
	OK(file_is(CONF, wanted), "unpin: content");
	(void)unlink(CONF);
	EQ(sdboot_correct(device.store[PLACE_ESP].fd, "active.conf"), 1, "correct: no file");
	machine_end_write(&device, PLACE_ESP);
	end();
}

void test_settings(void)
{
	test_pin();
	test_read_pin();
	test_read();
	test_old();
	test_variables();
	test_file();
	test_unpin_correct();
}
