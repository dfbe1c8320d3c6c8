import { readFileSync } from "node:fs";
import { Hono } from "hono";

const files = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/page.css": ["page.css", "text/css; charset=utf-8"],
  "/page.js": ["page.js", "text/javascript; charset=utf-8"],
  "/update.js": ["update.js", "text/javascript; charset=utf-8"],
  "/api.js": ["api.js", "text/javascript; charset=utf-8"],
} as const;

/** The page for people. */
export function pageRoutes(): Hono {
  const routes = new Hono();
  for (const [path, [file, type]] of Object.entries(files)) {
    const content = readFileSync(new URL(`../page/${file}`, import.meta.url), "utf8");
    routes.get(path, (c) => c.body(content, 200, { "Content-Type": type }));
  }
  return routes;
}
