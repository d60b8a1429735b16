// SPDX-License-Identifier: LGPL-2.1-or-later
#include "choose.h"
#include "fuzz.h"

static void fill(struct ladder *l, struct input *in)
{
	struct config c;

	config_defaults(&c);
	memcpy(c.system, "a* p* *", sizeof("a* p* *"));
	for (unsigned int i = take_below(in, 8); i > 0; i--) {
		struct rung r = {.type = 1 + take_below(in, 2)};

		r.broken = take_below(in, 4) == 0;
		take_string(in, r.name, sizeof(r.name));
		(void)counter_parse(r.name, &r.counter);
		if (counter_strip(r.name, r.id) == 0 &&
		    ladder_match(&c, r.id, &r.role, &r.pattern) == 0)
			ladder_offer(l, &r, "");
	}
	ladder_finish(l, &c);
}

static void check_choice(const struct ladder *l, const struct settings *s, struct choice choice)
{
	const struct rung *r = &l->rung[choice.rung < 0 ? 0 : choice.rung];

	must(choice.rung >= -1 && choice.rung < (int)l->n && choice.by <= SETTING_ORDER);
	must(setting_name(s, choice.by)[0]);
	if (choice.rung < 0)
		return;
	must(s->known && !r->missing);
	if (choice.by < SETTING_ORDER)
		must(s->value[choice.by][0] && choose_matches(s, choice.by, r));
	if (choice.by <= SETTING_PREFERRED_FILE)
		must(s->has_preferred && ladder_state(r, &r->counter) != RUNG_EXHAUSTED);
}

/* Flags, the settings, one a line, and the names of the ladder. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	struct ladder l = {.n = 0};
	struct settings s = {.loader = (enum loader)take_below(&in, LOADER_NONE + 1)};
	unsigned int flags = take_byte(&in);

	s.known = flags & 1;
	s.has_preferred = flags & 2;
	s.ids_have_counters = flags & 4;
	for (int i = 0; i < SETTINGS; i++)
		take_string(&in, s.value[i], sizeof(s.value[i]));
	take_string(&in, s.saved, sizeof(s.saved));
	fill(&l, &in);
	check_choice(&l, &s, choose_next(&l, &s));
	for (unsigned int i = 0; i < l.n; i++)
		for (int by = 0; by < SETTINGS; by++) {
			(void)choose_matches(&s, (enum setting)by, &l.rung[i]);
			(void)choose_matches_id(&s, (enum setting)by, l.rung[i].name);
		}
	return 0;
}
