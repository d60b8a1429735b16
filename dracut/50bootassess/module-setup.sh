#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Puts bootassess into a dracut image: units where systemd runs in the initramfs, hooks where not.
# Sourced by dracut, which defines the functions and the variables used here.
# shellcheck disable=SC2154 # moddir, initdir, systemdsystemunitdir, dracutsysrootdir

# shellcheck source=hooks/initrd-config.sh
. "${dracutsysrootdir-}/usr/lib/bootassess/initrd-config.sh"

_program=/usr/lib/bootassess/bootassess-initrd

check() {
	require_binaries "$_program"
}

# Whoever has Boot= on an array of md must have it assembled. A module that is asked for and cannot be had would
# leave out ours too.
depends() {
	[[ -z $(type -P mdadm) ]] || ! bootassess_boot_has_array "${dracutsysrootdir-}" || echo mdraid
	return 0
}

# vfat needs the code page and the character set that the kernel was configured with, which differ
# between distributions. All of them also in hostonly images: the ESP need not be mounted now.
installkernel() {
	hostonly='' instmods vfat nls_cp437 nls_ascii nls_iso8859-1 nls_utf8 efivarfs
	_install_boot_drivers
	! bootassess_wants_watchdog "${dracutsysrootdir-}" || _install_watchdog
}

# Of the file system of Boot=. Without a name instmods would read standard input.
_install_boot_drivers() {
	local drivers

	drivers=$(bootassess_boot_drivers "${dracutsysrootdir-}")
	# shellcheck disable=SC2086 # a list of words
	[[ ! $drivers ]] || hostonly='' instmods $drivers
}

# The drivers of watchdogs, and of what some of them sit in. All of them also in hostonly images: on the
# host theirs is often not loaded, for distributions blacklist it. The program takes the one that fits.
_install_watchdog() {
	hostonly='' instmods '=drivers/watchdog' lpc_ich i2c_i801 intel_pmc_bxt
}

_config_value() {
	bootassess_config_value "$1" "${dracutsysrootdir-}"
}

install() {
	inst_binary "$_program"
	# Not seen by the library scan: opened with dlopen(3), only when a module is missing.
	inst_libdir_file "libkmod.so.2*"
	# The same for a kernel that is packed as arm64 does it, to be kexec'd.
	[[ $(uname -m) != aarch64 ]] || inst_libdir_file "libz.so.1*" "libzstd.so.1*"
	_install_config
	_install_reset_hook
	_install_kexec
	_install_emergency_hooks
	if dracut_module_included systemd; then
		_install_units
	else
		_install_hooks
	fi
}

# What the hook calls is for the image to bring.
_install_reset_hook() {
	local hook

	hook=$(_config_value ResetHook)
	[[ ! $hook ]] || inst_multiple "$hook"
}

# The end of a shutdown by `systemctl kexec`: dracut looks for this program, and restarts through the
# firmware without it.
_install_kexec() {
	find_binary kexec >/dev/null || ln_r "$_program" /usr/sbin/kexec
}

_install_units() {
	_install_unit initrd.target bootassess-assess.service
	_install_unit initrd.target bootassess-deadline.service
	_install_unit emergency.target bootassess-emergency.service
}

_install_unit() {
	inst_simple "$systemdsystemunitdir/$2"
	$SYSTEMCTL -q --root "$initdir" add-wants "$1" "$2"
}

# There is no initqueue/timeout hook on purpose: its time is for degraded arrays to be started. A
# root that does not come is for the deadline, and at the end of rd.retry= for the emergency hook.
_install_hooks() {
	inst_hook pre-udev 50 "$moddir/bootassess-deadline-start.sh"
	_waits_for_array || inst_hook initqueue/settled 01 "$moddir/bootassess-assess.sh"
	inst_hook pre-mount 01 "$moddir/bootassess-assess.sh"
	inst_hook cleanup 99 "$moddir/bootassess-deadline-stop.sh"
}

# The loop of the initqueue starts a degraded array at its timeout. Who waits for that array inside the loop would
# wait in vain; a root file system that never comes is then for the emergency hook alone.
_waits_for_array() {
	bootassess_boot_has_array "${dracutsysrootdir-}"
}

# Also beside units: with rd.shell=0 the second one is sourced, else the first.
_install_emergency_hooks() {
	inst_hook emergency 05 "$moddir/bootassess-emergency.sh"
	inst_hook shutdown-emergency 05 "$moddir/bootassess-emergency.sh"
}

_install_config() {
	local config="$initdir/etc/bootassess/bootassess.conf"

	mkdir -p "${config%/*}"
	bootassess_config_text "${dracutsysrootdir-}" >"$config"
}
