/** Owns how a route finds the scope of its request, which the edge has made. */

import { RequestScope } from "../../actors/request-scope.ts";

const SCOPE = Symbol("scope");

/** On the request itself: a WeakMap cost three times as much. */
interface Scoped {
  [SCOPE]?: RequestScope;
}

export function openScope(request: Request): RequestScope {
  const scope = new RequestScope();
  (request as Scoped)[SCOPE] = scope;
  return scope;
}

/** null where the request has not come through the edge. */
export function scopeOf(request: Request): RequestScope | null {
  return (request as Scoped)[SCOPE] ?? null;
}
