#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Puts bootassess into a dracut image: units where systemd runs in the initramfs, hooks where not.
# Sourced by dracut, which defines the functions and the variables used here.
# shellcheck disable=SC2154 # moddir, initdir, systemdsystemunitdir, dracutsysrootdir

_program=/usr/lib/bootassess/bootassess-initrd

check() {
	require_binaries "$_program"
}

depends() {
	return 0
}

# vfat needs the code page and the character set that the kernel was configured with, which differ
# between distributions. All of them also in hostonly images: the ESP need not be mounted now.
installkernel() {
	hostonly='' instmods vfat nls_cp437 nls_ascii nls_iso8859-1 nls_utf8 efivarfs
	! _wants_watchdog || _install_watchdog
}

# The drivers of watchdogs, and of what some of them sit in. All of them also in hostonly images: on the
# host theirs is often not loaded, for distributions blacklist it. The program takes the one that fits.
_install_watchdog() {
	hostonly='' instmods '=drivers/watchdog' lpc_ich i2c_i801 intel_pmc_bxt
}

# _config_value KEY: of the last line that sets it
_config_value() {
	_config_text | sed -n "s/^[[:blank:]]*$1[[:blank:]]*=[[:blank:]]*//p" | tail -n 1
}

_wants_watchdog() {
	local value

	value=$(_config_value Watchdog)
	[[ $value && $value != off && ! $value =~ ^0+[[:blank:]]*$ ]]
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
	[[ ! $hook ]] || inst_multiple "${hook%"${hook##*[![:blank:]]}"}"
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
	inst_hook initqueue/settled 01 "$moddir/bootassess-assess.sh"
	inst_hook pre-mount 01 "$moddir/bootassess-assess.sh"
	inst_hook cleanup 99 "$moddir/bootassess-deadline-stop.sh"
}

# Also beside units: with rd.shell=0 the second one is sourced, else the first.
_install_emergency_hooks() {
	inst_hook emergency 05 "$moddir/bootassess-emergency.sh"
	inst_hook shutdown-emergency 05 "$moddir/bootassess-emergency.sh"
}

# The image gets one file, merged in the order of UAPI.6: later assignments win.
_install_config() {
	local config="$initdir/etc/bootassess/bootassess.conf"

	mkdir -p "${config%/*}"
	_config_text >"$config"
}

_config_text() {
	local file

	{
		_config_first bootassess/bootassess.conf
		_config_dropins
	} | while read -r file; do
		printf '# %s\n' "$file"
		cat "${dracutsysrootdir-}$file"
		printf '\n'
	done
}

# _config_first NAME: the file of that name in the highest directory; nothing if that one is empty
# or a link to /dev/null, which is how a file is masked.
_config_first() {
	local dir

	for dir in /etc /run /usr/lib; do
		[[ -e ${dracutsysrootdir-}$dir/$1 || -L ${dracutsysrootdir-}$dir/$1 ]] || continue
		[[ ! -s ${dracutsysrootdir-}$dir/$1 ]] || printf '%s\n' "$dir/$1"
		return 0
	done
}

_config_dropins() {
	local name

	_config_dropin_names | LC_ALL=C sort -u | while read -r name; do
		_config_first "bootassess/bootassess.conf.d/$name"
	done
}

_config_dropin_names() {
	local file

	for file in "${dracutsysrootdir-}"/{etc,run,usr/lib}/bootassess/bootassess.conf.d/*.conf; do
		[[ ! -e $file && ! -L $file ]] || printf '%s\n' "${file##*/}"
	done
}
