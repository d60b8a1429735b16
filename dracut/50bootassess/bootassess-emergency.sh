#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Hook emergency and shutdown-emergency: the root file system could not be used. With systemd too: the
# initqueue opens its shell in its own service, and emergency.target is not reached. If its unit ran before,
# this says the same once more: a boot is counted once.
#
# Also sourced at the end of a shutdown that dracut cannot bring to its end: that boot is over, and not ours to
# judge. emergency_shell says which it is.
[ "${action-}" = Shutdown ] ||
	/usr/lib/bootassess/bootassess-initrd emergency </dev/null >/dev/kmsg 2>&1 || :
