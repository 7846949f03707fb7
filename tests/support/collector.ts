/** Owns a collector of traces for tests: takes what is sent by OTLP over HTTP as JSON, and finds spans in it. */

interface Link {
  readonly traceId: string;
  readonly spanId: string;
}

export interface CollectedSpan extends Link {
  readonly name: string;
  readonly parentSpanId?: string;
  readonly links?: readonly Link[];
  readonly status?: { readonly code?: number };
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly CollectedSpan[] }[];
  }[];
}

export class Collector {
  /** As they came. */
  readonly bodies: string[] = [];
  readonly #spans: CollectedSpan[] = [];
  readonly #server: ReturnType<typeof Bun.serve>;

  constructor() {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async (request) => {
        if (new URL(request.url).pathname !== "/v1/traces") return new Response(null, { status: 404 });
        const text = await request.text();
        this.bodies.push(text);
        const { resourceSpans } = JSON.parse(text) as Sent;
        for (const { scopeSpans } of resourceSpans) for (const { spans } of scopeSpans) this.#spans.push(...spans);
        return Response.json({});
      },
    });
  }

  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` is set to. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** How many traces there are. */
  get traces(): number {
    return new Set(this.#spans.map(({ traceId }) => traceId)).size;
  }

  find(traceId: string, name: string): CollectedSpan | undefined {
    return this.#spans.find((span) => span.traceId === traceId && span.name === name);
  }

  /** How many spans of the name have failed. */
  failed(name: string): number {
    return this.#spans.filter((span) => span.name === name && span.status?.code === 2).length;
  }

  stop(): void {
    this.#server.stop(true);
  }
}
