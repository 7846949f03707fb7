/** Owns crashes of tests: a process that dies between any two of its steps, and does nothing any more from then on. */

export class Crash extends Error {
  override readonly name = "Crash";
}

/** The moments before and after each call of what it watches, counted; at one of them everything stops. */
export class CrashPoints {
  passed = 0;
  #deadlyPoint: number | null = null;
  #isDown = false;

  /** The process dies at its `point`-th moment from now, the first being 1. */
  arm(point: number): void {
    this.passed = 0;
    this.#isDown = false;
    this.#deadlyPoint = point;
  }

  disarm(): void {
    this.#isDown = false;
    this.#deadlyPoint = null;
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  /** The same object, whose asynchronous methods may die before they begin, or after they have done everything. */
  watch<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (_, property) => {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          const result: unknown = this.#pass(() => Reflect.apply(value, target, args));
          return result instanceof Promise ? result.then((done: unknown) => this.#pass(() => done)) : result;
        };
      },
    });
  }

  #pass<R>(go: () => R): R {
    if (!this.#isDown) {
      this.passed += 1;
      this.#isDown = this.passed === this.#deadlyPoint;
    }
    if (this.#isDown) throw new Crash(`died at point ${this.passed}`);
    return go();
  }
}
