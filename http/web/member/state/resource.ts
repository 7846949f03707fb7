/** Owns what a page shows of the API: what was there before, at once; what is there now, as soon as it comes; or why it can't be shown. */

import { useEffect, useState } from "preact/hooks";
import { Refusal } from "../../browser/api.ts";

export interface Resource<T> {
  /** Null until something came. */
  readonly data: T | null;
  readonly refusal: Refusal | null;
  readonly isLoading: boolean;
  /** Asks again. */
  readonly reload: () => void;
}

/** Answers that a step back shows at once. */
const KEPT_MAX = 30;
const kept = new Map<string, unknown>();

interface State<T> {
  readonly key: string | null;
  readonly data: T | null;
  readonly refusal: Refusal | null;
  readonly isLoading: boolean;
}

/** @param key what is shown, or null for nothing yet; another one shows something else */
export function useResource<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [state, setState] = useState<State<T>>(() => begin(key));
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (key === null) return;
    const leaving = new AbortController();
    setState((before) => (before.key === key ? { ...before, isLoading: true } : begin(key)));
    load(leaving.signal).then(
      (data) => {
        if (leaving.signal.aborted) return;
        keep(key, data);
        setState({ key, data, refusal: null, isLoading: false });
      },
      (error: unknown) => {
        if (leaving.signal.aborted) return;
        if (!(error instanceof Refusal)) throw error;
        const isGone = isDenied(error);
        if (isGone) kept.delete(key);
        setState((before) => ({ ...before, ...(isGone ? { data: null } : {}), refusal: error, isLoading: false }));
      },
    );
    return () => leaving.abort();
    // What is loaded follows from the key.
  }, [key, round]);
  const shown = state.key === key ? state : begin<T>(key);
  return { ...shown, reload: () => setRound((before) => before + 1) };
}

/** What was there before is not the reader's any more, or not there at all: a trouble of the moment leaves it. */
function isDenied({ status }: Refusal): boolean {
  return status === 401 || status === 403 || status === 404;
}

function begin<T>(key: string | null): State<T> {
  const data = key === null ? null : ((kept.get(key) as T | undefined) ?? null);
  return { key, data, refusal: null, isLoading: key !== null };
}

function keep(key: string, data: unknown): void {
  kept.delete(key);
  kept.set(key, data);
  if (kept.size <= KEPT_MAX) return;
  for (const oldest of kept.keys()) {
    kept.delete(oldest);
    break;
  }
}

/** Nothing that one member saw is shown to the next. */
export function forgetAll(): void {
  kept.clear();
}
