/** Owns the plan "reads": the same `GET` again and again. */
import type { Plan } from "./plan.ts";
import { piece, type RequestWriter } from "./request-writer.ts";

export interface ReadsOptions {
  readonly path: string;
}

export function createPlan({ path }: ReadsOptions, host: string): Plan {
  const whole = piece(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  return {
    write(request: RequestWriter): void {
      request.piece(whole);
    },
  };
}
