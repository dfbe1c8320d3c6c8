import type { Context } from "hono";
import { badRequest } from "./errors.js";
import { integerQuery } from "./request.js";

/**
 * One page of a list, in ThingsBoard's form.
 * @param textOf what `?textSearch=` looks in
 * @throws {RestError} 400, `pageSize` or `page` is missing or out of range
 */
export function pageData<T, J>(
  c: Context,
  items: readonly T[],
  textOf: (item: T) => string,
  json: (item: T) => J,
): { data: J[]; totalPages: number; totalElements: number; hasNext: boolean } {
  const pageSize = integerQuery(c, "pageSize");
  const index = integerQuery(c, "page");
  if (pageSize < 1) throw badRequest("Incorrect page link page size '0'. Page size must be greater than zero.");
  if (index < 0) throw badRequest(`Incorrect page link page '${index}'. Page must be positive integer.`);
  const search = c.req.query("textSearch")?.toLowerCase() ?? "";
  const found = items.filter((item) => textOf(item).toLowerCase().includes(search));
  const totalPages = Math.ceil(found.length / pageSize);
  const data = found.slice(index * pageSize, (index + 1) * pageSize).map(json);
  return { data, totalPages, totalElements: found.length, hasNext: index + 1 < totalPages };
}
