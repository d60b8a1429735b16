# shellcheck shell=bash
# systemd-boot, and the initramfs of Debian's initramfs-tools.
# shellcheck disable=SC2034 # read by lib-set-ups.sh
IMAGE=trixie-it
# shellcheck source=tests/qemu/set-ups/systemd-boot.bash
. "$HERE/set-ups/systemd-boot.bash"
