#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Test images only: prepares the machine before bootassess starts, as test.pre= asks for.
# shellcheck disable=SC2154 # moddir, initdir, systemdsystemunitdir

check() {
	return 255
}

depends() {
	return 0
}

installkernel() {
	hostonly='' instmods efibc i6300esb
}

install() {
	inst_multiple mount mkdir dd modprobe sleep cat tr ln tee
	inst_simple "$moddir/prepare.sh" /usr/lib/bootassess-test/prepare.sh
	inst_simple "$moddir/reset-hook.sh" /usr/lib/bootassess-test/reset-hook
	inst_hook pre-shutdown 01 "$moddir/exitrd.sh"
	if dracut_module_included systemd; then
		inst_simple "$moddir/bootassess-test.service" \
			"$systemdsystemunitdir/bootassess-test.service"
		inst_simple "$moddir/deadline.conf" \
			"$systemdsystemunitdir/bootassess-deadline.service.d/test.conf"
		$SYSTEMCTL -q --root "$initdir" add-wants initrd.target bootassess-test.service
	else
		inst_hook pre-udev 01 "$moddir/prepare.sh"
	fi
}
