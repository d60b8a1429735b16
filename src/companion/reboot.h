/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What systemd-shutdown(8) runs at its very end, when the file systems are unmounted, with what it
 * is about to do as its first argument. For "reboot", where `bootassess reboot --prepare` of this
 * boot has loaded a kernel, that one is started, which does not return. Else 0; 1 if the jump was
 * refused: the restart then goes through the firmware. --root=DIR: says only what it would do. */
int reboot_hook(int argc, char **argv);
