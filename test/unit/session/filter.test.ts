// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Filter } from "../../../modules/session/filter.js";

describe("Filter", () => {
  test.each([
    ["a/b", "a/b"],
    ["+", "a"],
    ["a/+", "a/b"],
    ["a/+", "a/"],
    ["a/+/c", "a/b/c"],
    ["+/+", "/a"],
    ["/+", "/a"],
    ["#", "a"],
    ["#", "a/b/c"],
    ["a/#", "a"],
    ["a/#", "a/"],
    ["a/#", "a/b/c"],
    ["+/b/#", "a/b"],
    ["v2/fw/response/+/chunk/+", "v2/fw/response/7/chunk/0"],
    ["$SYS/#", "$SYS/uptime"],
    ["Küche/+", "Küche/°C"],
  ])("%s matches %s", (filter, topic) => {
    expect(new Filter(filter).matches(topic)).toBe(true);
  });

  test.each([
    ["a/b", "a/B"],
    ["a/b", "a/b/"],
    ["+", "a/b"],
    ["+", "/a"],
    ["a/+", "a"],
    ["a/+", "a/b/c"],
    ["a/+", "ab/c"],
    ["ab/+", "a/c"],
    ["a/+/c", "a/b/d"],
    ["a/+/c", "a/b"],
    ["a/+/c", "a/b/c/d"],
    ["a/+/c", "a/b/cd"],
    ["a/#", "b"],
    ["a/#", "ab"],
    ["a/b/#", "a"],
    ["#", "$SYS/uptime"],
    ["+/uptime", "$SYS/uptime"],
  ])("%s does not match %s", (filter, topic) => {
    expect(new Filter(filter).matches(topic)).toBe(false);
  });

  test.each(["", "a/b+", "+a", "a/#/b", "#/a", "a#", "a/b\0"])("%p is refused", (filter) => {
    expect(() => new Filter(filter)).toThrow(RangeError);
  });
});
