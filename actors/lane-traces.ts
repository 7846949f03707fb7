/** Owns the spans of a lane: what a request waited for in each stage, and the commit that it shared with others, linked to each other. */

import type { Answer } from "./bus/bus.ts";
import type { Part } from "./flight-actor.ts";
import type { Mail } from "./mailbox.ts";
import { spanIdOf, type Traces, traceOfBatch } from "./tracing.ts";

/** Requests that a commit's span links to. */
const LINKS_MAX = 32;

/** Traces of one flight's part that those who follow the journal go on with. */
const HINTED_MAX = 4;

export class LaneTraces {
  readonly #traces: Traces;

  constructor(traces: Traces) {
    this.#traces = traces;
  }

  /** These parts are durable. @param startedMs when their batch was sent */
  answered(batchId: string, parts: readonly Part[], startedMs: number, endedMs: number): void {
    if (!this.#traces.isOn) return;
    const batch = traceOfBatch(batchId);
    const links: string[] = [];
    for (const part of parts) {
      for (const { mail, answer } of part.decided) {
        const { trace } = mail.command;
        if (trace === undefined) continue;
        if (!this.#traces.keeps(trace, !answer.ok, endedMs - mail.arrivedMs)) continue;
        const own = this.#request(trace, mail, answer, batch, endedMs);
        if (links.length < LINKS_MAX) links.push(own);
        part.traces ??= [];
        if (part.traces.length < HINTED_MAX) part.traces.push(own);
      }
    }
    if (links.length === 0) return;
    const commands = parts.reduce((sum, { decided }) => sum + decided.length, 0);
    this.#traces.record({
      name: "commit batch",
      kind: "client",
      trace: batch,
      parentId: null,
      startMs: startedMs,
      endMs: endedMs,
      attributes: { "pigonair.commands": commands, "pigonair.flights": parts.length },
      links,
    });
  }

  #request(trace: string, mail: Mail, answer: Answer, batch: string, endedMs: number): string {
    const { arrivedMs, takenMs = endedMs, decidedMs = endedMs, command } = mail;
    const traces = this.#traces;
    const own = traces.child(trace);
    const parentId = spanIdOf(own);
    const code = !answer.ok ? answer.error.code : answer.reply.ok ? "OK" : answer.reply.rejection.code;
    traces.record({
      name: `flight ${command.op}`,
      kind: "server",
      trace: own,
      parentId: spanIdOf(trace),
      startMs: arrivedMs,
      endMs: endedMs,
      attributes: { "pigonair.op": command.op, "pigonair.code": code },
      ...(answer.ok ? {} : { failure: code }),
    });
    const stage = (name: string, startMs: number, endMs: number, links: readonly string[] = []): void =>
      traces.record({
        name,
        kind: "internal",
        trace: traces.child(own),
        parentId,
        startMs,
        endMs,
        attributes: {},
        links,
      });
    stage("mailbox", arrivedMs, takenMs);
    stage("decide", takenMs, decidedMs);
    stage("commit", decidedMs, endedMs, [batch]);
    return own;
  }
}
