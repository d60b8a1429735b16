// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>
#include <strings.h>

#include "doors/efivar.h"
#include "doors/log.h"
#include "entries.h"
#include "fallback.h"
#include "identify.h"
#include "loadopt.h"

/* What the witnesses have said so far. */
struct hearing {
	char id[NAME_SIZE];
	const char *by; /* the first that spoke, NULL = nobody yet */
	bool disagree;
	bool is_unread; /* what the firmware says is there, and could not be read */
};

static void testify(struct hearing *h, const char *by, const char *id)
{
	if (!id[0])
		return;
	if (!h->by) {
		memcpy(h->id, id, strlen(id) + 1);
		h->by = by;
	} else if (strcasecmp(h->id, id) != 0) {
		log_err("which entry was booted? %s says \"%s\", %s says \"%s\"", h->by, h->id, by,
			id);
		h->disagree = true;
	}
}

/* The path of a program speaks if it is a type #2 entry, or the image of exactly one type #1 entry.
 */
static void testify_path(const struct machine *m, struct hearing *h, const char *by,
			 const char *path)
{
	char name[NAME_SIZE], id[NAME_SIZE], file_id[NAME_SIZE];
	bool is_type2, is_image;

	if (!path[0])
		return;
	is_type2 = loadvar_entry_path(path, name) == 2 && counter_strip(name, file_id) == 0;
	is_image = entries_find_by_image(m, path, id) == 0;
	/* A UKI in EFI/Linux that a type #1 entry names is both; who spoke before says which. */
	if (is_type2 && !(is_image && h->by && counter_same_id(h->id, id)))
		testify(h, by, file_id);
	else if (is_image || fallback_find(m, path, id) == 0)
		testify(h, by, id);
}

/* BootCurrent -> Boot#### -> file path. False if one of them is there and could not be read now;
 * garbage stays garbage, and says nothing. */
static bool read_boot_path(const struct machine *m, char *path, size_t size)
{
	char name[LOADOPT_NAME_SIZE];
	uint8_t data[LOADOPT_SIZE];
	uint16_t current;
	size_t len;
	int r;

	path[0] = '\0';
	r = efivar_read(m->efivars, "BootCurrent", EFIVAR_GLOBAL, data, sizeof(data), &len);
	if (r != 0 || loadvar_boot_current(data, len, &current) < 0)
		return !efivar_is_unread(r);
	loadopt_name(current, name);
	r = efivar_read(m->efivars, name, EFIVAR_GLOBAL, data, sizeof(data), &len);
	if (r != 0)
		return !efivar_is_unread(r);
	if (loadopt_path(data, len, path, size) < 0)
		path[0] = '\0';
	return true;
}

static bool is_same_path(const char *a, const char *b)
{
	return loadvar_same_path((struct slice){a, strlen(a)}, (struct slice){b, strlen(b)});
}

/* What the firmware itself started. Where a loader spoke, that is the loader, which its own path
 * shows. */
static void hear_firmware(const struct machine *m, struct hearing *h)
{
	char path[SDBOOT_PATH_SIZE];

	testify_path(m, h, "StubImageIdentifier", m->sdboot.stub_image);
	if (h->by)
		return;
	testify_path(m, h, "LoaderImageIdentifier", m->sdboot.image);
	if (m->efivars < 0)
		return;
	h->is_unread = !read_boot_path(m, path, sizeof(path));
	if (!is_same_path(path, m->sdboot.image))
		testify_path(m, h, "BootCurrent", path);
}

bool identify_by_firmware(const struct machine *m)
{
	struct hearing h = {0};

	hear_firmware(m, &h);
	return (h.by && !h.disagree) || h.is_unread;
}

/* `bootassess.slot=active` means active.conf or active.efi, whichever is on the ladder. */
static void hear_cmdline(const struct machine *m, const struct facts *f, struct hearing *h)
{
	const char *slot = m->cmdline.slot;
	int rung = ladder_find_word(&f->ladder, (struct slice){slot, strlen(slot)});

	testify(h, "bootassess.slot=", rung >= 0 ? f->ladder.rung[rung].id : slot);
}

/* A record serves one arrival: the kernel that reads it first has arrived, and a later kexec out of
 * that one, perhaps with the same command line, is somebody else's. */
static bool is_our_kexec(const struct machine *m, const struct facts *f)
{
	const struct cmdline *c = &m->cmdline;
	const struct record *r = &f->record;
	bool is_arrived =
		r->state == RECORD_ARRIVED && f->boot_id[0] && strcmp(r->boot_id, f->boot_id) == 0;

	if (r->method != METHOD_KEXEC || !(r->state == RECORD_OPEN || is_arrived))
		return false;
	if (r->kexec_cmdline != 0)
		return r->kexec_cmdline == m->cmdline_number && !r->kexec_lost;
	return c->txn == r->txn && counter_same_id(c->booted, r->target);
}

/* After our own kexec the command line says what runs, and the record must know of it. Everything
 * that the loader left in variables is about another boot. */
static void identify_kexeced(const struct machine *m, struct facts *f)
{
	/* Since this boot knew it, the record may have become that of another switch. */
	if (machine_read_note(m, "booted", f->booted.id)) {
		f->booted.known = true;
		f->booted.via = VIA_KEXEC;
		return;
	}
	if (!is_our_kexec(m, f)) {
		log_warning("this kernel was started by a kexec that is not on record: which entry "
			    "runs is unknown");
		return;
	}
	f->booted.known = true;
	f->booted.via = VIA_KEXEC;
	memcpy(f->booted.id, f->record.target, sizeof(f->booted.id));
}

/* True if we gave the selected entry a counter ourselves, earlier in this boot. */
static bool is_counted_by_us(const struct machine *m)
{
	char id[NAME_SIZE];

	return machine_read_note(m, "counted", id) && counter_same_id(id, m->sdboot.selected);
}

/* systemd-boot writes LoaderEntrySelected at every start, LoaderBootCountPath only for an entry
 * that it counts. A firmware that had to start it again, since the kernel of the first entry could
 * not be loaded, leaves the path of that one beside an entry without a counter. That this entry had
 * none is still true when we have given it one since. */
static bool is_old_count(const struct machine *m, const struct facts *f, const char *counted_id)
{
	int rung = ladder_find(&f->ladder, m->sdboot.selected);

	return m->sdboot.is_sdboot && rung >= 0 &&
	       !counter_same_id(counted_id, m->sdboot.selected) &&
	       (counter_parse(f->ladder.rung[rung].name, NULL) != 0 || is_counted_by_us(m));
}

static void hear_count(const struct machine *m, const struct facts *f, struct hearing *h)
{
	char id[NAME_SIZE];

	if (!m->sdboot.counted_name[0] || counter_strip(m->sdboot.counted_name, id) != 0)
		return;
	if (is_old_count(m, f, id))
		log_notice("the boot loader started \"%s\" first, in vain", id);
	else
		testify(h, "LoaderBootCountPath", id);
}

static void identify_loaded(const struct machine *m, struct facts *f)
{
	struct hearing h = {0};

	if (m->sdboot.counted_unclean) {
		log_err("LoaderBootCountPath is no clean path to an entry: which one was booted is "
			"unknown");
		return;
	}
	hear_count(m, f, &h);
	testify(&h, "LoaderEntrySelected", m->sdboot.selected);
	hear_firmware(m, &h);
	hear_cmdline(m, f, &h);
	if (!h.by || h.disagree)
		return;
	f->booted.known = true;
	f->booted.via = VIA_LOADER;
	memcpy(f->booted.id, h.id, sizeof(f->booted.id));
}

/* On the ladder by its name, but its file is not there: nothing can be said about it. */
static void find_missing(const struct machine *m, struct facts *f)
{
	unsigned int pattern;
	enum role role;

	if (ladder_match(&m->config, f->booted.id, &role, &pattern) != 0)
		return;
	log_err("\"%s\" was booted, but is not there", f->booted.id);
	for (unsigned int i = 0; i < f->ladder.n; i++) {
		const struct rung *r = &f->ladder.rung[i];

		if (r->missing && r->role == role && r->pattern == pattern)
			f->booted.rung = (int)i;
	}
	f->booted.known = f->booted.rung >= 0;
}

void identify_booted(const struct machine *m, struct facts *f)
{
	f->booted.rung = -1;
	if (f->kexeced)
		identify_kexeced(m, f);
	else
		identify_loaded(m, f);
	if (!f->booted.known)
		return;
	f->booted.rung = ladder_find(&f->ladder, f->booted.id);
	if (f->booted.rung < 0)
		find_missing(m, f);
}
