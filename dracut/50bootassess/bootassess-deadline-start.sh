#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Hook pre-udev, without systemd: the program sleeps until the deadline, then decides.
/usr/lib/bootassess/bootassess-initrd deadline --wait </dev/null >/dev/kmsg 2>&1 &
# shellcheck disable=SC2034 # for the hook cleanup
bootassess_deadline=$!
