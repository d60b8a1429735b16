# shellcheck shell=bash
# systemd-boot, for set-ups that differ in the initramfs.
# shellcheck disable=SC2034 # read by lib-set-ups.sh
SUFFIX=conf
# shellcheck disable=SC2034
WAY=firmware

set_up_machine() {
	machine esp "$@"
}

set_up_slot() {
	entry "$1$2" "${@:3}"
}

set_up_boot() {
	loader_conf "default $1*"
	boot "${@:2}"
}

set_up_counters() {
	entries | tr ' ' '\n'
}

set_up_protect() {
	write_protect 0
}
