// SPDX-License-Identifier: Apache-2.0
// Takes the place of modules/device/openremote-platform in a firmware that does without OpenRemote.

/** Nothing comes that far: the configuration is refused. */
export class OpenRemotePlatform {}
