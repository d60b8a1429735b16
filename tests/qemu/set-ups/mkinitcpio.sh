# shellcheck shell=bash
# systemd-boot, and an initramfs by what has mkinitcpio's documented interface.
# shellcheck disable=SC2034 # read by lib-set-ups.sh
IMAGE=trixie-mk
# shellcheck source=tests/qemu/set-ups/systemd-boot.bash
. "$HERE/set-ups/systemd-boot.bash"
