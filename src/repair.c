// SPDX-License-Identifier: LGPL-2.1-or-later
#include "repair.h"

#include <errno.h>
#include <string.h>

#include "clusters.h"
#include "doors/dir.h"
#include "doors/esp-copy.h"
#include "doors/log.h"
#include "doors/mount.h"
#include "fsck.h"
#include "history-note.h"
#include "room.h"
#include "scan.h"
#include "text.h"

#define COPIES_MAX 4
#define CHECKED	   "checked-" /* notes, with a PARTUUID behind */
#define UNCHECKED  "unchecked-"
#define NOTE_SIZE  64
/* The file of an entry is small, and only such a one is ever counted by a copy. */
#define COPY_SIZE 65536

/* One repair of one store. */
struct repair {
	struct machine *m;
	enum place place;
	struct volume *v; /* while names are forgotten */
	bool is_quiet;	  /* somebody only looks */
	bool is_shared;	  /* others have it mounted, and may be about to fill what is empty */
	bool is_dirty;
	bool had_rescued, has_rescued;		 /* FSCK0000.REC: before, and of our check */
	bool has_lost;				 /* clusters that no name has */
	bool lacks_room;			 /* a directory, for names of ours */
	unsigned int n_forget, n_unlink, n_tell; /* found */
	unsigned int n_forgotten, n_unlinked, n_checked; /* done */
	/* Names whose content is that of the file after one more boot; "DIR/NAME". */
	char copy[COPIES_MAX][2 * NAME_SIZE];
	unsigned int n_copies;
};

static void join(char path[2 * NAME_SIZE], const char *dir, const char *name)
{
	struct text t;

	text_init(&t, path, 2 * NAME_SIZE);
	text_str(&t, dir);
	text_str(&t, dir[0] ? "/" : "");
	text_str(&t, name);
}

/* Compares through the mount. */
static bool has_same_content(int dirfd, const char *a, const char *b, uint64_t limit)
{
	_cleanup_(closep) int fd_a = dir_open_file(dirfd, a), fd_b = dir_open_file(dirfd, b);
	char buf_a[4096], buf_b[4096];
	uint64_t at = 0;
	ssize_t n;

	if (fd_a < 0 || fd_b < 0)
		return false;
	while ((n = dir_read_at(fd_a, at, buf_a, sizeof(buf_a))) > 0) {
		if (dir_read_at(fd_b, at, buf_b, sizeof(buf_b)) != n ||
		    memcmp(buf_a, buf_b, (size_t)n) != 0)
			return false;
		at += (uint64_t)n;
		if (at > limit)
			return false;
	}
	return n == 0 && dir_read_at(fd_b, at, buf_b, 1) == 0;
}

static bool is_copy(const struct repair *p, const char *path)
{
	for (unsigned int i = 0; i < p->n_copies; i++)
		if (strcmp(p->copy[i], path) == 0)
			return true;
	return false;
}

static bool is_same(const struct repair *p, const char *dir, const struct leftover_entry *e,
		    unsigned int i, unsigned int k)
{
	char path[2 * NAME_SIZE], other[2 * NAME_SIZE];

	join(path, dir, e[i].name);
	join(other, dir, e[k].name);
	return has_same_content(p->m->store[p->place].fd, path, other,
				e[i].cause == LEFTOVER_COPIED ? UINT32_MAX : COPY_SIZE);
}

static bool is_judged_by_content(const struct leftover_entry *e)
{
	return e->cause == LEFTOVER_COUNTED || e->cause == LEFTOVER_COPIED;
}

/* Both are still there through the mount; once it is let go, only names are. */
static bool note_copy(struct repair *p, const char *dir, const struct leftover_entry *e,
		      unsigned int i, unsigned int n)
{
	bool found = p->n_copies < COPIES_MAX && is_same(p, dir, e, i, e[i].other);

	for (unsigned int k = 0; k < n && !found && p->n_copies < COPIES_MAX; k++)
		found = e[i].cause == LEFTOVER_COPIED && leftover_may_be_copy(e, i, k) &&
			is_same(p, dir, e, i, k);
	if (found)
		join(p->copy[p->n_copies++], dir, e[i].name);
	return found;
}

static const char *cause_text(enum leftover_cause cause)
{
	static const char *const texts[] = {
		[LEFTOVER_NONE] = "",
		[LEFTOVER_TEMPORARY] = "is a temporary that nobody needs",
		[LEFTOVER_SHARED] = "is a second name of",
		[LEFTOVER_EMPTY] = "is empty, beside",
		[LEFTOVER_BROKEN] = "is damaged",
		[LEFTOVER_COUNTED] = "is what was counted on to",
		[LEFTOVER_NAMELESS] = "is what is left of a file that lost its long name",
		[LEFTOVER_COPIED] = "is a copy that lost its long name",
	};

	return texts[cause];
}

/* "loader/entries/active+3-0.conf" on ESP is a second name of "active+2-1.conf" */
static void describe(const struct repair *p, const char *dir, const struct leftover_entry *e,
		     unsigned int i, struct text *t)
{
	text_char(t, '"');
	text_str(t, dir);
	text_str(t, dir[0] ? "/" : "");
	text_printable(t, e[i].name);
	text_str(t, "\" on ");
	text_str(t, place_name(p->place));
	text_char(t, ' ');
	text_str(t, cause_text(e[i].cause));
	if (e[i].cause == LEFTOVER_TEMPORARY || e[i].cause == LEFTOVER_COPIED || e[i].other == i)
		return;
	text_str(t, e[i].cause == LEFTOVER_BROKEN ? ", beside \"" : " \"");
	text_printable(t, e[e[i].other].name);
	text_char(t, '"');
}

#define DESCRIBE(p, dir, e, i)                     \
	char what[4 * NAME_SIZE];                  \
	struct text described;                     \
                                                   \
	text_init(&described, what, sizeof(what)); \
	describe((p), (dir), (e), (i), &described)

/* What stays. Of a temporary that is whole nothing is said: the update that made it may need it. */
static void tell_one(const struct repair *p, const char *dir, const struct leftover_entry *e,
		     unsigned int i)
{
	DESCRIBE(p, dir, e, i);
	if (e[i].cause == LEFTOVER_SHARED)
		log_warning("%s, and no write of ours leaves that: both are left alone, see "
			    "fsck.fat(8)",
			    what);
	else if (e[i].cause == LEFTOVER_NAMELESS || e[i].cause == LEFTOVER_COPIED)
		log_warning("%s, and no other entry has its content: it stays, and somebody must "
			    "look at it",
			    what);
}

/* The first look: what there is to do. Nothing is changed. */
static int count_one(void *data, const char *dir, const struct leftover_entry *e, unsigned int i,
		     unsigned int n)
{
	struct repair *p = data;
	enum leftover verdict = e[i].verdict;

	if (is_judged_by_content(&e[i]) && !note_copy(p, dir, e, i, n)) {
		if (e[i].cause == LEFTOVER_COUNTED)
			return 0; /* two files that somebody meant */
		verdict = LEFTOVER_TELL;
	}
	if (verdict == LEFTOVER_FORGET)
		p->n_forget++;
	else if (verdict == LEFTOVER_UNLINK)
		p->n_unlink++;
	else
		p->n_tell++;
	if (verdict == LEFTOVER_TELL && !p->is_quiet)
		tell_one(p, dir, e, i);
	return 0;
}

static int forget_one(void *data, const char *dir, const struct leftover_entry *e, unsigned int i,
		      unsigned int n)
{
	struct repair *p = data;
	struct volume_entry entry = {.cluster = e[i].cluster, .slot = e[i].slot};
	char path[2 * NAME_SIZE];
	int r;

	(void)n;
	DESCRIBE(p, dir, e, i);
	join(path, dir, e[i].name);
	if (e[i].verdict != LEFTOVER_FORGET || (is_judged_by_content(&e[i]) && !is_copy(p, path)))
		return 0;
	memcpy(entry.name, e[i].name, sizeof(e[i].name));
	r = volume_forget_entry(p->v, dir, &entry);
	if (r < 0) {
		log_err("%s: the name cannot be taken away: %s, ignoring", what, strerror(-r));
		return 0;
	}
	log_notice("%s: the name is taken away", what);
	p->n_forgotten++;
	p->has_lost |= e[i].cluster != 0 &&
		       (e[i].cause != LEFTOVER_SHARED || leftover_is_temporary(&e[i]));
	return 0;
}

/* Of this partition: "checked-" it was, or "unchecked-" it is, which was told. */
static void make_note(const struct repair *p, const char *word, char note[NOTE_SIZE])
{
	struct text t;

	text_init(&t, note, NOTE_SIZE);
	text_str(&t, word);
	text_str(&t, p->m->store[p->place].partuuid);
}

/* Once in a boot: one that takes all its time, or changes nothing, must not delay each run. */
static bool can_check(const struct repair *p)
{
	char note[NOTE_SIZE];

	make_note(p, CHECKED, note);
	return p->m->fsck_s > 0 && fsck_is_there(p->m) && !machine_has_note(p->m, note);
}

/* Once in a boot. Whoever has one later in it checks. */
static void tell_unchecked(const struct repair *p)
{
	const char *node = p->m->store[p->place].node;
	char note[NOTE_SIZE];

	make_note(p, UNCHECKED, note);
	if (fsck_is_there(p->m) || machine_has_note(p->m, note) ||
	    mount_has_others(p->m->store[p->place].target) != 0)
		return;
	machine_set_note(p->m, note, node);
	log_notice("the file system of %s (\"%s\") was not unmounted in good order, and there is "
		   "no fsck.fat here: going on",
		   place_name(p->place), node);
}

/* While nobody can mount it. This program cuts one of two files short that share clusters, and does
 * not know which: our names were put right before, and where others are left it only looks. */
static void check_alone(struct repair *p)
{
	const char *node = p->m->store[p->place].node;
	char note[NOTE_SIZE];
	struct fsck found;
	int r;

	make_note(p, CHECKED, note);
	machine_set_note(p->m, note, node);
	r = fsck_run(p->m, node, false, p->m->fsck_s, &found);
	if (r == 0 && found.has_shared) {
		log_warning(
			"two files on %s (\"%s\") share clusters, and fsck.fat would cut one of "
			"them short: it is not used, see fsck.fat(8)",
			place_name(p->place), node);
		return;
	}
	if (r == 0 && !found.is_clean)
		r = fsck_run(p->m, node, true, p->m->fsck_s, &found);
	if (volume_flush(p->v) < 0 && r == 0)
		r = -EIO;
	p->has_rescued = r == 0 && found.has_errors;
	p->n_checked = r == 0;
	if (r < 0)
		log_warning("cannot check the file system of %s on \"%s\": %s, ignoring",
			    place_name(p->place), node, strerror(-r));
	else if (found.has_errors)
		log_notice("fsck.fat put the file system of %s on \"%s\" right",
			   place_name(p->place), node);
}

#define RESCUED_MAX 100

/* What the check saves are clusters that no name has: they would take the room of an update for
 * ever. Not where there were such files before: those are somebody's. */
static void drop_rescued(struct repair *p)
{
	int fd = p->m->store[p->place].fd;
	char name[NAME_SIZE];
	uint64_t size;

	if (machine_begin_write(p->m, p->place) < 0)
		return;
	for (unsigned long i = 0; i < RESCUED_MAX; i++) {
		struct text t;

		text_init(&t, name, sizeof(name));
		text_str(&t, "FSCK");
		text_uint(&t, i, 4);
		text_str(&t, ".REC");
		if (dir_file_size(fd, name, &size) < 0 || esp_unlink(fd, ".", name) < 0)
			break;
		log_notice("\"%s\" on %s, which fsck.fat made of clusters without a name, is "
			   "removed, %lu bytes",
			   name, place_name(p->place), (unsigned long)size);
	}
	machine_end_write(p->m, p->place);
}

static int find_rescued(void *data, const struct volume_entry *e)
{
	struct repair *p = data;

	p->had_rescued |= strncmp(e->name, "FSCK", 4) == 0 && strstr(e->name, ".REC");
	return 0;
}

/* That it cannot be checked now is no news: somebody uses it, and the dirty bit is his, or it is
 * write-protected. */
static int mend(struct repair *p)
{
	const struct store *s = &p->m->store[p->place];
	struct volume v;
	int r = machine_begin_alone(p->m, p->place, &v);

	if (r < 0 && p->n_forget == 0)
		return 0;
	if (r < 0) {
		log_warning("%u names that a power cut left on %s (\"%s\") cannot be taken away "
			    "now: %s, ignoring",
			    p->n_forget, place_name(p->place), s->node, strerror(-r));
		return 0;
	}
	p->v = &v;
	(void)scan_volume(&v, forget_one, p); /* an error was told by the first look */
	if (volume_each(&v, "", find_rescued, p) == 0 && (volume_is_dirty(&v) || p->has_lost) &&
	    can_check(p))
		check_alone(p);
	room_make(&v, place_name(p->place));
	p->v = NULL;
	machine_end_alone(p->m, p->place, &v);
	if (s->fd < 0)
		return -ENODEV;
	if (p->has_rescued && !p->had_rescued)
		drop_rescued(p);
	return 0;
}

static int look(struct repair *p)
{
	_cleanup_(volume_close) struct volume v = VOLUME_INIT;
	int r = volume_open(p->m->store[p->place].node, false, &v);

	if (r < 0)
		return r;
	p->is_dirty = volume_is_dirty(&v);
	p->lacks_room = room_is_lacking(&v);
	return scan_volume(&v, count_one, p);
}

/* A chain of its own, as its directory tells, may run into that of a file elsewhere; who unlinked
 * it would free that one's clusters. Opened anew for each, for the one before changed the volume.
 */
static bool is_own(const struct repair *p, const char *dir, const struct leftover_entry *e)
{
	struct volume_entry entry = {.cluster = e->cluster, .size = e->size, .is_dir = e->is_dir};
	_cleanup_(volume_close) struct volume v = VOLUME_INIT;
	const char *node = p->m->store[p->place].node;
	int r;

	if (!p->m->store[p->place].is_fat || !node[0])
		return true; /* no two files share anything */
	memcpy(entry.name, e->name, sizeof(e->name));
	r = volume_open(node, false, &v);
	if (r == 0)
		r = clusters_are_own(&v, dir, &entry);
	if (r <= 0)
		log_warning("\"%s/%s\" on %s is left of a power cut, and stays: %s", dir, e->name,
			    place_name(p->place),
			    r < 0 ? strerror(-r) : "it shares clusters with another file");
	return r > 0;
}

static int unlink_one(void *data, const char *dir, const struct leftover_entry *e, unsigned int i,
		      unsigned int n)
{
	struct repair *p = data;
	int r, fd = p->m->store[p->place].fd;
	char path[2 * NAME_SIZE];

	(void)n;
	DESCRIBE(p, dir, e, i);
	join(path, dir, e[i].name);
	if (e[i].verdict != LEFTOVER_UNLINK || !is_own(p, dir, &e[i]))
		return 0;
	r = e[i].is_dir ? esp_remove_dir(fd, path) : esp_unlink(fd, dir[0] ? dir : ".", e[i].name);
	if (r < 0) {
		log_warning("%s: it cannot be removed: %s, ignoring", what, strerror(-r));
		return 0;
	}
	log_notice("%s: removed, %lu bytes", what, (unsigned long)e[i].size);
	p->n_unlinked++;
	return 0;
}

/* The update, if one was cut, takes what is its own first. */
static void finish(struct repair *p)
{
	_cleanup_(volume_close) struct volume v = VOLUME_INIT;
	int r = p->m->recover(p->m, p->place);

	if (r < 0)
		log_warning("cannot finish the update that a power cut left on %s: %s",
			    place_name(p->place), strerror(-r));
	if (r < 0 || p->n_unlink == 0)
		return;
	r = volume_open(p->m->store[p->place].node, false, &v);
	if (r == 0)
		r = machine_begin_write(p->m, p->place);
	if (r < 0)
		return;
	(void)scan_volume(&v, unlink_one, p);
	machine_end_write(p->m, p->place);
}

static void add_count(struct text *t, unsigned int n, const char *what, const char *done)
{
	if (n == 0)
		return;
	text_str(t, t->len > 0 ? ", " : "");
	text_uint(t, n, 0);
	text_str(t, what);
	text_str(t, n > 1 ? "s" : "");
	text_str(t, done);
}

/* To remember it takes clusters, where nothing was remembered before: never while a name is left
 * that may have free ones. A mirror has no history. */
static void note(struct repair *p)
{
	char buf[HISTORY_TEXT] = "";
	struct text t;

	text_init(&t, buf, sizeof(buf));
	add_count(&t, p->n_forgotten, " name", " taken away");
	add_count(&t, p->n_unlinked, " temporary file", " removed");
	if (p->n_checked)
		text_str(&t, t.len > 0 ? ", checked by fsck.fat" : "checked by fsck.fat");
	if (t.len == 0 || p->n_forgotten < p->n_forget || p->m->is_mirror)
		return;
	text_str(&t, " on ");
	text_str(&t, place_name(p->place));
	history_note_repair(p->m, buf);
}

static int repair_partition(struct repair *p)
{
	const char *node = p->m->store[p->place].node;
	int r = look(p);

	if (r < 0)
		log_warning("cannot look for what a power cut left on %s (\"%s\"): %s, ignoring",
			    place_name(p->place), node, strerror(-r));
	if (p->is_dirty)
		tell_unchecked(p);
	r = p->n_forget > 0 || p->lacks_room || (p->is_dirty && can_check(p)) ? mend(p) : 0;
	if (r == 0 && p->m->recover)
		finish(p);
	if (r == 0)
		note(p);
	return r;
}

/* Below --root= nothing is shared, and to unlink is to forget. */
static int mend_file(void *data, const char *dir, const struct leftover_entry *e, unsigned int i,
		     unsigned int n)
{
	struct repair *p = data;
	char path[2 * NAME_SIZE];
	int r;

	DESCRIBE(p, dir, e, i);
	join(path, dir, e[i].name);
	if (e[i].cause == LEFTOVER_COUNTED && !note_copy(p, dir, e, i, n))
		return 0;
	if (e[i].verdict == LEFTOVER_UNLINK)
		return p->m->recover ? unlink_one(data, dir, e, i, n) : 0;
	if (e[i].verdict != LEFTOVER_FORGET)
		return 0;
	if (p->is_shared) {
		log_notice("%s: left alone while others have the file system mounted", what);
		return 0;
	}
	r = esp_unlink(p->m->store[p->place].fd, dir, e[i].name);
	if (r == 0) {
		log_notice("%s: the name is taken away", what);
		p->n_forgotten++;
	}
	return 0;
}

static void warn_scan(const struct repair *p, int r)
{
	if (r < 0)
		log_warning("cannot look for what a power cut left on %s: %s, ignoring",
			    place_name(p->place), strerror(-r));
}

static void repair_directory(struct repair *p)
{
	int r = p->m->recover ? p->m->recover(p->m, p->place) : 0;

	if (r == 0)
		r = scan_directory(p->m->store[p->place].fd, mend_file, p);
	warn_scan(p, r);
	note(p);
}

/* A file system with a journal, which keeps itself in order: only names are left of a cut. */
static void repair_journaled(struct repair *p)
{
	int r = p->m->recover ? p->m->recover(p->m, p->place) : 0;

	p->is_shared = mount_has_others(p->m->store[p->place].target) != 0;
	if (r == 0)
		r = scan_directory(p->m->store[p->place].fd, count_one, p);
	p->n_copies = 0; /* the second look finds them again */
	if (r == 0 && (p->n_forget > 0 || (p->m->recover && p->n_unlink > 0))) {
		r = machine_begin_write(p->m, p->place);
		if (r == 0) {
			r = scan_directory(p->m->store[p->place].fd, mend_file, p);
			machine_end_write(p->m, p->place);
		}
	}
	warn_scan(p, r);
	note(p);
}

int repair_store(struct machine *m, enum place place)
{
	struct store *s = &m->store[place];
	struct repair p = {.m = m, .place = place};

	if (s->fd < 0 || s->is_repaired)
		return 0;
	s->is_repaired = true;
	if (s->node[0] && s->is_fat)
		return repair_partition(&p);
	if (s->node[0])
		repair_journaled(&p);
	else
		repair_directory(&p);
	return 0;
}

void repair_stores(struct machine *m)
{
	for (enum place place = 0; place < PLACES; place++)
		(void)repair_store(m, place);
}

int repair_look(const struct machine *m, enum place place, struct repair_view *ret)
{
	struct machine copy = *m;
	struct repair p = {.m = &copy, .place = place, .is_quiet = true};
	int r;

	memset(ret, 0, sizeof(*ret));
	if (m->store[place].fd < 0)
		return -ENOENT;
	ret->is_known = m->store[place].node[0];
	if (ret->is_known && m->store[place].is_fat)
		r = look(&p);
	else
		r = scan_directory(m->store[place].fd, count_one, &p);
	ret->is_dirty = p.is_dirty;
	ret->n_leftovers = p.n_forget + p.n_unlink + p.n_tell;
	return r;
}
