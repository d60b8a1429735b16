# shellcheck shell=bash
# systemd-boot, and dracut 106 without systemd in the initramfs.
# shellcheck disable=SC2034 # read by lib-set-ups.sh
IMAGE=trixie-plain
# shellcheck source=tests/qemu/set-ups/systemd-boot.bash
. "$HERE/set-ups/systemd-boot.bash"
