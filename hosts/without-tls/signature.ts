// SPDX-License-Identifier: Apache-2.0
// Takes the place of hosts/tls in a firmware that does without.

import type { SignatureVerifier } from "../../modules/core/ports.js";

/** This firmware was built without what checks signatures. */
export const verifySignature: SignatureVerifier | undefined = undefined;
