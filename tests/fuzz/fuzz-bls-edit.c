// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bls-edit.h"
#include "fuzz.h"

static bool is_same(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.s, b.s, a.len) == 0);
}

/* What the new entry says. */
static void check_new(const struct bls_change *c, const struct bls_entry *old,
		      const struct bls_entry *e)
{
	must(slice_is(e->linux_path, c->image) || slice_is(e->efi, c->image) ||
	     slice_is(e->uki, c->image));
	must(e->n_initrd == c->n_initrd);
	for (unsigned int i = 0; i < e->n_initrd; i++)
		must(slice_is(e->initrd[i], c->initrd[i]));
	if (c->options)
		must(e->n_options == (c->options[0] != '\0') &&
		     (e->n_options == 0 || slice_is(e->options[0], c->options)));
	else
		must(e->n_options == old->n_options);
	must(is_same(e->title, old->title) && is_same(e->version, old->version) &&
	     is_same(e->sort_key, old->sort_key) && is_same(e->machine_id, old->machine_id));
	if (c->is_other)
		must(e->devicetree.len == 0 && e->extra.len == 0 && e->profile.len == 0);
}

/* The first byte chooses what is changed; the rest is the entry. The new one says so, and once more
 * it stays as it is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const initrds[] = {"/bootassess/passive/initrd.1", "/ucode.img"};
	struct bls_change c = {.image_key = "linux", .image = "/bootassess/passive/linux.1"};
	char *buf = malloc(2 * size + 512), *again = malloc(2 * size + 512);
	struct input in = {data, size};
	unsigned int how = take_byte(&in);
	struct bls_entry old, e;
	struct text t, u;

	c.initrd = initrds;
	c.n_initrd = how % 3;
	c.options = how & 4 ? "root=/dev/vda2 quiet" : how & 8 ? "" : NULL;
	c.is_other = how & 16;
	if (!buf || !again)
		abort();
	if (bls_parse_entry((const char *)in.data, in.left, &old) == 0) {
		text_init(&t, buf, 2 * size + 512);
		bls_rewrite_entry((const char *)in.data, in.left, &c, &t);
		must(!t.full && bls_parse_entry(buf, t.len, &e) == 0);
		check_new(&c, &old, &e);
		text_init(&u, again, 2 * size + 512);
		bls_rewrite_entry(buf, t.len, &c, &u);
		/* Each time a line loses one carriage return. */
		if (!memchr(buf, '\r', t.len))
			must(u.len == t.len && memcmp(buf, again, t.len) == 0);
	}
	free(buf);
	free(again);
	return 0;
}
