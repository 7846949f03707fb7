/** Owns what tests ask a Prometheus, by its HTTP API. */

interface Answer<T> {
  readonly status: string;
  readonly data: T;
  readonly error?: string;
}

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

interface Alarm {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: "pending" | "firing";
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export class AskedPrometheus {
  readonly #url: string;

  constructor(port: number) {
    this.#url = `http://127.0.0.1:${port}`;
  }

  /** What a question gives now. @throws Error with what Prometheus does not understand of it */
  async ask(expr: string): Promise<readonly Sample[]> {
    const { result } = await this.#get<{ readonly result: readonly Series[] }>(
      `query?query=${encodeURIComponent(expr)}`,
    );
    return result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  }

  /** Names of the alarms that are on. */
  async firing(): Promise<readonly string[]> {
    const { alerts } = await this.#get<{ readonly alerts: readonly Alarm[] }>("alerts");
    return alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels.alertname ?? "");
  }

  async #get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.#url}/api/v1/${path}`);
    const { status, data, error } = (await response.json()) as Answer<T>;
    if (status !== "success") throw new Error(`${decodeURIComponent(path)}: ${error}`);
    return data;
  }
}
