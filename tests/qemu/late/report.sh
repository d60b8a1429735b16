#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Says on the console what this system is, then does what test.late=WORD[,WORD...] asks for: the
# words before the last prepare; without any the machine is switched off.

say() {
	echo "TEST: $*"
}

report() {
	say "root reached cmdline=$(cat /proc/cmdline)"
	say "bless-boot: $(systemctl show -P LoadState systemd-bless-boot.service)" \
		"$(systemctl show -P ActiveState systemd-bless-boot.service)" \
		"$(readlink /run/systemd/system.control/systemd-bless-boot.service)"
	say "one-shot: $(tr -cd '[:print:]' 2>/dev/null \
		</sys/firmware/efi/efivars/LoaderEntryOneShot-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f)"
	say "bless: $(systemctl show -P LoadState bootassess-bless.service)" \
		"$(systemctl show -P ActiveState bootassess-bless.service)"
	# shellcheck disable=SC2012 # plain names
	[ ! -e /boot/loader ] || say "entries: $(ls /boot/loader/entries | tr '\n' ' ')"
}

# The way of the distribution, which knows nothing of slots: kernel and initrd of the same version.
plain_kexec() {
	local options
	options=$(sed -n 's/^options //p' /boot/loader/entries/"$1"*.conf)
	kexec -s -l /boot/linux --initrd=/boot/initrd --command-line="$options" && systemctl kexec
}

# From a disk of its own, whatever is mounted.
script() {
	local serial entry
	serial=$(grep -lx script /sys/block/*/serial)
	serial=${serial%/serial}
	entry=$(tr ' ' '\n' </proc/cmdline | sed -n 's/^test\.entry=//p' | tail -n 1)
	bash -c "$(tr -d '\0' <"/dev/${serial##*/}")" script "$entry"
}

act() {
	case $1 in
	off) systemctl poweroff -ff ;;
	kexec:*) plain_kexec "${1#*:}" ;;
	switch:*) bootassess switch "${1#*:}" ;;
	firmware:*) bootassess switch "${1#*:}" --method=firmware ;;
	check:*) bootassess kexec-check "${1#*:}" ;;
	efibc) modprobe efibc ;;
	# dracut goes back to it only if something in the initramfs asked for that.
	exitrd) mkdir -p /run/initramfs && : >/run/initramfs/.need_shutdown ;;
	script) script ;;
	wait) sleep 60 ;; # for the restart that somebody else asks for
	run:*) bash "/boot/${1#*:}" ;;
	no-kexec-binary) rm -f /usr/sbin/kexec ;;
	kexec-disabled) echo 1 >/proc/sys/kernel/kexec_load_disabled ;;
	watchdog)
		say "watchdog: $(cat /sys/class/watchdog/watchdog0/{state,timeout} | paste -sd' ')" \
			"$(systemctl show -P RuntimeWatchdogUSec) $(systemctl show -P KExecWatchdogUSec)"
		;;
	*) false ;;
	esac
}

main() {
	local words word
	words=$(tr ' ' '\n' </proc/cmdline | sed -n 's/^test\.late=//p' | tail -n 1)

	report
	for word in ${words//,/ }; do
		if act "$word"; then
			say "done $word"
		else
			say "failed $word: $?"
		fi
	done
	[ "$words" ] || act off
}

main
