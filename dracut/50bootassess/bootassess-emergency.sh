#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Hook emergency and shutdown-emergency, without systemd: the root file system could not be used.
/usr/lib/bootassess/bootassess-initrd emergency </dev/null >/dev/kmsg 2>&1 || :
