#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Hook initqueue/settled and pre-mount, without systemd: the root file system is not mounted yet.
# Both, because a root that is there at once skips the first, one that never comes the second. The
# loop of the initqueue comes by twice a second; the program itself also acts once per boot only.
if [ -z "${bootassess_assessed-}" ]; then
	bootassess_assessed=1
	/usr/lib/bootassess/bootassess-initrd assess </dev/null >/dev/kmsg 2>&1 || :
fi
