# shellcheck shell=dash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the generators of an initramfs have to know of the configuration: sourced by the dracut module and by the
# hooks of mkinitcpio and initramfs-tools when they build an image. Functions only. ROOT is the directory of the system that
# the image is for, without a slash at its end; none or empty: this one.

# bootassess_config_text [ROOT]: the one file that the image gets, merged in the order of UAPI.6: later
# assignments win.
bootassess_config_text() {
	local file

	{
		_bootassess_first "${1-}" bootassess.conf
		_bootassess_dropins "${1-}"
	} | while read -r file; do
		printf '# %s\n' "$file"
		cat "${1-}$file"
		printf '\n'
	done
}

# bootassess_config_value KEY [ROOT]: of the last line that sets it, without the blanks around it.
bootassess_config_value() {
	bootassess_config_text "${2-}" |
		sed -n "s/^[[:blank:]]*$1[[:blank:]]*=[[:blank:]]*//p" | sed -n '$s/[[:blank:]]*$//p'
}

# bootassess_wants_watchdog [ROOT]: status 0 if the configuration asks for a watchdog.
bootassess_wants_watchdog() {
	case $(bootassess_config_value Watchdog "${1-}") in
	'' | [Oo][Ff][Ff]) return 1 ;;
	*[!0]*) return 0 ;;
	*) return 1 ;;
	esac
}

# bootassess_library PROGRAM NAME: the path of a library that PROGRAM opens with dlopen(3), which no scan of its
# dependencies finds: it is where its other libraries are. Nothing if it is not installed.
bootassess_library() {
	local dir

	dir=$(ldd "$1" 2>/dev/null | sed -n 's,.*=> \(/.*\)/libblkid\.so.*,\1,p')
	[ -n "$dir" ] || return 0
	for dir in "$dir" "/usr$dir" "${dir#/usr}"; do
		[ -e "$dir/$2" ] || continue
		printf '%s\n' "$dir/$2"
		return 0
	done
}

# bootassess_boot_drivers [ROOT]: the modules of the file system that Boot= names, and of an array that it is on; the
# usual ones if it cannot be found on this machine now. Nothing without Boot=.
bootassess_boot_drivers() {
	local node type

	[ -n "$(bootassess_config_value Boot "${1-}")" ] || return 0
	node=$(_bootassess_boot_node "${1-}")
	type=
	[ -z "$node" ] || type=$(blkid -o value -s TYPE "$node" 2>/dev/null) || :
	printf '%s\n' "${type:-ext4 xfs btrfs f2fs}"
	! bootassess_boot_has_array "${1-}" || printf '%s\n' "md-mod raid1"
}

# bootassess_boot_has_array [ROOT]: status 0 if the file system that Boot= names is on an array of md.
bootassess_boot_has_array() {
	local node

	node=$(_bootassess_boot_node "${1-}")
	[ -n "$node" ] && lsblk -snro TYPE "$node" 2>/dev/null | grep -q '^raid'
}

# The device node of it; nothing if it is not here, or the image is for another system.
_bootassess_boot_node() {
	local boot

	boot=$(bootassess_config_value Boot "$1")
	[ -n "$boot" ] && [ -z "$1" ] || return 0
	case $boot in
	*=*) ;;
	*) boot=UUID=$boot ;;
	esac
	blkid -l -o device -t "$boot" 2>/dev/null || :
}

# _bootassess_first ROOT NAME: the file of that name in the highest directory; nothing if that one is empty or a
# link to /dev/null, which is how a file is masked.
_bootassess_first() {
	local dir

	for dir in /etc /run /usr/lib; do
		[ -e "$1$dir/bootassess/$2" ] || [ -L "$1$dir/bootassess/$2" ] || continue
		[ ! -s "$1$dir/bootassess/$2" ] || printf '%s\n' "$dir/bootassess/$2"
		return 0
	done
}

_bootassess_dropins() {
	local name

	_bootassess_dropin_names "$1" | LC_ALL=C sort -u | while read -r name; do
		_bootassess_first "$1" "bootassess.conf.d/$name"
	done
}

_bootassess_dropin_names() {
	local dir file

	for dir in /etc /run /usr/lib; do
		for file in "$1$dir"/bootassess/bootassess.conf.d/*.conf; do
			if [ -e "$file" ] || [ -L "$file" ]; then
				printf '%s\n' "${file##*/}"
			fi
		done
	done
}
