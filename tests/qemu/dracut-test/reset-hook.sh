#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# ResetHook= of a test: says that it runs, and does not come to an end.
echo "<5>TEST: reset hook: resets=$BOOTASSESS_RESETS disk=$BOOTASSESS_DISK" >/dev/kmsg
exec sleep infinity
