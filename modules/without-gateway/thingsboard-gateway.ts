// SPDX-License-Identifier: Apache-2.0
// Takes the place of modules/cloud/thingsboard-gateway in a firmware that is no gateway.

/** Nobody asks it for anything. */
export class ThingsBoardGateway {}
