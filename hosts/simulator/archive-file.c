// SPDX-License-Identifier: Apache-2.0
// Partitions for ../xs/archive.c in a file, which lies in memory as flash does.

#include "archive.h"

#if mxWindows

int archiveOpen(Archive *archive, const char *name)
{
	return 0;
}

int archiveWrite(const Archive *archive, size_t offset, const void *from, size_t size)
{
	return 0;
}

#else

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int archiveOpen(Archive *archive, const char *name)
{
	struct stat status;
	void *bytes = MAP_FAILED;
	int file = open(name, O_RDWR);

	if (file < 0)
		return 0;
	if (0 == fstat(file, &status))
		bytes = mmap(NULL, status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	if (MAP_FAILED == bytes)
		return 0;
	archive->bytes = bytes;
	archive->size = status.st_size;
	return 1;
}

int archiveWrite(const Archive *archive, size_t offset, const void *from, size_t size)
{
	if ((offset > archive->size) || (size > archive->size - offset))
		return 0;
	c_memcpy((uint8_t *)archive->bytes + offset, from, size);
	return 1;
}

#endif
