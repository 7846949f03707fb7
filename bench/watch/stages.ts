/** Owns where the time of a request goes: the product's own metric of its stages, read before a run and after it. */

/** As the product names them, in the order in which a request passes them. */
export const STAGES = ["edge", "bus", "mailbox", "decide", "commit", "reply"] as const;
export type StageName = (typeof STAGES)[number];

export interface StageTime {
  readonly stage: StageName;
  readonly count: number;
  /** On average; null where nothing passed the stage. */
  readonly meanMs: number | null;
}

interface Sum {
  readonly seconds: number;
  readonly count: number;
}

export type StageSums = Readonly<Record<StageName, Sum>>;

const SAMPLE = /^pigonair_stage_seconds_(sum|count)\{[^}]*stage="([a-z]+)"[^}]*\} (\S+)/gm;

/** Of all processes together. @throws Error when one does not answer */
export async function readStages(metricsUrls: readonly string[]): Promise<StageSums> {
  const texts = await Promise.all(metricsUrls.map(async (url) => (await fetch(url)).text()));
  return addedStages(texts);
}

export function addedStages(texts: readonly string[]): StageSums {
  const sums = new Map<string, { seconds: number; count: number }>();
  for (const text of texts) {
    for (const [, what, stage = "", value] of text.matchAll(SAMPLE)) {
      const sum = sums.get(stage) ?? { seconds: 0, count: 0 };
      if (what === "sum") sum.seconds += Number(value);
      else sum.count += Number(value);
      sums.set(stage, sum);
    }
  }
  const of = (stage: StageName): Sum => sums.get(stage) ?? { seconds: 0, count: 0 };
  return {
    edge: of("edge"),
    bus: of("bus"),
    mailbox: of("mailbox"),
    decide: of("decide"),
    commit: of("commit"),
    reply: of("reply"),
  };
}

/** What passed the stages between two readings. */
export function stagesBetween(before: StageSums, after: StageSums): StageTime[] {
  return STAGES.map((stage) => {
    const count = after[stage].count - before[stage].count;
    const seconds = after[stage].seconds - before[stage].seconds;
    return { stage, count, meanMs: count > 0 ? (1_000 * seconds) / count : null };
  });
}
