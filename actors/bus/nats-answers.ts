/** Owns the way of a batch's answers: those of one inbox that are ready in the same turn, as after a commit, leave in one message. */

import type { NatsLink } from "./nats-link.ts";

/** About how long a message of answers may be, in characters; a longer one is begun anew. */
const MESSAGE_LENGTH_MAX = 262_144;

interface Ready {
  /** Any reply subject of the inbox. */
  readonly subject: string;
  readonly texts: string[];
  length: number;
}

export class NatsAnswers {
  readonly #link: NatsLink;
  #byInbox = new Map<string, Ready>();

  constructor(link: NatsLink) {
    this.#link = link;
  }

  /**
   * Sends the answer at the end of this turn.
   * @param inbox what its answers are gathered by
   * @param subject a reply subject of that inbox
   * @param text the answer as a JSON object
   */
  add(inbox: string, subject: string, text: string): void {
    if (this.#byInbox.size === 0) queueMicrotask(() => this.#sendAll());
    let ready = this.#byInbox.get(inbox);
    if (ready === undefined) {
      ready = { subject, texts: [], length: 0 };
      this.#byInbox.set(inbox, ready);
    }
    ready.texts.push(text);
    ready.length += text.length;
    if (ready.length < MESSAGE_LENGTH_MAX) return;
    this.#send(ready.subject, ready.texts);
    ready.texts.length = 0;
    ready.length = 0;
  }

  #sendAll(): void {
    const gathered = this.#byInbox;
    // A new one: a Map that is cleared all the time keeps alive what was in it, as slab.ts tells.
    this.#byInbox = new Map();
    for (const { subject, texts } of gathered.values()) if (texts.length > 0) this.#send(subject, texts);
  }

  /** In parts where the server's operator allows no messages of that length. One that is too long by itself is for its caller to miss. */
  #send(subject: string, texts: readonly string[]): void {
    try {
      this.#link.publish(subject, `{"answers":[${texts.join(",")}]}`);
    } catch {
      if (texts.length === 1) return;
      const half = texts.length >> 1;
      this.#send(subject, texts.slice(0, half));
      this.#send(subject, texts.slice(half));
    }
  }
}
