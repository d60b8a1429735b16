// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "states.h"

#define SEEN_BITS 17

/* A block of a request. */
struct piece {
	size_t at;	     /* which of the blocks that the log touches */
	const uint8_t *data; /* NULL: as it is already, nothing to try */
	unsigned int request;
	bool is_fua;
};

struct search {
	struct device *d;
	uint32_t units; /* of a block */
	struct piece *piece;
	size_t n_pieces;
	uint64_t *sector; /* of the blocks that the log touches */
	const uint8_t **base, **durable, **now;
	size_t n_at;
	uint64_t *seen;
	uint64_t random;
	bool is_after;
	state_fn fn;
	void *data;
	struct states *st;
	unsigned int epoch;
};

static void *get_memory(size_t n, size_t size)
{
	void *p = calloc(n + 1, size);

	if (!p)
		abort();
	return p;
}

static uint64_t get_random(struct search *s)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return s->random;
}

static uint64_t hash_bytes(uint64_t h, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i + 8 <= len; i += 8) {
		uint64_t word;

		memcpy(&word, data + i, 8);
		h = (h ^ word) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 29;
	}
	return h;
}

static bool is_same(const struct search *s, const uint8_t *a, const uint8_t *b)
{
	return a == b || memcmp(a, b, (size_t)s->units * UNIT) == 0;
}

/* True if this state was not there before. */
static bool is_new(struct search *s)
{
	uint64_t h = s->is_after ? 1 : 2;
	size_t slot;

	for (size_t i = 0; i < s->n_at; i++)
		if (!is_same(s, s->now[i], s->base[i]))
			h = hash_bytes(h * 31 + s->sector[i], s->now[i], (size_t)s->units * UNIT);
	h += h == 0;
	for (slot = h >> (64 - SEEN_BITS); s->seen[slot]; slot = (slot + 1) % (1u << SEEN_BITS))
		if (s->seen[slot] == h)
			return false;
	s->seen[slot] = h;
	return s->st->n_distinct < (1u << SEEN_BITS) / 2;
}

/* s->now is a state. */
static void try_now(struct search *s, const char *text)
{
	s->st->n_tried++;
	if (!is_new(s))
		return;
	s->st->n_distinct++;
	device_restore(s->d);
	for (size_t i = 0; i < s->n_at; i++)
		for (uint32_t u = 0; u < s->units && !is_same(s, s->now[i], s->base[i]); u++)
			device_poke(s->d, s->sector[i] + u, s->now[i] + (size_t)u * UNIT);
	s->fn(s->data, s->is_after, text);
}

/* A request with FUA is durable before the next one is sent by who waited for it. */
static bool is_possible(const struct search *s, const struct piece *p, size_t n, const bool *chosen)
{
	bool is_missing = false;

	(void)s;
	for (size_t i = 0; i < n; i++) {
		if (is_missing && chosen[i] && (i == 0 || p[i].request != p[i - 1].request))
			return false;
		if (p[i].is_fua && !chosen[i])
			is_missing = true;
	}
	return true;
}

static void try_chosen(struct search *s, const struct piece *p, size_t n, const bool *chosen,
		       const char *how)
{
	char text[200];
	size_t len;

	if (!is_possible(s, p, n, chosen))
		return;
	memcpy(s->now, s->durable, s->n_at * sizeof(*s->now));
	len = (size_t)snprintf(text, sizeof(text), "epoch %u, %s of %zu blocks: ", s->epoch, how,
			       n);
	for (size_t i = 0; i < n; i++) {
		if (chosen[i])
			s->now[p[i].at] = p[i].data;
		if (len < sizeof(text) - 20 && n <= 64)
			len += (size_t)snprintf(
				text + len, sizeof(text) - len, "%s%d",
				i > 0 && p[i].request != p[i - 1].request ? "|" : "", chosen[i]);
	}
	try_now(s, text);
}

static void try_all(struct search *s, const struct piece *p, size_t n)
{
	bool chosen[32];

	for (uint32_t set = 0; set < 1u << n; set++) {
		for (size_t i = 0; i < n; i++)
			chosen[i] = set & 1u << i;
		try_chosen(s, p, n, chosen, "subset");
	}
}

/* In the order of the writes, requests torn too; then all requests but some; then any blocks. */
static void try_some(struct search *s, const struct piece *p, size_t n, unsigned int max)
{
	bool *chosen = get_memory(n, sizeof(*chosen));
	size_t step = n > max / 2 ? n / (max / 2) + 1 : 1;

	s->st->is_sampled = true;
	for (size_t k = 0; k <= n; k++) {
		memset(chosen, true, k);
		memset(chosen + k, false, n - k);
		if (k % step == 0 || k + 8 > n ||
		    (k > 0 && k < n && p[k].request != p[k - 1].request))
			try_chosen(s, p, n, chosen, "prefix");
	}
	for (unsigned int j = 0; j < max; j++) {
		unsigned int kind = j % 4;
		uint64_t word = get_random(s), rare = get_random(s) % 7 + 1;
		unsigned int request = 0;

		for (size_t i = 0; i < n; i++) {
			if (kind != 0 || i == 0 || p[i].request != request)
				word = get_random(s) >> 11;
			request = p[i].request;
			if (kind == 3) /* all but few */
				chosen[i] = word % (n / rare + 1) != 0;
			else
				chosen[i] = kind == 2 ? word % n < rare : word % 2;
		}
		try_chosen(s, p, n, chosen, "sample");
	}
	free(chosen);
}

/* Writes that change nothing cannot be told from none: unless something else is written there. */
static size_t drop_idle(struct search *s, const struct piece *p, size_t n, struct piece *ret)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		bool is_idle = is_same(s, p[i].data, s->durable[p[i].at]);

		for (size_t j = 0; j < n && is_idle; j++)
			is_idle = p[j].at != p[i].at || is_same(s, p[j].data, p[i].data);
		if (!is_idle)
			ret[k++] = p[i];
	}
	return k;
}

static void try_epoch(struct search *s, size_t first, size_t n, unsigned int max_bits,
		      unsigned int max_samples)
{
	struct piece *p = get_memory(n, sizeof(*p));
	size_t k = drop_idle(s, s->piece + first, n, p);

	s->epoch++;
	if (k <= max_bits)
		try_all(s, p, k);
	else
		try_some(s, p, k, max_samples);
	for (size_t i = first; i < first + n; i++)
		s->durable[s->piece[i].at] = s->piece[i].data;
	free(p);
}

static size_t find_at(struct search *s, uint64_t sector)
{
	size_t i = 0;

	while (i < s->n_at && s->sector[i] != sector)
		i++;
	if (i == s->n_at) {
		uint8_t *copy = get_memory((size_t)s->units * UNIT, 1);

		for (uint32_t u = 0; u < s->units; u++)
			memcpy(copy + (size_t)u * UNIT, device_base(s->d, sector + u), UNIT);
		s->sector[s->n_at] = sector;
		s->base[s->n_at] = s->durable[s->n_at] = copy;
		s->n_at++;
	}
	return i;
}

static void add_request(struct search *s, const struct request *r, unsigned int number)
{
	for (uint32_t u = 0; u < r->n; u += s->units)
		s->piece[s->n_pieces++] = (struct piece){.at = find_at(s, r->sector + u),
							 .data = r->data + (size_t)u * UNIT,
							 .request = number,
							 .is_fua = r->is_fua};
}

static void prepare(struct search *s, const struct request *log, size_t n)
{
	size_t room = 0;

	for (size_t i = 0; i < n; i++) {
		room += log[i].type == REQUEST_WRITE ? log[i].n / s->units : 0;
		s->st->n_requests += log[i].type == REQUEST_WRITE;
		s->st->n_flushes += log[i].type == REQUEST_FLUSH;
	}
	s->st->n_blocks = (unsigned int)room;
	s->piece = get_memory(room, sizeof(*s->piece));
	s->sector = get_memory(room, sizeof(*s->sector));
	s->base = get_memory(room, sizeof(*s->base));
	s->durable = get_memory(room, sizeof(*s->durable));
	s->now = get_memory(room, sizeof(*s->now));
	s->seen = get_memory(1u << SEEN_BITS, sizeof(*s->seen));
}

static void finish(struct search *s)
{
	for (size_t i = 0; i < s->n_at; i++)
		free((void *)s->base[i]);
	free(s->piece);
	free(s->sector);
	free(s->base);
	free(s->durable);
	free(s->now);
	free(s->seen);
}

void states_each(struct device *d, const struct request *log, size_t n, size_t n_before,
		 unsigned int max_bits, unsigned int max_samples, state_fn fn, void *data,
		 struct states *ret)
{
	struct search s = {.d = d,
			   .units = d->block_size / UNIT,
			   .random = 0x2545f4914f6cdd1dull,
			   .fn = fn,
			   .data = data,
			   .st = ret};
	size_t first = 0;

	*ret = (struct states){0};
	prepare(&s, log, n);
	for (size_t i = 0; i < n; i++) {
		if (log[i].type == REQUEST_WRITE) {
			add_request(&s, &log[i], (unsigned int)i);
			continue;
		}
		/* An epoch that is still open when the operation returns may be lost then. */
		s.is_after = i >= n_before;
		try_epoch(&s, first, s.n_pieces - first, max_bits, max_samples);
		first = s.n_pieces;
	}
	s.is_after = true;
	try_epoch(&s, first, s.n_pieces - first, max_bits, max_samples);
	finish(&s);
	device_restore(d);
}
