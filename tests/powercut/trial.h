/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "device.h"
#include "judge.h"
#include "observe.h"
#include "states.h"

#define ESP_DIR	   "/run/bootassess/esp"
#define PUBLIC_DIR "/run/public"

struct geometry {
	const char *name, *fat, *cluster; /* of mkfs.vfat: -F, -s */
	uint32_t block_size;
	uint64_t mib;
	struct device *device;
};

/* Where the slots of the entry lie in its directory, and the first free ones behind it. */
enum layout {
	LAYOUT_SAME,	     /* both in one block */
	LAYOUT_CROSS,	     /* the free ones in the next */
	LAYOUT_STRADDLE,     /* they begin in the entry's block and end in the next */
	LAYOUT_OLD_STRADDLE, /* the entry itself does */
	LAYOUT_FAR,	     /* the free ones lie in the second and third block */
	LAYOUT_CLUSTER,	     /* they begin in one cluster and end in the next */
	LAYOUTS,
};

struct file {
	const char *path;
	const char *text; /* NULL: see size */
	size_t size;	  /* of made-up content; of a UKI where the path ends with .efi */
};

struct operation {
	const char *name;
	const char *entry;	  /* the file whose directory is laid out */
	const struct file *files; /* beside the usual ones, ends with a path of NULL */
	const char *counted;	  /* what the loader called the booted entry; NULL = not counted */
	bool is_naive;		  /* it must have bad states */
	bool is_shared;		  /* somebody else has it mounted, writable */
	bool is_once;		  /* it cannot be repeated: it leaves something else each time */
	bool may_take;	      /* both names are there for a moment: the loader cannot count then */
	const char *together; /* the files below are all old, or all new */
	const char *guarded;  /* new content below is there only when the entry has a counter */
	const char *slot;     /* written over in place: it may be away, or disabled, meanwhile */
	/* So many states in each of these layouts may be lost: see KNOWN_RESIDUE. */
	unsigned int known_lost, known_layouts;
	uint32_t room;	      /* bytes that are free, if it matters */
	bool is_in_file;      /* Loader=grub: counters are in tries files */
	bool is_companion;    /* the repair ends a half-done update too */
	bool is_numbered;     /* its files have numbers, others the next time */
	unsigned int layouts; /* set of enum layout */
	/* Writes to the file system at this path, and a power cut comes after n_cut requests: what
	 * the operation finds. */
	void (*prepare)(const char *dir);
	size_t n_cut;
	/* The same with an operation, that is cut after so many of a hundred of its requests. */
	int (*cut_short)(struct machine *m, struct facts *f);
	unsigned int cut_percent;
	int (*run)(struct machine *m, struct facts *f);
};

extern const struct operation operations[];
extern const size_t n_operations;
extern const char *const layout_names[LAYOUTS];

/* What one operation came to. */
struct result {
	struct states states;
	uint64_t bytes;
	unsigned int lost, undurable, taken, not_recovered, setup;
	unsigned int n_by_fsck; /* states that were put right with fsck.fat at hand */
	char example[600];
};

/* Bounds of the search. */
struct bounds {
	unsigned int bits, samples;
};

struct trial {
	struct geometry *geometry;
	enum layout layout;
	const struct operation *op;
	struct snapshot before, after;
	struct snapshot loss; /* the first state that was lost */
	bool has_loss, is_known_loss;
	struct ladder ladder_before, ladder_after;
	struct result result;
	unsigned int n_recovered;
	bool checks_all; /* by fsck.fat too */
};

void trial_run(struct trial *t, const struct bounds *bounds);

/* How many of its states may be lost: the known residue. */
unsigned int trial_known(const struct trial *t);

/* disk.c: the file system of a trial on its device, as its base. */
void disk_lay_out(struct trial *t);

/* What a power cut in t->op->prepare() leaves is the base now. */
void disk_cut(struct trial *t, size_t n_requests);

/* The base as it was, with so many of the writes that were recorded, is the base now. */
void disk_apply(struct device *d, size_t n_requests);

/* The machine whose ESP is this device. 0 or negative errno. */
int trial_open(const struct trial *t, struct machine *m, struct facts *f);
