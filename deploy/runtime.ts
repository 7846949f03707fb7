/** Owns what the runtime is told when a process of the product is started. */

/**
 * Without it Bun collects garbage about once a second, whether there is need or not [1.4.5]. The engine goes on to collect by what was
 * allocated: a hold costs some 3 % less CPU time, and memory is the same after a load and after a rest.
 */
export const RUNTIME = { BUN_GC_TIMER_DISABLE: "1" } as const;
