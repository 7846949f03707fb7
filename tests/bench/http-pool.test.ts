/** Goal: people who take several steps get the answer to each, whole, over a bounded number of connections, also when the server closes idle ones. */
import { afterEach, expect, test } from "bun:test";
import { HttpPool } from "../../bench/load/http-pool.ts";

const opened: { stop(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.stop();
});

async function poolOn(url: string, connections: number): Promise<HttpPool> {
  const pool = new HttpPool(url, connections);
  opened.push({ stop: () => pool.close() });
  await pool.open();
  return pool;
}

test("ask() sends what it is given, waits in line, and gives the whole answer", async () => {
  let [now, most] = [0, 0];
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      most = Math.max(most, ++now);
      const { method, headers } = request;
      const said = {
        method,
        path: new URL(request.url).pathname,
        token: headers.get("authorization"),
        body: await request.text(),
      };
      await Bun.sleep(1);
      now -= 1;
      return Response.json({ ...said, filler: "é".repeat(50_000) }, { status: method === "POST" ? 201 : 200 });
    },
  });
  opened.push({ stop: () => void server.stop(true) });
  const pool = await poolOn(server.url.origin, 3);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, at) =>
      pool.ask({ method: "POST", path: `/${at}`, token: "t", body: { name: "김" } }),
    ),
  );
  for (const [at, { status, body }] of answers.entries()) {
    expect(status).toBe(201);
    const { filler, ...said } = JSON.parse(body);
    expect(said).toEqual({ method: "POST", path: `/${at}`, token: "Bearer t", body: '{"name":"김"}' });
    expect(filler.length).toBe(50_000);
  }
  expect(most).toBe(3);
});

test("ask() asks again on another connection when the server closes without an answer, and says so when it always does", async () => {
  let requests = 0;
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, bytes) {
        requests += 1;
        if (bytes.toString().includes("never") || requests === 1) socket.end();
        else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      },
    },
  });
  opened.push({ stop: () => listener.stop(true) });
  const pool = await poolOn(`http://127.0.0.1:${listener.port}`, 2);
  const again = await pool.ask({ method: "GET", path: "/once" });
  expect([again.status, again.body, requests]).toEqual([200, "ok", 2]);
  const never = await pool.ask({ method: "GET", path: "/never" });
  expect([never.status, never.problemCode, requests]).toEqual([0, "broken", 5]);
});
