#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Hook cleanup, without systemd: the root file system is mounted, so the deadline has been met.
# All hooks are sourced by the same shell: the variable is that of the hook pre-udev.
if [ -n "${bootassess_deadline-}" ]; then
	kill "$bootassess_deadline" 2>/dev/null || :
	unset bootassess_deadline
fi
