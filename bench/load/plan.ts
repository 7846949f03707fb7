/** Owns the contract between the load generator and what it sends. */
import type { RequestWriter } from "./request-writer.ts";

/**
 * What to send. A plan lives in a module of its own, because the generator runs in a process of its own, to which functions can't
 * be handed: the module exports {@link PlanModule.createPlan}, and its options are JSON.
 */
export interface Plan {
  /**
   * Writes one whole HTTP/1.1 request. It is called for each request, just before it is sent, so it costs what the generator costs:
   * prepare whatever can be prepared in `createPlan`.
   * @param connection The connection that sends it, from 0.
   * @param sequence The request's number over all connections, from 0, warm-up included; each is used once.
   */
  write(request: RequestWriter, connection: number, sequence: number): void;
}

export interface PlanModule {
  /** @param host For the Host field. */
  createPlan(options: unknown, host: string): Plan;
}
