/** Owns a small load run for the pages of operators: holds that are given up again, marked as a run, some at once until it is stopped. */

const AT_ONCE = 4;

export class LoadRun {
  readonly #reservations: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #url: string;
  #isStopped = false;
  #working: Promise<unknown> = Promise.resolve();

  /** @param name what the run calls itself */
  constructor(url: string, flightId: string, token: string, name: string) {
    this.#url = url;
    this.#reservations = `${url}/api/v1/flights/${flightId}/reservations`;
    this.#headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "x-load-run": name };
  }

  /** Resolves when the first answers have come. */
  async start(): Promise<void> {
    await this.#turn();
    this.#working = Promise.all(Array.from({ length: AT_ONCE }, () => this.#work()));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#working;
  }

  async #work(): Promise<void> {
    while (!this.#isStopped) await this.#turn();
  }

  async #turn(): Promise<void> {
    const held = await fetch(this.#reservations, {
      method: "POST",
      headers: { ...this.#headers, "idempotency-key": Bun.randomUUIDv7() },
      body: JSON.stringify({ passengers: [{ name: "Kim Minji" }] }),
    });
    const { id }: { id?: string } = await held.json();
    if (id === undefined) {
      await Bun.sleep(20);
      return;
    }
    await fetch(`${this.#url}/api/v1/reservations/${id}`, { method: "DELETE", headers: this.#headers });
    // A few dozen a second are enough to look at.
    await Bun.sleep(40);
  }
}
