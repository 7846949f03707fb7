/** Owns the measure of what Elysia costs by itself: a route that returns a constant text. */

import { Elysia } from "elysia";

const TEXT = JSON.stringify({ state: "open", epoch: 1, admitted: 4_711, joined: 123_456, filler: "x".repeat(300) });

const app = new Elysia().get("/api/v1/flights/:id/waiting-room", ({ set }) => {
  set.headers["content-type"] = "application/json";
  set.headers["cache-control"] = "public, max-age=1";
  return TEXT;
});
app.listen({ hostname: "127.0.0.1", port: 0 });
console.log(JSON.stringify({ url: `http://127.0.0.1:${app.server?.port}` }));
