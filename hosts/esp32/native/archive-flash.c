// SPDX-License-Identifier: Apache-2.0
// Partitions for ../../xs/archive.c, which the chip shows in memory.

#include "archive.h"
#include "esp_partition.h"

/* The type that the SDK has for the partition of code, beyond those of ESP-IDF. */
#define kCodeType 0x40

int archiveOpen(Archive *archive, const char *name)
{
	const esp_partition_t *partition = esp_partition_find_first((esp_partition_type_t)kCodeType, ESP_PARTITION_SUBTYPE_ANY, name);
	esp_partition_mmap_handle_t handle;
	const void *bytes;

	if (NULL == partition)
		return 0;
	if (ESP_OK != esp_partition_mmap(partition, 0, partition->size, ESP_PARTITION_MMAP_DATA, &bytes, &handle))
		return 0;
	archive->bytes = bytes;
	archive->size = partition->size;
	archive->medium = partition;
	return 1;
}

/* ESP-IDF refuses what is beyond the partition, and has the memory show what was written. */
int archiveWrite(const Archive *archive, size_t offset, const void *from, size_t size)
{
	const esp_partition_t *partition = archive->medium;
	size_t blocks = (size + partition->erase_size - 1) / partition->erase_size;

	return (ESP_OK == esp_partition_erase_range(partition, offset, blocks * partition->erase_size)) && (ESP_OK == esp_partition_write(partition, offset, from, size));
}
