// Times as people say them: relative under an hour, then a clock, then a date.

const MINUTE = 60_000;

/** What to show for a time. */
export function told(at, words, now = new Date()) {
  const minutes = Math.floor((now - at) / MINUTE);
  if (minutes < 1) return words.justNow;
  if (minutes < 60) return words.minutesAgo(minutes);
  const clock = at.toLocaleTimeString(words.locale, { hour: "2-digit", minute: "2-digit", hour12: false });
  if (at.toDateString() === now.toDateString()) return clock;
  const year = at.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return `${at.toLocaleDateString(words.locale, { year, month: "short", day: "numeric" })} ${clock}`;
}

/** The exact time, for the hover. */
export function exact(at, words) {
  return at.toLocaleString(words.locale, { dateStyle: "long", timeStyle: "medium", hour12: false });
}

/** Whether two times are so far apart that a reader wants to know. */
export function apart(one, other) {
  return Math.abs(other - one) > 10 * MINUTE;
}
