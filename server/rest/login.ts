import { Hono, type MiddlewareHandler } from "hono";
import { customerEntity, tenantEntity } from "./entity.js";
import { permissionDenied } from "./errors.js";
import { objectBody, optionalString } from "./request.js";
import { authenticationFailed, type Tokens } from "./tokens.js";
import { type User, userOf, users } from "./users.js";

/** What a customer's user may do here. On a real server it sees its devices by the other paths too. */
const customerPaths = /^\/api\/(customer|auth)\//;

export function loginRoutes(tokens: Tokens): Hono {
  return new Hono()
    .post("/login", async (c) => {
      const body = await objectBody(c);
      const user = users.find(({ username }) => username === body.get("username"));
      if (!user || body.get("password") !== user.password) throw authenticationFailed("Invalid username or password");
      return c.json(tokens.issue(user.username, user.authority));
    })
    .post("/token", async (c) => {
      const refreshToken = optionalString(await objectBody(c), "refreshToken") ?? "";
      const { username, authority } = userNamed(tokens.verify(refreshToken, ["REFRESH_TOKEN"]));
      return c.json(tokens.issue(username, authority));
    });
}

/** Behind {@link requireLogin}. */
export function userRoutes(): Hono {
  return new Hono().get("/user", (c) => {
    const { username, authority, customerId } = userOf(c);
    return c.json({
      tenantId: tenantEntity,
      customerId: customerEntity(customerId),
      email: username,
      name: username,
      authority,
    });
  });
}

/** Lets requests with an access token pass, in either of the headers that ThingsBoard reads. */
export function requireLogin(tokens: Tokens): MiddlewareHandler {
  return async (c, next) => {
    const header = c.req.header("X-Authorization") ?? c.req.header("Authorization") ?? "";
    const user = userNamed(tokens.verify(header.replace(/^Bearer /, ""), ["TENANT_ADMIN", "CUSTOMER_USER"]));
    if (user.authority === "CUSTOMER_USER" && !customerPaths.test(c.req.path)) throw permissionDenied();
    c.set("user", user);
    await next();
  };
}

function userNamed(name: string): User {
  const user = users.find(({ username }) => username === name);
  if (!user) throw authenticationFailed();
  return user;
}
