// SPDX-License-Identifier: Apache-2.0

import type { SignatureVerifier } from "../../../modules/core/ports.js";
import { answers, requests, WireWriter } from "../wire.js";
import { ask } from "./storage.js";

export const verifySignature: SignatureVerifier = (publicKey, digest, signature) => {
  const request = new WireWriter().byte(requests.verifySignature).text(publicKey).bytes(digest).bytes(signature);
  return ask(request).byte() === answers.done;
};
