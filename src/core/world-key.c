// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "world.h"

/* The widest number that a counter can hold has ten digits. */
#define WIDTH_MAX 10
/* What is no rung. */
#define ID_NONE	   0xff
#define ID_FOREIGN 0xfe
#define ID_ALL	   0xfd

struct key {
	uint8_t *buf;
	unsigned int len;
};

static void add_byte(struct key *k, unsigned int value)
{
	if (k->len < WORLD_KEY_SIZE)
		k->buf[k->len++] = (uint8_t)value;
}

static void add_set(struct key *k, unsigned int set)
{
	add_byte(k, set & 0xff);
	add_byte(k, set >> 8 & 0xff);
}

/* Seven bits a byte, the lowest first: one byte for what is common. */
static void add_number(struct key *k, int value)
{
	unsigned int rest = value < 0 ? 0 : (unsigned int)value;

	for (; rest > 0x7f; rest >>= 7)
		add_byte(k, (rest & 0x7f) | 0x80);
	add_byte(k, rest);
}

static unsigned int width_of(unsigned int width)
{
	return width < WIDTH_MAX ? width : WIDTH_MAX;
}

/* The widths too: DONE stops at the largest number of its own. */
static void add_counter(struct key *k, const struct counter *c)
{
	if (!c->present) {
		add_byte(k, 0);
		return;
	}
	add_byte(k, width_of(c->left_width) | width_of(c->done_width) << 4);
	add_number(k, c->left);
	add_number(k, c->done);
}

static void add_counters(struct key *k, const struct world_device *d, const struct world *w)
{
	unsigned int set = 0;

	for (unsigned int i = 0; i < d->ladder.n; i++)
		if (!counter_is_same(&w->counter[i], &w->name[i]))
			set |= 1u << i;
	add_set(k, set);
	for (unsigned int i = 0; i < d->ladder.n; i++) {
		add_counter(k, &w->counter[i]);
		if (set & 1u << i)
			add_counter(k, &w->name[i]);
	}
}

static void add_id(struct key *k, const struct ladder *l, const char *id)
{
	int rung = ladder_find(l, id);

	if (!id[0])
		add_byte(k, ID_NONE);
	else if (strcmp(id, "*") == 0)
		add_byte(k, ID_ALL);
	else
		add_byte(k, rung >= 0 ? (unsigned int)rung : ID_FOREIGN);
}

/* A setting is what it was at the start, or names a rung, or all of them. */
static void add_settings(struct key *k, const struct world_device *d, const struct world *w)
{
	unsigned int changed = 0;

	for (unsigned int i = 0; i < SETTINGS; i++)
		if (strcmp(w->settings.value[i], d->settings.value[i]) != 0)
			changed |= 1u << i;
	if (strcmp(w->settings.saved, d->settings.saved) != 0)
		changed |= 1u << SETTINGS;
	add_byte(k, changed);
	for (unsigned int i = 0; i < SETTINGS; i++)
		if (changed & 1u << i)
			add_id(k, &d->ladder, w->settings.value[i]);
	if (changed & 1u << SETTINGS)
		add_id(k, &d->ladder, w->settings.saved);
}

static unsigned int tried_of(const struct ladder *l, const struct record *r)
{
	unsigned int set = 0;

	for (unsigned int i = 0; r->n_tried > 0 && i < l->n; i++)
		if (record_has_tried(r, l->rung[i].id))
			set |= 1u << i;
	return set;
}

/* Only an open record says what comes next; of any other nobody asks where it led. */
static void add_record(struct key *k, const struct world_device *d, const struct record *r)
{
	uint32_t kernel = d->kernel > 0 ? d->kernel : 1;

	add_byte(k, (unsigned int)r->state | (r->rounds > 0 ? 8 : 0) | (r->kexec_lost ? 16 : 0) |
			    (r->kexec_kernel == kernel ? 32 : 0) |
			    (unsigned int)r->kexec_losses << 6);
	add_byte(k, r->refunds);
	add_byte(k, (unsigned int)r->relapses | (unsigned int)r->resets << 4);
	if (r->state != RECORD_OPEN)
		return;
	add_byte(k, (unsigned int)r->method | (unsigned int)r->methods_used << 4);
	add_id(k, &d->ladder, r->target);
	add_counter(k, &r->target_counter);
	add_byte(k, r->n_tried);
	add_set(k, tried_of(&d->ladder, r));
}

unsigned int world_key(const struct world_device *d, const struct world *w,
		       uint8_t key[WORLD_KEY_SIZE])
{
	struct key k = {.buf = key};

	add_counters(&k, d, w);
	add_settings(&k, d, w);
	add_record(&k, d, &w->record);
	add_byte(&k, (unsigned int)(w->oneshot + 1));
	add_byte(&k, (unsigned int)(w->jump + 1));
	add_byte(&k,
		 w->kexec_losses | (w->shared_recovery ? 8u : 0) | (w->record_damaged ? 16u : 0));
	add_set(&k, w->failed_checks);
	add_set(&k, w->parked);
	return k.len;
}
