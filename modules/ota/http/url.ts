// SPDX-License-Identifier: Apache-2.0

import type { Text } from "../../core/ports.js";

/** ThingsBoard stores no more than 255 characters. */
export const maxUrlBytes = 1_020;

/** As much as a name in DNS has. */
const maxHostLength = 253;

const secureScheme = "https://";
const plainScheme = "http://";

/** Where a package is, in the parts by which it is asked for. All of it is visible ASCII. */
export interface HttpUrl {
  readonly isSecure: boolean;
  /** Name or address; IPv6 without its brackets. */
  readonly host: string;
  readonly port: number;
  /** Host as it is in a URL, with the port where that is not the usual one. */
  readonly authority: string;
  /** Path and query. */
  readonly target: string;
}

/** Undefined for what is no URL of HTTP or HTTPS, is too long, or names a user. `scratch` has `maxUrlBytes` at least. */
export function parseUrl(url: string, text: Text, scratch: Uint8Array): HttpUrl | undefined {
  const length = text.encodeInto(url, scratch, 0);
  if (length < 0 || length > maxUrlBytes || !isVisible(scratch, length)) return undefined;
  const isSecure = hasScheme(url, secureScheme);
  if (!isSecure && !hasScheme(url, plainScheme)) return undefined;
  const rest = withoutFragment(url.slice((isSecure ? secureScheme : plainScheme).length));
  const end = endOfAuthority(rest);
  const target = rest.slice(end);
  const usualPort = isSecure ? 443 : 80;
  const split = endOfHost(rest, end);
  const name = rest.slice(0, split);
  const port = parsePort(rest.slice(split, end), usualPort);
  if (port === undefined || !isHost(name)) return undefined;
  return {
    isSecure,
    host: name.startsWith("[") ? name.slice(1, -1) : name,
    port,
    authority: port === usualPort ? name : `${name}:${port}`,
    target: target.startsWith("/") ? target : `/${target}`,
  };
}

/** Where a server sends who asked for `base`, in RFC 3986 §5. Undefined as with `parseUrl`. */
export function resolveUrl(base: HttpUrl, location: string, text: Text, scratch: Uint8Array): HttpUrl | undefined {
  return parseUrl(absolute(base, withoutFragment(location)), text, scratch);
}

function absolute(base: HttpUrl, reference: string): string {
  if (hasAnyScheme(reference)) return reference;
  const scheme = base.isSecure ? "https:" : "http:";
  if (reference.startsWith("//")) return `${scheme}${reference}`;
  const path = pathOf(base.target);
  let target = base.target;
  if (reference.startsWith("/")) target = reference;
  else if (reference.startsWith("?")) target = `${path}${reference}`;
  else if (reference !== "") target = withoutDots(`${path.slice(0, path.lastIndexOf("/") + 1)}${reference}`);
  return `${scheme}//${base.authority}${target}`;
}

function hasScheme(url: string, scheme: string): boolean {
  return url.slice(0, scheme.length).toLowerCase() === scheme;
}

/** A colon in the first segment of a path cannot be there without a scheme. */
function hasAnyScheme(reference: string): boolean {
  const colon = reference.indexOf(":");
  return colon > 0 && colon < endOfAuthority(reference);
}

function withoutFragment(url: string): string {
  const hash = url.indexOf("#");
  return hash < 0 ? url : url.slice(0, hash);
}

function pathOf(target: string): string {
  const query = target.indexOf("?");
  return query < 0 ? target : target.slice(0, query);
}

function withoutDots(target: string): string {
  const path = pathOf(target);
  const segments = path.split("/");
  const last = segments.at(-1);
  const kept: string[] = [];
  for (let index = 1; index < segments.length; index += 1) {
    const segment = segments[index] as string;
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
  }
  if (last === "." || last === "..") kept.push("");
  return `/${kept.join("/")}${target.slice(path.length)}`;
}

function endOfAuthority(rest: string): number {
  const slash = rest.indexOf("/");
  const query = rest.indexOf("?");
  const end = slash < 0 ? rest.length : slash;
  return query < 0 ? end : Math.min(query, end);
}

/** Where the port begins, with its colon. */
function endOfHost(rest: string, end: number): number {
  if (rest.startsWith("[")) return rest.indexOf("]") + 1;
  const colon = rest.indexOf(":");
  return colon < 0 || colon > end ? end : colon;
}

/** `port` begins with its colon; none and an empty one are the usual one. */
function parsePort(port: string, usual: number): number | undefined {
  if (port === "" || port === ":") return usual;
  if (!port.startsWith(":") || port.length > 6) return undefined;
  for (let index = 1; index < port.length; index += 1) if (!"0123456789".includes(port.charAt(index))) return undefined;
  const number = Number(port.slice(1));
  return number >= 1 && number <= 65_535 ? number : undefined;
}

function isHost(name: string): boolean {
  if (name === "" || name.length > maxHostLength) return false;
  const isAddress = name.startsWith("[");
  const allowed = isAddress ? "0123456789abcdef:." : "0123456789abcdefghijklmnopqrstuvwxyz.-_";
  const host = (isAddress ? name.slice(1, -1) : name).toLowerCase();
  for (let index = 0; index < host.length; index += 1) if (!allowed.includes(host.charAt(index))) return false;
  return !isAddress || host.includes(":");
}

function isVisible(bytes: Uint8Array, length: number): boolean {
  for (let index = 0; index < length; index += 1) {
    const byte = bytes[index] as number;
    if (byte <= 0x20 || byte >= 0x7f) return false;
  }
  return true;
}
