// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wipe.h"

#include <string.h>
#include <strings.h>

#include "cmdline.h"
#include "gpt.h"
#include "loadvar.h"

/* What the value of a key is. */
enum kind {
	KIND_DEVICE,  /* PARTUUID=..., /dev/... */
	KIND_LUKS,    /* the start of the UUID of what is encrypted, perhaps with luks- */
	KIND_MAPPED,  /* the same, and =NAME behind it */
	KIND_CRYPT,   /* a device, and :NAME behind it */
	KIND_PARTED,  /* a PARTUUID */
	KIND_HASH,    /* of a verity tree: its halves are the PARTUUIDs of data and tree */
	KIND_BESIDES, /* devices in a notation of its own */
};

static const struct {
	const char *key;
	enum kind kind;
} keys[] = {
	{"root", KIND_DEVICE},
	{"mount.usr", KIND_DEVICE},
	{"systemd.verity_root_data", KIND_DEVICE},
	{"systemd.verity_root_hash", KIND_DEVICE},
	{"systemd.verity_usr_data", KIND_DEVICE},
	{"systemd.verity_usr_hash", KIND_DEVICE},
	{"rd.luks.uuid", KIND_LUKS},
	{"luks.uuid", KIND_LUKS},
	{"rd.luks.name", KIND_MAPPED},
	{"luks.name", KIND_MAPPED},
	{"rd.luks.partuuid", KIND_PARTED},
	{"cryptdevice", KIND_CRYPT},
	{"roothash", KIND_HASH},
	{"usrhash", KIND_HASH},
	{"dm_mod.create", KIND_BESIDES},
	{"md", KIND_BESIDES},
};

/* Values of root= that no partition stands behind. Not fstab, dissect and off: these lead to what
 * only the initrd knows. */
static const char *const elsewhere[] = {
	"nfs",	 "nfs4",    "cifs", "iscsi", "nbd", "virtiofs", "dhcp", "dhcp6",
	"auto6", "either6", "http", "https", "ftp", "tmpfs",	NULL,
};

/* Its type shows the partition, if there is one. */
static const char *const by_type[] = {"gpt-auto", "gpt-auto-force", NULL};

/* One command line. */
struct reading {
	struct wipe_table *t;
	struct slice cmdline;
	int by;
	const char *token, *id;
};

void wipe_init(struct wipe_table *t)
{
	memset(t, 0, sizeof(*t));
	t->hidden_by = t->unknown_by = WIPE_NOBODY;
}

struct wipe_partition *wipe_add(struct wipe_table *t)
{
	if (t->n == WIPE_PARTITIONS_MAX) {
		t->is_cut = true;
		return NULL;
	}
	memset(&t->part[t->n], 0, sizeof(t->part[0]));
	t->part[t->n].named_by = WIPE_NOBODY;
	return &t->part[t->n++];
}

static bool starts_with(struct slice s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && strncasecmp(s.s, prefix, len) == 0;
}

/* Takes the prefix off. */
static bool take(struct slice *s, const char *prefix)
{
	if (!starts_with(*s, prefix))
		return false;
	s->s += strlen(prefix);
	s->len -= strlen(prefix);
	return true;
}

static struct slice before(struct slice s, char c)
{
	const char *end = s.len > 0 ? memchr(s.s, c, s.len) : NULL;

	return end ? (struct slice){s.s, (size_t)(end - s.s)} : s;
}

static bool is_exactly(struct slice s, const char *text)
{
	return s.len == strlen(text) && (s.len == 0 || memcmp(s.s, text, s.len) == 0);
}

/* The same UUID, or the start of it, with or without dashes, in any case. */
static bool is_uuid_start(struct slice s, const char *uuid)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.s[i] == '-')
			continue;
		while (*uuid == '-')
			uuid++;
		if (!*uuid || char_lower(s.s[i]) != char_lower(*uuid))
			return false;
		uuid++;
		n++;
	}
	return n > 0;
}

typedef bool (*match_fn)(const struct wipe_partition *p, struct slice value);

static bool has_uuid(const struct wipe_partition *p, struct slice value)
{
	return slice_is(value, p->fs_uuid);
}

static bool has_uuid_start(const struct wipe_partition *p, struct slice value)
{
	return p->fs_uuid[0] && is_uuid_start(value, p->fs_uuid);
}

static bool has_fs_label(const struct wipe_partition *p, struct slice value)
{
	return is_exactly(value, p->fs_label);
}

static bool has_partuuid(const struct wipe_partition *p, struct slice value)
{
	return p->partuuid[0] && is_uuid_start(value, p->partuuid);
}

static bool has_partlabel(const struct wipe_partition *p, struct slice value)
{
	return is_exactly(value, p->label);
}

/* Disks may get other names at the next boot, so the same number on any disk is meant too. */
static bool has_node(const struct wipe_partition *p, struct slice value)
{
	unsigned long number;
	struct slice digits = value;

	if (is_exactly(value, p->node))
		return true;
	while (digits.len > 0 && char_is_digit(digits.s[digits.len - 1]))
		digits.len--;
	digits = (struct slice){value.s + digits.len, value.len - digits.len};
	return slice_uint(digits, UINT32_MAX, &number) == 0 && number == p->number;
}

/* True if there is any. */
static bool protect(const struct reading *r, match_fn match, struct slice value)
{
	bool any = false;

	for (unsigned int i = 0; value.len > 0 && i < r->t->n; i++) {
		struct wipe_partition *p = &r->t->part[i];

		if (!match(p, value))
			continue;
		any = true;
		if (p->named_by == WIPE_NOBODY)
			p->named_by = r->by;
	}
	return any;
}

static void note_unknown(const struct reading *r, struct slice word)
{
	struct text t;

	if (r->t->has_unknown)
		return;
	r->t->has_unknown = true;
	r->t->unknown_by = r->by;
	text_init(&t, r->t->unknown, sizeof(r->t->unknown));
	text_printable_slice(&t, word);
}

static void note_hidden(const struct reading *r)
{
	if (!r->t->has_hidden)
		r->t->hidden_by = r->by;
	r->t->has_hidden = true;
}

/* Takes the next `KEY=VALUE` off *rest, without its quotes. */
static bool next_value(struct slice *rest, struct slice *ret_key, struct slice *ret_value)
{
	struct slice word;

	while (cmdline_next_word(rest, &word)) {
		word = cmdline_unquote(word);
		*ret_key = before(word, '=');
		if (ret_key->len == word.len)
			continue;
		*ret_value = cmdline_unquote(
			(struct slice){word.s + ret_key->len + 1, word.len - ret_key->len - 1});
		*ret_value = before(*ret_value, '\0'); /* in quotes: the kernel reads no further */
		return true;
	}
	return false;
}

/* The kernel takes `-` and `_` in a key for the same. */
static bool is_key(struct slice s, const char *key)
{
	if (s.len != strlen(key))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if ((s.s[i] == '-' ? '_' : s.s[i]) != (key[i] == '-' ? '_' : key[i]))
			return false;
	return true;
}

static int find_key(struct slice s)
{
	for (int i = 0; i < (int)(sizeof(keys) / sizeof(keys[0])); i++)
		if (is_key(s, keys[i].key))
			return i;
	return -1;
}

/* The name below /dev/mapper that a word gives to what it opens; empty if it gives none. */
static struct slice name_of(enum kind kind, struct slice value)
{
	struct slice first = before(value, kind == KIND_MAPPED ? '=' : ':');

	if ((kind != KIND_MAPPED && kind != KIND_CRYPT) || first.len == value.len)
		return (struct slice){0};
	return before((struct slice){first.s + first.len + 1, value.len - first.len - 1}, ':');
}

/* /dev/mapper/NAME: does another word say what it is made of? That word protects it. */
static bool is_mapped(const struct reading *r, const char *name)
{
	bool is_verity = strcmp(name, "root") == 0 || strcmp(name, "usr") == 0;
	struct slice rest = r->cmdline, key, value;

	while (next_value(&rest, &key, &value)) {
		int i = find_key(key);

		if (i < 0)
			continue;
		if (keys[i].kind == KIND_HASH && is_verity)
			return true;
		if (is_exactly(name_of(keys[i].kind, value), name))
			return true;
	}
	return false;
}

static void read_mapper(const struct reading *r, struct slice name)
{
	struct slice uuid = name;
	char text[WIPE_TEXT_SIZE];

	if (take(&uuid, "luks-") && protect(r, has_uuid_start, uuid))
		return;
	if (slice_copy(name, text, sizeof(text)) < 0 || !is_mapped(r, text))
		note_hidden(r);
}

/* What udev(7) escapes is not looked for. */
static void read_link(const struct reading *r, match_fn match, struct slice value, bool is_inside,
		      struct slice word)
{
	if (value.len == 0 || memchr(value.s, '\\', value.len) || memchr(value.s, '/', value.len))
		note_unknown(r, word);
	else if (!protect(r, match, value) && is_inside)
		note_hidden(r);
}

/* Below /dev. */
static void read_path(const struct reading *r, struct slice word)
{
	struct slice path = word;

	(void)take(&path, "/dev/");
	if (take(&path, "disk/by-uuid/"))
		read_link(r, has_uuid, path, true, word);
	else if (take(&path, "disk/by-label/"))
		read_link(r, has_fs_label, path, true, word);
	else if (take(&path, "disk/by-partuuid/"))
		read_link(r, has_partuuid, path, false, word);
	else if (take(&path, "disk/by-partlabel/"))
		read_link(r, has_partlabel, path, false, word);
	else if (take(&path, "mapper/"))
		read_mapper(r, path);
	else if (starts_with(path, "gpt-auto-"))
		return; /* its type shows it */
	else if (starts_with(path, "disk/") || slice_is(path, "root") || path.len == 0)
		note_unknown(r, word);
	else if (memchr(path.s, '/', path.len) || starts_with(path, "dm-") ||
		 starts_with(path, "md"))
		note_hidden(r); /* a volume */
	else
		(void)protect(r, has_node, word);
}

static bool is_any_of(struct slice s, const char *const *list)
{
	for (; *list; list++)
		if (slice_is(s, *list))
			return true;
	return false;
}

static bool is_by_type(struct slice value)
{
	return is_any_of(value, by_type) || starts_with(value, "/dev/gpt-auto-");
}

static void read_device(const struct reading *r, struct slice value)
{
	struct slice word = value;

	if (!take(&value, "block:"))
		(void)take(&value, "live:");
	if (value.len == 0)
		return;
	if (take(&value, "UUID="))
		read_link(r, has_uuid, cmdline_unquote(value), true, word);
	else if (take(&value, "LABEL="))
		read_link(r, has_fs_label, cmdline_unquote(value), true, word);
	else if (take(&value, "PARTUUID="))
		read_link(r, has_partuuid, cmdline_unquote(value), false, word);
	else if (take(&value, "PARTLABEL="))
		read_link(r, has_partlabel, cmdline_unquote(value), false, word);
	else if (starts_with(value, "/dev/"))
		read_path(r, value);
	else if (!is_by_type(value) && !is_any_of(before(value, ':'), elsewhere))
		note_unknown(r, word);
}

static void read_hash(const struct reading *r, struct slice value)
{
	if (value.len < 64) {
		note_unknown(r, value);
		return;
	}
	(void)protect(r, has_partuuid, (struct slice){value.s, 32});
	(void)protect(r, has_partuuid, (struct slice){value.s + value.len - 32, 32});
}

static void read_luks(const struct reading *r, struct slice value)
{
	(void)take(&value, "UUID=");
	(void)take(&value, "luks-");
	if (!protect(r, has_uuid_start, value))
		note_hidden(r);
}

static void read_value(const struct reading *r, enum kind kind, struct slice value)
{
	switch (kind) {
	case KIND_DEVICE:
		read_device(r, value);
		break;
	case KIND_LUKS:
		read_luks(r, value);
		break;
	case KIND_MAPPED:
		read_luks(r, before(value, '='));
		break;
	case KIND_CRYPT:
		read_device(r, before(value, ':'));
		break;
	case KIND_PARTED:
		(void)protect(r, has_partuuid, value);
		break;
	case KIND_HASH:
		read_hash(r, value);
		break;
	default:
		note_unknown(r, value);
		break;
	}
}

/* SlotToken= as a kexec replaces it. */
static void read_replaced(const struct reading *r, enum kind kind, struct slice value)
{
	size_t len = r->token ? strlen(r->token) : 0;
	const char *dot;
	char buf[512];
	struct text t;
	size_t at = 0;

	while (len > 0 && at + len <= value.len && memcmp(value.s + at, r->token, len) != 0)
		at++;
	if (len == 0 || at + len > value.len)
		return;
	dot = strrchr(r->id, '.');
	text_init(&t, buf, sizeof(buf));
	text_slice(&t, (struct slice){value.s, at});
	text_slice(&t, (struct slice){r->id, dot ? (size_t)(dot - r->id) : strlen(r->id)});
	text_slice(&t, (struct slice){value.s + at + len, value.len - at - len});
	if (t.full)
		note_unknown(r, value);
	else
		read_value(r, kind, (struct slice){t.buf, t.len});
}

/* The last root= counts; one that was not understood is noted by then. */
static void note_root(struct wipe_table *t, enum kind kind, struct slice key, struct slice value)
{
	if (is_key(key, "roothash"))
		t->has_hash = true;
	else if (kind == KIND_DEVICE && is_key(key, "root"))
		t->has_root = value.len > 0 && !is_by_type(value);
}

void wipe_protect(struct wipe_table *t, struct slice cmdline, int by, const char *token,
		  const char *id)
{
	const struct reading r = {t, cmdline, by, token, id};
	struct slice rest = cmdline, key, value;

	while (next_value(&rest, &key, &value)) {
		int i = find_key(key);

		if (i < 0)
			continue;
		read_value(&r, keys[i].kind, value);
		read_replaced(&r, keys[i].kind, value);
		note_root(t, keys[i].kind, key, value);
	}
}

static bool has_types(const struct wipe_table *t)
{
	for (unsigned int i = 0; i < t->n; i++)
		if (gpt_is_system(t->part[i].type))
			return true;
	return false;
}

void wipe_end_cmdline(struct wipe_table *t, int by)
{
	const struct reading r = {.t = t, .by = by};

	if (!t->has_root && !t->has_hash && !has_types(t))
		note_unknown(&r, (struct slice){"no root=", strlen("no root=")});
	t->has_root = t->has_hash = false;
}

/* What speaks against this partition itself; NULL = nothing. */
static const char *find_fault(const struct wipe_partition *p)
{
	if (p->flags & GPT_REQUIRED)
		return "is marked as required by the platform";
	if (p->flags & GPT_LEGACY_BOOT)
		return "is marked as bootable";
	if (p->read_only || (p->flags & GPT_READ_ONLY))
		return "is read-only";
	if (!p->node[0])
		return "is not shown by the kernel";
	return p->named_by != WIPE_NOBODY ? "holds a system" : NULL;
}

/* What speaks against it because of what is not known. */
static const char *find_doubt(const struct wipe_table *t, const struct wipe_partition *p,
			      int *ret_by)
{
	*ret_by = t->unknown_by;
	if (t->has_unknown)
		return "may hold a system";
	*ret_by = t->hidden_by;
	if (t->has_hidden && (p->is_container || p->is_unclear))
		return "may hold a system inside";
	*ret_by = WIPE_NOBODY;
	return NULL;
}

static int refuse(const char *what, struct text *why)
{
	text_str(why, what);
	return -1;
}

int wipe_find(const struct wipe_table *t, struct slice label, struct text *why, int *ret_by)
{
	const struct wipe_partition *p;
	unsigned int n_found = 0;
	const char *what;
	int found = -1;

	*ret_by = WIPE_NOBODY;
	for (unsigned int i = 0; i < t->n; i++) {
		if (!is_exactly(label, t->part[i].label))
			continue;
		found = (int)i;
		n_found++;
	}
	if (t->is_cut)
		return refuse("is on a disk with too many partitions", why);
	if (n_found == 0)
		return refuse("is not there", why);
	if (n_found > 1)
		return refuse("is there more than once", why);
	p = &t->part[found];
	what = gpt_type_name(p->type);
	if (what) {
		text_str(why, "is ");
		return refuse(what, why);
	}
	what = find_fault(p);
	if (what)
		*ret_by = p->named_by;
	else
		what = find_doubt(t, p, ret_by);
	return what ? refuse(what, why) : found;
}
