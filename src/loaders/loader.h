/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "choose.h"
#include "ladder.h"
#include "sdboot.h"

/* What the functions of a loader work on. */
struct loader_io {
	int efivars;		      /* directory fd; -1 = there are no EFI variables */
	int store[PLACES];	      /* root directories of the file systems of $BOOT; -1 = none */
	const char *partuuid[PLACES]; /* of their partitions, lower case; "" = not known */
	bool is_writable;	      /* the stores are, for the moment of this call */
	const struct sdboot *sdboot;  /* what systemd-boot, or one like it, said */
	const char *grubenv; /* GrubEnvironment=: path on $BOOT or the ESP; "" = in its usual homes
			      */
};

/* What a loader counted itself: starts of its default that had no answer. */
struct loader_starts {
	bool is_there;
	bool is_over;	/* there were too many: it starts another entry instead */
	unsigned int n; /* 0 = that is not known */
	int rung;	/* its default then; -1 = on no rung */
};

/* One way of booting: the same few functions for each. They return 0; 1 where there was nothing to
 * be done; negative errno: -EROFS where they would have to write to a store and is_writable is not
 * set (they are called again with it), -EOPNOTSUPP: this loader has no such thing. NULL: the same
 * as -EOPNOTSUPP. r: a rung that is there. */
struct loader_ops {
	enum loader kind;
	const char *oneshot; /* what holds the one-shot, for messages: "LoaderEntryOneShot" */
	unsigned int places; /* set of places (bit i: enum place i) that it may have to write to */
	bool finds_by_name;  /* it takes entries as it finds them: their files may be renamed */
	bool counts;	     /* it gives an entry its next name before it starts it */
	bool clears_oneshot; /* it takes a one-shot away before it starts anything: one that is
				there in the initramfs is stale */
	/* What it offers: set of METHOD_FIRMWARE (a one-shot), METHOD_ORDER (unpin). */
	unsigned int (*methods)(const struct loader_io *io);
	/* The entry that it boots next, once, as the id of its rung, or as it stands where that is
	 * on no rung; "" = none is set. *ret_is_stale: it is left over from this boot, or names
	 * nothing, and is to be deleted. */
	void (*read_oneshot)(const struct loader_io *io, const struct ladder *l,
			     char ret_id[NAME_SIZE], bool *ret_is_stale);
	int (*set_oneshot)(const struct loader_io *io, const struct rung *r);
	int (*delete_oneshot)(const struct loader_io *io);
	/* Takes the default away from whatever it names, so that an order of its own applies, in
	 * which bad entries come last: METHOD_ORDER. Who has none has no such function: a default
	 * that named the target would start it for ever, also if it is dead. */
	int (*unpin)(const struct loader_io *io);
	/* What decides about its next start. What cannot be read is as good as not set. */
	void (*read_settings)(const struct loader_io *io, const struct ladder *l,
			      struct settings *ret);
	/* Makes its settings select this rung from now on: for a bless. */
	int (*prefer)(const struct loader_io *io, const struct settings *s, const struct rung *r);
	/* The same for the operator's pin, and its end. */
	int (*pin)(const struct loader_io *io, const struct settings *s, const struct rung *r);
	int (*release)(const struct loader_io *io, const struct settings *s, const struct rung *r);
	void (*read_starts)(const struct loader_io *io, const struct ladder *l,
			    struct loader_starts *ret);
	int (*forget_starts)(const struct loader_io *io);
};

/* `finds_by_name` decides where a counter is kept (carrier.h): in the entry's own name, or, without
 * it, in a tries file. */
extern const struct loader_ops loader_sdboot, loader_firmware, loader_grub, loader_none;

/* True if there is an environment block of GRUB in one of its homes, or where GrubEnvironment=
 * says.
 */
bool grub_is_there(const struct loader_io *io);
