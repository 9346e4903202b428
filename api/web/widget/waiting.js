// How long to wait before trying again.

/** Milliseconds before the attempt after `attempts` failures: doubling to half a minute, never in step with others. */
export function backoff(attempts) {
  return Math.min(30_000, 1000 * 2 ** Math.min(attempts - 1, 5)) * (0.75 + Math.random() / 2);
}

export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
