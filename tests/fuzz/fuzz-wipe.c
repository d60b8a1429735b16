// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz.h"
#include "gpt.h"
#include "wipe.h"

/* A disk as most devices have it, and one byte of oddities for each partition. */
static const struct wipe_partition disk[] = {
	{1, "/dev/vda1", "esp", "11111111-0000-4000-8000-000000000001",
	 "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", 0, false, "AAAA-0001", "ESP", false, false, 0},
	{2, "/dev/vda2", "root-a", "22222222-0000-4000-8000-000000000002",
	 "0fc63daf-8483-4772-8e79-3d69d8477de4", 0, false, "a0000000-0000-4000-8000-00000000000a",
	 "system", false, false, 0},
	{3, "/dev/vda3", "crypt", "33333333-0000-4000-8000-000000000003",
	 "0fc63daf-8483-4772-8e79-3d69d8477de4", 0, false, "b0000000-0000-4000-8000-00000000000b",
	 "", true, false, 0},
	{4, "/dev/vda4", "data", "44444444-0000-4000-8000-000000000004",
	 "0fc63daf-8483-4772-8e79-3d69d8477de4", 0, false, "c0000000-0000-4000-8000-00000000000c",
	 "data", false, false, 0},
	{5, "/dev/vda5", "data", "55555555-0000-4000-8000-000000000005", "", 0, false, "", "",
	 false, true, 0},
};
#define N_DISK (sizeof(disk) / sizeof(disk[0]))

static void fill(struct wipe_table *t, const uint8_t odd[N_DISK])
{
	wipe_init(t);
	for (size_t i = 0; i < N_DISK; i++) {
		struct wipe_partition *p = wipe_add(t);

		*p = disk[i];
		p->named_by = WIPE_NOBODY;
		if (odd[i] & 1)
			p->partuuid[0] = '\0';
		if (odd[i] & 2)
			p->fs_uuid[0] = '\0';
		if (odd[i] & 4)
			p->flags = (uint64_t)odd[i] << 57 | (odd[i] & 8) >> 3;
		p->read_only = odd[i] & 16;
		if (odd[i] & 32)
			p->node[0] = '\0';
		if (odd[i] & 64)
			p->label[strlen(p->label) - 1] = 'x';
	}
}

static struct slice slice_of(const char *s)
{
	return (struct slice){s, strlen(s)};
}

static int find(const struct wipe_table *t, const char *label)
{
	char buf[128];
	struct text why;
	int by, found;

	text_init(&why, buf, sizeof(buf));
	found = wipe_find(t, slice_of(label), &why, &by);
	must(found < 0 ? why.len > 0 : why.len == 0 && by == WIPE_NOBODY);
	return found;
}

/* What is found is a partition of this name alone that nothing speaks against. */
static void check_find(const struct wipe_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		int found = find(t, t->part[i].label);
		const struct wipe_partition *p = &t->part[found < 0 ? 0 : found];

		if (found < 0)
			continue;
		must(found == (int)i && p->node[0] && !p->read_only && p->flags == (p->flags & ~1));
		must(p->named_by == WIPE_NOBODY && !t->has_unknown && !t->is_cut);
		must(!gpt_type_name(p->type));
		must(!t->has_hidden || !(p->is_container || p->is_unclear));
		for (size_t k = 0; k < t->n; k++)
			must(k == i || strcmp(t->part[k].label, p->label) != 0);
	}
}

/* A word that says plainly which partition holds the system is heard, whatever stands beside it. */
static void check_heard(struct slice rest, const uint8_t odd[N_DISK], size_t nth)
{
	static const char *const words[] = {"root=PARTUUID=", "root=/dev/disk/by-partuuid/"};
	struct wipe_table t;
	char buf[4096];
	struct text line;

	if (memchr(rest.s, '"', rest.len) || odd[nth] & 1)
		return;
	text_init(&line, buf, sizeof(buf));
	text_str(&line, words[nth & 1]);
	text_str(&line, disk[nth].partuuid);
	text_char(&line, ' ');
	text_slice(&line, rest);
	if (line.full)
		return;
	fill(&t, odd);
	wipe_protect(&t, (struct slice){buf, line.len}, 0, NULL, NULL);
	must(t.part[nth].named_by == 0);
}

/* A byte for each partition, then a line: the token; the rest is the command line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wipe_table t, again;
	struct input in = {data, size};
	uint8_t odd[N_DISK];
	char token[32], *copy;
	struct slice cmdline;

	for (size_t i = 0; i < N_DISK; i++)
		odd[i] = take_byte(&in);
	take_string(&in, token, sizeof(token));
	cmdline = (struct slice){(const char *)in.data, in.left};
	copy = copy_of(cmdline);
	cmdline.s = copy;
	fill(&t, odd);
	wipe_protect(&t, cmdline, WIPE_RUNNING, token[0] ? token : NULL, "passive.conf");
	wipe_end_cmdline(&t, WIPE_RUNNING);
	again = t;
	wipe_protect(&again, cmdline, 3, token[0] ? token : NULL, "passive.conf");
	wipe_end_cmdline(&again, 3);
	must(memcmp(&t, &again, sizeof(t)) == 0);
	must(memchr(t.unknown, 0, sizeof(t.unknown)) != NULL);
	check_find(&t);
	for (size_t i = 0; i < N_DISK; i++)
		check_heard(cmdline, odd, i);
	free(copy);
	return 0;
}
