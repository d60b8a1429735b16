/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The help text of a verb, or of the whole program (NULL). */
const char *help_of(const char *verb);
