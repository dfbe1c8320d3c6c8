// SPDX-License-Identifier: Apache-2.0

/** The address that a host name stands for without asking anybody; undefined where a name server has to be asked. */
export function literalAddress(host: string): string | undefined {
  if (host === "localhost") return "127.0.0.1";
  return host.includes(":") || isDottedQuad(host) ? host : undefined;
}

function isDottedQuad(host: string): boolean {
  const parts = host.split(".");
  return parts.length === 4 && parts.every(isOctet);
}

function isOctet(part: string): boolean {
  if (part.length < 1 || part.length > 3) return false;
  for (let index = 0; index < part.length; index++) {
    const code = part.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return false;
  }
  return Number(part) <= 255;
}
