// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { type HttpUrl, maxUrlBytes, parseUrl, resolveUrl } from "../../../modules/ota/http/url.js";
import { text } from "../../fakes/text.js";

const scratch = new Uint8Array(1_024);

function parse(url: string): HttpUrl | undefined {
  return parseUrl(url, text, scratch);
}

function show(url: HttpUrl | undefined): string | undefined {
  return url && [url.isSecure ? "secure" : "plain", url.host, url.port, url.authority, url.target].join(" ");
}

test.each([
  ["http://a.test", "plain a.test 80 a.test /"],
  ["http://a.test/", "plain a.test 80 a.test /"],
  ["https://a.test/b/c.bin?d=e&f=/g?h", "secure a.test 443 a.test /b/c.bin?d=e&f=/g?h"],
  ["HTTPS://A.test:8443/B", "secure A.test 8443 A.test:8443 /B"],
  ["http://a.test:443/", "plain a.test 443 a.test:443 /"],
  ["http://a.test:80/", "plain a.test 80 a.test /"],
  ["http://a.test:/b", "plain a.test 80 a.test /b"],
  ["http://a.test?b", "plain a.test 80 a.test /?b"],
  ["http://a.test#b", "plain a.test 80 a.test /"],
  ["http://a.test/b?c#d@e", "plain a.test 80 a.test /b?c"],
  ["http://192.0.2.1:65535/a", "plain 192.0.2.1 65535 192.0.2.1:65535 /a"],
  ["http://[2001:db8::1]/a", "plain 2001:db8::1 80 [2001:db8::1] /a"],
  ["https://[::ffff:192.0.2.1]:1/a", "secure ::ffff:192.0.2.1 1 [::ffff:192.0.2.1]:1 /a"],
  ["http://a.test/b@c:d", "plain a.test 80 a.test /b@c:d"],
  ["http://a.test?http://b.test", "plain a.test 80 a.test /?http://b.test"],
])("%s is understood", (url, expected) => {
  expect(show(parse(url))).toBe(expected);
});

test.each([
  "",
  "a.test/b",
  "/b",
  "//a.test/b",
  "ftp://a.test/b",
  "file:///b",
  "coap://a.test",
  "http:",
  "http:/a.test",
  "http:///b",
  "http://?b",
  "http://:80/",
  "http://user@a.test/",
  "http://user:password@a.test/",
  "http://a.test@b.test/",
  "http://a.test:0/",
  "http://a.test:65536/",
  "http://a.test:080000/",
  "http://a.test:8o/",
  "http://a.test:-1/",
  "http://a.test:80:80/",
  "http://a b/",
  "http://a.test/b c",
  " http://a.test/",
  "http://a.test/\r\nX-Y: z",
  "http://a.test/\0",
  "http://a.test/ü",
  "http://ü.test/",
  "http://a.test\\b/",
  "http://a%2eb/",
  "http://[::1",
  "http://[]/",
  "http://[1]/",
  "http://[::1]x/",
  "http://[fe80::1%25en0]/",
  "http://[::1]8080/",
  "http://::1/",
])("%j is refused", (url) => {
  expect(parse(url)).toBeUndefined();
});

test("a URL may have 1,020 bytes, and a host 253", () => {
  const url = "http://a.test/";
  const path = "b".repeat(maxUrlBytes - url.length);
  expect(parse(url + path)?.target).toBe(`/${path}`);
  expect(parse(`${url}${path}b`)).toBeUndefined();
  expect(parse(`http://${"a".repeat(253)}/`)?.host.length).toBe(253);
  expect(parse(`http://${"a".repeat(254)}/`)).toBeUndefined();
});

test.each([
  ["https://b.test/d", "secure b.test 443 b.test /d"],
  ["http://b.test/d", "plain b.test 80 b.test /d"],
  ["//b.test/d", "secure b.test 443 b.test /d"],
  ["/d", "secure a.test 8443 a.test:8443 /d"],
  ["/d:e", "secure a.test 8443 a.test:8443 /d:e"],
  ["d", "secure a.test 8443 a.test:8443 /x/y/d"],
  ["d?e=f:g", "secure a.test 8443 a.test:8443 /x/y/d?e=f:g"],
  ["./d", "secure a.test 8443 a.test:8443 /x/y/d"],
  ["../d", "secure a.test 8443 a.test:8443 /x/d"],
  ["../../../d/.", "secure a.test 8443 a.test:8443 /d/"],
  ["..", "secure a.test 8443 a.test:8443 /x/"],
  ["?d", "secure a.test 8443 a.test:8443 /x/y/z?d"],
  ["?d=../e", "secure a.test 8443 a.test:8443 /x/y/z?d=../e"],
  ["", "secure a.test 8443 a.test:8443 /x/y/z?q=/r"],
  ["#d", "secure a.test 8443 a.test:8443 /x/y/z?q=/r"],
  ["ftp://b.test/d", undefined],
  ["mailto:d@b.test", undefined],
  ["//user@b.test/d", undefined],
  ["/d e", undefined],
  [`/${"d".repeat(1_010)}`, undefined],
])("a redirect to %j is resolved", (location, expected) => {
  const base = parse("https://a.test:8443/x/y/z?q=/r#s") as HttpUrl;
  expect(show(resolveUrl(base, location, text, scratch))).toBe(expected);
});

test("a redirect keeps the brackets of an address", () => {
  const base = parse("http://[::1]:81/x") as HttpUrl;
  expect(show(resolveUrl(base, "/d", text, scratch))).toBe("plain ::1 81 [::1]:81 /d");
});
