// SPDX-License-Identifier: Apache-2.0
// The boot loader of ESP-IDF with its rollback. Bound by the "ffi" section of ../manifest.json.

#include <stdbool.h>
#include <stdint.h>

#include "app_update/include/esp_ota_ops.h"
#include "esp_partition.h"

/* What xsthing_select_image and xsthing_confirm_image return; in ../boot-loader.ts as well. */
enum {
	kDone = 0,
	kImageRefused = 1,
	kStorageFailed = 2
};

const char *xsthing_running_partition(void)
{
	const esp_partition_t *running = esp_ota_get_running_partition();

	return running ? running->label : "";
}

/* Empty where the partition table has no second one. */
const char *xsthing_next_partition(void)
{
	const esp_partition_t *next = esp_ota_get_next_update_partition(NULL);

	return next ? next->label : "";
}

/* An image that was flashed by cable has no entry in the boot loader's memory before it was started once: it has no state. */
static bool hasState(const esp_partition_t *partition, esp_ota_img_states_t wanted)
{
	esp_ota_img_states_t state;

	return partition && (ESP_OK == esp_ota_get_state_partition(partition, &state)) && (wanted == state);
}

int32_t xsthing_image_is_on_trial(void)
{
	return hasState(esp_ota_get_running_partition(), ESP_OTA_IMG_PENDING_VERIFY);
}

/* On trial but not running: the boot loader found it damaged, and took the one before. */
int32_t xsthing_next_image_was_rejected(void)
{
	const esp_partition_t *next = esp_ota_get_next_update_partition(NULL);

	return hasState(next, ESP_OTA_IMG_ABORTED) || hasState(next, ESP_OTA_IMG_INVALID) || hasState(next, ESP_OTA_IMG_PENDING_VERIFY);
}

/* Not while the image is on trial: what it would return to would be on trial instead, and nothing left to return to. */
int32_t xsthing_select_image(void)
{
	esp_err_t error;

	if (xsthing_image_is_on_trial())
		return kImageRefused;
	error = esp_ota_set_boot_partition(esp_ota_get_next_update_partition(NULL));
	if (ESP_OK == error)
		return kDone;
	return (ESP_ERR_OTA_VALIDATE_FAILED == error) ? kImageRefused : kStorageFailed;
}

/* ESP-IDF confirms the image that the next boot would start, which is another one after xsthing_select_image. */
int32_t xsthing_confirm_image(void)
{
	if (!xsthing_image_is_on_trial())
		return kDone;
	return (ESP_OK == esp_ota_mark_app_valid_cancel_rollback()) ? kDone : kStorageFailed;
}
