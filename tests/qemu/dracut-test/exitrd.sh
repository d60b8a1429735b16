#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Hook pre-shutdown: dracut's exitrd runs.
echo "TEST: exitrd $ACTION"
