// Days in China, as the server counts them.

/** Days back from today; `own` is what the reader chooses. */
export const RANGES = ["1", "7", "30", "84", "own"];
const DAY = 86_400_000;

export function today() {
  return new Date().toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
}

export function dayBefore(day, days) {
  return new Date(Date.parse(day) - days * DAY).toISOString().slice(0, 10);
}

/** The Mondays of the last twelve weeks up to a day, oldest first. */
export function mondays(to) {
  const weekday = (new Date(to).getUTCDay() + 6) % 7;
  return Array.from({ length: 12 }, (_, back) => dayBefore(to, weekday + 7 * (11 - back)));
}
