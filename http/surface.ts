/** Owns what the composed app serves, for those of its parts that speak of the whole: the API's document, and which methods a path takes. */

import type { AnyElysia } from "elysia";
import { present } from "../actors/assert.ts";

/** In the order in which `Allow` names them. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

interface ServedRoute {
  readonly method: string;
  readonly segments: readonly string[];
}

/** Filled when the app is composed, and asked while it serves. */
export class Surface {
  #app: AnyElysia | null = null;
  #routes: readonly ServedRoute[] = [];

  describe(app: AnyElysia): void {
    this.#app = app;
    this.#routes = app.routes.map(({ method, path }) => ({ method, segments: segmentsOf(path) }));
  }

  get app(): AnyElysia {
    return present(this.#app, "the app is composed before it serves");
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
