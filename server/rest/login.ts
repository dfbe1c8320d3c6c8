import { Hono, type MiddlewareHandler } from "hono";
import { objectBody, optionalString } from "./request.js";
import { authenticationFailed, type Tokens } from "./tokens.js";

/** ThingsBoard's own demo account. */
export const demoLogin = { username: "tenant@thingsboard.org", password: "tenant" } as const;

export function loginRoutes(tokens: Tokens): Hono {
  return new Hono()
    .post("/login", async (c) => {
      const body = await objectBody(c);
      const { username, password } = demoLogin;
      if (body.get("username") !== username || body.get("password") !== password) {
        throw authenticationFailed("Invalid username or password");
      }
      return c.json(tokens.issue(username));
    })
    .post("/token", async (c) => {
      const refreshToken = optionalString(await objectBody(c), "refreshToken") ?? "";
      return c.json(tokens.issue(tokens.verify(refreshToken, "REFRESH_TOKEN")));
    });
}

/** Lets requests with an access token pass, in either of the headers that ThingsBoard reads. */
export function requireLogin(tokens: Tokens): MiddlewareHandler {
  return async (c, next) => {
    const header = c.req.header("X-Authorization") ?? c.req.header("Authorization") ?? "";
    tokens.verify(header.replace(/^Bearer /, ""), "TENANT_ADMIN");
    await next();
  };
}
