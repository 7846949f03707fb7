/** Goal: a stream of events comes back by itself, from where it was, and gives up only where there is nothing. */

import { afterEach, expect, test } from "bun:test";
import { EventParser, followStream } from "../../http/web/browser/event-stream.ts";
import { until } from "../support/until.ts";

const leaving: AbortController[] = [];
const servers: Bun.Server<undefined>[] = [];

afterEach(async () => {
  for (const each of leaving.splice(0)) each.abort();
  for (const server of servers.splice(0)) await server.stop(true);
});

interface Followed {
  readonly events: string[];
  readonly live: boolean[];
  readonly refused: number[];
  readonly ended: Promise<void>;
}

function follow(url: string): Followed {
  const stop = new AbortController();
  leaving.push(stop);
  const events: string[] = [];
  const live: boolean[] = [];
  const refused: number[] = [];
  const ended = followStream(
    {
      url,
      event: (name, data) => events.push(`${name} ${JSON.stringify(data)}`),
      live: (isLive) => live.push(isLive),
      refused: (status) => refused.push(status),
    },
    stop.signal,
  );
  return { events, live, refused, ended };
}

function serve(answer: (request: Request, count: number) => Response): string {
  let count = 0;
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => answer(request, count++) });
  servers.push(server);
  return `http://127.0.0.1:${server.port}`;
}

const stream = (text: string): Response => new Response(text, { headers: { "content-type": "text/event-stream" } });

test("followStream() comes again after an end, with the last id, and after an answer that is no stream", async () => {
  const lastIds: (string | null)[] = [];
  const url = serve((request, count) => {
    lastIds.push(request.headers.get("last-event-id"));
    if (count === 1) return new Response("just starting", { status: 503 });
    if (count === 0) return stream(': open\n\nid: 7\nevent: snapshot\ndata: {"version":7}\n\n');
    return stream(`id: ${7 + count}\nevent: delta\ndata: {"count":${count}}\n\nevent: bye\ndata: {}\n\n`);
  });
  const { events, live } = follow(url);
  await until(() => lastIds.length >= 4, "four connections");
  expect(lastIds.slice(0, 4)).toEqual([null, "7", "7", "9"]);
  expect(events.slice(0, 3)).toEqual(['snapshot {"version":7}', 'delta {"count":2}', "bye {}"]);
  // Of an answer that is no stream nothing was live.
  expect(live.slice(0, 5)).toEqual([true, false, false, true, false]);
});

test("followStream() gives up where there is no such thing", async () => {
  const { refused, ended } = follow(serve(() => new Response("{}", { status: 404 })));
  await ended;
  expect(refused).toEqual([404]);
});

test("EventParser puts events together that come in pieces", () => {
  const parser = new EventParser();
  const text = 'id: 3\nevent: delta\ndata: {"a":1}\n\n: comment\n\nevent: ping\ndata: {}\n\n';
  const events = [...text].flatMap((letter) => parser.take(letter));
  expect(events).toEqual([
    { name: "delta", data: '{"a":1}', id: "3" },
    { name: "message", data: "", id: null },
    { name: "ping", data: "{}", id: null },
  ]);
});
