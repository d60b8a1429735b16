#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Does what the kernel command line asks for, before bootassess starts: test.pre=NAME[,NAME...], and
# test.conf=SECTION/KEY=VALUE, a line of the configuration in the initramfs and in late userspace, with
# commas for blanks.

test_efivars=/sys/firmware/efi/efivars
test_guid=4a67b082-0a4c-41cf-b6c7-440b29bb8c4f
test_config=/etc/bootassess/bootassess.conf

test_say() {
	echo "<5>TEST: $*" >/dev/kmsg
}

# Fills every variable of the boot loader with garbage that stays there: a variable that exists as a
# non-volatile one cannot be replaced by the loader's volatile one. Meant for a boot without loader.
# OVMF takes 33 KiB in one variable and 256 KiB in all. One write(2), the attributes in front.
test_efivars_garbage() {
	for test_file in Info Features DevicePartUUID ImageIdentifier BootCountPath EntrySelected \
		Entries EntryOneShot EntryDefault; do
		{
			printf '\007\000\000\000'
			dd if=/dev/urandom bs=1k count=20 2>/dev/null
		} >/run/garbage
		dd if=/run/garbage of="$test_efivars/Loader$test_file-$test_guid" bs=64k 2>/dev/null ||
			return 1
	done
}

# Variables of others until the kernel takes no more: it keeps 5 KiB back.
test_efivars_full() {
	test_number=0
	for test_size in 30720 2048 256 32; do
		while :; do
			{
				printf '\007\000\000\000'
				dd if=/dev/zero bs="$test_size" count=1 2>/dev/null
			} >/run/junk
			dd if=/run/junk of="$test_efivars/Junk$test_number-$test_guid" bs=64k 2>/dev/null ||
				break
			test_number=$((test_number + 1))
		done
	done
	[ "$test_number" -gt 1 ]
}

# Started and left to itself, as by a process that dies: 30 s until it resets the machine.
test_watchdog() {
	modprobe i6300esb heartbeat=30 || return 1
	until [ -c /dev/watchdog ]; do sleep 0.1; done # udev makes it
	echo . >/dev/watchdog
}

# Whoever feeds the watchdog in the initramfs is stopped as soon as it has begun: userspace hangs.
test_starve() {
	until [ "$(cat /sys/class/watchdog/watchdog0/state)" = active ]; do sleep 0.2; done
	for test_process in /proc/[0-9]*; do
		case $(tr '\0' ' ' <"$test_process/cmdline") in
		*"bootassess-initrd deadline"*) kill -STOP "${test_process#/proc/}" ;;
		esac
	done 2>/dev/null
	test_say "starved"
}

# late_unit COMMAND UNITS: what the bless of late userspace waits for; it starts after these units.
test_late_unit() {
	mkdir -p /run/systemd/system/boot-complete.target.requires
	printf '[Unit]\nDefaultDependencies=no\nBefore=boot-complete.target\nAfter=%s\n[Service]\nType=oneshot\nTimeoutStartSec=infinity\nExecStart=%s\n' \
		"$2" "$1" >/run/systemd/system/bootassess-hang.service
	ln -s ../bootassess-hang.service \
		/run/systemd/system/boot-complete.target.requires/bootassess-hang.service
}

# The companion reads /run too.
test_conf() {
	mkdir -p /run/bootassess/bootassess.conf.d
	printf '[%s]\n%s\n' "${1%%/*}" "$(echo "${1#*/}" | tr , ' ')" |
		tee -a /run/bootassess/bootassess.conf.d/60-test.conf >>"$test_config"
}

# The kernel says by itself that it was started by kexec: x86, type 0xd0. Not by `read`: dash asks for
# one byte after the other, and such a file has only its first.
test_panic_after_kexec() {
	[ "$(cat /proc/sys/kernel/bootloader_type)" != 208 ] || echo c >/proc/sysrq-trigger
}

test_prepare() {
	case $1 in
	efivars-ro) mount -o remount,ro "$test_efivars" ;;
	efivars-garbage) test_efivars_garbage ;;
	efivars-full) test_efivars_full ;;
	config-empty) : >"$test_config" ;;
	config-kexec) printf '[Switch]\nKexecWithoutWatchdog=yes\n' >>"$test_config" ;;
	config-secure-boot) printf '[Switch]\nSecureBootKexec=yes\n' >>"$test_config" ;;
	config-append) printf '[Switch]\nKexecAppend=nomodeset\n' >>"$test_config" ;;
	config-panic-early) printf '[Switch]\nKexecAppend=mem=8M earlyprintk=ttyS0\n' >>"$test_config" ;;
	config-panic-late) printf '[Switch]\nKexecAppend=test.pre=panic\n' >>"$test_config" ;;
	config-hold) printf '[Ladder]\nHoldDelaySec=3\n' >"$test_config" ;;
	config-typo)
		printf '[Ladder\nSytem=active\n[Ladder]\nTries=many\nHold\n[Nonsense]\nA=b\n' \
			>"$test_config"
		;;
	efibc) modprobe efibc ;;
	kexec-disabled) echo 1 >/proc/sys/kernel/kexec_load_disabled ;;
	panic) echo c >/proc/sysrq-trigger ;;
	watchdog) test_watchdog ;;
	starve) test_starve & ;;
	late-hang) test_late_unit "/bin/sleep infinity" bootassess-guard.service ;;
	late-crash)
		test_late_unit "/bin/bash -c 'echo TEST: PID 1 crashes >/dev/kmsg; kill -SEGV 1; exec sleep infinity'" \
			bootassess-guard.service
		;;
	late-reboot)
		test_late_unit "/usr/bin/systemctl reboot" "basic.target bootassess-refund.service"
		;;
	panic-after-kexec) test_panic_after_kexec ;;
	*) false ;;
	esac
}

read -r test_cmdline </proc/cmdline
for test_word in $test_cmdline; do
	case $test_word in
	test.conf=*) test_conf "${test_word#*=}" ;;
	esac
	case $test_word in test.pre=*) ;; *) continue ;; esac
	for test_name in $(echo "${test_word#*=}" | tr , ' '); do
		if test_prepare "$test_name"; then
			test_say "prepared $test_name"
		else
			test_say "cannot prepare $test_name"
		fi
	done
done
