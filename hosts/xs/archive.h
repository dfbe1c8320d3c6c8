// SPDX-License-Identifier: Apache-2.0

#ifndef XSTHING_ARCHIVE_H
#define XSTHING_ARCHIVE_H

#include "xsAll.h"

/* A partition where the engine runs code in place. */
typedef struct {
	const uint8_t *bytes;
	size_t size;
	/* What the platform needs for `archiveWrite`. */
	const void *medium;
} Archive;

/* The platform's: 0 where there is no such partition. It stays open as long as the machine lives, because its code may run. */
int archiveOpen(Archive *archive, const char *name);

/* The platform's: replaces what is there, whole blocks from their beginning. 0 where it failed. */
int archiveWrite(const Archive *archive, size_t offset, const void *from, size_t size);

#endif
