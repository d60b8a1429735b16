/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ladder.h"
#include "loadopt.h"

/* The boot options of the ladder, and what is to be changed of them. Pure: who asks has read the
 * variables. Source: UEFI 2.10 section 3.1 "Boot Manager". */

/* A Boot#### that is there. */
struct bootorder_option {
	uint16_t number;
	int rung;	/* that it starts, -1 = none: somebody else's, or it cannot be parsed */
	bool is_active; /* loadopt_is_active() */
	bool is_stale;	/* it names a file of the rung's id that is there no more */
	bool has_data;	/* optional data: another profile of the UKI, a command line */
};

struct bootorder_facts {
	struct bootorder_option option[LOADOPT_ORDER_MAX];
	unsigned int n;
	struct loadopt_order order;
	struct {
		enum role role;
		bool can_start; /* its file is there, sound, and boots by itself */
		bool is_good;	/* no counter: the firmware may start it by itself */
	} rung[RUNGS_MAX];
	unsigned int n_rungs;
	int first;	   /* rung whose new option comes first, if it is good; -1 = none */
	int next, current; /* BootNext and BootCurrent, -1 = not set */
};

enum bootorder_op_type {
	BOOTORDER_DELETE, /* Boot#### of a rung that has another one */
	BOOTORDER_WRITE,  /* a new Boot#### for the rung, or anew what is there */
};

struct bootorder_op {
	enum bootorder_op_type type;
	uint16_t number;
	int rung;
	bool is_new; /* of WRITE: there is no such variable */
};

/* In this order: op[], then BootOrder, if it changes. */
struct bootorder_plan {
	struct bootorder_op op[LOADOPT_ORDER_MAX + RUNGS_MAX];
	unsigned int n_ops;
	struct loadopt_order order;
	bool changes_order;
};

/* What makes the options of the ladder whole: each rung that can start has one that is active (a
 * stale or inactive one is written anew, else a new one is made); of several without optional data
 * the lowest active one stays, at the first place that one of them has in BootOrder, and the others
 * go. BootOrder names each once. What is missing there comes after the last one of its role (or of
 * one before), else in front of those of the ladder, or of all. Never added: the options of reset,
 * which destroys data. All else keeps its place, and nothing is said about options of no rung.
 *
 * The firmware counts nothing: it would start a slot that has no tries left again and again. So an
 * option of a rung that is not good is never put before what is there: what is missing comes last,
 * behind the good ones of the same plan, also what could not start where it stood. One that starts
 * where it stands stays there. */
void bootorder_plan(const struct bootorder_facts *f, struct bootorder_plan *ret);

/* Takes a new option that could not be written out of the order that is to be written. */
void bootorder_give_up(struct bootorder_plan *p, uint16_t number);
