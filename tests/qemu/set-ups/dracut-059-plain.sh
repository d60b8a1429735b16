# shellcheck shell=bash
# systemd-boot, and dracut 059 without systemd in the initramfs.
# shellcheck disable=SC2034 # read by lib-set-ups.sh
IMAGE=bookworm-plain
# shellcheck source=tests/qemu/set-ups/systemd-boot.bash
. "$HERE/set-ups/systemd-boot.bash"
