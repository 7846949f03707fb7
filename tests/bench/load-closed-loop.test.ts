/** Goal: a closed loop counts each request that it sent exactly once, as its answer or as an error, whatever the server does. */
import { afterEach, expect, test } from "bun:test";
import type { Socket, TCPSocketListener } from "bun";
import { runClosedLoop } from "../../bench/load/closed-loop.ts";
import { Connection } from "../../bench/load/connection.ts";
import type { Plan } from "../../bench/load/plan.ts";
import { piece } from "../../bench/load/request-writer.ts";
import type { FailureKind, LoadConfig } from "../../bench/load/result.ts";

type Answer = (socket: Socket<State>, sequence: number) => void;

interface State {
  text: string;
}

/** Longer than a test may last: runs end by `requestsMax`. */
const LONG_MS = 60_000;

const servers: TCPSocketListener<State>[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.stop(true);
});

/** A server over bare sockets, so that it can answer whatever HTTP allows and what it doesn't. Requests are `GET /<sequence>`. */
function serve(answer: Answer): { url: string; received: number[] } {
  const received: number[] = [];
  const server = Bun.listen<State>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => {
        socket.data = { text: "" };
      },
      data: (socket, bytes) => {
        socket.data.text += bytes.toString("latin1");
        if (!socket.data.text.endsWith("\r\n\r\n")) return;
        const requests = socket.data.text.split("\r\n\r\n").slice(0, -1);
        expect(requests).toHaveLength(1);
        socket.data.text = "";
        const sequence = Number(/^GET \/(\d+) HTTP/.exec(requests[0] ?? "")?.[1]);
        received.push(sequence);
        answer(socket, sequence);
      },
    },
  });
  servers.push(server);
  return { url: `http://127.0.0.1:${server.port}`, received };
}

const start = piece("GET /");
const end = piece(" HTTP/1.1\r\nHost: test\r\n\r\n");
const gets: Plan = {
  write: (request, _connection, sequence) => {
    request.piece(start).digits(sequence, 6).piece(end);
  },
};

function config(url: string, given: Partial<LoadConfig>): LoadConfig {
  return { url, connections: 1, warmUpMs: 0, durationMs: LONG_MS, plan: "", options: null, ...given };
}

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const CREATED = OK.replace("200 OK", "201 Created");

test("runClosedLoop() counts every status, and each sequence number is sent once", async () => {
  const statuses = [
    OK,
    "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: a\r\n\r\n",
    'HTTP/1.1 409 Conflict\r\nContent-Length: 21\r\n\r\n{"code":"SEAT_TAKEN"}',
  ];
  const { url, received } = serve((socket, sequence) => {
    socket.write(statuses[sequence % statuses.length] ?? "");
  });
  const result = await runClosedLoop(config(url, { connections: 7, requestsMax: 500 }), gets);
  expect(result.requests).toBe(500);
  const counted = Object.values(result.byStatus).reduce((sum, count) => sum + count, 0);
  expect(counted).toBe(500);
  expect(Object.keys(result.byStatus)).toEqual(["200", "201", "204", "304", "409"]);
  expect(result.byProblem).toEqual({ SEAT_TAKEN: result.byStatus["409"] ?? 0 });
  expect(result.errors + result.reconnects).toBe(0);
  expect(result.p50Ms).toBeGreaterThan(0);
  expect(result.maxMs).toBeGreaterThanOrEqual(result.p999Ms);
  expect(received.toSorted((a, b) => a - b)).toEqual(Array.from(received, (_, i) => i));
});

test("runClosedLoop() reads an answer that comes in several writes", async () => {
  const { url } = serve((socket) => {
    socket.write(OK.slice(0, 30));
    socket.flush();
    setImmediate(() => socket.write(OK.slice(30)));
  });
  const result = await runClosedLoop(config(url, { requestsMax: 50 }), gets);
  expect(result.byStatus).toEqual({ 200: 50 });
  expect(result.errors).toBe(0);
});

test("runClosedLoop() goes on over a new connection when the server closes after an answer", async () => {
  const { url } = serve((socket, sequence) => {
    const withLength = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
    socket.end(sequence % 2 === 0 ? withLength : "HTTP/1.1 202 Accepted\r\n\r\nup to the end");
  });
  const result = await runClosedLoop(config(url, { connections: 2, requestsMax: 20 }), gets);
  expect(result.requests).toBe(20);
  expect(Object.keys(result.byStatus)).toEqual(["200", "202"]);
  expect(result.errors).toBe(0);
  expect(result.reconnects).toBeGreaterThanOrEqual(18);
});

test("runClosedLoop() counts requests without an answer by what went wrong, and goes on", async () => {
  const { url } = serve((socket, sequence) => {
    if (sequence % 4 === 0) socket.write(OK);
    else if (sequence % 4 === 1) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ncut");
    else if (sequence % 4 === 2) socket.write("nonsense\r\n");
    else socket.write(OK + OK);
  });
  // The requests that count are consecutive ones: ten of each kind, wherever they begin.
  const result = await runClosedLoop(config(url, { connections: 8, requestsMax: 40 }), gets);
  expect(result.byStatus).toEqual({ 200: 10 });
  expect(result.byFailure).toEqual({ connect: 0, broken: 10, malformed: 20, timeout: 0 });
});

test("runClosedLoop() gives up a request that is never answered", async () => {
  const { url } = serve((socket, sequence) => {
    if (sequence !== 3) socket.write(OK);
  });
  const result = await runClosedLoop(config(url, { requestsMax: 10, timeoutMs: 20 }), gets);
  expect(result.byFailure.timeout).toBe(1);
  expect(result.requests).toBe(9);
});

test("runClosedLoop() ends, and counts the attempts to connect, when the server goes away for good", async () => {
  const { url } = serve((socket, sequence) => {
    if (sequence < 5) socket.write(OK);
    else for (const server of servers.splice(0)) server.stop(true);
  });
  const result = await runClosedLoop(config(url, { durationMs: 100 }), gets);
  expect(result.byFailure.broken).toBe(1);
  expect(result.byFailure.connect).toBeGreaterThan(0);
  expect(result.errors).toBe(1 + result.byFailure.connect);
});

test("runClosedLoop() counts nothing of its warm-up", async () => {
  const { url, received } = serve((socket, sequence) => {
    socket.write(sequence === 0 ? OK : "HTTP/1.1 204 No Content\r\n\r\n");
  });
  const result = await runClosedLoop(config(url, { warmUpMs: 30, requestsMax: 10 }), gets);
  expect(result.byStatus).toEqual({ 204: 10 });
  expect(received.length).toBeGreaterThan(11);
});

test("send() sends the rest of a request that the socket didn't take at once", async () => {
  // More than the kernel buffers for a loopback connection, so that one write can't take it all.
  const request = Buffer.alloc(16 * 1024 * 1024, "GET /1234567 and so on. ");
  const sent = Bun.hash.crc32(request);
  const outcome = Promise.withResolvers<number | FailureKind>();
  let receivedBytes = 0;
  let received = 0;
  const server = Bun.listen<State>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data: (socket, bytes) => {
        received = Bun.hash.crc32(bytes, received);
        receivedBytes += bytes.length;
        if (receivedBytes === request.length) socket.write(OK);
      },
    },
  });
  servers.push(server);
  const connection = new Connection(0, "127.0.0.1", server.port, {
    connected: (self) => {
      self.send(request, request.length, 0);
      // Whatever wasn't taken is the connection's own by now.
      request.fill(0);
    },
    answered: (_self, status) => outcome.resolve(status),
    failed: (_self, kind) => outcome.resolve(kind),
    reconnecting: () => {},
  });
  connection.open();
  expect(await outcome.promise).toBe(200);
  expect(received).toBe(sent);
  connection.end();
});

test("runClosedLoop() rejects when nobody listens", async () => {
  const { url } = serve(() => {});
  for (const server of servers.splice(0)) server.stop(true);
  await expect(runClosedLoop(config(url, { openTimeoutMs: 50 }), gets)).rejects.toThrow("can't be opened");
});

test("runClosedLoop() counts the rate by the answers of the window, also of what was sent before it: a slow server is not made slower", async () => {
  const SERVICE_MS = 200;
  const { url } = serve((socket) => void setTimeout(() => socket.write(CREATED), SERVICE_MS));
  const given = { connections: 20, warmUpMs: SERVICE_MS * 1.5, durationMs: SERVICE_MS * 4 };
  const { ratePerSecond, acceptedPerSecond, requests } = await runClosedLoop(config(url, given), gets);
  // Four answers of each connection come in the window, and it sends four requests.
  expect(requests).toBeGreaterThan(60);
  expect(acceptedPerSecond).toBeGreaterThan((0.9 * 20 * 1_000) / SERVICE_MS);
  expect(ratePerSecond).toBe(acceptedPerSecond);
});
