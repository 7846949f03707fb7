/** Owns what the composed app serves, for those of its parts that speak of the whole: the API's document, and what a path takes from whom. */

import type { AnyElysia } from "elysia";
import { present } from "../actors/assert.ts";
import type { RouteDetail, Who } from "./plugins/documented.ts";

/** In the order in which `Allow` names them. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

interface ServedRoute {
  readonly method: string;
  readonly segments: readonly string[];
  /** Null where a route says nothing of itself, as those of pages. */
  readonly who: Who | null;
}

/** Filled when the app is composed, and asked while it serves. */
export class Surface {
  #app: AnyElysia | null = null;
  #routes: readonly ServedRoute[] = [];

  describe(app: AnyElysia): void {
    this.#app = app;
    this.#routes = app.routes.map(({ method, path, hooks }) => {
      const detail: Partial<RouteDetail> | undefined = hooks.detail;
      return { method, segments: segmentsOf(path), who: detail?.["x-who"] ?? null };
    });
  }

  get app(): AnyElysia {
    return present(this.#app, "the app is composed before it serves");
  }

  /** Who may use the route at `path`; null when there is none, or it does not say. */
  whoOf(method: string, path: string): Who | null {
    const segments = segmentsOf(path);
    const route = this.#routes.find((each) => each.method === method && matches(each.segments, segments));
    return route?.who ?? null;
  }

  /** The methods of the routes at `path`, as the field `Allow` lists them; none if nothing is there. */
  methodsOf(path: string): readonly string[] {
    const segments = segmentsOf(path);
    const methods = new Set<string>();
    for (const route of this.#routes) {
      if (!matches(route.segments, segments)) continue;
      methods.add(route.method);
      if (route.method === "GET") methods.add("HEAD");
    }
    return METHODS.filter((method) => methods.has(method));
  }
}

/** A slash at the end makes no difference, as with Elysia's routes. */
function segmentsOf(path: string): readonly string[] {
  return path.replace(/\/$/, "").split("/");
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((expected, at) => expected.startsWith(":") || expected === segments[at])
  );
}
